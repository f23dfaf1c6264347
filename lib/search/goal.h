/* SPDX-License-Identifier: BSD-3-Clause */
/* What a search for the maximum looks for, and what the trials at a load say of it: RFC 9971
 * (MLRsearch). Words are the RFC's. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SEARCH_GOALS_MAX 8

/* RFC 9971, "Goal Terms". */
struct search_goal {
    uint64_t final_ns;   /* Goal Final Trial Duration */
    uint64_t sum_ns;     /* Goal Duration Sum, at least final_ns */
    uint64_t initial_ns; /* Goal Initial Trial Duration, at most final_ns */
    double loss_ratio;   /* Goal Loss Ratio, 0 <= . < 1 */
    double exceed_ratio; /* Goal Exceed Ratio, 0 <= . < 1 */
    double width;        /* Goal Width, of the larger load, 0 < . < 1 */
};

/* The trials at one load, by a goal: sums of their durations. */
struct search_sums {
    uint64_t full_low_ns, full_high_ns; /* full-length trials, of low and of high loss */
    uint64_t short_low_ns, short_high_ns;
};

/* Load Classification. */
enum search_bound { SEARCH_UNDECIDED, SEARCH_LOWER, SEARCH_UPPER, SEARCH_BOUNDS };

/** RFC 9971, "Load Classification Code". */
enum search_bound search_classify(const struct search_goal *g, const struct search_sums *sums);

/* A full-length trial. */
struct search_part {
    double loss_ratio;
    uint64_t ns;
};

/** RFC 9971, "Conditional Throughput Code", as a share of the load. @parts are the @n full-length
 * trials at it, by increasing loss. */
double search_conditional_share(const struct search_goal *g, const struct search_part *parts,
                                unsigned n);
