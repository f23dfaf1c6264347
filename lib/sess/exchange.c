/* SPDX-License-Identifier: BSD-3-Clause */
/* See exchange.h. */
#include "sess/exchange.h"

#include "sess/conn.h"
#include "sess/ends.h"

static const struct proto_multi *
multi_of(const struct conn *n)
{
    return conn_proto(n)->multi;
}

static uint32_t
slots_of(const struct proto_ops *proto, const struct proto_opts *o)
{
    return proto == NULL || proto->multi == NULL ? 0 : proto->multi->slots(o);
}

uint32_t
exchanges_slots(const struct proto_ops *proto, const struct proto_opts *o)
{
    uint32_t n = slots_of(proto, o);

    assert(n <= PROTO_SLOTS_MAX || n == PROTO_PEER_BEGINS);
    return n == PROTO_PEER_BEGINS ? 0 : n;
}

void
exchanges_init(struct conn *n)
{
    struct exchanges *x = exchanges_of(n);
    uint32_t n_slots = slots_of(conn_proto(n), &n->class->proto_opts);

    n->session->is_multi = n_slots != 0;
    if (n_slots == 0)
        return;
    n->session->has_first_byte = true; /* each has its own */
    if (n_slots == PROTO_PEER_BEGINS)
        return;
    *x = (struct exchanges){.n_slots = (uint16_t)n_slots};
    for (uint16_t i = 0; i < n_slots; i++)
        x->slot[i] = (struct exchange){.intended_ns = i + 1u < n_slots ? i + 1u : SLOT_NONE};
}

static uint32_t
limit(const struct conn *n)
{
    return multi_of(n)->limit(conn_state(n), &n->class->proto_opts);
}

/* -- their ends ---------------------------------------------------------------- */

static void
free_slot(struct conn *n, uint16_t slot)
{
    struct exchanges *x = exchanges_of(n);

    assert(slot < x->n_slots && n->session->n_under_way > 0);
    x->slot[slot] = (struct exchange){.intended_ns = x->free};
    x->free = slot;
    n->session->n_under_way--;
}

/* The connection has one less to go. */
static void
count_down(struct conn *n)
{
    struct session *s = n->session;

    s->is_spent |= s->n_left == 1;
    s->n_left -= s->n_left > 1;
    if (n->class->think_ns == 0)
        return;
    s->phase = SESS_HOLDING;
    s->deadline_ns = n->core->tcp.now_ns + n->class->think_ns;
}

/* It did not happen. A connection that is to carry so many, and can, owes it still, unless it was
 * due at an instant of its own; else it is sent again elsewhere, or lost. What the server surely
 * did not process may be sent as often as it says so (RFC 9113 8.7); the drain's end bounds that.
 */
static void
give_back(struct conn *n, const struct exchange *x, bool is_certain)
{
    struct requests *q = &n->core->requests;
    struct request r = {.intended_ns = x->intended_ns, .is_again = x->is_again && !is_certain};

    if (is_certain)
        STAT_COUNT(n->class->stat, requests_unprocessed);
    else
        STAT_COUNT(n->class->stat, requests_raced);
    if (!q->is_paced && n->session->n_left > 0 && !n->session->has_ended && limit(n) > 0) {
        requests_put_back(q);
        return;
    }
    if ((is_certain || n->class->repeats) &&
        requests_put_again(q, core_class_idx(n->core, n->class), n->record->link.target, &r))
        return;
    if (!is_certain)
        session_set_failure(n->session, FAILURE_unanswered);
    multi_of(n)->give_up(conn_state(n), &n->class->proto_opts);
    STAT_ADD(n->class->stat, requests, conn_is_client_of_requests(n));
    core_note_lost_request(n->core, x->intended_ns);
    requests_end_one(q);
}

/* The first of a connection counts from its SYN, too. */
static void
measure(struct conn *n, const struct proto_event *e, enum proto_mark mark)
{
    const struct exchange *x = &exchanges_of(n)->slot[e->slot];
    struct session *s = n->session;
    bool is_first = s->is_first;

    s->is_first = is_first && e->slot == 0;
    s->asked_ns = x->written_ns;
    conn_measure(n, mark, x->intended_ns);
    s->is_first = is_first && (mark == PROTO_MARK_FIRST_BYTE || e->slot != 0);
}

static void
settle_one(struct conn *n, const struct proto_event *e)
{
    const struct exchange *x = &exchanges_of(n)->slot[e->slot];

    switch ((enum proto_fate)e->fate) {
    case PROTO_FIRST_BYTE:
        measure(n, e, PROTO_MARK_FIRST_BYTE);
        return;
    case PROTO_MISANSWERED:
        core_note_lost_request(n->core, x->intended_ns);
        /* fall through */
    case PROTO_ANSWERED:
        measure(n, e, PROTO_MARK_DONE);
        count_down(n);
        break;
    case PROTO_LOST:
        core_note_lost_request(n->core, x->intended_ns);
        STAT_ADD(n->class->stat, requests, conn_is_client_of_requests(n));
        requests_end_one(&n->core->requests);
        count_down(n);
        break;
    case PROTO_RACED:
    case PROTO_UNPROCESSED:
        give_back(n, x, e->fate == PROTO_UNPROCESSED);
        break;
    }
    free_slot(n, e->slot);
}

