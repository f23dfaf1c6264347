/* SPDX-License-Identifier: BSD-3-Clause */
/* How packets find the worker that has their connection: whether clients can choose their local
 * ports so that replies come to their own queues, and what a check before the start said of it.
 * Pure; control thread. */
#pragma once

#include "app/queue_check.h"
#include "conf/conf.h"
#include "conf/plan.h"
#include "flow/rss.h"
#include "report/steering.h"

struct steering {
    const struct rss *by; /* clients choose their ports by it; NULL: without regard */
    enum steering_reason reason;
    struct rss rss;
};

/**
 * See whether it can be done.
 *
 * @param equal_shares  the plan with which every client has an equal share of the ports
 * @param n_queues      of the clients' port
 * @param rss           what the port says of its RSS; NULL: nothing
 * @return the plan to go by: where ports are chosen, the one for the ports that leaves
 */
struct plan steering_init(struct steering *st, const struct conf *conf,
                          const struct plan *equal_shares, unsigned n_queues,
                          const struct rss_opts *rss);

/** Put into @facts what came of it: @check is the sum of the workers' checks. */
void steering_report(const struct steering *st, const struct queue_check *check,
                     struct steering_facts *facts);
