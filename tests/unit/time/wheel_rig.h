/* SPDX-License-Identifier: BSD-3-Clause */
/* A wheel over a few records in virtual time. Instants count in ticks from a chosen start. */
#pragma once

#include <assert.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdalign.h>
#include <string.h>

#include "time/wheel.h"

#define TICK_NS     (UINT64_C(1) << WHEEL_TICK_SHIFT)
#define RIG_RECORDS 512

struct rig_record {
    alignas(RECORD_BYTES) uint64_t others; /* the timer is not the record's first part */
    struct wheel_timer timer;
};

static_assert(sizeof(struct rig_record) == RECORD_BYTES, "records are one line apart");

struct rig {
    struct rig_record records[RIG_RECORDS];
    struct wheel wheel;
    uint64_t now_ns;
    uint32_t due[RIG_RECORDS];
    unsigned n_due;
};

static inline void
rig_init(struct rig *r, uint64_t now_ns)
{
    memset(r, 0, sizeof(*r));
    r->now_ns = now_ns;
    cr_assert(zero(int, wheel_init(&r->wheel, &r->records[0].timer, now_ns)));
}

static inline struct wheel_timer *
rig_timer(struct rig *r, uint32_t idx)
{
    return &r->records[idx].timer;
}

/* Arm @idx for @ns from now. */
static inline void
rig_arm(struct rig *r, uint32_t idx, uint64_t ns)
{
    wheel_arm(&r->wheel, idx, r->now_ns + ns);
}

static inline void
rig_expire(struct rig *r, unsigned budget)
{
    r->n_due = wheel_expire(&r->wheel, r->now_ns, r->due, budget);
}

/* Go on by @ns in one step and take what is due. */
static inline void
rig_advance(struct rig *r, uint64_t ns)
{
    r->now_ns += ns;
    rig_expire(r, RIG_RECORDS);
}

/* Go on tick by tick until something is due, at most @ns. @return how long it took; @ns: nothing.
 */
static inline uint64_t
rig_wait(struct rig *r, uint64_t ns)
{
    uint64_t began_ns = r->now_ns;

    do
        rig_advance(r, TICK_NS);
    while (r->n_due == 0 && r->now_ns - began_ns < ns);
    return r->now_ns - began_ns;
}
