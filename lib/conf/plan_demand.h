/* SPDX-License-Identifier: BSD-3-Clause */
/* The tuples that a run has, and those it needs; see plan.h. Pure. */
#pragma once

#include "conf/conf.h"

/* What is asked of the tuples of one family in one network. Values are exact: below 2^24 addresses,
 * 2^16 ports and 2^8 targets make 2^48 tuples. */
struct plan_demand {
    bool is_v6;
    unsigned network;
    uint64_t addresses, ports, targets;
    uint64_t tuples, needed; /* of all workers, multiples of their number */
};

/** As large as fits. */
static inline uint64_t
plan_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/** @a x @b / @divisor, rounded up, as large as fits. */
static inline uint64_t
plan_scale(uint64_t a, uint64_t b, uint64_t divisor)
{
    unsigned __int128 product = ((unsigned __int128)a * b + divisor - 1) / divisor;

    return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

/** What the user gave the highest rate by, and how much that is, in whole connections. */
const char *plan_rate_option(const struct conf *c);
const char *plan_peak_words(const struct conf *c, char buf[static VALUE_TEXT_MAX]);

/** Connections begun in @ns at the highest planned rate. */
uint64_t plan_begun_in(const struct conf *c, uint64_t ns);

/** Of @connections, those from the network to targets of the family. */
uint64_t plan_share(const struct conf *c, uint64_t connections, unsigned network, bool is_v6);

/** @ports_of_worker: as plan_make()'s. */
struct plan_demand plan_demand_of(const struct conf *c, const uint32_t *ports_of_worker,
                                  unsigned network, bool is_v6);

/** Of all families and networks the one that has the least to spare. */
struct plan_demand plan_tightest_demand(const struct conf *c, const uint32_t *ports_of_worker);

/** Connections that all targets together can have open or at rest. */
uint64_t plan_tuple_capacity(const struct conf *c);

/** Say why @d does not suffice, and what would. @return -1, with @f set */
int plan_refuse_tuples(const struct conf *c, const struct plan_demand *d, struct fail *f);
