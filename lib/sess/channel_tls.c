/* SPDX-License-Identifier: BSD-3-Clause */
/* See channel.h: the protocol's bytes in TLS records. OpenSSL reads TCP's receive ring and writes
 * the connection's ring where they lie (tls/conn.h).
 *
 *   packet --> TCP --receive ring--> [core.crypto] --> TLS --ring--> TCP --> packet
 */
#include "base/units.h"
#include "sess/channel.h"
#include "sess/ends.h"

/* Records read in one step. */
static const unsigned READS_PER_STEP = 8;

/* A record of application data is written when there is room for the longest, with all that the
 * oldest cipher adds and a KeyUpdate before it, or nothing is under way. */
#define RECORD_OVERHEAD 128
static const uint32_t RECORD_ROOM = TLS_RECORD_MAX + RECORD_OVERHEAD;

/* Half of what TCP keeps for us: a longer record is read as it comes, or the window would close
 * before it is complete. */
static uint32_t
record_limit(const struct conn *n)
{
    return (uint32_t)u64_min(n->core->opts.tcp.rcv_wnd / 2, TLS_RECORD_MAX + RECORD_OVERHEAD);
}

/* -- steps -------------------------------------------------------------------------------- */

/* Offer OpenSSL what came, and room to write. */
static void
wire_begin(struct conn *n, struct tls_wire *w)
{
    struct tcp_span span[2];

    *w = (struct tls_wire){.in_ends = tcp_peer_has_closed(&n->record->tcp)};
    tcp_peek(&n->record->tcp, &n->core->tcp, UINT32_MAX, span);
    for (int i = 0; i < 2; i++) {
        w->in[i] = span[i].bytes;
        w->in_len[i] = span[i].len;
    }
    (void)conn_ring_room(n, w->out, w->out_room);
}

/* Give what was read back to TCP, and what was written on to it. */
static void
wire_end(struct conn *n, const struct tls_wire *w)
{
    if (w->taken > 0)
        tcp_consume(&n->record->tcp, &n->core->tcp, w->taken);
    conn_ring_written(n, w->written);
}

static uint32_t
wire_room(const struct tls_wire *w)
{
    return w->out_room[0] + w->out_room[1] - w->written;
}

/* What comes from now on is not looked at. */
static void
drop(struct conn *n)
{
    struct tcp_span span[2];
    uint32_t unread = tcp_peek(&n->record->tcp, &n->core->tcp, UINT32_MAX, span);

    tls_end(&conn_tls(n)->conn);
    runq_remove(&n->core->crypto, tcp_stream_idx(&n->record->tcp));
    n->session->lacks_room = false;
    if (unread > 0)
        tcp_consume(&n->record->tcp, &n->core->tcp, unread);
}

/* Whether the peer's word on our certificate may come after we have closed: in TLS 1.3 the client
 * is done first, and an alert then means that it was not let in. */
static bool
awaits_verdict(const struct conn *n)
{
    return conn_tls(n)->conn.is_asked;
}

/* What the engine's events mean to the session. */
static unsigned
translate(struct conn *n, unsigned events)
{
    unsigned out = 0;

    if ((events & TLS_EV_FAILED) != 0) {
        if (n->session->phase == SESS_CLOSING) { /* we had closed already */
            if (awaits_verdict(n))
                session_set_failure(n->session, tls_cause_failures[conn_tls(n)->conn.cause]);
            drop(n);
            return 0;
        }
        session_set_failure(n->session, tls_cause_failures[conn_tls(n)->conn.cause]);
        out |= CHANNEL_FAILED;
    }
    if ((events & TLS_EV_ENDED) != 0 && n->session->phase != SESS_CLOSING && !n->session->has_ended)
        STAT_COUNT(n->class->stat, tls_truncated);
    if ((events & (TLS_EV_GOODBYE | TLS_EV_ENDED)) != 0) {
        out |= CHANNEL_ENDED;
        if (n->session->phase == SESS_CLOSING)
            drop(n);
    }
    if ((events & TLS_EV_NO_ROOM) != 0)
        out |= CHANNEL_NO_ROOM;
    if ((events & TLS_EV_LATER) != 0)
        out |= CHANNEL_MORE;
    return out;
}

/* -- the handshake ------------------------------------------------------------------------ */

/* Those that came in the last step. */
static void
count_tickets(struct conn *n)
{
    STAT_ADD(n->class->stat, tls_tickets, conn_tls(n)->conn.n_tickets);
    conn_tls(n)->conn.n_tickets = 0;
}

