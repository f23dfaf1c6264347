/* SPDX-License-Identifier: BSD-3-Clause */
/* See session.h. */
#include "sess/session.h"

#include "sess/channel.h"
#include "sess/ends.h"
#include "sess/single.h"

/* -- helpers ------------------------------------------------------------------------------ */

struct session *
session_of(const struct core *c, const struct record *r)
{
    if (!tcp_has_stream(&r->tcp))
        return NULL;
    return (struct session *)(tcp_stream_of(&r->tcp, &c->tcp) + 1);
}

static struct conn
conn_of(struct core *c, uint32_t idx, struct record *r)
{
    return (struct conn){.core = c,
                         .class = core_class(c, r),
                         .record = r,
                         .session = session_of(c, r),
                         .idx = idx,
                         .had_stream = tcp_has_stream(&r->tcp)};
}

bool
session_sends_input(const struct core *c, const struct record *r, const struct session *s)
{
    const struct sess_class *k = core_class(c, r);
    const struct proto_ops *p = s->choice == 0 ? k->proto : k->choices[s->choice - 1];

    return k->tls == NULL && p != NULL && (p->traits & PROTO_SENDS_INPUT) != 0;
}

static bool
is_established(const struct conn *n)
{
    return tcp_is_established(&n->record->tcp);
}

/* Have the session wait for its turn to compute. */
static void
queue_crypto(struct conn *n)
{
    bool has_begun = conn_tls(n)->conn.ssl != NULL;

    runq_put(&n->core->crypto, tcp_stream_idx(&n->record->tcp),
             has_begun ? CRYPTO_BEGUN : CRYPTO_NEW);
}

static bool
fail(struct conn *n, enum stat_failure cause)
{
    tcp_abort(&n->record->tcp);
    core_fail(n->core, n->class, cause);
    return true;
}

bool
session_fail(struct core *c, struct record *r, enum stat_failure cause)
{
    tcp_abort(&r->tcp);
    core_fail(c, core_class(c, r), cause);
    return true;
}

/* An instant of the exchange that began at @began_ns. */
static void
measure(struct conn *n, enum proto_mark mark, uint64_t began_ns)
{
    const struct proto_ops *p = n->session != NULL ? conn_proto(n) : n->class->proto;
    uint64_t ns = n->core->tcp.now_ns - began_ns;
    struct stats *stat = n->class->stat;

    if (p->has_requests) {
        stat_latency(stat, mark == PROTO_MARK_DONE ? LAT_ttlb : LAT_ttfb, ns);
        STAT_ADD(stat, responses, mark == PROTO_MARK_DONE);
    } else if (mark == PROTO_MARK_DONE) {
        stat_latency(stat, LAT_transfer, ns);
    }
    for (unsigned i = 0; i < p->n_latencies; i++) {
        if (p->latencies[i].end == mark)
            stat_latency(stat, LAT_COUNT + proto_latency_base(p) + i, ns);
    }
}

/* -- without a session: the record tells the phase ------------------------------------------ */

static bool
close_record(struct core *c, const struct sess_class *k, struct record *r)
{
    if (k->close == CLOSE_RST) {
        tcp_abort(&r->tcp);
        core_count_end(c, k, TCP_EV_CLOSED);
        return true;
    }
    tcp_close(&r->tcp, &c->tcp);
    return false;
}

/* Established, or its exchange is done: hold it, or close it. */
static bool
hold_record(struct core *c, const struct sess_class *k, uint32_t idx, struct record *r)
{
    if (!tcp_is_established(&r->tcp) || k->close == CLOSE_PEER)
        return false;
    if (k->hold_ns == 0 || c->is_stopping)
        return close_record(c, k, r);
    wheel_arm(&c->wheel, idx, c->tcp.now_ns + k->hold_ns);
    return false;
}

/* All is written, and all that is expected has come: our FIN may ride on the last byte, but a reset
 * or a hold waits until it is acknowledged. */
