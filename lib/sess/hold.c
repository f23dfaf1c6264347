/* SPDX-License-Identifier: BSD-3-Clause */
/* See hold.h. */
#include "sess/hold.h"

#include "sess/conn.h"
#include "sess/ends.h"
#include "sess/exchange.h"
#include "sess/record.h"

/* -- closing ------------------------------------------------------------------- */

/* What the protocol has to say before the close goes out. */
static void
leave(struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    if (!n->session->talks || n->session->has_failed || n->session->has_ended || p->leave == NULL)
        return; /* nobody reads it */
    p->leave(conn_state(n), &n->class->proto_opts);
    (void)n->class->channel->write(n);
}

bool
hold_close(struct conn *n)
{
    struct session *s = n->session;

    s->deadline_ns = TIME_NEVER;
    runq_remove(core_pool(n->core, n->class), tcp_stream_idx(&n->record->tcp));
    if (s->phase == SESS_CLOSING && !s->resets_when_acked)
        return false;
    if (n->class->close == CLOSE_RST && !s->has_failed && conn_is_established(n)) {
        s->resets_when_acked = conn_unacked(n) > 0;
        if (s->resets_when_acked)
            return false;
        tcp_abort(&n->record->tcp);
        core_count_end(n->core, n->class, n->record, TCP_EV_CLOSED);
        return true;
    }
    leave(n);
    n->class->channel->close(n);
    tcp_close(&n->record->tcp, &n->core->tcp);
    s->phase = SESS_CLOSING;
    return false;
}

/* The peer has closed, and so do we. @lacks_some: there were exchanges to come. */
static bool
answer_close(struct conn *n, bool lacks_some)
{
    struct session *s = n->session;
    bool is_asked_for = n->core->is_stopping || s->has_failed;

    if (lacks_some && conn_is_client_of_requests(n)) { /* a server may, at any time */
        STAT_COUNT(n->class->stat, server_closed_idle);
        lacks_some = false;
    }
    if (!is_asked_for && lacks_some && !n->class->proto_opts.is_server)
        session_set_failure(s, FAILURE_truncated);
    else if (!is_asked_for && class_holds(n->class))
        session_set_failure(s, FAILURE_hold_cut_short);
    return hold_close(n);
}

/* -- holding ------------------------------------------------------------------- */

/* A connection that is held in the clear rests without a stream. */
static void
rest(struct conn *n)
{
    const struct session *s = n->session;
    uint64_t until_ns = s->deadline_ns;
    bool was_queued = runq_has(&n->core->output, tcp_stream_idx(&n->record->tcp));

    if (n->class->tls != NULL || until_ns == TIME_NEVER || s->talks) /* there is more to say */
        return;
    if (s->has_begun)
        conn_end_own(n);
    runq_remove(&n->core->output,
                tcp_stream_idx(&n->record->tcp)); /* it would be lost with the stream */
    if (!tcp_release_idle(&n->record->tcp, &n->core->tcp)) {
        if (was_queued)
            runq_put(&n->core->output, tcp_stream_idx(&n->record->tcp), 0);
        return;
    }
    n->session = NULL;
    n->record->began_ns = n->core->tcp.now_ns; /* from here on it is idle */
    wheel_arm(&n->core->wheel, n->idx, until_ns);
}

/* A TLS 1.3 server takes our Finished in and writes its tickets after we are done. A reset before
 * that fails a handshake for it that counts for us. Its first record tells that it is; one that
 * sends none has so long. */
static const uint64_t SIGN_NS = 20 * NS_PER_MS;
static const uint64_t SIGN_ROUND_TRIPS = 4;

/* How long to put off a reset, at least; 0: not at all. */
static uint64_t
patience_ns(const struct conn *n)
{
    const struct sess_class *k = n->class;
    uint64_t ns = 0, rtt_ns;

    if (k->close != CLOSE_RST || k->tls == NULL)
        return 0;
    if (k->channel->awaits_ticket(n))
        ns = u64_max(k->hold_ns, k->tls_timeout_ns);
    if (k->channel->awaits_sign(n)) {
        rtt_ns = (uint64_t)tcp_srtt_us(&n->record->tcp, &n->core->tcp) * NS_PER_US;
        ns = u64_max(ns, SIGN_NS + SIGN_ROUND_TRIPS * rtt_ns);
    }
    return ns;
}

