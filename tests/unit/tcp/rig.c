/* SPDX-License-Identifier: BSD-3-Clause */
/* See rig.h. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/seq.h"

/* At most two frames a packet go out: what the engines count on. */
static const unsigned PER_EVENT_MAX = 2;

/* One process a test, so one for all its connections. */
static struct stats stat;

/* Criterion's own report would name this file; the line in the script is what helps. */
#define fails(r, line, ...)                                                                        \
    do {                                                                                           \
        char reason_[400];                                                                         \
        snprintf(reason_, sizeof(reason_), __VA_ARGS__);                                           \
        cr_fatal("script line %d, now in %s: %s", (line), tcp_state_names[(r)->conn.state],        \
                 reason_);                                                                         \
    } while (0)

const char *
rig_format(char *text, size_t size, const struct seg *s, uint32_t iss, uint32_t irs)
{
    snprintf(text, size, "%s%s%s%s%s%s seq %d ack %d options %x payload %u",
             s->flags & SYN ? "SYN " : "", s->flags & FIN ? "FIN " : "",
             s->flags & RST ? "RST " : "", s->flags & PSH ? "PSH " : "",
             s->flags & URG ? "URG " : "", s->flags & ACK ? "ACK" : "-", (int32_t)(s->seq - iss),
             s->flags & ACK ? (int32_t)(s->ack - irs) : 0, s->options, s->payload_len);
    return text;
}

static bool
has_in_flight(enum tcp_state state)
{
    return state == TCPS_SYN_SENT || state == TCPS_SYN_RECEIVED || state == TCPS_FIN_WAIT_1 ||
           state == TCPS_CLOSING || state == TCPS_LAST_ACK;
}

const char *
rig_broken(const struct tcp_conn *c, uint64_t deadline_ns)
{
    enum tcp_state state = c->state;
    uint32_t in_flight = c->snd_nxt - c->snd_una;
    bool is_waiting = state == TCPS_FIN_WAIT_2 || state == TCPS_TIME_WAIT;

    if (c->owes != 0)
        return "something is owed after the output";
    if (in_flight > 1)
        return "more than one number is in flight";
    if (state == TCPS_CLOSED)
        return deadline_ns == TIME_NEVER ? NULL : "a timer runs for a closed connection";
    if (in_flight != has_in_flight(state))
        return "the state does not fit what is in flight";
    if ((deadline_ns != TIME_NEVER) != (in_flight > 0 || is_waiting))
        return "the timer does not fit the state";
    return NULL;
}

static void
begins(struct tcp_rig *r, int line)
{
    rig_do_silence(r, line);
    tcp_ctx_turn(&r->ctx, r->now_ns);
    r->ctx.params = &r->params;
    r->events = 0;
}

/* What a caller does after every event. */
static void
settles(struct tcp_rig *r, bool arms, int line)
{
    unsigned n_before = r->n_pending;
    const char *broken;

    memset(&r->pending[n_before], 0xa5, sizeof(r->pending[0]) * (RIG_PENDING_MAX - n_before));
    while (r->n_pending < RIG_PENDING_MAX &&
           tcp_output(&r->conn, &r->ctx, &r->pending[r->n_pending]))
        r->n_pending++;
    if (r->n_pending - n_before > PER_EVENT_MAX)
        fails(r, line, "%u segments for one event", r->n_pending - n_before);
    if (arms)
        r->deadline_ns = tcp_deadline_ns(&r->conn, &r->ctx);
    broken = rig_broken(&r->conn, r->deadline_ns);
    if (broken != NULL)
        fails(r, line, "%s", broken);
}

static uint32_t
number_from(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? (uint32_t)strtoul(text, NULL, 0) : otherwise;
}

struct tcp_rig
rig_closed(void)
{
    struct tcp_rig r = {
        .ctx = {.stat = &stat},
        .params = {.connect_timeout_us = RIG_CONNECT_MS * 1000,
                   .close_timeout_us = RIG_CLOSE_MS * 1000,
                   .piggyback = true},
        .iss = number_from("RIG_ISS", 1000),
        .irs = number_from("RIG_IRS", 500000),
        .now_ns = RIG_START_NS,
        .deadline_ns = TIME_NEVER,
    };

    stat_init(&stat, RIG_START_NS);
    return r;
}

void
rig_do_open(struct tcp_rig *r, int line)
{
    begins(r, line);
    tcp_open(&r->conn, &r->ctx, r->iss);
    settles(r, true, line);
}

void
rig_do_close(struct tcp_rig *r, int line)
{
    enum tcp_state before = r->conn.state;

    begins(r, line);
    tcp_close(&r->conn, &r->ctx);
    settles(r, r->conn.state != before, line);
}

void
rig_do_abort(struct tcp_rig *r, int line)
{
    begins(r, line);
    tcp_abort(&r->conn);
    settles(r, true, line);
}

void
rig_do_run(struct tcp_rig *r, uint64_t until_ns, int line)
{
    rig_do_silence(r, line);
    r->events = 0;
    if (until_ns < r->now_ns)
        fails(r, line, "the script goes back in time");
    while (r->deadline_ns <= until_ns) {
        r->now_ns = u64_max(r->now_ns, r->deadline_ns);
        tcp_ctx_turn(&r->ctx, r->now_ns);
        r->ctx.params = &r->params;
        r->events |= tcp_timeout(&r->conn, &r->ctx);
        settles(r, true, line);
        if (r->deadline_ns <= r->now_ns)
            fails(r, line, "the timer does not move on");
    }
    r->now_ns = until_ns;
    tcp_ctx_turn(&r->ctx, r->now_ns);
}

