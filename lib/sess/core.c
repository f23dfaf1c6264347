/* SPDX-License-Identifier: BSD-3-Clause */
/* See core.h. */
#include "sess/core.h"

#include "base/pages.h"

/* Those that are borrowed first have their memory from the start: 16 MiB, and 4 MiB. */
static const uint32_t STREAMS_READY = 65536, OVERFLOWS_READY = 1024;

/* Memory for connections that carry payload. */
static int
init_payload(struct core *c)
{
    const struct tcp_pools_opts pools = {
        .n_streams = c->opts.n_streams,
        .stream_bytes =
            c->opts.tls != NULL ? sizeof(struct secure_carrier) : sizeof(struct carrier),
        .n_buffers = c->opts.n_buffers,
        .buffer_bytes = c->opts.tcp.buffers_rx ? c->opts.tcp.rcv_wnd : 0};

    if (tcp_pools_init(&c->pools, &pools) < 0)
        return -1;
    if (ready_init(&c->ready, c->opts.n_streams) < 0)
        goto fini_pools;
    if (c->opts.tls != NULL &&
        secure_init(&c->secure, c->opts.tls, c->opts.tls_timeout_ns, c->opts.n_streams) < 0)
        goto fini_ready;
    slab_populate(&c->pools.streams, STREAMS_READY);
    slab_populate(&c->pools.overflows, OVERFLOWS_READY);
    c->tcp.pools = &c->pools;
    return 0;

fini_ready:
    ready_fini(&c->ready);
fini_pools:
    tcp_pools_fini(&c->pools);
    return -1;
}

int
core_init(struct core *c, const struct core_opts *opts, uint32_t n_records, uint64_t now_ns)
{
    assert((!opts->exchange.echo && opts->tls == NULL) || opts->tcp.buffers_rx);
    assert(opts->tls == NULL || opts->n_streams > 0);

    *c = (struct core){.opts = *opts, .n_records = n_records};
    if (opts->exchange.echo ||
        opts->tls != NULL) /* its payload is copied into rooms, which take one segment */
        c->opts.tcp.tso_max = 0;
    if (opts->close == SESS_CLOSE_PEER)
        c->opts.hold_ns = 0; /* the peer decides how long it lasts */
    emit_init(&c->emit, &opts->emit);
    c->tcp.params = &c->opts.tcp;
    c->tcp.stat = opts->stat;
    tcp_ctx_set_now(&c->tcp, now_ns);
    c->records = pages_map((size_t)n_records * sizeof(c->records[0]));
    if (c->records == NULL)
        return -1;
    if (wheel_init(&c->wheel, &c->records[0].timer, now_ns) < 0)
        goto unmap_records;
    if (opts->n_streams > 0 && init_payload(c) < 0)
        goto fini_wheel;
    return 0;

fini_wheel:
    wheel_fini(&c->wheel);
unmap_records:
    pages_unmap(c->records, (size_t)n_records * sizeof(c->records[0]));
    c->records = NULL;
    return -1;
}

void
core_fini(struct core *c)
{
    if (c->tcp.pools != NULL) {
        core_end_tls(c);
        secure_fini(&c->secure);
        ready_fini(&c->ready);
        tcp_pools_fini(&c->pools);
    }
    wheel_fini(&c->wheel);
    pages_unmap(c->records, (size_t)c->n_records * sizeof(c->records[0]));
    c->records = NULL;
}

void
core_end_tls(struct core *c)
{
    for (uint32_t i = 0; c->secure.ctx != NULL && i < c->n_records; i++)
        secure_release(c, &c->records[i]);
}

void
core_refuse(struct core *c, const struct packet *p)
{
    struct emit_path path;
    struct seg answer;

    if (!tcp_refuse(&p->seg, &answer))
        return;
    core_reverse(p, &path);
    if (core_send(c, &path, &answer))
        STAT_COUNT(c->opts.stat, resets_sent);
}

void
core_stray(struct core *c, const struct packet *p)
{
    STAT_COUNT(c->opts.stat, no_connection);
    core_refuse(c, p);
}

void
core_fail(struct core *c, enum stat_failure cause)
{
    c->n_open--;
    STAT_COUNT(c->opts.stat, failed);
    c->opts.stat->now->failures[cause]++;
}

void
core_count_end(struct core *c, unsigned events)
{
    if ((events & TCP_EV_CLOSED) != 0 || ((events & TCP_EV_RESET) != 0 && c->opts.reset_closes)) {
        c->n_open--;
        STAT_COUNT(c->opts.stat, closed);
    } else if ((events & TCP_EV_REFUSED) != 0) {
        core_fail(c, FAILURE_refused);
    } else if ((events & TCP_EV_RESET) != 0) {
        core_fail(c, FAILURE_reset);
    } else if ((events & TCP_EV_OPEN_TIMEOUT) != 0) {
        core_fail(c, FAILURE_timeout);
    } else if ((events & TCP_EV_DATA_TIMEOUT) != 0) {
        core_fail(c, FAILURE_data_timeout);
    } else {
        core_fail(c, FAILURE_close_timeout);
    }
}

