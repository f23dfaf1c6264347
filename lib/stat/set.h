/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's statistics where a run may have several traffic classes. Each class then has
 * statistics of its own; the worker's hold what belongs to no class (frames, polls) and, counted
 * from the table, how many connections are open. Blocks of all of them are handed over at the same
 * instant and taken together, when the worker's becomes the sum. With one class the worker's hold
 * all. */
#pragma once

#include "stat/block.h"

struct stat_set {
    struct stats *worker;
    struct stats *classes;
    unsigned n_classes; /* 0: the run has one class */
};

/** Worker: stat_flip() of the worker's statistics and those of all classes. @return as there. */
bool stat_set_flip(const struct stat_set *set, uint64_t now_ns, uint64_t open);

/**
 * Control: take the blocks at rest, and add those of the classes to the worker's.
 *
 * @param[out] classes  n_classes blocks; may be NULL where that is 0
 * @return the worker's block, NULL when there is none; stat_set_take_done() gives all of them back
 */
struct stat_block *stat_set_take(const struct stat_set *set, struct stat_block *classes[]);
void stat_set_take_done(const struct stat_set *set);

/** The same, once, of what a worker that has ended had not handed over; nothing to give back. */
struct stat_block *stat_set_rest(const struct stat_set *set, struct stat_block *classes[]);