/* On a server nobody waits for the answer: there is nothing to measure. */
static void
count_answered(struct conn *n, const struct proto_event *e)
{
    STAT_ADD(n->class->stat, requests, e->fate == PROTO_ANSWERED);
    STAT_ADD(n->class->stat, responses, e->fate == PROTO_ANSWERED);
}

void
exchanges_settle(struct conn *n)
{
    struct proto_event e;
    bool has_settled = false;

    while (multi_of(n)->next_event(conn_state(n), &n->class->proto_opts, &e)) {
        if (n->class->proto_opts.is_server)
            count_answered(n, &e);
        else
            settle_one(n, &e);
        has_settled = true;
    }
    if (has_settled)
        conn_count_own(n);
}

void
exchanges_end(struct conn *n)
{
    if (!n->session->has_ended && conn_proto(n)->ended != NULL)
        conn_proto(n)->ended(conn_state(n), &n->class->proto_opts);
    n->session->has_ended = true;
    exchanges_settle(n);
}

/* -- their beginnings ---------------------------------------------------------- */

bool
exchanges_are_over(const struct conn *n)
{
    const struct session *s = n->session;

    return s->is_spent || s->has_ended || n->core->is_stopping ||
           (s->n_left == 0 && conn_is_to_end(n));
}

/* When the load is over, a new connection may still take what is to be sent again. */
static bool
is_for_again(const struct conn *n)
{
    const struct session *s = n->session;

    return s->is_first && !s->is_spent && !s->has_ended && !n->core->is_stopping &&
           requests_have_again(&n->core->requests, n->record->link.target);
}

/* Whether there is one that may begin, and room for it. */
static bool
may_begin(const struct conn *n)
{
    const struct session *s = n->session;

    return s->phase == SESS_TALKING && exchanges_of(n)->free != SLOT_NONE &&
           (s->n_left == 0 || s->n_left > s->n_under_way) &&
           (!exchanges_are_over(n) || is_for_again(n)) && s->n_under_way < limit(n);
}

/* The next request, for a connection that could begin it. @return whether there is one */
static bool
take_request(struct conn *n, struct request *r)
{
    struct core *c = n->core;

    switch (requests_next(&c->requests, core_class_idx(c, n->class), n->record->link.target,
                          n->session->is_first, c->tcp.now_ns, r)) {
    case REQUESTS_NOW:
        return true;
    case REQUESTS_LATER:
        runq_put(core_pool(c, n->class), tcp_stream_idx(&n->record->tcp), 0);
        break;
    case REQUESTS_NONE:
        n->session->is_spent = true;
        break;
    }
    return false;
}

/* It was not sent. One that was due at an instant of its own, and finds no place, is dropped. */
static void
hand_back(struct conn *n, const struct request *r)
{
    struct requests *q = &n->core->requests;
    struct request unsent = {.intended_ns = r->intended_ns};

    if (requests_put_again(q, core_class_idx(n->core, n->class), n->record->link.target, &unsent))
        return;
    if (q->is_paced)
        STAT_COUNT(n->core->opts.stat, starts_dropped);
    requests_put_back(q);
}

static bool
begin_one(struct conn *n)
{
    struct exchanges *x = exchanges_of(n);
    struct session *s = n->session;
    uint16_t slot = x->free;
    struct request r;

    if (!take_request(n, &r))
        return false;
    if (conn_is_for_again_only(n, r.is_again))
        s->n_left = s->n_under_way + 1u;
    if (!multi_of(n)->start(conn_state(n), &n->class->proto_opts, slot,
                            s->n_left == s->n_under_way + 1u)) {
        hand_back(n, &r);
        return false;
    }
    STAT_ADD(n->class->stat, requests_retried, r.is_again);
    x->free = (uint16_t)x->slot[slot].intended_ns;
    x->slot[slot] = (struct exchange){.intended_ns = r.intended_ns,
                                      .written_ns = u64_max(n->core->tcp.now_ns, r.intended_ns),
                                      .is_again = r.is_again};
    s->n_under_way++;
    return true;
}

bool
exchanges_begin(struct conn *n)
{
    unsigned begun = 0;

    if (n->class->proto_opts.is_server)
        return false;
    while (may_begin(n) && begin_one(n))
        begun++;
    return begun > 0;
}

bool
exchanges_are_barred(const struct conn *n)
{
    return n->session->phase == SESS_TALKING && limit(n) == 0;
}