static bool
fin_rides(const struct core *c, const struct sess_class *k, const struct record *r)
{
    if (tcp_is_in_close_wait(&r->tcp))
        return true;
    return tcp_is_established(&r->tcp) && k->close == CLOSE_FIN &&
           (k->hold_ns == 0 || c->is_stopping);
}

static bool
complete_single(struct conn *n)
{
    measure(n, PROTO_MARK_DONE, n->record->began_ns);
    if (is_established(n))
        return hold_record(n->core, n->class, n->idx, n->record);
    if (tcp_is_in_close_wait(&n->record->tcp))
        tcp_close(&n->record->tcp, &n->core->tcp);
    return false;
}

/* @return whether the exchange's numbers were enough; with *is_over as session_event(). */
static bool
act_single(struct conn *n, unsigned events, bool *is_over)
{
    struct tcp_conn *c = &n->record->tcp;

    *is_over = false;
    switch (single_event(c, &n->core->tcp, &n->class->single, events)) {
    case SINGLE_IDLE:
        if (tcp_is_in_close_wait(c))
            tcp_close(c, &n->core->tcp);
        return true;
    case SINGLE_GOES_ON:
        return true;
    case SINGLE_MAY_CLOSE:
        if (fin_rides(n->core, n->class, n->record))
            tcp_close(c, &n->core->tcp);
        return true;
    case SINGLE_COMPLETE:
        *is_over = complete_single(n);
        return true;
    case SINGLE_TRUNCATED:
        *is_over = fail(n, FAILURE_truncated);
        return true;
    case SINGLE_NEEDS_SESSION:
        return false;
    }
    return true;
}

/* -- the session: closing ------------------------------------------------------------------- */

static bool
close_session(struct conn *n)
{
    struct session *s = n->session;

    s->deadline_ns = TIME_NEVER;
    if (s->phase == SESS_CLOSING && !s->resets_when_acked)
        return false;
    if (n->class->close == CLOSE_RST && !s->has_failed && is_established(n)) {
        s->resets_when_acked = conn_unacked(n) > 0;
        if (s->resets_when_acked)
            return false;
        tcp_abort(&n->record->tcp);
        core_count_end(n->core, n->class, TCP_EV_CLOSED);
        return true;
    }
    n->class->channel->close(n);
    tcp_close(&n->record->tcp, &n->core->tcp);
    s->phase = SESS_CLOSING;
    return false;
}

/* -- the session: holding ------------------------------------------------------------------- */

/* A connection that is held in the clear rests without a stream. */
static void
rest(struct conn *n)
{
    struct session *s = n->session;
    uint64_t until_ns = s->deadline_ns;
    bool was_queued = runq_has(&n->core->output, tcp_stream_idx(&n->record->tcp));

    if (n->class->tls != NULL || until_ns == TIME_NEVER || s->n_left != 1)
        return;
    runq_remove(&n->core->output,
                tcp_stream_idx(&n->record->tcp)); /* it would be lost with the stream */
    if (!tcp_release_idle(&n->record->tcp, &n->core->tcp)) {
        if (was_queued)
            runq_put(&n->core->output, tcp_stream_idx(&n->record->tcp), 0);
        return;
    }
    n->session = NULL;
    wheel_arm(&n->core->wheel, n->idx, until_ns);
}

/* After the last exchange: hold it, close it, or wait for the peer to close. */
static bool
hold(struct conn *n)
{
    const struct sess_class *k = n->class;
    struct session *s = n->session;

    s->phase = SESS_HOLDING;
    s->deadline_ns = TIME_NEVER;
    s->talks = false;
    s->n_left = 1;
    if (s->has_ended || tcp_is_in_close_wait(&n->record->tcp))
        return close_session(n);
    if (k->close == CLOSE_PEER || !is_established(n))
        return false;
    if (k->close == CLOSE_RST && k->channel->awaits_ticket(n)) {
        s->awaits_ticket = true;
        s->deadline_ns = n->core->tcp.now_ns + u64_max(k->hold_ns, k->tls_timeout_ns);
        return false;
    }
    if (k->hold_ns == 0 || n->core->is_stopping)
        return close_session(n);
    s->deadline_ns = n->core->tcp.now_ns + k->hold_ns;
    rest(n);
    return false;
}

