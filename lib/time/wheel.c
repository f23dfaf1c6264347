/* SPDX-License-Identifier: BSD-3-Clause */
/* See wheel.h. */
#include "time/wheel.h"

#include <stddef.h>

#include "base/pages.h"

/* After a pause the wheel catches up over several calls, so that one turn stays short. */
static const unsigned SLOTS_PER_CALL = 4096;

int
wheel_init(struct wheel *w, struct wheel_timer *first_timer, uint64_t now_ns)
{
    w->heads = pages_map(WHEEL_SLOTS * sizeof(w->heads[0]));
    if (w->heads == NULL)
        return -1;
    w->first = first_timer;
    w->current = (uint32_t)(now_ns >> WHEEL_TICK_SHIFT);
    return 0;
}

void
wheel_fini(struct wheel *w)
{
    pages_unmap(w->heads, WHEEL_SLOTS * sizeof(w->heads[0]));
    w->heads = NULL;
}

static uint32_t *
slot_of(struct wheel *w, uint32_t tick)
{
    return &w->heads[tick & (WHEEL_SLOTS - 1)];
}

static void
unlink_timer(struct wheel *w, struct wheel_timer *t)
{
    if (t->prev == WHEEL_FIRST)
        *slot_of(w, t->visit) = t->next;
    else
        wheel_timer(w, t->prev - 1)->next = t->next;
    if (t->next != 0)
        wheel_timer(w, t->next - 1)->prev = t->prev;
    t->prev = 0;
}

/* The tick to visit a timer at: its deadline, but after the tick in work (whose list is being walked)
 * and within the circumference (beyond it the visit just moves the timer on). */
static uint32_t
visit_tick(const struct wheel *w, uint32_t deadline)
{
    if (seq_le(deadline, w->current))
        return w->current + 1;
    if (deadline - w->current >= WHEEL_SLOTS)
        return w->current + WHEEL_SLOTS - 1;
    return deadline;
}

void
wheel_link(struct wheel *w, uint32_t idx)
{
    struct wheel_timer *t = wheel_timer(w, idx);
    uint32_t *head;

    if (t->prev != 0)
        unlink_timer(w, t);
    t->visit = visit_tick(w, t->deadline);
    head = slot_of(w, t->visit);
    t->next = *head;
    t->prev = WHEEL_FIRST;
    if (t->next != 0)
        wheel_timer(w, t->next - 1)->prev = idx + 1;
    *head = idx + 1;
}

unsigned
wheel_expire(struct wheel *w, uint64_t now_ns, uint32_t *due, unsigned budget)
{
    uint32_t now_tick = (uint32_t)(now_ns >> WHEEL_TICK_SHIFT);
    unsigned n_due = 0, slots = 0;

    while (seq_le(w->current, now_tick)) {
        uint32_t *head = slot_of(w, w->current);

        while (*head != 0) {
            uint32_t idx = *head - 1;
            struct wheel_timer *t = wheel_timer(w, idx);

            if (budget-- == 0)
                return n_due;
            if (t->next != 0)
                __builtin_prefetch(wheel_timer(w, t->next - 1));
            unlink_timer(w, t);
            if (t->deadline == 0)
                continue;
            if (seq_gt(t->deadline, now_tick)) {
                wheel_link(w, idx);
                continue;
            }
            t->deadline = 0;
            due[n_due++] = idx;
        }
        if (w->current == now_tick || ++slots == SLOTS_PER_CALL)
            break;
        w->current++;
    }
    return n_due;
}
