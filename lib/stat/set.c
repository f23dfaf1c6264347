/* SPDX-License-Identifier: BSD-3-Clause */
/* See set.h. The worker's block is taken first and given back last, so where it is, those of the
 * classes are. */
#include "stat/set.h"

#include <assert.h>

bool
stat_set_flip(const struct stat_set *set, uint64_t now_ns, uint64_t open)
{
    if (!stat_may_flip(set->worker))
        return false;
    for (unsigned i = 0; i < set->n_classes; i++)
        stat_flip(&set->classes[i], now_ns, 0);
    return stat_flip(set->worker, now_ns, open);
}

/* The instants stay the worker's: its interval begins with the run, theirs before. */
static struct stat_block *
add_classes(struct stat_block *worker, struct stat_block *const classes[], unsigned n)
{
    uint64_t begin_ns = worker->begin_ns, end_ns = worker->end_ns;

    for (unsigned i = 0; i < n; i++)
        stat_block_merge(worker, classes[i], true);
    worker->begin_ns = begin_ns;
    worker->end_ns = end_ns;
    return worker;
}

struct stat_block *
stat_set_take(const struct stat_set *set, struct stat_block *classes[])
{
    struct stat_block *worker = stat_take(set->worker);

    if (worker == NULL)
        return NULL;
    for (unsigned i = 0; i < set->n_classes; i++) {
        classes[i] = stat_take(&set->classes[i]);
        assert(classes[i] != NULL);
    }
    return add_classes(worker, classes, set->n_classes);
}

void
stat_set_take_done(const struct stat_set *set)
{
    for (unsigned i = 0; i < set->n_classes; i++)
        stat_take_done(&set->classes[i]);
    stat_take_done(set->worker);
}

struct stat_block *
stat_set_rest(const struct stat_set *set, struct stat_block *classes[])
{
    for (unsigned i = 0; i < set->n_classes; i++)
        classes[i] = set->classes[i].now;
    return add_classes(set->worker->now, classes, set->n_classes);
}
