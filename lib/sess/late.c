/* SPDX-License-Identifier: BSD-3-Clause */
/* See late.h. */
#include "sess/late.h"

void
late_init(struct late *l)
{
    for (unsigned i = 0; i < LATE_STEPS; i++)
        atomic_init(&l->rounds[i], 0);
}

void
late_mark(struct late *l, uint64_t from_ns, uint64_t until_ns)
{
    uint64_t last = until_ns >> LATE_STEP_SHIFT, step = from_ns >> LATE_STEP_SHIFT;

    if (last >= LATE_STEPS)
        step = u64_max(step, last - (LATE_STEPS - 1));
    for (; step <= last; step++) {
        _Atomic uint32_t *mark = &l->rounds[step % LATE_STEPS];

        /* It is read more often than written: a line that says so already stays where it is. */
        if (atomic_load_explicit(mark, memory_order_relaxed) != late_round(step))
            atomic_store_explicit(mark, late_round(step), memory_order_relaxed);
    }
}

unsigned
late_mark_batch(struct late *l, const struct late_batch *b, uint64_t now_ns)
{
    if (b->n_late > 0)
        late_mark(l, b->from_ns, now_ns + late_settles_ns(now_ns - b->from_ns));
    return late_has(l, now_ns) ? b->n_on_time : 0;
}