/* The ticket is there, or will not come. */
static bool
stop_waiting(struct conn *n)
{
    if (n->class->channel->awaits_ticket(n))
        n->class->channel->expect_no_ticket(n);
    n->session->awaits_ticket = false;
    return hold(n);
}

/* -- the session: talking ------------------------------------------------------------------- */

/* Until when something of what is expected has to come, counted from what came last; while bytes of
 * ours are under way, TCP has its own patience. */
static void
set_patience(struct conn *n, enum proto_status status, bool is_progress)
{
    struct session *s = n->session;
    bool waits = status == PROTO_AWAITS && n->class->stall_us > 0 && conn_unacked(n) == 0;

    if (!waits)
        s->deadline_ns = TIME_NEVER;
    else if (is_progress || s->deadline_ns == TIME_NEVER)
        s->deadline_ns = n->core->tcp.now_ns + n->class->stall_us * NS_PER_US;
}

static void
start_exchange(struct conn *n)
{
    struct session *s = n->session;

    s->phase = SESS_TALKING;
    s->began_ns = n->core->tcp.now_ns;
    s->has_first_byte = s->awaits_ack = false;
    STAT_ADD(n->class->stat, requests, conn_proto(n)->has_requests);
    conn_proto(n)->start(conn_state(n), &n->class->proto_opts);
}

static bool
is_last_exchange(const struct conn *n)
{
    return n->session->n_left == 1 || n->session->has_ended || n->core->is_stopping;
}

/* All that the exchange sent is acknowledged. @return whether the next one begins now. */
static bool
end_exchange(struct conn *n)
{
    struct session *s = n->session;

    measure(n, PROTO_MARK_DONE, s->began_ns);
    s->awaits_ack = false;
    if (is_last_exchange(n))
        return false;
    s->n_left -= s->n_left > 1;
    if (n->class->think_ns == 0 || n->class->proto_opts.is_server)
        return true;
    s->phase = SESS_HOLDING;
    s->deadline_ns = n->core->tcp.now_ns + n->class->think_ns;
    return false;
}

/* What the protocol has come to; @is_progress: bytes came, or were acknowledged. *goes_on: the next
 * exchange has begun. @return as session_event(). */
static bool
judge(struct conn *n, bool is_progress, bool *goes_on)
{
    struct session *s = n->session;
    enum proto_status status =
        conn_proto(n)->status(conn_state(n), &n->class->proto_opts, s->has_ended);

    *goes_on = false;
    switch (status) {
    case PROTO_SENDS:
    case PROTO_AWAITS:
        set_patience(n, status, is_progress);
        return false;
    case PROTO_TRUNCATED:
        return fail(n, FAILURE_truncated);
    case PROTO_FAILED:
        return fail(n, FAILURE_protocol);
    case PROTO_IDLE:
        return hold(n);
    case PROTO_DONE:
        break;
    }
    s->awaits_ack = true;
    s->deadline_ns = TIME_NEVER;
    if (conn_unacked(n) > 0)
        return is_last_exchange(n) && fin_rides(n->core, n->class, n->record) && close_session(n);
    if (end_exchange(n)) {
        start_exchange(n);
        *goes_on = true;
        return false;
    }
    return s->phase == SESS_HOLDING ? false : hold(n);
}

/* What the channel has come to, in any phase. @return whether it has failed, and all is done about
 * it. */
static bool
has_channel_failed(struct conn *n, unsigned events)
{
    struct session *s = n->session;

    s->lacks_room = (events & CHANNEL_NO_ROOM) != 0;
    if ((events & CHANNEL_ENDED) != 0)
        s->has_ended = true;
    if ((events & CHANNEL_FAILED) != 0) {
        (void)close_session(n); /* not at once: an alert is to arrive */
        return true;
    }
    if ((events & CHANNEL_INPUT) != 0 && !s->has_first_byte && s->talks) {
        s->has_first_byte = true;
        measure(n, PROTO_MARK_FIRST_BYTE, s->began_ns);
    }
    if ((events & CHANNEL_MORE) != 0)
        queue_crypto(n);
    return false;
}