/* What the handshake took, of time and of the wire. */
static void
measure(struct conn *n, enum tls_kind kind)
{
    static const enum stat_latency LEGS[TLS_KINDS][TLS_LEGS] = {
        [TLS_FULL] = {LAT_tls_hello, LAT_tls_flight, LAT_tls_finish},
        [TLS_RESUMED] = {LAT_tls_resumed_hello, LAT_tls_resumed_flight, LAT_tls_resumed_finish}};
    const struct session_tls *t = conn_tls(n);
    const struct tls_legs *legs = &t->conn.legs;
    struct tls_spread *sizes = n->class->tls->tally.sizes[kind];

    tls_spread_count(&sizes[TLS_SIZE_sent_bytes], legs->out_bytes);
    tls_spread_count(&sizes[TLS_SIZE_received_bytes], legs->in_bytes);
    tls_spread_count(&sizes[TLS_SIZE_sent_segments], t->segments_out);
    tls_spread_count(&sizes[TLS_SIZE_received_segments], t->segments_in);
    if (n->class->tls->opts.now == NULL)
        return;
    for (enum tls_leg leg = 0; leg < TLS_LEGS; leg++)
        stat_latency(n->class->stat, LEGS[kind][leg], tls_legs_ns(legs, leg, t->conn.done_ns));
    stat_latency(n->class->stat,
                 kind == TLS_RESUMED ? LAT_tls_resumed_computing : LAT_tls_computing,
                 legs->computing_ns);
}

static void
count_done(struct conn *n, unsigned events)
{
    bool is_resumed = (events & TLS_EV_RESUMED) != 0;
    const struct tls_legs *legs = &conn_tls(n)->conn.legs;

    STAT_COUNT(n->class->stat, tls_handshakes);
    STAT_ADD(n->class->stat, tls_resumed, is_resumed);
    STAT_ADD(n->class->stat, tls_key_shares, legs->n_shares);
    STAT_ADD(n->class->stat, tls_hello_retries, legs->has_retried);
    STAT_ADD(n->class->stat, tls_certs_shown, conn_tls(n)->conn.has_shown);
    STAT_ADD(n->class->stat, tls_ticket_requests, conn_tls(n)->conn.has_ticket_request);
    STAT_ADD(n->class->stat, tls_staples, conn_tls(n)->conn.has_staple);
    count_tickets(n);
    core_count_handshake_later(n->core, n->class->stat, n->session->began_ns, is_resumed);
    measure(n, is_resumed ? TLS_RESUMED : TLS_FULL);
}

/* Bytes that TCP cuts into segments. */
static void
count_sent(struct conn *n, uint32_t bytes)
{
    uint32_t segment = tcp_full_segment(&n->record->tcp);

    conn_tls(n)->segments_out += (uint16_t)((bytes + segment - 1) / segment);
}

static unsigned
tls_channel_open(struct conn *n)
{
    struct session_tls *t = conn_tls(n);
    struct tls_wire w;
    unsigned events;

    if (t->conn.ssl == NULL) {
        n->session->began_ns = n->core->tcp.now_ns;
        if (tls_begin(&t->conn, n->class->tls, conn_target(n)) < 0) {
            session_set_failure(n->session, FAILURE_no_memory);
            return CHANNEL_FAILED;
        }
        STAT_ADD(n->class->stat, tls_resume_due, t->conn.is_due);
        STAT_ADD(n->class->stat, tls_resume_offered, t->conn.has_offered);
    }
    wire_begin(n, &w);
    events = tls_handshake(&t->conn, &w);
    count_sent(n, w.written);
    wire_end(n, &w);
    if ((events & TLS_EV_DONE) == 0)
        return translate(n, events);
    count_done(n, events);
    return CHANNEL_OPENED;
}

/* -- bytes -------------------------------------------------------------------------------- */

/* Send @len bytes, for whose record there is room. */
static unsigned
write_record(struct conn *n, struct tls_wire *w, const uint8_t *bytes, uint32_t len)
{
    struct session_tls *t = conn_tls(n);
    unsigned events = tls_write(&t->conn, w, bytes, len);

    t->n_plain += len;
    STAT_ADD(n->class->stat, tls_key_updates, t->conn.has_updated);
    if ((events & TLS_EV_NO_ROOM) != 0) /* it lies in OpenSSL's own buffer */
        t->n_refused = len;
    else if ((events & TLS_EV_FAILED) == 0)
        STAT_ADD(n->class->stat, tls_tx_bytes, len);
    return events;
}

