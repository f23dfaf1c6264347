/* SPDX-License-Identifier: BSD-3-Clause */
/* Whose turn it is: targets, one after the other, of classes that have shares of the starts. Each
 * class's starts are as evenly among the others' as can be, on each worker and over all of them:
 * every class has an instant of its own at which it is next (stride scheduling), the first one of
 * a class with W starts for each of its own lies at (worker + 1/2) / workers of those W. Pure. */
#pragma once

#include <stdint.h>

#include "sess/class.h"

/* Shares of the starts: a class has one, or each of its families and networks. */
#define TURNS_MAX 64

/* A class's targets stand side by side. */
struct turn_class {
    uint64_t next_at, stride; /* in starts of all classes, of this worker, times TURN_SCALE */
    uint32_t first, n;        /* its targets */
    uint32_t next;            /* of those, from 0 on */
};

#define TURN_SCALE (UINT64_C(1) << 20)

struct turns {
    struct turn_class classes[TURNS_MAX];
    unsigned n;
};

/** @weight: how much of the starts the class gets, compared with the others; not 0. */
void turns_add(struct turns *t, uint64_t weight, uint32_t first, uint32_t n);

/** Once all are added. */
void turns_begin(struct turns *t, unsigned worker, unsigned n_workers);

/** @return the target of the next start among those of [@first, @end). */
static inline uint32_t
turns_next_among(struct turns *t, unsigned first, unsigned end)
{
    struct turn_class *c = &t->classes[first];
    uint32_t target;

    for (unsigned i = first + 1; i < end; i++)
        if ((int64_t)(t->classes[i].next_at - c->next_at) < 0)
            c = &t->classes[i];
    c->next_at += c->stride;
    target = c->first + c->next;
    c->next = c->next + 1 == c->n ? 0 : c->next + 1;
    return target;
}

/** @return the target of the next start. */
static inline uint32_t
turns_next(struct turns *t)
{
    return turns_next_among(t, 0, t->n);
}
