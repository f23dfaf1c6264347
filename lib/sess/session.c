/* SPDX-License-Identifier: BSD-3-Clause */
/* See session.h. */
#include "sess/session.h"

#include "sess/brief.h"
#include "sess/channel.h"
#include "sess/conn.h"
#include "sess/ends.h"
#include "sess/exchange.h"
#include "sess/hold.h"
#include "sess/record.h"
#include "sess/single.h"
#include "sess/talk.h"

/* -- helpers ------------------------------------------------------------------------------ */

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

/* Until when the peer may take for the handshake: a client's from when it has its first turn, since
 * the wait for that is not the peer's; a silent one is a server's to wait for. */
static uint64_t
handshake_deadline_ns(const struct conn *n)
{
    uint64_t timeout_ns = n->class->tls_timeout_ns;

    return timeout_ns == 0 ? TIME_NEVER : n->core->tcp.now_ns + timeout_ns;
}

/* In TLS's handshake. */
static void
count_segment(struct conn *n, unsigned tcp_events)
{
    if ((tcp_events & TCP_EV_DATA) != 0)
        conn_tls(n)->segments_in++;
}

/* A new connection with a stream. */
static bool
begin(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    s->deadline_ns = TIME_NEVER;
    s->n_left = 1;
    s->is_seeking = n->class->is_planned && !n->class->proto_opts.is_server;
    requests_note_seeking(&n->core->requests, core_class_idx(n->core, n->class), s->is_seeking);
    if (n->class->tls == NULL)
        return talk_begin(n, tcp_events);
    s->phase = SESS_SECURING;
    conn_set_origin(n);
    if (!conn_introduce(n))
        return conn_fail(n, FAILURE_no_memory);
    if (n->class->tls->opts.is_server)
        s->deadline_ns = handshake_deadline_ns(n);
    else
        conn_queue_crypto(n);
    if ((tcp_events & (TCP_EV_DATA | TCP_EV_PEER_CLOSED)) != 0)
        conn_queue_crypto(n);
    count_segment(n, tcp_events);
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
    s->talks = s->has_begun = s->has_asked = true;
    conn_begin_own(n);
    conn_proto(n)->resume(conn_state(n), &n->class->proto_opts, has_sent,
                          (flags & SINGLE_HEARD) != 0);
    return talk_on(n, tcp_events);
}

/* A server that has heard nothing yet: the exchange goes on where it stood. */
static bool
begin_since(struct conn *n, unsigned tcp_events)
{
    bool is_over;

    n->core->since_ns = brief_began_ns(n);
    is_over = begin(n, tcp_events);
    n->core->since_ns = 0;
    return is_over;
}

/* An exchange is over, and the next one not under way: on a server it began with the last one's
 * end. */
static enum requests_turn
next_since(struct conn *n)
{
    enum requests_turn turn;

    n->core->since_ns = brief_began_ns(n);
    turn = talk_next_exchange(n);
    n->core->since_ns = 0;
    return turn;
}

/* What began as a brief exchange goes on in a session. What is sent and not acknowledged has to be
 * where a stream finds it. */
static bool
resume_brief(struct conn *n, unsigned flags, unsigned tcp_events)
{
    struct session *s = n->session;
    struct proto_text text;
    uint32_t unacked = conn_unacked(n);

    if (flags == SINGLE_BEGUN)
        return begin_since(n, tcp_events);
    s->phase = SESS_TALKING;
    s->n_left = brief_left(n->core, n->class, n->record);
    s->talks = s->has_begun = true;
    s->is_first = !brief_is_kept(n->core, n->record);
    text = brief_text(n->core, n->class, n->record);
    s->origin += text.len;
    if (!conn_ring_restore(n, &(struct proto_span){text.bytes + text.len - unacked, unacked}))
        return conn_fail(n, FAILURE_no_memory);
    conn_begin_own(n);
    n->class->proto->brief->resume(conn_state(n), &n->class->proto_opts, s->is_first,
                                   s->n_left == 1);
    s->began_ns = s->asked_ns = brief_began_ns(n);
    s->is_asking = s->has_asked = (flags & SINGLE_SENT) != 0;
    if ((flags & SINGLE_SENT) == 0 && next_since(n) == REQUESTS_NONE)
        return hold_begin(n);
    return talk_on(n, tcp_events);
}