/* Move bytes both ways, and go where that leads. */
static bool
talk(struct conn *n, unsigned tcp_events)
{
    unsigned events = n->class->channel->read(n, tcp_events);
    bool is_progress = (events & CHANNEL_INPUT) != 0 || (tcp_events & TCP_EV_ACKED) != 0;
    bool goes_on, is_over;

    do {
        if ((events & CHANNEL_FAILED) == 0)
            events |= n->class->channel->write(n);
        if (has_channel_failed(n, events))
            return false;
        is_over = judge(n, is_progress, &goes_on);
        events = 0;
    } while (goes_on);
    return is_over;
}

/* What comes is discarded. @return whether the channel has failed. */
static bool
discard(struct conn *n, unsigned tcp_events)
{
    unsigned events = n->class->channel->read(n, tcp_events);

    if ((events & CHANNEL_FAILED) == 0)
        events |= n->class->channel->write(n); /* what TLS itself has to say */
    return has_channel_failed(n, events);
}

/* Nothing is expected of the peer but its close. */
static bool
listen(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    if (discard(n, tcp_events))
        return false;
    if (s->has_ended)
        return close_session(n);
    if (s->awaits_ticket && !n->class->channel->awaits_ticket(n))
        return stop_waiting(n);
    rest(n);
    return false;
}

/* After our close: a peer that is listened to may still say why, and its close is to come. */
static bool
see_off(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    if (s->awaits_ack && conn_unacked(n) == 0) {
        s->awaits_ack = false;
        measure(n, PROTO_MARK_DONE, s->began_ns);
    }
    (void)n->class->channel->read(n, tcp_events);
    return false;
}

/* -- the session: beginning ----------------------------------------------------------------- */

/* The protocol of this connection: by ALPN, or by its first bytes. @return false: more of them are
 * needed. */
static bool
choose_protocol(struct conn *n)
{
    const struct sess_class *k = n->class;
    struct session *s = n->session;
    struct tcp_span span[2];
    uint32_t len;

    if (k->n_choices == 0)
        return true;
    for (unsigned i = 0; k->tls != NULL && i < k->n_choices; i++) {
        if (k->choices[i]->alpn != NULL && tls_alpn_is(&conn_tls(n)->conn, k->choices[i]->alpn)) {
            s->choice = (uint8_t)(i + 1);
            return true;
        }
    }
    if (k->tls != NULL)
        return true;
    len = tcp_peek(&n->record->tcp, &n->core->tcp, UINT32_MAX, span);
    for (unsigned i = 0; i < k->n_choices; i++) {
        int is_it = k->choices[i]->recognise == NULL || len == 0
                        ? -(len == 0)
                        : k->choices[i]->recognise(span[0].bytes, span[0].len);

        if (is_it < 0 && !tcp_peer_has_closed(&n->record->tcp))
            return false;
        if (is_it > 0) {
            s->choice = (uint8_t)(i + 1);
            break;
        }
    }
    return true;
}

static bool
plans_to_talk(const struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    return p != NULL && p->is_planned(&n->class->proto_opts);
}

/* Where the first byte of the protocol's, or of TLS's, has its place. */
static void
set_origin(struct conn *n)
{
    struct tcp_conn *c = &n->record->tcp;
    bool sends_input = session_sends_input(n->core, n->record, n->session);
    uint32_t first = sends_input ? tcp_read_seq(c, &n->core->tcp) : 0;

    n->session->origin = first - tcp_write_seq(c, &n->core->tcp);
}

