/* SPDX-License-Identifier: BSD-3-Clause */
/* See ranks.h: ranks of one process, with a queue of messages for each. */
#include <stdlib.h>

#include "ranks/ranks.h"

#define QUEUE_MAX 256

struct local {
    struct ranks base; /* the first member */
    struct ranks_local *all;
    bool is_silent;
    unsigned first, n; /* of the queue, a ring */
    struct local_entry {
        unsigned from;
        struct ranks_message *message;
    } queue[QUEUE_MAX];
};

struct ranks_local {
    unsigned n;
    struct local at[RANKS_MAX];
};

static bool
send_local(struct ranks *r, unsigned to, const struct ranks_message *m)
{
    struct local *from = (struct local *)r, *l = &from->all->at[to];
    struct ranks_message *copy;

    if (from->is_silent || l->is_silent)
        return true;
    copy = l->n < QUEUE_MAX ? malloc(sizeof(*copy)) : NULL;
    if (copy == NULL)
        return false;
    *copy = *m;
    l->queue[(l->first + l->n++) % QUEUE_MAX] = (struct local_entry){r->rank, copy};
    return true;
}

static bool
take_local(struct ranks *r, struct ranks_message *m, unsigned *from)
{
    struct local *l = (struct local *)r;
    struct local_entry *e = &l->queue[l->first];

    if (l->n == 0)
        return false;
    *m = *e->message;
    *from = e->from;
    free(e->message);
    l->first = (l->first + 1) % QUEUE_MAX;
    l->n--;
    return true;
}

static void
follow_local(struct ranks *r)
{
    (void)r;
}

static void
leave_local(struct ranks *r, bool all_are_there)
{
    (void)r;
    (void)all_are_there;
}

static void
abort_local(struct ranks *r, int status)
{
    (void)r;
    (void)status;
}

static const struct ranks_ops local_ops = {
    .name = "local",
    .send = send_local,
    .take = take_local,
    .follow = follow_local,
    .leave = leave_local,
    .abort = abort_local,
};

struct ranks_local *
ranks_local_new(unsigned n)
{
    struct ranks_local *all = calloc(1, sizeof(*all));

    if (all == NULL || n > RANKS_MAX) {
        free(all);
        return NULL;
    }
    all->n = n;
    for (unsigned i = 0; i < n; i++)
        all->at[i] = (struct local){.base = {.ops = &local_ops, .rank = i, .n = n}, .all = all};
    return all;
}

struct ranks *
ranks_local_at(struct ranks_local *all, unsigned rank)
{
    return &all->at[rank].base;
}

void
ranks_local_silence(struct ranks_local *all, unsigned rank)
{
    all->at[rank].is_silent = true;
}

void
ranks_local_free(struct ranks_local *all)
{
    struct ranks_message m;
    unsigned from;

    for (unsigned i = 0; all != NULL && i < all->n; i++)
        while (take_local(&all->at[i].base, &m, &from))
            ;
    free(all);
}
