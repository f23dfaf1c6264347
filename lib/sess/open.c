/* SPDX-License-Identifier: BSD-3-Clause */
/* See session.h: what connections that are open wait for. */
#include "sess/conn.h"
#include "sess/half_open.h"
#include "sess/session.h"
#include "sess/single.h"

/* A record without a session. */
static enum stat_open
record_awaits(const struct core *c, const struct record *r)
{
    if (tcp_is_opening(&r->tcp) || tcp_is_closed(&r->tcp))
        return OPEN_connecting;
    if (tcp_unacked(&r->tcp, &c->tcp) > 0 ||
        (tcp_may_write(&r->tcp) && single_goes_on(&r->tcp, &c->tcp)))
        return OPEN_talking;
    return tcp_is_established(&r->tcp) ? OPEN_holding : OPEN_closing;
}

static enum stat_open
awaits(const struct core *c, const struct record *r)
{
    const struct session *s = session_of(c, r);

    if (s == NULL)
        return record_awaits(c, r);
    switch ((enum sess_phase)s->phase) {
    case SESS_SECURING:
        return OPEN_securing;
    case SESS_HOLDING:
        return OPEN_holding;
    case SESS_CLOSING:
        return tcp_unacked(&r->tcp, &c->tcp) > 0 ? OPEN_talking : OPEN_closing;
    case SESS_CONNECTING:
    case SESS_TALKING:
    case SESS_OVER:
        break;
    }
    return OPEN_talking;
}

void
session_count_open(const struct core *c)
{
    uint64_t left = c->n_open;

    for (uint32_t i = 0; left > 0 && i < c->n_records; i++) {
        const struct record *r = &c->records[i];

        if (tcp_is_over(&r->tcp) && !half_open_is(r))
            continue;
        core_class(c, r)->stat->now->open_by[awaits(c, r)]++;
        left--;
    }
}