bool
core_close(struct core *c, struct record *r)
{
    if (unlikely(c->secure.ctx != NULL))
        return secure_close(c, r);
    if (c->opts.close == SESS_CLOSE_RST) {
        tcp_abort(&r->tcp);
        core_count_end(c, TCP_EV_CLOSED);
        return true;
    }
    tcp_close(&r->tcp, &c->tcp);
    return false;
}

bool
core_fail_and_reset(struct core *c, struct record *r, enum stat_failure cause)
{
    tcp_abort(&r->tcp);
    core_fail(c, cause);
    return true;
}

/* The connection is established, or its payload is done: hold it, or close it. */
static bool
hold_or_close(struct core *c, uint32_t idx, struct record *r)
{
    if (!tcp_is_established(&r->tcp) || c->opts.close == SESS_CLOSE_PEER)
        return false;
    if (c->opts.hold_ns == 0)
        return core_close(c, r);
    wheel_arm(&c->wheel, idx, c->tcp.now_ns + c->opts.hold_ns);
    return false;
}

/* All is written, and all that is expected has come: our FIN may ride on the last byte, but a reset
 * or a hold waits until it is acknowledged. */
static void
close_after_payload(struct core *c, struct record *r)
{
    bool rides =
        tcp_is_established(&r->tcp) && c->opts.close == SESS_CLOSE_FIN && c->opts.hold_ns == 0;

    if (rides || tcp_is_in_close_wait(&r->tcp))
        tcp_close(&r->tcp, &c->tcp);
}

static void
count_transfer(struct core *c, const struct record *r)
{
    stat_latency(c->opts.stat, LAT_transfer, c->tcp.now_ns - r->began_ns);
}

/* All is acknowledged, too, for the first time. A connection that is held rests without a stream.
 */
static bool
complete_payload(struct core *c, uint32_t idx, struct record *r)
{
    count_transfer(c, r);
    if (!tcp_is_established(&r->tcp)) {
        close_after_payload(c, r);
        return false;
    }
    if (c->opts.hold_ns > 0)
        (void)tcp_release_idle(&r->tcp, &c->tcp);
    return hold_or_close(c, idx, r);
}

/* What the peer sends of its own accord changes nothing: the connection is held, or closed, as
 * without it. The hold's timer was left alone if the stream is gone again; else it begins anew when
 * the last gap is filled. */
static bool
act_on_unplanned(struct core *c, uint32_t idx, struct record *r, unsigned events)
{
    bool is_new = (events & TCP_EV_ESTABLISHED) != 0;
    bool has_rest;

    if (tcp_is_in_close_wait(&r->tcp))
        close_after_payload(c, r);
    if (!tcp_is_established(&r->tcp) || c->opts.close == SESS_CLOSE_PEER)
        return false;
    has_rest = c->opts.hold_ns > 0 && tcp_release_idle(&r->tcp, &c->tcp);
    if (is_new || (has_rest && !wheel_is_armed(&r->timer)))
        return hold_or_close(c, idx, r);
    return false;
}

static bool __attribute__((noinline))
act_on_payload(struct core *c, uint32_t idx, struct record *r, unsigned events)
{
    switch (exchange_act(&r->tcp, &c->tcp, &c->opts.exchange, events)) {
    case EXCHANGE_NOT_PLANNED:
        return act_on_unplanned(c, idx, r, events);
    case EXCHANGE_GOES_ON:
        return false;
    case EXCHANGE_MAY_CLOSE:
        close_after_payload(c, r);
        return false;
    case EXCHANGE_COMPLETE:
        return complete_payload(c, idx, r);
    case EXCHANGE_TRUNCATED:
        return core_fail_and_reset(c, r, FAILURE_truncated);
    case EXCHANGE_NO_MEMORY:
        return core_fail_and_reset(c, r, FAILURE_no_memory);
    }
    return false;
}

/* What payload needs before anything else is done about @events. @return whether it is this
 * connection's business, now or because it is about to begin. */
