/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's statistics and how control gets to see them. The worker writes one of two blocks; at
 * each interval's end it hands that block over and goes on in the other one, so the writer never
 * waits and never copies, and what control reads is at rest. A block holds one interval; control
 * adds them up.
 *
 *        worker                                    control
 *   write blocks[active]                    sleeps
 *   flip: published = sequence + 1  ─────▶  sees published != taken
 *   write blocks[other]                     merges, clears blocks[published one]
 *                                   ◀─────  taken = published
 *
 * A flip that finds the other block not yet taken is put off; the interval then grows longer,
 * nothing is lost. */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "stat/counters.h"
#include "stat/hist.h"

/* Room for what the application protocols count and measure, of all of them together. */
#define STAT_PROTO_COUNTERS  64
#define STAT_PROTO_LATENCIES 8

#define STAT_COUNTERS_MAX  (CTR_COUNT + STAT_PROTO_COUNTERS)
#define STAT_LATENCIES_MAX (LAT_COUNT + STAT_PROTO_LATENCIES)

/* From this length on an iteration of a worker is counted as a long poll: several times what one
 * with a full burst and TLS takes, and enough to be seen in what is measured meanwhile. */
#define STAT_LONG_POLL_NS (500 * NS_PER_US)

/* Half a megabyte, nearly all of it histograms of 36 KB. Those without a sample are not looked at
 * when blocks are merged or emptied, and their memory stays out of the caches. */
struct stat_block {
    uint64_t counters[STAT_COUNTERS_MAX]; /* the list's, then the protocols' */
    uint64_t failures[FAILURE_COUNT];
    uint64_t open;                /* gauge: connections open at end_ns, counted from the table */
    uint64_t open_by[OPEN_COUNT]; /* the same by what they wait for; only in the last block */
    uint64_t longest_poll_ns;     /* of the interval's long_polls; 0: there were none */
    uint64_t begin_ns, end_ns;    /* the interval, on the worker's clock */
    /* The list's latencies, then those of the application protocols in their registry's order. */
    struct hist latency[STAT_LATENCIES_MAX];
};

struct stats {
    struct stat_block blocks[2];
    struct stat_block *now; /* the worker's */
    alignas(64)
        atomic_uint_fast32_t published;     /* flips done; block (published - 1) & 1 is at rest */
    alignas(64) atomic_uint_fast32_t taken; /* flips control has consumed */
};

#define STAT_COUNT(s, name)  ((s)->now->counters[CTR_##name]++)
#define STAT_ADD(s, name, n) ((s)->now->counters[CTR_##name] += (n))

/** Worker: a sample of @latency, LAT_connect for instance; LAT_COUNT + i: a protocol's. */
static inline void
stat_latency(struct stats *s, unsigned latency, uint64_t ns)
{
    hist_record(&s->now->latency[latency], ns);
}

/** Start with empty blocks; the first interval begins at @now_ns. */
void stat_init(struct stats *s, uint64_t now_ns);

/**
 * Worker: hand the current block over as the interval that ends at @now_ns with @open connections.
 *
 * @return false, with nothing changed, when control has not taken the last one yet.
 */
bool stat_flip(struct stats *s, uint64_t now_ns, uint64_t open);

/** Worker: whether stat_flip() would do so now. */
bool stat_may_flip(const struct stats *s);

/**
 * Control: the block at rest, NULL when there is none. stat_take_done() gives it back, emptied.
 */
struct stat_block *stat_take(struct stats *s);
void stat_take_done(struct stats *s);

/**
 * Make @b, any memory, an empty block whose interval begins at @begin_ns; with TIME_NEVER a block
 * that others are added to, without an instant of its own.
 */
void stat_block_init(struct stat_block *b, uint64_t begin_ns);

/** The same for a block that is one already; faster, since most histograms are empty. */
void stat_block_clear(struct stat_block *b, uint64_t begin_ns);

/**
 * Add the interval @from to @into: counters, failures and histograms add up; open (open_by, too) is
 * the later one's if they follow each other (@parallel false) and the sum if they ran side by side
 * on two cores (@parallel true); the longest poll is that of either; begin is the earlier, end the
 * later.
 */
void stat_block_merge(struct stat_block *into, const struct stat_block *from, bool parallel);
