/* SPDX-License-Identifier: BSD-3-Clause */
/* See turns.h. */
#include "sess/turns.h"

#include <assert.h>

/* Instants are compared by their difference, which has to fit. */
static const uint64_t STRIDE_MAX = UINT64_C(1) << 61;

void
turns_add(struct turns *t, uint64_t weight, uint32_t first, uint32_t n)
{
    assert(t->n < TURNS_MAX && weight > 0 && n > 0);

    t->classes[t->n++] = (struct turn_class){.stride = weight, .first = first, .n = n};
}

void
turns_begin(struct turns *t, unsigned worker, unsigned n_workers)
{
    unsigned __int128 sum = 0;

    for (unsigned i = 0; i < t->n; i++)
        sum += t->classes[i].stride;
    for (unsigned i = 0; i < t->n; i++) {
        struct turn_class *c = &t->classes[i];
        unsigned __int128 stride = (sum * TURN_SCALE + c->stride / 2) / c->stride;

        c->stride = stride < STRIDE_MAX ? (uint64_t)stride : STRIDE_MAX;
        c->next_at = (uint64_t)((unsigned __int128)c->stride * (2 * worker + 1) / (2 * n_workers));
    }
}
