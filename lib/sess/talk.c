/* SPDX-License-Identifier: BSD-3-Clause */
/* See talk.h. */
#include "sess/talk.h"

#include "sess/conn.h"
#include "sess/ends.h"
#include "sess/exchange.h"
#include "sess/hold.h"
#include "sess/record.h"

/* -- talking ------------------------------------------------------------------- */

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

/* The protocol goes on at an instant that does not move whatever comes meanwhile; of several
 * exchanges the one that is due first tells it. */
static void
pause(struct conn *n)
{
    struct session *s = n->session;

    if (s->is_pausing && !s->is_multi)
        return;
    s->is_pausing = true;
    s->deadline_ns =
        n->core->tcp.now_ns + conn_proto(n)->pause_ns(conn_state(n), &n->class->proto_opts);
}

/* Nothing is sent yet. */
static void
start_exchange(struct conn *n, const struct request *r)
{
    struct session *s = n->session;

    s->phase = SESS_TALKING;
    s->began_ns = r->intended_ns;
    s->asked_ns = 0;
    s->is_again = r->is_again;
    s->has_first_byte = s->awaits_ack = false;
    s->is_asking = s->has_asked = true;
    if (conn_is_for_again_only(n, r->is_again))
        s->n_left = 1;
    STAT_ADD(n->class->stat, requests_retried, r->is_again);
    conn_proto(n)->start(conn_state(n), &n->class->proto_opts, s->n_left == 1);
}

/* No request is due: wait for one. */
static void
wait_in_pool(struct conn *n)
{
    n->session->phase = SESS_HOLDING;
    n->session->deadline_ns = TIME_NEVER;
    runq_put(core_pool(n->core, n->class), tcp_stream_idx(&n->record->tcp), 0);
}

enum requests_turn
talk_next_exchange(struct conn *n)
{
    struct core *c = n->core;
    struct request r = {.intended_ns = c->since_ns != 0 ? c->since_ns : c->tcp.now_ns};
    enum requests_turn turn = REQUESTS_NOW;

    if (n->session->is_multi) { /* each is asked for when it could begin (sess/exchange.h) */
        n->session->phase = SESS_TALKING;
        n->session->deadline_ns = TIME_NEVER;
        n->session->has_asked = true;
        (void)exchanges_begin(n);
        return REQUESTS_NOW;
    }
    if (!n->class->proto_opts.is_server)
        turn = requests_next(&c->requests, core_class_idx(c, n->class), n->record->link.target,
                             n->session->is_first, c->tcp.now_ns, &r);
    if (turn == REQUESTS_NOW)
        start_exchange(n, &r);
    else if (turn == REQUESTS_LATER)
        wait_in_pool(n);
    return turn;
}

static bool
is_last_exchange(const struct conn *n)
{
    const struct session *s = n->session;

    return s->n_left == 1 || s->has_ended || n->core->is_stopping ||
           (s->n_left == 0 && conn_is_to_end(n));
}

/* All that the exchange sent is acknowledged. @return whether the next one begins now, or else,
 * with LATER, after a time. */
static enum requests_turn
end_exchange(struct conn *n)
{
    struct session *s = n->session;

    conn_measure(n, PROTO_MARK_DONE, s->began_ns);
    s->awaits_ack = s->is_asking = s->is_first = false;
    conn_count_own(n);
    if (is_last_exchange(n))
        return REQUESTS_NONE;
    s->n_left -= s->n_left > 1;
    if (n->class->think_ns == 0 || n->class->proto_opts.is_server)
        return talk_next_exchange(n);
    s->phase = SESS_HOLDING;
    s->deadline_ns = n->core->tcp.now_ns + n->class->think_ns;
    return REQUESTS_LATER;
}

/* There will be no further exchange, and none is under way: the peer has closed, or sent something
 * that nobody asked for. A request that met its close has no answer, and no fault of the server's.
 */
static bool
end_idle(struct conn *n)
{
    struct session *s = n->session;

    if (!conn_is_client_of_requests(n))
        return hold_begin(n);
    if (!conn_ask_again(n))
        return conn_fail(n, FAILURE_unanswered);
    return s->has_ended ? hold_begin(n) : hold_close(n);
}

/* Of several exchanges none is under way, and none began. */
static bool
rest_between(struct conn *n)
{
    struct session *s = n->session;

    if (n->class->proto_opts.is_server)
        return hold_close(n);
    if (exchanges_are_over(n))
        return hold_begin(n);
    if (exchanges_are_barred(n))
        set_patience(n, PROTO_AWAITS, false);
    else
        s->phase = SESS_HOLDING; /* the client thinks, or none is due */
    return false;
}

bool
talk_judge(struct conn *n, bool is_progress, bool *goes_on)
{
    struct session *s = n->session;
    enum proto_status status =
        conn_proto(n)->status(conn_state(n), &n->class->proto_opts, s->has_ended);
    enum requests_turn turn;

    *goes_on = false;
    switch (status) {
    case PROTO_SENDS:
    case PROTO_AWAITS:
        s->is_pausing = false;
        set_patience(n, status, is_progress);
        return false;
    case PROTO_PAUSES:
        pause(n);
        return false;
    case PROTO_TRUNCATED:
        return conn_fail(n, FAILURE_truncated);
    case PROTO_FAILED:
        return conn_fail(n, FAILURE_protocol);
    case PROTO_IDLE:
        return end_idle(n);
    case PROTO_DONE_LAST:
        s->n_left = 1;
        s->is_spent = s->is_multi;
        break;
    case PROTO_DONE:
        break;
    }
    if (s->is_multi)
        return rest_between(n);
    s->awaits_ack = true;
    s->deadline_ns = TIME_NEVER;
    if (conn_unacked(n) > 0 && (conn_proto(n)->traits & PROTO_RUNS_AHEAD) == 0)
        return is_last_exchange(n) && record_fin_rides(n->core, n->class, n->record) &&
               hold_close(n);
    turn = end_exchange(n);
    *goes_on = turn == REQUESTS_NOW;
    if (turn != REQUESTS_NONE)
        return false;
    return status == PROTO_DONE_LAST && n->class->proto_opts.is_server ? hold_close(n)
                                                                       : hold_begin(n);
}

