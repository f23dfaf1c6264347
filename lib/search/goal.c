/* SPDX-License-Identifier: BSD-3-Clause */
/* See goal.h. */
#include "search/goal.h"

#include "base/units.h"

enum search_bound
search_classify(const struct search_goal *g, const struct search_sums *sums)
{
    double full_low = (double)sums->full_low_ns, full_high = (double)sums->full_high_ns;
    double balancing = (double)sums->short_low_ns * g->exceed_ratio / (1 - g->exceed_ratio);
    double excess = (double)sums->short_high_ns - balancing;
    double effective_high = full_high + (excess > 0 ? excess : 0);
    double effective_full = full_low + effective_high;
    double whole = effective_full > (double)g->sum_ns ? effective_full : (double)g->sum_ns;
    double allowed = whole * g->exceed_ratio;

    if (effective_high > allowed) /* even if all that is missing were of low loss */
        return SEARCH_UPPER;
    if (whole - full_low <= allowed) /* even if all that is missing were of high loss */
        return SEARCH_LOWER;
    return SEARCH_UNDECIDED;
}

double
search_conditional_share(const struct search_goal *g, const struct search_part *parts, unsigned n)
{
    double whole = 0, remaining, loss = 1;

    for (unsigned i = 0; i < n; i++)
        whole += (double)parts[i].ns;
    if (whole < (double)g->sum_ns)
        whole = (double)g->sum_ns;
    remaining = whole * (1 - g->exceed_ratio);
    for (unsigned i = 0; i < n && (i == 0 || remaining > 0); i++) {
        loss = parts[i].loss_ratio;
        remaining -= (double)parts[i].ns;
    }
    return remaining > 0 ? 0 : 1 - loss;
}
