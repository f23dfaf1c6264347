/* SPDX-License-Identifier: BSD-3-Clause */
/* See wheel.h. */
#include "time/wheel.h"

#include <stdbool.h>
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
    return w->heads[tick & (WHEEL_SLOTS - 1)];
}

/* The list that record @idx is in when it is to be visited at @tick. */
static uint32_t *
list_of(struct wheel *w, uint32_t tick, uint32_t idx)
{
    return &slot_of(w, tick)[idx % WHEEL_LANES];
}

static void
unlink_timer(struct wheel *w, struct wheel_timer *t, uint32_t idx)
{
    if (t->prev == WHEEL_FIRST)
        *list_of(w, t->visit, idx) = t->next;
    else
        wheel_timer(w, t->prev - 1)->next = t->next;
    if (t->next != 0)
        wheel_timer(w, t->next - 1)->prev = t->prev;
    t->prev = 0;
}

/* The tick to visit a timer at: its deadline, but after the tick in work (whose list is being
 * walked) and within the circumference (beyond it the visit just moves the timer on). */
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
        unlink_timer(w, t, idx);
    t->visit = visit_tick(w, t->deadline);
    head = list_of(w, t->visit, idx);
    t->next = *head;
    t->prev = WHEEL_FIRST;
    if (t->next != 0)
        wheel_timer(w, t->next - 1)->prev = idx + 1;
    *head = idx + 1;
}

/* Visit the first timer of the list at @head. @return whether it has run out. */
static bool
visit_first(struct wheel *w, const uint32_t *head, uint32_t now_tick)
{
    uint32_t idx = *head - 1;
    struct wheel_timer *t = wheel_timer(w, idx);

    unlink_timer(w, t, idx);
    if (*head != 0)
        __builtin_prefetch(wheel_timer(w, *head - 1), 1);
    if (t->deadline == 0)
        return false;
    if (seq_gt(t->deadline, now_tick)) {
        wheel_link(w, idx);
        return false;
    }
    t->deadline = 0;
    return true;
}

/* Visit the timers of the current tick, one of each list by turns. @return false when the budget
 * ran out before the lists did. */
static bool
visit_slot(struct wheel *w, uint32_t now_tick, uint32_t *due, unsigned *n_due, unsigned *budget)
{
    const uint32_t *lists = slot_of(w, w->current);
    bool found = true;

    while (found) {
        found = false;
        for (unsigned lane = 0; lane < WHEEL_LANES; lane++) {
            if (lists[lane] == 0)
                continue;
            if (*budget == 0)
                return false;
            --*budget;
            found = true;
            due[*n_due] = lists[lane] - 1;
            *n_due += visit_first(w, &lists[lane], now_tick);
        }
    }
    return true;
}

unsigned
wheel_expire(struct wheel *w, uint64_t now_ns, uint32_t *due, unsigned budget)
{
    uint32_t now_tick = (uint32_t)(now_ns >> WHEEL_TICK_SHIFT);
    unsigned n_due = 0, slots = 0;

    while (seq_le(w->current, now_tick)) {
        if (!visit_slot(w, now_tick, due, &n_due, &budget))
            break;
        if (w->current == now_tick || ++slots == SLOTS_PER_CALL)
            break;
        w->current++;
    }
    return n_due;
}
