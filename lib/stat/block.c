/* SPDX-License-Identifier: BSD-3-Clause */
/* See block.h. */
#include "stat/block.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/units.h"

void
stat_init(struct stats *s, uint64_t now_ns)
{
    stat_block_init(&s->blocks[0], now_ns);
    stat_block_init(&s->blocks[1], now_ns);
    s->now = &s->blocks[0];
    atomic_init(&s->published, 0);
    atomic_init(&s->taken, 0);
}

bool
stat_may_flip(const struct stats *s)
{
    /* Acquire: control's clearing of the other block comes before our first count in it. */
    return atomic_load_explicit(&s->taken, memory_order_acquire) ==
           atomic_load_explicit(&s->published, memory_order_relaxed);
}

bool
stat_flip(struct stats *s, uint64_t now_ns, uint64_t open)
{
    uint_fast32_t published = atomic_load_explicit(&s->published, memory_order_relaxed);

    if (!stat_may_flip(s))
        return false;
    s->now->open = open;
    s->now->end_ns = now_ns;
    s->now = &s->blocks[(published + 1) & 1];
    s->now->begin_ns = now_ns;
    atomic_store_explicit(&s->published, published + 1, memory_order_release);
    return true;
}

struct stat_block *
stat_take(struct stats *s)
{
    uint_fast32_t published = atomic_load_explicit(&s->published, memory_order_acquire);

    if (atomic_load_explicit(&s->taken, memory_order_relaxed) == published)
        return NULL;
    return &s->blocks[(published - 1) & 1];
}

void
stat_take_done(struct stats *s)
{
    uint_fast32_t taken = atomic_load_explicit(&s->taken, memory_order_relaxed);

    assert(taken != atomic_load_explicit(&s->published, memory_order_relaxed));

    stat_block_clear(&s->blocks[taken & 1], 0);
    atomic_store_explicit(&s->taken, taken + 1, memory_order_release);
}

static void
clear_counts(struct stat_block *b, uint64_t begin_ns)
{
    memset(b->counters, 0, sizeof(b->counters));
    memset(b->failures, 0, sizeof(b->failures));
    memset(b->open_by, 0, sizeof(b->open_by));
    b->open = 0;
    b->longest_poll_ns = 0;
    b->begin_ns = begin_ns;
    b->end_ns = begin_ns == TIME_NEVER ? 0 : begin_ns;
}

void
stat_block_init(struct stat_block *b, uint64_t begin_ns)
{
    clear_counts(b, begin_ns);
    for (size_t i = 0; i < STAT_LATENCIES_MAX; i++)
        hist_init(&b->latency[i]);
}

void
stat_block_clear(struct stat_block *b, uint64_t begin_ns)
{
    clear_counts(b, begin_ns);
    for (size_t i = 0; i < STAT_LATENCIES_MAX; i++)
        if (b->latency[i].count > 0)
            hist_init(&b->latency[i]);
}

void
stat_block_merge(struct stat_block *into, const struct stat_block *from, bool parallel)
{
    for (size_t i = 0; i < STAT_COUNTERS_MAX; i++)
        into->counters[i] += from->counters[i];
    for (size_t i = 0; i < FAILURE_COUNT; i++)
        into->failures[i] += from->failures[i];
    if (!parallel && from->end_ns >= into->end_ns) {
        into->open = 0;
        memset(into->open_by, 0, sizeof(into->open_by));
    }
    if (parallel || from->end_ns >= into->end_ns) {
        into->open += from->open;
        for (size_t i = 0; i < OPEN_COUNT; i++)
            into->open_by[i] += from->open_by[i];
    }
    into->longest_poll_ns = u64_max(into->longest_poll_ns, from->longest_poll_ns);
    into->begin_ns = u64_min(into->begin_ns, from->begin_ns);
    into->end_ns = u64_max(into->end_ns, from->end_ns);
    for (size_t i = 0; i < STAT_LATENCIES_MAX; i++)
        hist_merge(&into->latency[i], &from->latency[i]);
}
