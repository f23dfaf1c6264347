/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown merge`: the results of several processes as one. Nothing is sent. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"
#include "report/result.h"

/** Merge what @c names: the summary to standard output, or to standard error where a report takes
 * that; the result to --json and --html. @return 0, or -1 with @f set: also where a criterion does
 * not hold (EXIT_CRITERION) */
int merge_files(const struct conf *c, struct fail *f);

/* What a run came to whose processes have left their results. */
struct merge_outcome {
    bool interrupted;
    struct result_lost lost;
};

/** The same with @n results in @paths, of processes that made a run together. @outcome is set as
 * soon as they were read. */
int merge_paths(const struct conf *c, const char *const paths[], unsigned n,
                struct merge_outcome *outcome, struct fail *f);

/** Whether the reports that @c asks for can be written. @return 0, or -1 with @f set */
int merge_check_places(const struct conf *c, struct fail *f);
