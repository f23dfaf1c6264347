/* SPDX-License-Identifier: BSD-3-Clause */
/* See record.h. */
#include "sess/record.h"

#include "sess/conn.h"
#include "sess/ends.h"
#include "sess/single.h"

bool
record_close(struct core *c, const struct sess_class *k, struct record *r)
{
    if (k->close == CLOSE_RST) {
        tcp_abort(&r->tcp);
        core_count_end(c, k, r, TCP_EV_CLOSED);
        return true;
    }
    tcp_close(&r->tcp, &c->tcp);
    return false;
}

/* Established, or its exchange is done: hold it, or close it. */
bool
record_hold(struct core *c, const struct sess_class *k, uint32_t idx, struct record *r)
{
    if (!tcp_is_established(&r->tcp) || k->close == CLOSE_PEER)
        return false;
    if (k->hold_ns == 0 || c->is_stopping)
        return record_close(c, k, r);
    wheel_arm(&c->wheel, idx, c->tcp.now_ns + k->hold_ns);
    return false;
}

/* All is written, and all that is expected has come: our FIN may ride on the last byte, but a reset
 * or a hold waits until it is acknowledged. */
bool
record_fin_rides(const struct core *c, const struct sess_class *k, const struct record *r)
{
    if (tcp_is_in_close_wait(&r->tcp))
        return true;
    return tcp_is_established(&r->tcp) && k->close == CLOSE_FIN &&
           (k->hold_ns == 0 || c->is_stopping);
}

void __attribute__((noinline))
record_note_close(struct core *c, const struct sess_class *k, struct record *r)
{
    if (class_holds(k) && !c->is_stopping)
        tcp_set_app_flags(&r->tcp, &c->tcp, tcp_app_flags(&r->tcp, &c->tcp) | SINGLE_CUT_SHORT);
}

void __attribute__((noinline)) record_count_end(struct core *c, const struct sess_class *k,
                                                const struct record *r, unsigned events)
{
    if ((events & TCP_EV_CLOSED) != 0 && (tcp_app_flags(&r->tcp, &c->tcp) & SINGLE_CUT_SHORT) != 0)
        core_fail(c, k, r, FAILURE_hold_cut_short);
    else
        core_count_end(c, k, r, events);
}

bool
record_event(struct core *c, const struct sess_class *k, uint32_t idx, struct record *r,
             unsigned events)
{
    if ((events & TCP_EV_ESTABLISHED) != 0 && record_hold(c, k, idx, r))
        return true;
    if ((events & TCP_EV_OVER) != 0) {
        if (unlikely(k->hold_ns > 0))
            record_count_end(c, k, r, events);
        else
            core_count_end(c, k, r, events);
        return true;
    }
    if (tcp_is_in_close_wait(&r->tcp)) /* the peer closed, as asked for or before us */
        record_answer_close(c, k, r);
    return false;
}

static bool
complete_single(struct conn *n)
{
    conn_measure(n, PROTO_MARK_DONE, n->record->began_ns);
    n->record->began_ns = n->core->tcp.now_ns; /* from here on it is idle */
    if (conn_is_established(n))
        return record_hold(n->core, n->class, n->idx, n->record);
    if (tcp_is_in_close_wait(&n->record->tcp))
        record_answer_close(n->core, n->class, n->record);
    return false;
}

/* @return whether the exchange's numbers were enough; with *is_over as session_event(). */
bool
record_act_single(struct conn *n, unsigned events, bool *is_over)
{
    struct tcp_conn *c = &n->record->tcp;

    *is_over = false;
    switch (single_event(c, &n->core->tcp, &n->class->single, events)) {
    case SINGLE_IDLE:
        if (tcp_is_in_close_wait(c))
            record_answer_close(n->core, n->class, n->record);
        return true;
    case SINGLE_GOES_ON:
        return true;
    case SINGLE_MAY_CLOSE:
        if (tcp_is_in_close_wait(c))
            record_answer_close(n->core, n->class, n->record);
        else if (record_fin_rides(n->core, n->class, n->record))
            tcp_close(c, &n->core->tcp);
        return true;
    case SINGLE_COMPLETE:
        *is_over = complete_single(n);
        return true;
    case SINGLE_TRUNCATED:
        *is_over = conn_fail(n, FAILURE_truncated);
        return true;
    case SINGLE_NEEDS_SESSION:
        return false;
    }
    return true;
}
