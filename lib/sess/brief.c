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
    return flags_of(c, r) == (SINGLE_BEGUN | SINGLE_SENT) && tcp_is_ack_of_all(&r->tcp, &p->seg);
}

/* A server's first request; its client goes on listening. */
static bool
is_request(const struct core *c, const struct record *r, const struct packet *p)
{
    return (flags_of(c, r) == SINGLE_BEGUN || tcp_is_opening(&r->tcp)) &&
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
        !(is_server ? is_request(c, r, p) : is_response(c, r, p)))
        return false;
    room = is_server ? tcp_single_room(&r->tcp, &p->seg, c->opts.mss[p->dst.is_v6]) : 0;
    if (!k->proto->brief->look(&k->proto_opts, &in, room, &c->seen))
        return false;
    return !(c->seen.closes && is_server && k->close == CLOSE_RST); /* that takes its time */
}

struct tcp_span
brief_text(const struct core *c, const struct record *r)
{
    const struct sess_class *k = core_class(c, r);
    struct proto_span text;

    k->proto->brief->text(&k->proto_opts,
                          k->proto_opts.is_server ? r->link.port : r->link.target - k->first_target,
                          &text);
    return (struct tcp_span){text.bytes, text.len};
}

/* -- a client -------------------------------------------------------------------------------- */

static enum brief_turn
ask(struct conn *n)
{
    struct record *r = n->record;
    uint64_t connect_ns = n->core->tcp.now_ns - r->began_ns;

    if (connect_ns > UINT32_MAX ||
        !tcp_send_single(&r->tcp, &n->core->tcp, brief_text(n->core, r).len))
        return BRIEF_NEEDS_SESSION;
    r->link.next = (uint32_t)connect_ns;
    tcp_set_app_flags(&r->tcp, &n->core->tcp, SINGLE_BEGUN | SINGLE_SENT);
    return BRIEF_ACTED;
}

static enum brief_turn
take_response(struct conn *n, bool *is_over)
{
    struct tcp_conn *c = &n->record->tcp;

    conn_measure(n, PROTO_MARK_FIRST_BYTE, brief_began_ns(n));
    conn_measure(n, PROTO_MARK_DONE, brief_began_ns(n));
    n->class->proto->brief->count(&n->class->proto_opts, conn_target(n), &n->core->seen,
                                  conn_counters(n));
    tcp_set_app_flags(c, &n->core->tcp, SINGLE_BEGUN | SINGLE_HEARD | SINGLE_DONE);
    if (conn_is_established(n))
        *is_over = record_hold(n->core, n->class, n->idx, n->record);
    else if (tcp_is_in_close_wait(c))
        record_answer_close(n->core, n->class, n->record);
    return BRIEF_ACTED;
}

/* The connection is over while the response is awaited. */
static enum brief_turn
end_unanswered(struct conn *n, unsigned events, bool *is_over)
{
    *is_over = true;
    conn_count_lost(n, (events & TCP_EV_DATA_TIMEOUT) != 0);
    if ((events & TCP_EV_RESET) != 0)
        core_fail(n->core, n->class, FAILURE_truncated);
    else
        core_count_end(n->core, n->class, events);
    return BRIEF_ACTED;
}

static enum brief_turn
client_event(struct conn *n, unsigned events, bool *is_over)
{
    unsigned flags = flags_of(n->core, n->record);

    if ((events & TCP_EV_ESTABLISHED) != 0)
        return ask(n);
    if ((flags & SINGLE_DONE) != 0 && (events & TCP_EV_RESET) != 0 && n->class->hold_ns == 0) {
        *is_over = true; /* it is a way to close, and nothing is lost by it */
        core_count_end(n->core, n->class, TCP_EV_CLOSED);
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
    if (n->class->n_choices > 0) /* until then it was not known which protocol it is */
        r->began_ns = c->tcp.now_ns;
    conn_measure(n, PROTO_MARK_FIRST_BYTE, r->began_ns);
    if (!tcp_send_single(&r->tcp, &c->tcp, brief_text(c, r).len)) {
        assert(false); /* there is room */
        return conn_fail(n, FAILURE_no_memory);
    }
    conn_measure(n, PROTO_MARK_DONE, r->began_ns);
    n->class->proto->brief->count(&n->class->proto_opts, seen->answer, seen, conn_counters(n));
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