/* OpenSSL has the bytes of the record that did not fit: only their number has to be the same. */
static unsigned
write_refused(struct conn *n, struct tls_wire *w)
{
    struct session_tls *t = conn_tls(n);
    unsigned events = tls_write(&t->conn, w, n->class->tls->plain, t->n_refused);

    if ((events & TLS_EV_NO_ROOM) == 0) {
        STAT_ADD(n->class->stat, tls_tx_bytes, t->n_refused);
        t->n_refused = 0;
    }
    return events;
}

/* The most that may be read: what is sent back at once must find room. */
static uint32_t
readable(const struct conn *n, const struct tls_wire *w)
{
    uint32_t room = wire_room(w);

    if (!n->session->talks || (conn_proto(n)->traits & PROTO_SENDS_INPUT) == 0)
        return TLS_RECORD_MAX;
    if (conn_tls(n)->n_refused > 0 || room <= RECORD_OVERHEAD)
        return 0;
    return (uint32_t)u64_min(conn_tls(n)->conn.record_max, room - RECORD_OVERHEAD);
}

/* @len bytes were decrypted. */
static unsigned
take_plain(struct conn *n, struct tls_wire *w, uint32_t len)
{
    const struct proto_ops *p = conn_proto(n);
    struct proto_span in = {n->class->tls->plain, len}, out;
    unsigned events = 0;

    STAT_ADD(n->class->stat, tls_rx_bytes, len);
    if (!n->session->talks)
        return 0;
    (void)p->input(conn_state(n), &n->class->proto_opts, &in);
    if ((p->traits & PROTO_SENDS_INPUT) != 0 &&
        p->output(conn_state(n), &n->class->proto_opts, len, &out) > 0 && conn_may_write(n))
        events = write_record(n, w, in.bytes, out.len);
    return events;
}

/* Read for a protocol that may leave something for its next exchange: that stays with OpenSSL. */
static unsigned
read_as_wanted(struct conn *n, struct tls_wire *w, uint32_t max, uint32_t *got)
{
    struct tls_conn *t = &conn_tls(n)->conn;
    uint8_t *plain = n->class->tls->plain;
    unsigned events = tls_peek(t, w, plain, max, got);
    struct proto_span in = {plain, *got};
    uint32_t taken;

    if (*got == 0)
        return events;
    taken = conn_proto(n)->input(conn_state(n), &n->class->proto_opts, &in);
    n->session->has_unread = taken < *got;
    STAT_ADD(n->class->stat, tls_rx_bytes, taken);
    if (taken > 0)
        events |= tls_read(t, w, plain, taken, got);
    *got = taken;
    return events;
}

/* Whether the protocol may leave some of what it is offered. To find out costs a second copy. */
static bool
may_leave_some(const struct conn *n)
{
    return n->session->talks && n->class->proto_opts.is_server &&
           (conn_proto(n)->traits & PROTO_STOPS_INPUT) != 0;
}

/* Read at most @max bytes of one record, and hand them on. */
static unsigned
read_record(struct conn *n, struct tls_wire *w, uint32_t max, uint32_t *got)
{
    unsigned events;

    n->session->has_unread = false;
    if (may_leave_some(n))
        return read_as_wanted(n, w, max, got);
    events = tls_read(&conn_tls(n)->conn, w, n->class->tls->plain, max, got);
    if (*got > 0)
        events |= take_plain(n, w, *got);
    return events;
}

static unsigned
tls_channel_read(struct conn *n, unsigned tcp_events)
{
    struct tls_conn *t = &conn_tls(n)->conn;
    unsigned events = 0, result = 0;
    struct tls_wire w;

    (void)tcp_events;
    if (t->ssl == NULL) {
        drop(n);
        return 0;
    }
    wire_begin(n, &w);
    for (unsigned i = 0; events == 0 && tls_has_input(t, &w, record_limit(n)); i++) {
        uint32_t max = readable(n, &w), got = 0;

        if (i == READS_PER_STEP || max == 0) {
            result |= max == 0 ? CHANNEL_NO_ROOM : CHANNEL_MORE;
            break;
        }
        events = read_record(n, &w, max, &got);
        if (got > 0)
            result |= CHANNEL_INPUT;
        if (n->session->has_unread)
            break;
    }
    if (w.taken > 0)
        n->session->has_heard = true;
    count_tickets(n);
    wire_end(n, &w);
    return result | translate(n, events);
}