/* Exchanges whose fate is known as soon as they are written are followed by others so many times.
 */
static const unsigned ROUNDS_MAX = 16;

/* Several exchanges may be under way. */
static bool
talk_on_several(struct conn *n, unsigned events, bool is_progress)
{
    unsigned rounds = 0;
    bool goes_on;

    if (hold_has_failed(n, events))
        return false;
    exchanges_settle(n);
    (void)exchanges_begin(n);
    do {
        if (hold_has_failed(n, n->class->channel->write(n)))
            return false;
        exchanges_settle(n);
    } while (++rounds < ROUNDS_MAX && exchanges_begin(n));
    return talk_judge(n, is_progress, &goes_on);
}

bool
talk_on(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;
    unsigned events = n->class->channel->read(n, tcp_events);
    bool is_progress = (events & CHANNEL_INPUT) != 0 || (tcp_events & TCP_EV_ACKED) != 0;
    bool goes_on, is_over;

    if (s->is_multi)
        return talk_on_several(n, events, is_progress);
    do {
        if (s->asked_ns == 0)
            s->asked_ns = u64_max(n->core->tcp.now_ns, s->began_ns);
        if ((events & CHANNEL_FAILED) == 0)
            events |= n->class->channel->write(n);
        if (hold_has_failed(n, events))
            return false;
        is_over = talk_judge(n, is_progress, &goes_on);
        events = goes_on && s->has_unread ? n->class->channel->read(n, 0) : 0;
    } while (goes_on);
    return is_over;
}

bool
talk_end_pause(struct conn *n)
{
    struct session *s = n->session;

    s->is_pausing = false;
    s->deadline_ns = TIME_NEVER;
    conn_proto(n)->wake(conn_state(n), &n->class->proto_opts);
    if (!n->class->channel->is_deferred)
        return talk_on(n, 0);
    conn_queue_crypto(n);
    return false;
}

bool
talk_go_on(struct conn *n)
{
    enum requests_turn turn = talk_next_exchange(n);

    if (turn == REQUESTS_LATER)
        return false;
    if (turn == REQUESTS_NONE)
        return hold_begin(n);
    if (!n->class->channel->is_deferred)
        return talk_on(n, 0);
    n->session->deadline_ns = TIME_NEVER;
    conn_queue_crypto(n);
    return false;
}

/* -- beginning ----------------------------------------------------------------- */

/* What a protocol is recognised by, at most. */
enum { FIRST_BYTES = 32 };

/* The first bytes that came, in one piece. @return how many */
static uint32_t
peek_first(const struct conn *n, uint8_t first[static FIRST_BYTES])
{
    struct tcp_span span[2];
    uint32_t len = tcp_peek(&n->record->tcp, &n->core->tcp, FIRST_BYTES, span);

    for (uint32_t i = 0; i < len; i++)
        first[i] = i < span[0].len ? span[0].bytes[i] : span[1].bytes[i - span[0].len];
    return len;
}

/* The protocol of this connection: by ALPN, or by its first bytes. @return false: more of them are
 * needed. */
static bool
choose_protocol(struct conn *n)
{
    const struct sess_class *k = n->class;
    struct session *s = n->session;
    uint8_t first[FIRST_BYTES];
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
    len = peek_first(n, first);
    for (unsigned i = 0; i < k->n_choices; i++) {
        int is_it = k->choices[i]->recognise == NULL || len == 0
                        ? -(len == 0)
                        : k->choices[i]->recognise(first, len);

        if (is_it < 0 && !tcp_peer_has_closed(&n->record->tcp))
            return false;
        if (is_it > 0) {
            s->choice = (uint8_t)(i + 1);
            break;
        }
    }
    return true;
}

/* Of its class's protocol the class knows, and of a connection that only fetches a session it is
 * told otherwise (sess/warmup.h). */
static bool
plans_to_talk(const struct conn *n)
{
    if (n->session->choice == 0)
        return n->class->is_planned;
    return conn_proto(n)->is_planned(&n->class->proto_opts);
}

/* Whether a client may not speak its protocol: the server did not say that it does. */
static bool
lacks_alpn(const struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    return n->class->tls != NULL && !n->class->proto_opts.is_server && p->needs_alpn &&
           !tls_alpn_is(&conn_tls(n)->conn, p->alpn);
}

bool
talk_begin(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;
    enum requests_turn turn;

    conn_end_seeking(n);
    s->phase = SESS_TALKING;
    if (!choose_protocol(n))
        return false;
    if (n->class->tls == NULL) {
        conn_set_origin(n);
        if (!conn_introduce(n))
            return conn_fail(n, FAILURE_no_memory);
    }
    if (!plans_to_talk(n))
        return hold_discards(n, tcp_events) ? false : hold_begin(n);
    if (lacks_alpn(n))
        return conn_fail(n, FAILURE_alpn);
    s->talks = s->has_begun = s->is_first = true;
    s->n_left = n->class->n_exchanges;
    conn_begin_own(n);
    exchanges_init(n);
    turn = talk_next_exchange(n);
    if (turn == REQUESTS_NOW)
        return talk_on(n, tcp_events);
    return turn == REQUESTS_LATER ? hold_listen(n, tcp_events) : hold_begin(n);
}