static struct seg
from_peer(const struct tcp_rig *r, const struct rig_seg *seg)
{
    return (struct seg){
        .seq = r->irs + seg->seq,
        .ack = seg->flags & ACK ? r->iss + seg->ack : 0,
        .ts_val = seg->ts_val,
        .ts_ecr = seg->ts_ecr,
        .window = 1000,
        .payload_len = seg->payload_len,
        .mss = seg->mss,
        .flags = seg->flags,
        .options = seg->options,
        .wscale = seg->wscale,
    };
}

void
rig_do_input(struct tcp_rig *r, struct rig_seg seg, int line)
{
    struct seg s = from_peer(r, &seg);
    enum tcp_state before = r->conn.state;

    begins(r, line);
    r->events = tcp_input(&r->conn, &r->ctx, &s);
    if ((r->events & TCP_EV_ANSWER_RST) != 0 && !tcp_refuse(&s, &r->pending[r->n_pending++]))
        fails(r, line, "an RST asked for in answer to an RST");
    settles(r, r->conn.state != before, line);
}

void
rig_do_accept(struct tcp_rig *r, struct rig_seg syn, int line)
{
    struct seg s = from_peer(r, &syn);

    begins(r, line);
    tcp_accept(&r->conn, &r->ctx, &s, r->iss);
    settles(r, true, line);
}

void
rig_do_expect(struct tcp_rig *r, struct rig_seg seg, int line)
{
    char wanted[100], got[100];
    struct seg s = {
        .seq = r->iss + seg.seq,
        .ack = seg.flags & ACK ? r->irs + seg.ack : 0,
        .options = seg.options,
        .flags = seg.flags,
    };

    rig_format(wanted, sizeof(wanted), &s, r->iss, r->irs);
    if (r->n_pending == 0)
        fails(r, line, "expected [%s], nothing was sent", wanted);
    r->last = r->pending[0];
    r->n_pending--;
    for (unsigned i = 0; i < r->n_pending; i++)
        r->pending[i] = r->pending[i + 1];
    rig_format(got, sizeof(got), &r->last, r->iss, r->irs);
    if (r->last.flags != s.flags || r->last.seq != s.seq || r->last.ack != s.ack ||
        r->last.options != s.options || r->last.payload_len != 0)
        fails(r, line, "expected [%s], was sent [%s]", wanted, got);
}

void
rig_do_silence(struct tcp_rig *r, int line)
{
    char got[100];

    if (r->n_pending > 0)
        fails(r, line, "nothing more was expected, was sent [%s]",
              rig_format(got, sizeof(got), &r->pending[0], r->iss, r->irs));
}

void
rig_do_silence_until(struct tcp_rig *r, uint64_t until_ns, int line)
{
    rig_do_run(r, until_ns - 1, line);
    rig_do_silence(r, line);
    r->now_ns = until_ns; /* what is due at that instant is still to come */
    tcp_ctx_turn(&r->ctx, r->now_ns);
}

void
rig_do_end(struct tcp_rig *r, unsigned events, enum tcp_state state, int line)
{
    rig_do_silence(r, line);
    if (r->events != events)
        fails(r, line, "expected events %02x, got %02x", events, r->events);
    if (r->conn.state != state)
        fails(r, line, "expected to be in %s", tcp_state_names[state]);
}

struct tcp_rig
rig_syn_sent(void)
{
    struct tcp_rig r = rig_closed();

    rig_app_opens(&r);
    rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
    return r;
}

struct tcp_rig
rig_syn_received(uint8_t options)
{
    struct tcp_rig r = rig_closed();

    rig_peer_opens(&r, SYN, .seq = 0, .options = options, .ts_val = 100, .wscale = 9);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1, .options = options & ALL_OPTIONS);
    return r;
}

struct tcp_rig
rig_established_with(uint8_t options)
{
    struct tcp_rig r = rig_syn_sent();

    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1, .options = options, .ts_val = 100,
                   .wscale = 9);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = options & TS);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    return r;
}

struct tcp_rig
rig_established(void)
{
    return rig_established_with(0);
}

static struct tcp_rig
rig_after_fin(bool peer_was_first)
{
    struct tcp_rig r = rig_established();

    if (peer_was_first) {
        rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
        rig_expects(&r, ACK, .seq = 1, .ack = 2);
    }
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = peer_was_first ? 2 : 1);
    return r;
}

struct tcp_rig
rig_in(enum tcp_state state)
{
    struct tcp_rig r = rig_closed();

    switch (state) {
    case TCPS_CLOSED:
        break;
    case TCPS_SYN_SENT:
        r = rig_syn_sent();
        break;
    case TCPS_SYN_RECEIVED:
        r = rig_syn_received(0);
        break;
    case TCPS_ESTABLISHED:
        r = rig_established();
        break;
    case TCPS_CLOSE_WAIT:
        r = rig_established();
        rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
        rig_expects(&r, ACK, .seq = 1, .ack = 2);
        break;
    case TCPS_FIN_WAIT_1:
        r = rig_after_fin(false);
        break;
    case TCPS_LAST_ACK:
        r = rig_after_fin(true);
        break;
    case TCPS_FIN_WAIT_2:
        r = rig_after_fin(false);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 2);
        break;
    case TCPS_CLOSING:
        r = rig_after_fin(false);
        rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
        rig_expects(&r, ACK, .seq = 2, .ack = 2);
        break;
    case TCPS_TIME_WAIT:
        r = rig_after_fin(false);
        rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2);
        rig_expects(&r, ACK, .seq = 2, .ack = 2);
        break;
    }
    rig_ends(&r, r.events, state);
    return r;
}