/* Where the bytes lie that the protocol handed out. */
static const uint8_t *
bytes_of(const struct conn *n, const struct proto_span *out)
{
    if ((conn_proto(n)->traits & PROTO_SENDS_PATTERN) == 0)
        return out->bytes != NULL ? out->bytes : proto_filler;
    return payload_at(n->core->opts.payload, conn_tls(n)->n_plain);
}

/* Whether a record should wait until more is acknowledged. */
static bool
lacks_room(const struct conn *n, const struct tls_wire *w)
{
    uint32_t room = wire_room(w);

    return room <= RECORD_OVERHEAD || (room < RECORD_ROOM && conn_unacked(n) + w->written > 0);
}

static unsigned
tls_channel_write(struct conn *n)
{
    struct session_tls *t = conn_tls(n);
    unsigned events = 0, result = 0;
    struct proto_span out;
    struct tls_wire w;

    if (t->conn.ssl == NULL || !conn_may_write(n))
        return 0;
    wire_begin(n, &w);
    if (t->n_refused > 0)
        events = write_refused(n, &w);
    while (events == 0 && conn_speaks(n) && t->n_refused == 0 &&
           (conn_proto(n)->traits & PROTO_SENDS_INPUT) == 0) {
        uint32_t max = (uint32_t)u64_min(t->conn.record_max, wire_room(&w) - RECORD_OVERHEAD);

        if (lacks_room(n, &w)) {
            result = CHANNEL_NO_ROOM;
            break;
        }
        if (conn_proto(n)->output(conn_state(n), &n->class->proto_opts, max, &out) == 0)
            break;
        events = write_record(n, &w, bytes_of(n, &out), out.len);
    }
    wire_end(n, &w);
    return result | translate(n, events);
}

/* -- the end ------------------------------------------------------------------------------ */

/* Tickets may still come: who wants to resume reads on until the peer closes, too. */
static bool
reads_on(const struct conn *n)
{
    if (n->session->has_failed || n->session->has_ended || n->class->tls->opts.is_server)
        return false;
    return awaits_verdict(n) || tls_takes_tickets(&conn_tls(n)->conn);
}

/* Before the session's phase changes: the alert, or close_notify, still goes out. */
static void
tls_channel_close(struct conn *n)
{
    struct tls_conn *t = &conn_tls(n)->conn;
    struct tls_wire w;

    if (t->ssl != NULL && !n->session->has_failed) {
        wire_begin(n, &w);
        tls_say_goodbye(t, &w);
        w.taken = 0;
        wire_end(n, &w);
    }
    if (!reads_on(n))
        drop(n);
}

static bool
tls_channel_awaits_ticket(const struct conn *n)
{
    return tls_awaits_ticket(&conn_tls(n)->conn);
}

static bool
tls_channel_awaits_sign(const struct conn *n)
{
    const struct tls_conn *t = &conn_tls(n)->conn;

    return !n->session->has_heard && t->ssl != NULL && tls_is_done_first(t);
}

static void
tls_channel_expect_no_ticket(struct conn *n)
{
    tls_expect_no_ticket(&conn_tls(n)->conn);
}

/* Sessions that can be resumed, or, before a reset, the alert that tells why. */
static unsigned
tls_channel_read_last(struct conn *n)
{
    struct tls_conn *t = &conn_tls(n)->conn;
    struct tcp_span span[2];
    unsigned events = 0;

    if (t->ssl == NULL || tcp_peek(&n->record->tcp, &n->core->tcp, 1, span) == 0)
        return 0;
    if (n->session->phase == SESS_SECURING) {
        do
            events = tls_channel_open(n);
        while (events == 0 && tls_hasten(t));
    }
    if ((events & CHANNEL_FAILED) == 0)
        events |= tls_channel_read(n, 0);
    return events;
}

static void
tls_channel_release(struct conn *n)
{
    runq_remove(&n->core->crypto, tcp_stream_idx(&n->record->tcp));
    tls_end(&conn_tls(n)->conn);
}

const struct channel_ops channel_tls = {
    .open = tls_channel_open,
    .read = tls_channel_read,
    .write = tls_channel_write,
    .close = tls_channel_close,
    .awaits_ticket = tls_channel_awaits_ticket,
    .awaits_sign = tls_channel_awaits_sign,
    .expect_no_ticket = tls_channel_expect_no_ticket,
    .read_last = tls_channel_read_last,
    .release = tls_channel_release,
    .is_deferred = true,
};