/* TCP borrowed a stream of its own accord, because the peer did what only a stream can handle; or
 * the exchange turned out to need one. */
static bool
adopt(struct conn *n, unsigned flags, unsigned tcp_events)
{
    struct session *s = n->session;

    s->deadline_ns = TIME_NEVER;
    s->n_left = 1;
    conn_set_origin(n);
    if ((flags & SINGLE_CUT_SHORT) != 0)
        session_set_failure(s, FAILURE_hold_cut_short);
    if ((flags & (SINGLE_BEGUN | SINGLE_DONE)) == SINGLE_BEGUN)
        return n->class->is_brief ? resume_brief(n, flags, tcp_events)
                                  : resume(n, flags, tcp_events);
    if (n->class->is_brief) { /* it ends as one with a state does */
        conn_begin_own(n);
        s->has_begun = true;
    }
    if (tcp_may_write(&n->record->tcp)) {
        s->phase = SESS_HOLDING;
        s->deadline_ns = held_until_ns(n);
        return hold_listen(n, tcp_events);
    }
    s->phase = SESS_CLOSING;
    return hold_see_off(n, tcp_events);
}

/* -- the end ------------------------------------------------------------------- */

/* Whether a reset may be another way to close: after close_notify, between two requests, or after
 * the last. */
static bool
may_close_by_reset(const struct conn *n)
{
    const struct session *s = n->session;

    if (s->has_ended && n->class->tls != NULL)
        return true;
    if (s->is_multi && s->phase == SESS_CLOSING) /* of several exchanges all are over */
        return true;
    return s->has_begun && conn_is_client_of_requests(n);
}

/* Who closes its socket outright has no use for what is still sent to it, and resets. Nothing is
 * lost by that, unless an exchange was not over. @return what it amounts to. */