static bool __attribute__((noinline))
prepare_payload(struct core *c, struct record *r, unsigned events, bool is_v6)
{
    bool is_new = (events & TCP_EV_ESTABLISHED) != 0;

    if (is_new) {
        r->began_ns = c->tcp.now_ns; /* `connect` is counted; from here on it is `transfer` */
        tcp_limit_mss(&r->tcp, is_v6 ? TCP_MSS_DEFAULT_V6 : TCP_MSS_DEFAULT_V4, c->opts.mss[is_v6]);
    }
    if ((events & TCP_EV_CLOSED) != 0 &&
        (tcp_has_stream(&r->tcp) || tcp_app_flags(&r->tcp, &c->tcp) != 0) &&
        exchange_act(&r->tcp, &c->tcp, &c->opts.exchange, events) == EXCHANGE_COMPLETE)
        count_transfer(c, r); /* the last byte and the FIN were acknowledged in one */
    if ((events & TCP_EV_OVER) != 0)
        return false;
    return tcp_has_stream(&r->tcp) || tcp_app_flags(&r->tcp, &c->tcp) != 0 ||
           (events & TCP_EV_DATA) != 0 || (is_new && exchange_is_planned(&c->opts.exchange));
}

bool
core_act(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6)
{
    if ((events & TCP_EV_ESTABLISHED) != 0) {
        STAT_COUNT(c->opts.stat, established);
        stat_latency(c->opts.stat, LAT_connect, c->tcp.now_ns - r->began_ns);
    }
    if (unlikely(c->tcp.pools != NULL)) {
        if (c->secure.ctx != NULL)
            return secure_act(c, idx, r, events, is_v6);
        if (prepare_payload(c, r, events, is_v6))
            return act_on_payload(c, idx, r, events);
    }
    if ((events & TCP_EV_ESTABLISHED) != 0 && hold_or_close(c, idx, r))
        return true;
    if ((events & TCP_EV_OVER) != 0) {
        core_count_end(c, events);
        return true;
    }
    if (tcp_is_in_close_wait(&r->tcp)) /* the peer closed, as asked for or before us */
        tcp_close(&r->tcp, &c->tcp);
    return false;
}

bool
core_is_held(const struct core *c, const struct record *r)
{
    if (unlikely(c->secure.ctx != NULL))
        return secure_is_held(c, r);
    if (!tcp_is_established(&r->tcp) || c->opts.close == SESS_CLOSE_PEER)
        return false;
    return !exchange_goes_on(&r->tcp, &c->tcp, &c->opts.exchange);
}

/* With what the peer sent beyond a gap, a held connection has a stream until the hold ends. */
static bool
is_held_long_enough(const struct core *c, const struct record *r)
{
    return core_is_held(c, r) &&
           (!tcp_has_stream(&r->tcp) || tcp_deadline_ns(&r->tcp, &c->tcp) == TIME_NEVER);
}

bool
core_timeout(struct core *c, uint32_t idx, struct record *r, bool is_v6)
{
    if (unlikely(c->secure.ctx != NULL))
        return secure_timeout(c, idx, r, is_v6);
    if (is_held_long_enough(c, r))
        return core_close(c, r);
    if (exchange_is_stalled(&r->tcp, &c->tcp, &c->opts.exchange))
        return core_fail_and_reset(c, r, FAILURE_stalled);
    return core_act(c, idx, r, tcp_timeout(&r->tcp, &c->tcp), is_v6);
}

static void __attribute__((noinline)) arm_streamed(struct core *c, uint32_t idx, struct record *r)
{
    uint64_t deadline_ns =
        u64_min(tcp_deadline_ns(&r->tcp, &c->tcp),
                c->secure.ctx != NULL ? secure_deadline_ns(c, r)
                                      : exchange_deadline_ns(&r->tcp, &c->tcp, &c->opts.exchange));

    if (deadline_ns != TIME_NEVER)
        wheel_arm(&c->wheel, idx, deadline_ns);
    else if (c->opts.hold_ns > 0 && c->secure.ctx == NULL && core_is_held(c, r))
        wheel_arm(&c->wheel, idx, c->tcp.now_ns + c->opts.hold_ns);
    else
        wheel_cancel(&r->timer);
}

void
core_arm(struct core *c, uint32_t idx, struct record *r)
{
    uint64_t deadline_ns;

    if (unlikely(tcp_has_stream(&r->tcp))) {
        arm_streamed(c, idx, r);
        return;
    }
    deadline_ns = tcp_deadline_ns(&r->tcp, &c->tcp);
    if (unlikely(tcp_app_flags(&r->tcp, &c->tcp) != 0))
        deadline_ns =
            u64_min(deadline_ns, exchange_deadline_ns(&r->tcp, &c->tcp, &c->opts.exchange));
    if (deadline_ns != TIME_NEVER)
        wheel_arm(&c->wheel, idx, deadline_ns);
    else if (!tcp_is_established(&r->tcp) || c->opts.hold_ns == 0)
        wheel_cancel(&r->timer);
}

void
core_forget(struct core *c, struct record *r)
{
    wheel_cancel(&r->timer);
    if (unlikely(tcp_has_stream(&r->tcp)))
        core_release_stream(c, r);
}

void
core_release_stream(struct core *c, struct record *r)
{
    if (c->secure.ctx != NULL)
        secure_release(c, r);
    tcp_release(&r->tcp, &c->tcp);
}
