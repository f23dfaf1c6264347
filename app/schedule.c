/* SPDX-License-Identifier: BSD-3-Clause */
/* See schedule.h. */
#include "app/schedule.h"

static uint64_t
add_ns(uint64_t ns, uint64_t more_ns)
{
    return more_ns > TIME_NEVER - ns ? TIME_NEVER : ns + more_ns;
}

void
schedule_init(struct schedule *s, uint64_t drain_ns)
{
    atomic_init(&s->may_send, false);
    atomic_init(&s->start_ns, TIME_NEVER);
    atomic_init(&s->confirmed_ns, TIME_NEVER);
    atomic_init(&s->stop_ns, TIME_NEVER);
    atomic_init(&s->drain_end_ns, TIME_NEVER);
    atomic_init(&s->cuts_holds, false);
    atomic_init(&s->clients_busy, 0);
    atomic_init(&s->clients_asking, 0);
    atomic_init(&s->announcements, 0);
    atomic_init(&s->quit, false);
    s->drain_ns = drain_ns;
    s->is_interrupted = false;
}

void
schedule_allow_sending(struct schedule *s)
{
    atomic_store_explicit(&s->may_send, true, memory_order_release);
}

void
schedule_give_turn(struct schedule *s, unsigned turn)
{
    atomic_store_explicit(&s->turn, turn, memory_order_release);
}

void
schedule_announce(struct schedule *s)
{
    atomic_fetch_add_explicit(&s->announcements, 1, memory_order_relaxed);
}

/* The end of the drain first: who sees the stop sees an end that belongs to it. */
static void
set_stop(struct schedule *s, uint64_t stop_ns)
{
    atomic_store_explicit(&s->drain_end_ns, add_ns(stop_ns, s->drain_ns), memory_order_release);
    atomic_store_explicit(&s->stop_ns, stop_ns, memory_order_release);
}

void
schedule_start_at(struct schedule *s, uint64_t start_ns, uint64_t duration_ns)
{
    set_stop(s, add_ns(start_ns, duration_ns));
    atomic_store_explicit(&s->start_ns, start_ns, memory_order_release);
}

void
schedule_start(struct schedule *s, uint64_t now_ns, uint64_t duration_ns)
{
    schedule_start_at(s, add_ns(now_ns, SCHEDULE_DELAY_NS), duration_ns);
}

bool
schedule_start_is_missed(const struct schedule *s, uint64_t now_ns)
{
    return now_ns + SCHEDULE_CONFIRM_NS > schedule_start_ns(s);
}

void
schedule_confirm(struct schedule *s)
{
    atomic_store_explicit(&s->confirmed_ns, schedule_start_ns(s), memory_order_release);
}

void
schedule_cut_holds(struct schedule *s)
{
    atomic_store_explicit(&s->cuts_holds, true, memory_order_release);
}

void
schedule_cut_short(struct schedule *s, uint64_t now_ns)
{
    schedule_cut_holds(s);
    if (now_ns < schedule_stop_ns(s))
        set_stop(s, u64_max(now_ns, schedule_start_ns(s)));
}

void
schedule_interrupt(struct schedule *s, uint64_t now_ns)
{
    if (s->is_interrupted || schedule_start_ns(s) == TIME_NEVER) {
        schedule_cut_holds(s);
        schedule_quit(s);
    } else {
        schedule_cut_short(s, now_ns);
    }
    s->is_interrupted = true;
}

void
schedule_client_is_spent(struct schedule *s, uint64_t now_ns)
{
    if (atomic_fetch_sub_explicit(&s->clients_asking, 1, memory_order_acq_rel) == 1 &&
        now_ns < schedule_stop_ns(s))
        set_stop(s, now_ns);
}

void
schedule_quit(struct schedule *s)
{
    atomic_store_explicit(&s->quit, true, memory_order_release);
}

bool
schedule_serving_is_over(const struct schedule *s, uint64_t n_open, uint64_t now_ns)
{
    return now_ns >= schedule_stop_ns(s) && (n_open == 0 || now_ns >= schedule_drain_end_ns(s));
}

double
schedule_load_s(const struct schedule *s, uint64_t now_ns)
{
    uint64_t end_ns = u64_min(schedule_stop_ns(s), now_ns);

    return (double)(end_ns - schedule_start_ns(s)) / (double)NS_PER_SEC;
}
