/* SPDX-License-Identifier: BSD-3-Clause */
/* What --json writes of a histogram of durations. */
#pragma once

#include "report/json_tree.h"
#include "stat/hist.h"

/** Count, least, mean, quantiles, greatest and the whole distribution; without samples all are 0.
 */
json_t *json_hist(struct json_tree *t, const struct hist *h);
