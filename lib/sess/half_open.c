/* SPDX-License-Identifier: BSD-3-Clause */
/* See half_open.h. */
#include "sess/half_open.h"

#include "sess/ends.h"

/* What was seen of a connection, kept as its user's flags. */
enum { HALF_OPEN_ANSWERED = 0x1, HALF_OPEN_REPEATED = 0x2 };

void
half_open_watch(struct core *c, const struct sess_class *k, uint32_t idx, struct record *r)
{
    tcp_abort(&r->tcp); /* in SYN-SENT: in silence */
    tcp_set_app_flags(&r->tcp, &c->tcp, 0);
    wheel_arm(&c->wheel, idx, c->tcp.now_ns + k->half_open_ns);
}

/* A SYN-ACK. */
static void
note_answer(struct core *c, const struct sess_class *k, struct record *r)
{
    unsigned seen = tcp_app_flags(&r->tcp, &c->tcp);

    if ((seen & HALF_OPEN_ANSWERED) == 0) {
        STAT_COUNT(k->stat, half_open_answered);
        c->progress[r->link.target]++;
        seen |= HALF_OPEN_ANSWERED;
    } else {
        STAT_COUNT(k->stat, half_open_repeats);
        seen |= HALF_OPEN_REPEATED;
    }
    tcp_set_app_flags(&r->tcp, &c->tcp, (uint8_t)seen);
}

bool
half_open_input(struct core *c, const struct sess_class *k, struct record *r, const struct seg *s)
{
    if (!tcp_is_ack_of_all(&r->tcp, s)) {
        STAT_COUNT(k->stat, half_open_other);
        return false;
    }
    if ((s->flags & SEG_RST) != 0) {
        core_count_any_end(c, k, r, TCP_EV_REFUSED);
        return true;
    }
    if ((s->flags & SEG_SYN) != 0)
        note_answer(c, k, r);
    else
        STAT_COUNT(k->stat, half_open_other);
    return false;
}

bool
half_open_unreachable(struct core *c, const struct sess_class *k, const struct record *r,
                      uint32_t seq)
{
    struct seg answer = {.flags = SEG_ACK, .ack = seq + 1};

    if (!tcp_is_ack_of_all(&r->tcp, &answer))
        return false;
    core_note_opening(c, k, -1);
    core_fail(c, k, r, FAILURE_unreachable);
    return true;
}

void
half_open_end(struct core *c, const struct sess_class *k, const struct record *r)
{
    unsigned seen = tcp_app_flags(&r->tcp, &c->tcp);

    if ((seen & HALF_OPEN_ANSWERED) == 0) {
        core_count_any_end(c, k, r, TCP_EV_OPEN_TIMEOUT);
        return;
    }
    core_note_opening(c, k, -1);
    core_count_end(c, k, r, TCP_EV_CLOSED);
    if ((seen & HALF_OPEN_REPEATED) != 0)
        STAT_COUNT(k->stat, half_open_kept);
    else
        STAT_COUNT(k->stat, half_open_cookies);
}
