/* SPDX-License-Identifier: BSD-3-Clause */
/* The ratio of two means, and how far it can be trusted: two builds, each measured several times.
 *
 * The spread of each mean is found by the bootstrap (Efron 1979): the measurements are drawn again,
 * with replacement, many times over. From few measurements that comes out too small, by (n - 1)/n,
 * and its interval too narrow; so it is corrected, and the interval is Student's of Welch's degrees
 * of freedom. Means are compared by their logarithms; where a measurement is 0, as they are. Pure:
 * the same seed draws the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks of a group beyond this many are not looked at. */
#define RATIO_BLOCKS_MAX 64

struct ratio_opts {
    double alpha;      /* how often, at most, chance alone shows a difference */
    double resolution; /* what the figure cannot tell apart, of its value: 0.01 for a percent */
    bool is_paired;    /* a[i] and b[i] were measured next to each other: what both share cancels */
    size_t block;      /* so many that follow each other are drawn together, since they are alike;
                          1: each is independent of the last */
    uint64_t seed;
};

struct ratio {
    double mean_a, mean_b;
    bool has_ratio; /* else mean_a is 0 */
    double ratio;   /* mean_b / mean_a */
    bool has_interval;
    double low, high; /* the ratio lies between them, but for alpha; 0 and more */
    int differs;      /* -1: b is less, beyond chance; 1: more; 0: neither, or not known */
};

/** Compare @b with @a. With fewer than two blocks of either there is no interval.
 * O(1000 (n_a + n_b)). */
void ratio_estimate(struct ratio *r, const double *a, size_t n_a, const double *b, size_t n_b,
                    const struct ratio_opts *o);
