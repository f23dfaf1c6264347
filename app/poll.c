/* SPDX-License-Identifier: BSD-3-Clause */
/* See poll.h. */
#include "app/poll.h"

#include "app/host_io.h"
#include "app/rx.h"
#include "app/tx.h"

/* Work of one iteration; together at most OUTBOX_BUFS frames at a time. */
static const unsigned TIMERS_PER_POLL = 64;
static const unsigned STARTS_PER_POLL = 32;
/* Frames with payload, of connections that wait in line. */
static const unsigned OUTPUT_PER_POLL = 128;

/* Cryptography goes on from one connection to the next until this much of the iteration is used up:
 * then the port is looked at again. One step more than that is what a burst may have to wait, some
 * hundred microseconds; a NIC's queue of 1024 frames holds that at five million frames a second. */
static const uint64_t TLS_BUDGET_NS = 50 * NS_PER_US;

static void
engine_poll(struct worker *w, uint64_t now_ns)
{
    if (w->opts.role == ROLE_CLIENT)
        client_turn(&w->client, now_ns);
    else
        server_turn(&w->server, now_ns);
}

static unsigned
engine_timers(struct worker *w)
{
    unsigned n;

    n = w->opts.role == ROLE_CLIENT ? client_timers(&w->client, TIMERS_PER_POLL)
                                    : server_timers(&w->server, TIMERS_PER_POLL);
    if (n > 0)
        tx_submit(w);
    return n;
}

static unsigned
start_due(struct worker *w)
{
    unsigned n;

    if (w->opts.role != ROLE_CLIENT)
        return 0;
    n = client_start(&w->client, schedule_now_ns(w->opts.schedule), STARTS_PER_POLL);
    if (n > 0)
        tx_submit(w);
    return n;
}

/* What did not fit into earlier iterations. */
static unsigned
output_ready(struct worker *w)
{
    unsigned n = w->opts.role == ROLE_CLIENT ? client_output(&w->client, OUTPUT_PER_POLL)
                                             : server_output(&w->server, OUTPUT_PER_POLL);

    if (n > 0)
        tx_submit(w);
    return n;
}

/* The TLS of connections that wait for it. */
static unsigned
run_tls(struct worker *w, uint64_t now_ns)
{
    bool is_client = w->opts.role == ROLE_CLIENT;
    const struct core *core = is_client ? &w->client.core : &w->server.core;
    unsigned n = 0, did;

    if (likely(!w->opts.has_tls))
        return 0;
    do {
        did = is_client ? client_crypto(&w->client) : server_crypto(&w->server);
        n += did;
    } while (did > 0 && schedule_now_ns(w->opts.schedule) - now_ns < TLS_BUDGET_NS);
    STAT_ADD(&w->stat, tls_backlog, core_may_crypto(core));
    if (n > 0)
        tx_submit(w);
    return n;
}

/* One iteration of the poll loop. @return how much there was to do. */
unsigned
poll_once(struct worker *w, uint64_t now_ns)
{
    struct backpressure *b = &w->backpressure;
    bool may_begin = backpressure_begin(b, w->queue.n_pending, now_ns);
    unsigned work;

    io_go_online(&w->queue);
    w->outbox.is_blocked = backpressure_is_blocked(b, w->queue.n_pending, now_ns);
    engine_poll(w, now_ns);
    work = rx_poll(w, now_ns);
    if (may_begin) {
        bool burst_is_full = w->opts.answers_first && w->rx.n == IO_BURST;

        work += engine_timers(w);
        if (backpressure_may_start(b, burst_is_full, now_ns))
            work += start_due(w);
        work += output_ready(w);
        work += run_tls(w, now_ns);
    } else if (unlikely(backpressure_is_stuck(b, w->queue.n_pending, now_ns))) {
        work += engine_timers(w); /* connections must time out all the same */
    }
    host_io_output(w, now_ns);
    tx_flush(w);
    return work;
}