static unsigned
judge_reset(struct conn *n)
{
    struct session *s = n->session;
    enum proto_status status;

    if (s->phase != SESS_TALKING || !s->talks) {
        STAT_ADD(n->class->stat, server_closed_idle,
                 s->phase == SESS_HOLDING && s->talks && !s->is_spent &&
                     conn_is_client_of_requests(n));
        return TCP_EV_CLOSED;
    }
    if (s->is_multi)
        exchanges_end(n);
    status = conn_proto(n)->status(conn_state(n), &n->class->proto_opts, true);
    if (status == PROTO_IDLE && conn_is_client_of_requests(n)) {
        STAT_COUNT(n->class->stat, server_closed_idle);
        if (!conn_ask_again(n)) {
            session_set_failure(s, FAILURE_unanswered);
            return TCP_EV_RESET;
        }
    }
    if (status == PROTO_DONE || status == PROTO_DONE_LAST || status == PROTO_IDLE)
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
    if ((tcp_events & TCP_EV_CLOSED) != 0)
        conn_measure_acked(n); /* the last byte and the FIN in one */
    if ((tcp_events & TCP_EV_RESET) != 0 && may_close_by_reset(n))
        tcp_events = judge_reset(n);
    if (s->has_failed || (tcp_events & TCP_EV_CLOSED) == 0)
        conn_count_lost(n, (tcp_events & TCP_EV_DATA_TIMEOUT) != 0);
    if (s->has_failed)
        core_fail(n->core, n->class, n->record, (enum stat_failure)s->failure);
    else
        core_count_end(n->core, n->class, n->record, tcp_events);
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
    runq_remove(core_pool(c, n.class), tcp_stream_idx(&r->tcp));
    conn_end_seeking(&n);
    requests_end(&c->requests, s->is_multi ? s->n_under_way : s->is_asking);
    s->is_asking = false;
    s->n_under_way = 0;
    if (s->has_begun) {
        conn_count_own(&n);
        conn_end_own(&n);
    }
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
        return hold_see_off(n, tcp_events);
    if ((tcp_events & (TCP_EV_DATA | TCP_EV_PEER_CLOSED)) != 0 || is_awaited)
        conn_queue_crypto(n);
    if (s->phase == SESS_SECURING)
        count_segment(n, tcp_events);
    if (s->phase == SESS_CLOSING)
        conn_measure_acked(n);
    /* Once all is acknowledged the exchange may be done, or the peer's silence begins to count. */
    if (s->phase == SESS_TALKING && s->talks && (tcp_events & TCP_EV_ACKED) != 0 &&
        (s->awaits_ack || conn_unacked(n) == 0)) {
        is_over = talk_judge(n, true, &goes_on);
        if (goes_on)
            conn_queue_crypto(n);
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
        return hold_close(n);
    if (n->class->channel->is_deferred && s->phase != SESS_CONNECTING)
        return act_deferred(n, tcp_events);
    switch ((enum sess_phase)s->phase) {
    case SESS_CONNECTING: /* TCP borrowed the stream */
        if ((tcp_events & TCP_EV_ESTABLISHED) != 0)
            return begin(n, tcp_events);
        return adopt(n, tcp_app_flags(&n->record->tcp, &n->core->tcp), tcp_events);
    case SESS_TALKING:
        return s->talks ? talk_on(n, tcp_events) : talk_begin(n, tcp_events);
    case SESS_HOLDING:
        return hold_listen(n, tcp_events);
    case SESS_CLOSING:
        return hold_see_off(n, tcp_events);
    case SESS_SECURING:
    case SESS_OVER:
        return false;
    }
    return false;
}

/* On a worker whose connections may have a stream. *is_over: as session_event(). @return false: it
 * is a connection like any that only shakes hands. */
static bool
act_on_payload(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6,
               bool *is_over)
{
    struct conn n = conn_of(c, idx, r);
    bool is_new = (events & TCP_EV_ESTABLISHED) != 0;

    if (is_new) {
        /* `connect` is counted. From here on it is the exchange, where that has no session. */
        if (n.class->begins_established)
            r->began_ns = c->tcp.now_ns;
        tcp_limit_mss(&r->tcp, is_v6 ? TCP_MSS_DEFAULT_V6 : TCP_MSS_DEFAULT_V4, c->opts.mss[is_v6]);
    }
    if (n.session == NULL && !(is_new && n.class->needs_session)) {
        bool is_single = tcp_app_flags(&r->tcp, &c->tcp) != 0 || (is_new && n.class->is_planned);

        if (!is_single && (events & TCP_EV_DATA) == 0)
            return false;
        if (n.class->is_brief) {
            enum brief_turn turn = brief_event(&n, events, is_over);

            c->progress[r->link.target] += (events & TCP_EV_ACKED) != 0;
            if (turn != BRIEF_NEEDS_SESSION)
                return turn == BRIEF_ACTED;
            events &= ~(unsigned)TCP_EV_DATA; /* it was taken in */
        } else if ((events & TCP_EV_OVER) != 0) {
            if ((events & TCP_EV_CLOSED) != 0 &&
                single_event(&r->tcp, &c->tcp, &n.class->single, events) == SINGLE_COMPLETE)
                conn_measure(&n, PROTO_MARK_DONE,
                             r->began_ns); /* the last byte and the FIN in one */
            return false;
        } else if (record_act_single(&n, events, is_over))
            return *is_over || !is_new || is_single; /* else it is held as one that talks is not */
    }
    *is_over = false;
    if (n.session == NULL) {
        unsigned flags = tcp_app_flags(&r->tcp, &c->tcp);

        if ((events & TCP_EV_OVER) != 0)
            return false;
        if (!tcp_attach_stream(&r->tcp, &c->tcp)) {
            *is_over = conn_fail(&n, FAILURE_no_memory);
            return true;
        }
        n.session = session_of(c, r);
        n.session->idx = idx;
        n.session->active_ns = c->tcp.now_ns;
        *is_over = is_new && flags == 0 ? begin(&n, events) : adopt(&n, flags, events);
        return true;
    }
    n.session->idx = idx;
    if ((events & (TCP_EV_DATA | TCP_EV_ACKED)) != 0)
        n.session->active_ns = c->tcp.now_ns;
    c->progress[r->link.target] += (events & TCP_EV_ACKED) != 0;
    *is_over = act_session(&n, events);
    if (c->tcp.in_place != NULL)
        tcp_keep(&r->tcp, &c->tcp);
    return true;
}

/* The same as session_event() where there may be streams. */
static bool __attribute__((noinline))
event_with_payload(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6)
{
    bool is_over;

    if (act_on_payload(c, idx, r, events, is_v6, &is_over))
        return is_over;
    return record_event(c, core_class(c, r), idx, r, events);
}

bool
session_event(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6)
{
    const struct sess_class *k = core_class(c, r);

    if ((events & TCP_EV_ESTABLISHED) != 0)
        core_count_established(c, k, r);
    if (unlikely(c->tcp.pools != NULL))
        return event_with_payload(c, idx, r, events, is_v6);
    return record_event(c, k, idx, r, events);
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
        if (hold_has_failed(&n, events))
            return false;
        return (events & CHANNEL_OPENED) != 0 && talk_begin(&n, 0);
    case SESS_TALKING:
        return s->talks ? talk_on(&n, 0) : talk_begin(&n, 0);
    case SESS_HOLDING:
        return hold_listen(&n, 0);
    case SESS_CLOSING:
        return hold_see_off(&n, 0);
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
session_go_on(struct core *c, uint32_t idx, struct record *r)
{
    struct conn n = conn_of(c, idx, r);

    return talk_go_on(&n);
}

bool
session_close(struct core *c, uint32_t idx, struct record *r)
{
    struct conn n = conn_of(c, idx, r);

    return n.session != NULL ? hold_close(&n) : record_close(c, n.class, r);
}

/* Whether its TLS waits for our own core, and not for the peer, or for somebody else's provider. */
static bool
is_ours_to_compute(const struct conn *n)
{
    switch ((enum tls_wait)conn_tls(n)->conn.waits) {
    case TLS_WAITS_NOTHING:
        return runq_has(&n->core->crypto, tcp_stream_idx(&n->record->tcp));
    case TLS_WAITS_BATCH:
    case TLS_WAITS_TURN:
        return true;
    case TLS_WAITS_AWAY:
    case TLS_WAITS_JOB:
        return false;
    }
    return false;
}

/* The phase has lasted too long, or long enough. */
static bool
end_phase(struct conn *n)
{
    struct session *s = n->session;

    switch ((enum sess_phase)s->phase) {
    case SESS_SECURING:
        if (!is_ours_to_compute(n))
            return conn_fail(n, FAILURE_tls_timeout);
        s->deadline_ns = handshake_deadline_ns(n); /* the other side waits for us */
        return false;
    case SESS_TALKING:
        return s->is_pausing ? talk_end_pause(n) : conn_fail(n, FAILURE_stalled);
    case SESS_HOLDING:
        if (s->awaits_ticket)
            return hold_stop_waiting(n);
        if (!s->talks || s->is_spent || n->core->is_stopping ||
            (s->n_left == 0 && conn_is_to_end(n)))
            return hold_close(n);
        return talk_go_on(n); /* the client has thought long enough */
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
        return record_close(c, k, r);
    if (k->stall_us > 0 && tcp_unacked(&r->tcp, &c->tcp) == 0 && single_awaits(&r->tcp, &c->tcp) &&
        tcp_may_write(&r->tcp)) {
        struct conn n = conn_of(c, idx, r);

        return conn_fail(&n, FAILURE_stalled);
    }
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
