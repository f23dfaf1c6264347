/* SPDX-License-Identifier: BSD-3-Clause */
/* See brief.h. */
#include "sess/brief.h"

#include "sess/conn.h"
#include "sess/ends.h"
#include "sess/record.h"
#include "sess/single.h"

static unsigned
flags_of(const struct core *c, const struct record *r)
{
    return tcp_app_flags(&r->tcp, &c->tcp);
}

/* -- segments -------------------------------------------------------------------------------- */

/* A client's response: it follows on the request, all of which has arrived. */
static bool
is_response(const struct core *c, const struct record *r, const struct packet *p)
{
    return (flags_of(c, r) & ~(unsigned)SINGLE_KEPT) == (SINGLE_BEGUN | SINGLE_SENT) &&
           tcp_is_ack_of_all(&r->tcp, &p->seg);
}

/* A server's first request, or a later one; its client goes on listening. */
static bool
is_request(const struct core *c, const struct sess_class *k, const struct record *r,
           const struct packet *p)
{
    unsigned flags = flags_of(c, r);

    return (flags == SINGLE_BEGUN || (flags == (SINGLE_BEGUN | SINGLE_KEPT) && k->keeps_brief) ||
            tcp_is_opening(&r->tcp)) &&
           (p->seg.flags & SEG_FIN) == 0;
}

bool
brief_look(struct core *c, const struct record *r, const struct packet *p)
{
    const struct sess_class *k = core_class(c, r);
    struct proto_span in = {p->seg.payload, p->seg.payload_len};
    bool is_server = k->proto_opts.is_server;
    uint32_t room;

    if (!k->is_brief || tcp_has_stream(&r->tcp) ||
        !(is_server ? is_request(c, k, r, p) : is_response(c, r, p)))
        return false;
    room = is_server ? tcp_single_room(&r->tcp, &p->seg, c->opts.mss[p->dst.is_v6]) : 0;
    if (!k->proto->brief->look(&k->proto_opts, &in, room, &c->seen))
        return false;
    return !(c->seen.closes && is_server && k->close == CLOSE_RST); /* that takes its time */
}

/* -- a client -------------------------------------------------------------------------------- */

/* Whether a request is due, as it always is where nobody counts them. */
static inline bool
take_request(struct conn *n, bool is_first)
{
    struct requests *q = &n->core->requests;
    struct request r;

    return likely(!requests_are_rationed(q)) ||
           requests_next(q, core_class_idx(n->core, n->class), n->record->link.target, is_first,
                         n->core->tcp.now_ns, &r) == REQUESTS_NOW;
}

/* The request that was taken goes out. @flags: what the record is then. @return false: not so. */
static inline bool
send_request(struct conn *n, uint8_t flags)
{
    struct record *r = n->record;

    if (unlikely(!tcp_send_single(&r->tcp, &n->core->tcp, brief_text(n->core, n->class, r).len))) {
        requests_put_back(&n->core->requests);
        return false;
    }
    tcp_set_app_flags(&r->tcp, &n->core->tcp, flags | SINGLE_BEGUN | SINGLE_SENT);
    return true;
}

/* The connection is established. One that is sent again a session has to know. */
static enum brief_turn
ask_first(struct conn *n)
{
    struct record *r = n->record;
    uint64_t connect_ns = n->core->tcp.now_ns - r->began_ns;

    if (connect_ns > UINT32_MAX || requests_have_again(&n->core->requests, r->link.target) ||
        !take_request(n, true) || !send_request(n, 0))
        return BRIEF_NEEDS_SESSION;
    r->link.next = (uint32_t)connect_ns;
    return BRIEF_ACTED;
}

/* Whether another exchange may follow the one that is over, of @left. */
static bool
may_follow(const struct conn *n, uint32_t left)
{
    return left != 1 && !n->core->seen.closes && conn_is_established(n) && !n->core->is_stopping &&
           (left > 0 || !conn_is_to_end(n));
}

/* The next one begins, of @left. @return false: there is none. */
static bool
ask_next(struct conn *n, uint32_t left, enum brief_turn *turn)
{
    struct record *r = n->record;

    if (!take_request(n, false))
        return false;
    r->began_ns = n->core->tcp.now_ns;
    r->link.next = left;
    tcp_set_app_flags(&r->tcp, &n->core->tcp, SINGLE_BEGUN | SINGLE_KEPT);
    *turn = send_request(n, SINGLE_KEPT) ? BRIEF_ACTED : BRIEF_NEEDS_SESSION;
    return true;
}

/* The last exchange is over, of @left that there could have been. */
static void
end_exchanges(struct conn *n, uint32_t left, bool *is_over)
{
    struct tcp_conn *c = &n->record->tcp;

    tcp_set_app_flags(c, &n->core->tcp, SINGLE_BEGUN | SINGLE_HEARD | SINGLE_DONE);
    if (conn_is_established(n)) {
        *is_over = record_hold(n->core, n->class, n->idx, n->record);
    } else if (tcp_is_in_close_wait(c)) {
        STAT_ADD(n->class->stat, server_closed_idle, left != 1 && !n->core->seen.closes);
        record_answer_close(n->core, n->class, n->record);
    }
}