/* The channel is open: the first exchange, or the hold. */
static bool
begin_talking(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    s->phase = SESS_TALKING;
    if (!choose_protocol(n))
        return false;
    if (n->class->tls == NULL)
        set_origin(n);
    if (!plans_to_talk(n))
        return discard(n, tcp_events) ? false : hold(n);
    s->talks = s->has_begun = true;
    s->n_left = n->class->n_exchanges;
    conn_proto(n)->begin(conn_state(n), &n->class->proto_opts);
    start_exchange(n);
    return talk(n, tcp_events);
}

/* Until when the peer may take for the handshake: a client's from when it has its first turn, since
 * the wait for that is not the peer's; a silent one is a server's to wait for. */
static uint64_t
handshake_deadline_ns(const struct conn *n)
{
    uint64_t timeout_ns = n->class->tls_timeout_ns;

    return timeout_ns == 0 ? TIME_NEVER : n->core->tcp.now_ns + timeout_ns;
}

/* A new connection with a stream. */
static bool
begin(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    s->deadline_ns = TIME_NEVER;
    s->n_left = 1;
    if (n->class->tls == NULL)
        return begin_talking(n, tcp_events);
    s->phase = SESS_SECURING;
    set_origin(n);
    if (n->class->tls->opts.is_server)
        s->deadline_ns = handshake_deadline_ns(n);
    else
        queue_crypto(n);
    if ((tcp_events & (TCP_EV_DATA | TCP_EV_PEER_CLOSED)) != 0)
        queue_crypto(n);
    return false;
}

/* The end of the hold that a record's timer was armed for. */
static uint64_t
held_until_ns(const struct conn *n)
{
    const struct wheel_timer *t = &n->record->timer;

    return wheel_is_armed(t) ? wheel_deadline_ns(t, n->core->tcp.now_ns) : TIME_NEVER;
}

/* What began as numbers goes on in a session. */
static bool
resume(struct conn *n, unsigned flags, unsigned tcp_events)
{
    struct session *s = n->session;
    bool has_sent = (flags & SINGLE_SENT) != 0;

    if (has_sent)
        s->origin += n->class->single.send_bytes;
    s->began_ns = n->record->began_ns;
    s->phase = SESS_TALKING;
    s->talks = s->has_begun = true;
    conn_proto(n)->begin(conn_state(n), &n->class->proto_opts);
    conn_proto(n)->resume(conn_state(n), &n->class->proto_opts, has_sent,
                          (flags & SINGLE_HEARD) != 0);
    return talk(n, tcp_events);
}

/* TCP borrowed a stream of its own accord, because the peer did what only a stream can handle; or
 * the exchange turned out to need one. */
static bool
adopt(struct conn *n, unsigned flags, unsigned tcp_events)
{
    struct session *s = n->session;

    s->deadline_ns = TIME_NEVER;
    s->n_left = 1;
    set_origin(n);
    if ((flags & (SINGLE_BEGUN | SINGLE_DONE)) == SINGLE_BEGUN)
        return resume(n, flags, tcp_events);
    if (tcp_may_write(&n->record->tcp)) {
        s->phase = SESS_HOLDING;
        s->deadline_ns = held_until_ns(n);
        return listen(n, tcp_events);
    }
    s->phase = SESS_CLOSING;
    return see_off(n, tcp_events);
}

/* -- the session: the end ------------------------------------------------------------------- */

/* A reset after the peer's close_notify: who closes its socket outright has no use for ours, and
 * resets. Nothing is lost by that, unless the exchange was not over. @return what it amounts to. */
static unsigned
judge_reset(struct conn *n)
{
    struct session *s = n->session;
    enum proto_status status;

    if (s->phase != SESS_TALKING || !s->talks)
        return TCP_EV_CLOSED;
    status = conn_proto(n)->status(conn_state(n), &n->class->proto_opts, true);
    if (status == PROTO_DONE || status == PROTO_IDLE)
        return TCP_EV_CLOSED;
    if (status == PROTO_TRUNCATED)
        session_set_failure(s, FAILURE_truncated);
    return TCP_EV_RESET;
}

