/* SPDX-License-Identifier: BSD-3-Clause */
/* What a search is measured against: RFC 2544 by halves, from the largest load and the smallest one
 * on, all trials of full length. */
#pragma once

#include "base/units.h"
#include "search/goal.h"

/* The seconds that its trials take to find @limit between @min and @max. */
static inline double
bisection_s(double limit, double min, double max, const struct search_goal *g)
{
    double lower = min, upper = max, trial_s = (double)g->final_ns / (double)NS_PER_SEC;
    double seconds = 2 * trial_s;

    while (upper - lower > g->width * upper) {
        double middle = (lower + upper) / 2;

        *(middle > limit ? &upper : &lower) = middle;
        seconds += trial_s;
    }
    return seconds;
}
