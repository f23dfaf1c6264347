/* SPDX-License-Identifier: BSD-3-Clause */
/* From the blocks that workers publish to the rows and totals of the result. A row is of one side,
 * the client's where there is one, and is complete when every worker that still runs has given its
 * block of the interval, and one of that side has; a worker that publishes more than one meanwhile
 * is taken further only with the next row. So a server that outlives its clients makes no row of
 * its own: what it has left is in the last one.
 *
 * Pure: it is told which workers have ended, and reads no clock. Control thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/window.h"
#include "report/result.h"
#include "stat/set.h"

#define SAMPLER_CORES_MAX   128
#define SAMPLER_WINDOWS_MAX 5

struct sampler {
    struct result *result;                       /* rows and each core's total go there */
    struct window *windows[SAMPLER_WINDOWS_MAX]; /* are given each block, too: n_windows */
    unsigned n_windows;
    uint64_t start_ns, sample_ns; /* the grid on which rows end */
    bool has_role[ROLE_COUNT];
    bool has_block[SAMPLER_CORES_MAX]; /* by core: it gave its block of this interval */
    bool is_done[SAMPLER_CORES_MAX];   /* by core: it will give no more */
    struct stat_block interval[ROLE_COUNT];
    struct stat_block second[ROLE_COUNT]; /* its intervals so far */
    uint64_t n_seconds;                   /* of the run, that are in rows */
};

/** @r has all its cores, at most SAMPLER_CORES_MAX, with their roles. It has to last. */
void sampler_init(struct sampler *s, struct result *r);

/** Have @w, which has to last, be given each block that comes. */
void sampler_add_window(struct sampler *s, struct window *w);

/** The run begins: rows end at each whole @sample_ns from @start_ns on. A block that ends at a
 * waypoint between them is a part of its row. Without this every block ends a row. */
void sampler_begin(struct sampler *s, uint64_t start_ns, uint64_t sample_ns);

/**
 * Look whether @core has published a block, and take it if this interval has none of it yet.
 *
 * @param is_done  the core had ended before this call, so that nothing comes after what is there
 */
void sampler_take(struct sampler *s, unsigned core, const struct stat_set *from, bool is_done);

/** Take all that a core that has ended has left, published or not. */
void sampler_take_rest(struct sampler *s, unsigned core, const struct stat_set *from);

/** Whether this interval has the block of every core that still runs, and one of the side that rows
 * are of. */
bool sampler_is_complete(const struct sampler *s);

/**
 * Make a row of the interval, add it to the result, and begin the next interval. Its instant and
 * its rates are by the time that the blocks of the row's side cover.
 *
 * @param start_ns  the start of the run
 */
void sampler_add_row(struct sampler *s, uint64_t start_ns, struct result_interval *row);

/**
 * After that: make a row of the second, if it has ended with that interval, and begin the next.
 *
 * @param is_last  no more intervals come
 * @return whether there is one, long enough for its rates to mean something: what is left of a
 * second at the end may not be
 */
bool sampler_add_second(struct sampler *s, uint64_t start_ns, bool is_last,
                        struct result_interval *second);