bool
hold_begin(struct conn *n)
{
    uint64_t wait_ns;
    const struct sess_class *k = n->class;
    struct session *s = n->session;
    bool lacks_some = s->n_left > 1 || (s->n_left == 0 && conn_is_client_of_requests(n));

    s->phase = SESS_HOLDING;
    s->deadline_ns = TIME_NEVER;
    s->talks = s->is_spent = s->is_multi; /* it may have to answer its peer still */
    s->n_left = 1;
    if (s->has_ended || tcp_is_in_close_wait(&n->record->tcp))
        return answer_close(n, lacks_some);
    if (k->close == CLOSE_PEER || !conn_is_established(n)) {
        leave(n);
        return false;
    }
    wait_ns = patience_ns(n);
    if (wait_ns > k->hold_ns || (wait_ns > 0 && n->core->is_stopping)) {
        s->awaits_ticket = true;
        s->deadline_ns = n->core->tcp.now_ns + wait_ns;
        return false;
    }
    if (k->hold_ns == 0 || n->core->is_stopping)
        return hold_close(n);
    s->deadline_ns = n->core->tcp.now_ns + k->hold_ns;
    rest(n);
    return false;
}

bool
hold_stop_waiting(struct conn *n)
{
    if (n->class->channel->awaits_ticket(n))
        n->class->channel->expect_no_ticket(n);
    n->session->awaits_ticket = false;
    n->session->has_heard = true;
    return hold_begin(n);
}

/* -- what comes meanwhile ------------------------------------------------------- */

bool
hold_has_failed(struct conn *n, unsigned events)
{
    struct session *s = n->session;

    s->lacks_room = (events & CHANNEL_NO_ROOM) != 0;
    if ((events & CHANNEL_ENDED) != 0 && !s->has_ended) {
        s->has_ended = true;
        if (s->talks && conn_proto(n)->ended != NULL)
            conn_proto(n)->ended(conn_state(n), &n->class->proto_opts);
    }
    if ((events & CHANNEL_FAILED) != 0) {
        (void)hold_close(n); /* not at once: an alert is to arrive */
        return true;
    }
    if ((events & CHANNEL_INPUT) != 0 && !s->has_first_byte && s->talks) {
        s->has_first_byte = true;
        conn_measure(n, PROTO_MARK_FIRST_BYTE, s->began_ns);
    }
    if ((events & CHANNEL_MORE) != 0)
        conn_queue_crypto(n);
    return false;
}

bool
hold_discards(struct conn *n, unsigned tcp_events)
{
    unsigned events = n->class->channel->read(n, tcp_events);

    if ((events & CHANNEL_FAILED) == 0)
        events |= n->class->channel->write(n); /* what TLS itself has to say */
    return hold_has_failed(n, events);
}

/* Between two exchanges: whether the peer takes no further one, and does not close by itself. */
static bool
has_left(const struct conn *n)
{
    enum proto_status status = conn_proto(n)->status(conn_state(n), &n->class->proto_opts, false);

    return status == PROTO_DONE_LAST || status == PROTO_FAILED;
}

bool
hold_listen(struct conn *n, unsigned tcp_events)
{
    struct session *s = n->session;

    if (hold_discards(n, tcp_events))
        return false;
    if (s->is_multi && s->talks)
        exchanges_settle(n); /* none is under way, but there is what to count */
    if (s->has_ended)
        return answer_close(n, s->talks && !s->is_spent &&
                                   (s->n_left > 0 || conn_is_client_of_requests(n)));
    if (s->is_multi && s->talks && !s->is_spent && has_left(n)) {
        STAT_COUNT(n->class->stat, server_closed_idle);
        return hold_close(n);
    }
    if (s->awaits_ticket && !n->class->channel->awaits_ticket(n) &&
        !n->class->channel->awaits_sign(n))
        return hold_stop_waiting(n);
    rest(n);
    return false;
}

bool
hold_see_off(struct conn *n, unsigned tcp_events)
{
    conn_measure_acked(n);
    (void)n->class->channel->read(n, tcp_events);
    return false;
}