static enum brief_turn
take_response(struct conn *n, bool *is_over)
{
    uint32_t left = brief_left(n->core, n->class, n->record);
    enum brief_turn turn = BRIEF_ACTED;

    conn_measure(n, PROTO_MARK_FIRST_BYTE, brief_began_ns(n));
    conn_measure(n, PROTO_MARK_DONE, brief_began_ns(n));
    n->class->proto->brief->count(&n->class->proto_opts, brief_said(n->core, n->class, n->record),
                                  &n->core->seen, conn_counters(n));
    if (!may_follow(n, left) || !ask_next(n, left - (left > 1), &turn))
        end_exchanges(n, left, is_over);
    return turn;
}

/* The server has closed a kept connection, and a request met that. @return whether it goes out
 * again, on another one. */
static bool
ask_again(struct conn *n)
{
    const struct sess_class *k = n->class;
    struct request r = {.intended_ns = brief_began_ns(n)};

    STAT_COUNT(k->stat, server_closed_idle);
    STAT_COUNT(k->stat, requests_raced);
    if (!k->repeats || !requests_put_again(&n->core->requests, core_class_idx(n->core, k),
                                           n->record->link.target, &r))
        return false;
    k->proto->brief->lost(&k->proto_opts, brief_said(n->core, n->class, n->record), PROTO_LOSS_RACE,
                          conn_counters(n));
    core_count_end(n->core, k, n->record, TCP_EV_CLOSED);
    return true;
}

/* The connection is over while the response is awaited. */
static enum brief_turn
end_unanswered(struct conn *n, unsigned events, bool *is_over)
{
    bool is_kept = brief_is_kept(n->core, n->record);

    *is_over = true;
    if ((events & TCP_EV_RESET) != 0 && is_kept && ask_again(n))
        return BRIEF_ACTED;
    conn_count_lost(n, (events & TCP_EV_DATA_TIMEOUT) != 0);
    if ((events & TCP_EV_RESET) != 0)
        core_fail(n->core, n->class, n->record, is_kept ? FAILURE_unanswered : FAILURE_truncated);
    else
        core_count_end(n->core, n->class, n->record, events);
    return BRIEF_ACTED;
}

static enum brief_turn
client_event(struct conn *n, unsigned events, bool *is_over)
{
    unsigned flags = flags_of(n->core, n->record);

    if ((events & TCP_EV_ESTABLISHED) != 0)
        return ask_first(n);
    if ((flags & SINGLE_DONE) != 0 && (events & TCP_EV_RESET) != 0 && n->class->hold_ns == 0) {
        *is_over = true; /* it is a way to close, and nothing is lost by it */
        core_count_end(n->core, n->class, n->record, TCP_EV_CLOSED);
        return BRIEF_ACTED;
    }
    if ((flags & (SINGLE_BEGUN | SINGLE_DONE)) != SINGLE_BEGUN)
        return BRIEF_GOES_ON;
    if ((events & TCP_EV_OVER) != 0)
        return end_unanswered(n, events, is_over);
    if ((events & TCP_EV_DATA) != 0)
        return take_response(n, is_over);
    return (events & TCP_EV_PEER_CLOSED) != 0 ? BRIEF_NEEDS_SESSION : BRIEF_ACTED;
}

/* -- a server -------------------------------------------------------------------------------- */

/* The exchange is over when the answer is written. @return whether the connection is. */
static bool
answer(struct conn *n)
{
    struct core *c = n->core;
    struct record *r = n->record;
    const struct proto_seen *seen = &c->seen;

    r->link.port = seen->answer;
    if (n->class->n_choices > 0 && !brief_is_kept(c, r)) /* it was not known which protocol it is */
        r->began_ns = c->tcp.now_ns;
    conn_measure(n, PROTO_MARK_FIRST_BYTE, r->began_ns);
    if (!tcp_send_single(&r->tcp, &c->tcp, brief_text(c, n->class, r).len)) {
        assert(false); /* there is room */
        return conn_fail(n, FAILURE_no_memory);
    }
    conn_measure(n, PROTO_MARK_DONE, r->began_ns);
    n->class->proto->brief->count(&n->class->proto_opts, brief_said(c, n->class, r), seen,
                                  conn_counters(n));
    r->began_ns = c->tcp.now_ns;
    tcp_set_app_flags(&r->tcp, &c->tcp,
                      SINGLE_BEGUN | (seen->closes ? SINGLE_HEARD | SINGLE_DONE : SINGLE_KEPT));
    return seen->closes && record_close(c, n->class, r);
}

static enum brief_turn
server_event(struct conn *n, unsigned events, bool *is_over)
{
    struct tcp_conn *c = &n->record->tcp;

    if ((events & TCP_EV_OVER) != 0)
        return BRIEF_GOES_ON;
    if ((events & TCP_EV_ESTABLISHED) != 0)
        tcp_set_app_flags(c, &n->core->tcp, SINGLE_BEGUN);
    if ((events & TCP_EV_DATA) != 0)
        *is_over = answer(n);
    else if (tcp_is_in_close_wait(c))
        record_answer_close(n->core, n->class, n->record);
    return BRIEF_ACTED;
}

enum brief_turn
brief_event(struct conn *n, unsigned events, bool *is_over)
{
    *is_over = false;
    return n->class->proto_opts.is_server ? server_event(n, events, is_over)
                                          : client_event(n, events, is_over);
}