static void
end(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    if (!s->has_failed && (tcp_events & (TCP_EV_CLOSED | TCP_EV_RESET)) != 0)
        s->has_ended |= (n->class->channel->read_last(n) & CHANNEL_ENDED) != 0;
    if ((tcp_events & TCP_EV_CLOSED) != 0 && s->awaits_ack && conn_unacked(n) == 0)
        measure(n, PROTO_MARK_DONE, s->began_ns); /* the last byte and the FIN in one */
    if ((tcp_events & TCP_EV_RESET) != 0 && s->has_ended && n->class->tls != NULL)
        tcp_events = judge_reset(n);
    if (s->has_failed)
        core_fail(n->core, n->class, (enum stat_failure)s->failure);
    else
        core_count_end(n->core, n->class, tcp_events);
    s->phase = SESS_OVER;
}

void
session_release(struct core *c, struct record *r)
{
    struct conn n = conn_of(c, 0, r);
    struct session *s = n.session;

    if (s == NULL)
        return;
    runq_remove(&c->output, tcp_stream_idx(&r->tcp));
    if (s->has_begun && conn_proto(&n)->count != NULL)
        conn_proto(&n)->count(conn_state(&n), n.class->stat->now->counters + CTR_COUNT +
                                                  proto_counter_base(conn_proto(&n)));
    s->has_begun = false;
    n.class->channel->release(&n);
    slab_give(&c->rings, s->ring);
    s->ring = SLAB_NONE;
}

/* -- what happens --------------------------------------------------------------------------- */

/* TLS's turn will come when there is something to read, or room for what it has to write. */
static bool
act_deferred(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;
    bool is_awaited = s->lacks_room && conn_unacked(n) <= n->core->opts.ring_bytes / 2;
    bool goes_on, is_over = false;

    if (s->phase == SESS_CLOSING && conn_tls(n)->conn.ssl == NULL)
        return see_off(n, tcp_events);
    if ((tcp_events & (TCP_EV_DATA | TCP_EV_PEER_CLOSED)) != 0 || is_awaited)
        queue_crypto(n);
    if (s->phase == SESS_CLOSING && s->awaits_ack && conn_unacked(n) == 0) {
        s->awaits_ack = false;
        measure(n, PROTO_MARK_DONE, s->began_ns);
    }
    /* Once all is acknowledged the exchange may be done, or the peer's silence begins to count. */
    if (s->phase == SESS_TALKING && s->talks && (tcp_events & TCP_EV_ACKED) != 0 &&
        (s->awaits_ack || conn_unacked(n) == 0)) {
        is_over = judge(n, true, &goes_on);
        if (goes_on)
            queue_crypto(n);
    }
    return is_over;
}

static bool
act_session(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    if ((tcp_events & TCP_EV_OVER) != 0) {
        if (!n->class->channel->is_deferred && s->phase != SESS_CONNECTING)
            (void)n->class->channel->read(n, tcp_events);
        end(n, tcp_events);
        return true;
    }
    conn_ring_release_idle(n);
    if (s->resets_when_acked && conn_unacked(n) == 0)
        return close_session(n);
    if (n->class->channel->is_deferred && s->phase != SESS_CONNECTING)
        return act_deferred(n, tcp_events);
    switch ((enum sess_phase)s->phase) {
    case SESS_CONNECTING: /* TCP borrowed the stream */
        if ((tcp_events & TCP_EV_ESTABLISHED) != 0)
            return begin(n, tcp_events);
        return adopt(n, tcp_app_flags(&n->record->tcp, &n->core->tcp), tcp_events);
    case SESS_TALKING:
        return s->talks ? talk(n, tcp_events) : begin_talking(n, tcp_events);
    case SESS_HOLDING:
        return listen(n, tcp_events);
    case SESS_CLOSING:
        return see_off(n, tcp_events);
    case SESS_SECURING:
    case SESS_OVER:
        return false;
    }
    return false;
}

/* On a worker whose connections may have a stream. *is_over: as session_event(). @return false: it
 * is a connection like any that only shakes hands. */
