/* SPDX-License-Identifier: BSD-3-Clause */
/* What became of a trial of a search: what was lost, whether its criteria hold, and whether the
 * generator did its part. Pure. Control thread. */
#pragma once

#include "report/criteria.h"
#include "report/search.h"

struct trial_asked {
    bool of_requests; /* else of connections */
    double due;       /* of these, in the time of the load; 0: as many as the target lets begin */
    double load_s;
    double loss_ratio; /* of the goal that bears the least: who lost no more bore it for all */
};

/**
 * @param part      the trial as a result of its own
 * @param criteria  take the place of loss where there are any
 */
void trial_judge(const struct result *part, const struct trial_asked *asked,
                 struct criteria *criteria, struct search_outcome *outcome,
                 struct result_trial *trial);
