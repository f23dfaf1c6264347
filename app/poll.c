/* SPDX-License-Identifier: BSD-3-Clause */
/* See poll.h. */
#include "app/poll.h"

#include "app/host_io.h"
#include "app/rx.h"
#include "app/tx.h"

/* Work of one iteration; together at most OUTBOX_BUFS frames at a time. */
static const unsigned TIMERS_PER_POLL = 64;
static const unsigned STARTS_PER_POLL = 32;
/* Frames with payload, of connections in the run queue. */
static const unsigned OUTPUT_PER_POLL = 128;

/* Cryptography goes on from one connection to the next until this much of the iteration is used up:
 * then the port is looked at again. One step more than that is what a burst may have to wait, some
 * hundred microseconds; a NIC's queue of 1024 frames holds that at five million frames a second. */
static const uint64_t TLS_BUDGET_NS = 50 * NS_PER_US;

/* Hand over what @n events, starts or steps have led to. */
static unsigned
submit_if(struct worker *w, unsigned n)
{
    if (n > 0)
        tx_submit(w);
    return n;
}

static unsigned
fire_timers(struct worker *w)
{
    return submit_if(w, engine_timers(&w->engine, TIMERS_PER_POLL));
}

static unsigned
start_due(struct worker *w)
{
    uint64_t now_ns;

    if (w->engine.role != ROLE_CLIENT) /* it need not know the time */
        return 0;
    now_ns = u64_min(schedule_now_ns(w->opts.schedule), w->horizon_ns);
    return submit_if(w, engine_start(&w->engine, now_ns, STARTS_PER_POLL));
}

/* What did not fit into earlier iterations. */
static unsigned
output_ready(struct worker *w)
{
    return submit_if(w, engine_output(&w->engine, OUTPUT_PER_POLL));
}

static bool
has_tls_budget(const struct worker *w, uint64_t now_ns)
{
    return schedule_now_ns(w->opts.schedule) - now_ns < TLS_BUDGET_NS;
}

static unsigned
step_tls(struct worker *w, uint64_t now_ns)
{
    unsigned n = 0, did;

    do {
        did = engine_crypto(&w->engine);
        n += did;
    } while (did > 0 && has_tls_budget(w, now_ns));
    return n;
}

/* The TLS of connections that wait for it. @is_idle: this iteration had nothing else to do. */
static unsigned
run_tls(struct worker *w, uint64_t now_ns, bool is_idle)
{
    unsigned n;

    if (likely(!w->opts.has_tls))
        return 0;
    n = step_tls(w, now_ns);
    STAT_ADD(&w->stat, tls_backlog, core_may_crypto(&w->engine.core));
    if (w->opts.lanes != NULL) {
        n +=
            core_compute_due(&w->engine.core, schedule_now_ns(w->opts.schedule), is_idle && n == 0);
        if (has_tls_budget(w, now_ns))
            n += step_tls(w, now_ns);
    }
    return submit_if(w, n);
}

/* The port takes nothing. Connections must time out all the same, and what it never takes is not to
 * hold up everything else; where frames cannot be lost the other side takes them some day. */
static unsigned __attribute__((noinline)) poll_stuck(struct worker *w, uint64_t now_ns)
{
    unsigned work = fire_timers(w);

    host_io_output(w, now_ns);
    if (!backpressure_may_offer(&w->backpressure, now_ns))
        return work;
    if (!w->opts.io->loses_nothing && backpressure_gives_up(&w->backpressure, now_ns))
        tx_give_up(w);
    tx_flush(w);
    return work;
}

unsigned
poll_once(struct worker *w, uint64_t now_ns)
{
    struct backpressure *b = &w->backpressure;
    bool may_begin = backpressure_begin(b, w->queue.n_pending, now_ns);
    unsigned work;

    io_go_online(&w->queue);
    w->outbox.is_blocked = backpressure_is_blocked(b, w->queue.n_pending, now_ns);
    engine_poll(&w->engine, now_ns);
    if (unlikely(w->recording != NULL))
        recording_poll(w, now_ns);
    work = rx_poll(w, now_ns);
    if (unlikely(w->was_paused))
        work += rx_catch_up(w, now_ns);
    if (may_begin) {
        bool burst_is_full = w->opts.answers_first && w->rx.n == IO_BURST;

        work += fire_timers(w);
        if (backpressure_may_start(b, burst_is_full, now_ns))
            work += start_due(w);
        work += output_ready(w);
        work += run_tls(w, now_ns, work == 0);
    } else if (unlikely(backpressure_is_stuck(b, w->queue.n_pending, now_ns))) {
        return work + poll_stuck(w, now_ns);
    }
    host_io_output(w, now_ns);
    tx_flush(w);
    return work;
}