static bool __attribute__((noinline)) act_on_payload(struct core *c, uint32_t idx, struct record *r,
                                                     unsigned events, bool is_v6, bool *is_over)
{
    struct conn n = conn_of(c, idx, r);
    bool is_new = (events & TCP_EV_ESTABLISHED) != 0;

    if (is_new) {
        r->began_ns = c->tcp.now_ns; /* `connect` is counted; from here on it is the exchange */
        tcp_limit_mss(&r->tcp, is_v6 ? TCP_MSS_DEFAULT_V6 : TCP_MSS_DEFAULT_V4, c->opts.mss[is_v6]);
    }
    if (n.session == NULL && !(is_new && n.class->needs_session)) {
        bool is_single = tcp_app_flags(&r->tcp, &c->tcp) != 0 || (is_new && n.class->is_planned);

        if (!is_single && (events & TCP_EV_DATA) == 0)
            return false;
        if ((events & TCP_EV_OVER) != 0) {
            if ((events & TCP_EV_CLOSED) != 0 &&
                single_event(&r->tcp, &c->tcp, &n.class->single, events) == SINGLE_COMPLETE)
                measure(&n, PROTO_MARK_DONE, r->began_ns); /* the last byte and the FIN in one */
            return false;
        }
        if (act_single(&n, events, is_over))
            return !is_new || is_single; /* else it is held as one that talks is not */
    }
    *is_over = false;
    if (n.session == NULL) {
        unsigned flags = tcp_app_flags(&r->tcp, &c->tcp);

        if ((events & TCP_EV_OVER) != 0)
            return false;
        if (!tcp_attach_stream(&r->tcp, &c->tcp)) {
            *is_over = fail(&n, FAILURE_no_memory);
            return true;
        }
        n.session = session_of(c, r);
        n.session->idx = idx;
        *is_over = is_new && flags == 0 ? begin(&n, events) : adopt(&n, flags, events);
        return true;
    }
    n.session->idx = idx;
    *is_over = act_session(&n, events);
    return true;
}

bool
session_event(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6)
{
    bool is_over;

    if ((events & TCP_EV_ESTABLISHED) != 0) {
        struct stats *stat = core_class(c, r)->stat;

        STAT_COUNT(stat, established);
        stat_latency(stat, LAT_connect, c->tcp.now_ns - r->began_ns);
    }
    if (unlikely(c->tcp.pools != NULL) && act_on_payload(c, idx, r, events, is_v6, &is_over))
        return is_over;
    if ((events & TCP_EV_ESTABLISHED) != 0 && hold_record(c, core_class(c, r), idx, r))
        return true;
    if ((events & TCP_EV_OVER) != 0) {
        core_count_end(c, core_class(c, r), events);
        return true;
    }
    if (tcp_is_in_close_wait(&r->tcp)) /* the peer closed, as asked for or before us */
        tcp_close(&r->tcp, &c->tcp);
    return false;
}

bool
session_crypto(struct core *c, uint32_t idx, struct record *r)
{
    struct conn n = conn_of(c, idx, r);
    struct session *s = n.session;
    unsigned events;

    assert(s != NULL && s->idx == idx);

    switch ((enum sess_phase)s->phase) {
    case SESS_SECURING:
        if (conn_tls(&n)->conn.ssl == NULL)
            s->deadline_ns = handshake_deadline_ns(&n);
        events = n.class->channel->open(&n);
        if (has_channel_failed(&n, events))
            return false;
        return (events & CHANNEL_OPENED) != 0 && begin_talking(&n, 0);
    case SESS_TALKING:
        return s->talks ? talk(&n, 0) : begin_talking(&n, 0);
    case SESS_HOLDING:
        return listen(&n, 0);
    case SESS_CLOSING:
        return see_off(&n, 0);
    case SESS_CONNECTING:
    case SESS_OVER:
        return false;
    }
    return false;
}

/* -- time ----------------------------------------------------------------------------------- */

bool
session_is_held(const struct core *c, const struct record *r)
{
    const struct session *s = session_of(c, r);
    const struct sess_class *k = core_class(c, r);

    if (!tcp_is_established(&r->tcp) || k->close == CLOSE_PEER)
        return false;
    if (s == NULL)
        return !single_goes_on(&r->tcp, &c->tcp);
    return s->phase == SESS_HOLDING && !s->resets_when_acked;
}

bool
session_close(struct core *c, uint32_t idx, struct record *r)
{
    struct conn n = conn_of(c, idx, r);

    return n.session != NULL ? close_session(&n) : close_record(c, n.class, r);
}

/* The phase has lasted too long, or long enough. */
static bool
end_phase(struct conn *n)
{
    struct session *s = n->session;

    switch ((enum sess_phase)s->phase) {
    case SESS_SECURING:
        if (!runq_has(&n->core->crypto, tcp_stream_idx(&n->record->tcp)))
            return fail(n, FAILURE_tls_timeout);
        s->deadline_ns = handshake_deadline_ns(n); /* the other side waits for us */
        return false;
    case SESS_TALKING:
        return fail(n, FAILURE_stalled);
    case SESS_HOLDING:
        if (s->awaits_ticket)
            return stop_waiting(n);
        if (!s->talks || n->core->is_stopping)
            return close_session(n);
        start_exchange(n); /* the client has thought long enough */
        if (!n->class->channel->is_deferred)
            return talk(n, 0);
        s->deadline_ns = TIME_NEVER;
        queue_crypto(n);
        return false;
    case SESS_CONNECTING:
    case SESS_CLOSING:
    case SESS_OVER:
        break;
    }
    s->deadline_ns = TIME_NEVER;
    return false;
}

static bool
timeout_record(struct core *c, uint32_t idx, struct record *r, bool is_v6)
{
    const struct sess_class *k = core_class(c, r);

    if (session_is_held(c, r) && tcp_unacked(&r->tcp, &c->tcp) == 0)
        return close_record(c, k, r);
    if (k->stall_us > 0 && tcp_unacked(&r->tcp, &c->tcp) == 0 && single_awaits(&r->tcp, &c->tcp) &&
        tcp_may_write(&r->tcp))
        return session_fail(c, r, FAILURE_stalled);
    return session_event(c, idx, r, tcp_timeout(&r->tcp, &c->tcp), is_v6);
}

bool
session_timeout(struct core *c, uint32_t idx, struct record *r, bool is_v6)
{
    struct conn n;

    if (likely(!tcp_has_stream(&r->tcp)))
        return timeout_record(c, idx, r, is_v6);
    n = conn_of(c, idx, r);
    if (n.session->deadline_ns <= c->tcp.now_ns)
        return end_phase(&n);
    return session_event(c, idx, r, tcp_timeout(&r->tcp, &c->tcp), is_v6);
}

static void __attribute__((noinline)) arm_session(struct core *c, uint32_t idx, struct record *r)
{
    uint64_t deadline_ns =
        u64_min(tcp_deadline_ns(&r->tcp, &c->tcp), session_of(c, r)->deadline_ns);

    if (deadline_ns != TIME_NEVER)
        wheel_arm(&c->wheel, idx, deadline_ns);
    else
        wheel_cancel(&r->timer);
}

void
session_arm(struct core *c, uint32_t idx, struct record *r)
{
    uint64_t deadline_ns;

    if (unlikely(tcp_has_stream(&r->tcp))) {
        arm_session(c, idx, r);
        return;
    }
    deadline_ns = tcp_deadline_ns(&r->tcp, &c->tcp);
    if (unlikely(single_awaits(&r->tcp, &c->tcp)) && tcp_unacked(&r->tcp, &c->tcp) == 0 &&
        core_class(c, r)->stall_us > 0)
        deadline_ns = u64_min(deadline_ns, c->tcp.now_ns + core_class(c, r)->stall_us * NS_PER_US);
    if (deadline_ns != TIME_NEVER)
        wheel_arm(&c->wheel, idx, deadline_ns);
    else if (!tcp_is_established(&r->tcp) || core_class(c, r)->hold_ns == 0)
        wheel_cancel(&r->timer);
}
