/* SPDX-License-Identifier: BSD-3-Clause */
/* See rig.h. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/seq.h"
#include "tcp_invariants.h"

/* At most two frames a packet go out without payload: what the engines count on. */
static const unsigned PER_EVENT_MAX = 2;

/* One process a test, so one for all its connections. */
static struct stats stat;
static struct tcp_pools pools;

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
    int len = snprintf(text, size, "%s%s%s%s%s%s seq %d ack %d options %x payload %u window %u",
                       s->flags & SYN ? "SYN " : "", s->flags & FIN ? "FIN " : "",
                       s->flags & RST ? "RST " : "", s->flags & PSH ? "PSH " : "",
                       s->flags & URG ? "URG " : "", s->flags & ACK ? "ACK" : "-",
                       (int32_t)(s->seq - iss), s->flags & ACK ? (int32_t)(s->ack - irs) : 0,
                       s->options, s->payload_len, s->window);
    for (unsigned i = 0; (s->options & SACK) != 0 && i < s->n_sack && (size_t)len < size; i++)
        len += snprintf(text + len, size - (size_t)len, " sack %d-%d",
                        (int32_t)(s->sack[i].begin - irs), (int32_t)(s->sack[i].end - irs));
    return text;
}

static void
begins(struct tcp_rig *r, int line)
{
    rig_do_silence(r, line);
    tcp_ctx_set_now(&r->ctx, r->now_ns);
    rig_settle(r);
    r->ctx.timer_moved = false;
    r->events = 0;
}

/* Neither window is overrun: the peer's but by the byte of a probe. Ours does not shrink, but by
 * what its scale rounds away (RFC 7323 2.4), and that is taken all the same. */
static void
checks_windows(struct tcp_rig *r, const struct seg *s, int line)
{
    unsigned shift = (r->conn.options & WSCALE) != 0 ? TCP_RCV_WSCALE : 0;
    uint32_t edge = s->ack + ((uint32_t)s->window << shift);

    if ((s->flags & (SYN | RST)) != 0)
        return;
    if (seq_gt(s->seq + seg_len(s), r->peer_edge + 1))
        fails(r, line, "%d numbers beyond the peer's window were sent",
              (int32_t)(s->seq + seg_len(s) - r->peer_edge));
    if (r->our_edge != 0 && seq_lt(edge + (1U << shift), r->our_edge + 1))
        fails(r, line, "our window has shrunk by %u", r->our_edge - edge);
    if (r->our_edge == 0 || seq_gt(edge, r->our_edge))
        r->our_edge = edge;
    if (seq_lt(rig_stream(r)->rcv_adv, r->our_edge))
        fails(r, line, "not all of the window that was offered would be taken");
}

/* What a caller does after every event. */
static void
settles(struct tcp_rig *r, bool arms, int line)
{
    bool has_stream = tcp_has_stream(&r->conn);
    unsigned n_before = r->n_pending;
    const char *broken;

    memset(&r->pending[n_before], 0xa5, sizeof(r->pending[0]) * (RIG_PENDING_MAX - n_before));
    while (r->n_pending < RIG_PENDING_MAX &&
           tcp_output(&r->conn, &r->ctx, &r->pending[r->n_pending]))
        r->n_pending++;
    if (r->n_pending - n_before > (has_stream ? RIG_PENDING_MAX - 1 : PER_EVENT_MAX))
        fails(r, line, "%u segments for one event", r->n_pending - n_before);
    for (unsigned i = n_before; has_stream && i < r->n_pending; i++)
        checks_windows(r, &r->pending[i], line);
    if (arms || has_stream || tcp_is_closed(&r->conn))
        r->deadline_ns = tcp_deadline_ns(&r->conn, &r->ctx);
    broken = tcp_broken(&r->conn, &r->ctx, r->deadline_ns, true);
    if (broken == NULL && r->ctx.pools != NULL && !r->shares_pools)
        broken = tcp_pools_broken(&r->conn, &r->ctx);
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
    begins(r, line);
    tcp_close(&r->conn, &r->ctx);
    settles(r, r->ctx.timer_moved, line);
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
        tcp_ctx_set_now(&r->ctx, r->now_ns);
        rig_settle(r);
        r->events |= tcp_timeout(&r->conn, &r->ctx);
        settles(r, true, line);
        if (r->deadline_ns <= r->now_ns)
            fails(r, line, "the timer does not move on");
    }
    r->now_ns = until_ns;
    tcp_ctx_set_now(&r->ctx, r->now_ns);
}

static uint16_t
window_of(const struct rig_seg *seg)
{
    if (seg->is_shut)
        return 0;
    return seg->window != 0 ? seg->window : 65535;
}

/* Relative blocks as they are in a segment. */
static void
puts_sack(struct seg *s, const struct rig_seg *seg, uint32_t origin)
{
    s->n_sack = 0;
    while (s->n_sack < SEG_SACK_MAX && seg->sack[s->n_sack].begin != seg->sack[s->n_sack].end) {
        s->sack[s->n_sack] = (struct seg_range){origin + seg->sack[s->n_sack].begin,
                                                origin + seg->sack[s->n_sack].end};
        s->n_sack++;
    }
    if (s->n_sack > 0)
        s->options |= SACK;
}

static const uint8_t *
payload_from(uint32_t seq, uint32_t len)
{
    static uint8_t bytes[UINT16_MAX];

    for (uint32_t i = 0; i < len; i++)
        bytes[i] = rig_byte(seq + i);
    return bytes;
}

static struct seg
from_peer(const struct tcp_rig *r, const struct rig_seg *seg)
{
    struct seg s = {
        .seq = r->irs + seg->seq,
        .ack = seg->flags & ACK ? r->iss + seg->ack : 0,
        .ts_val = seg->ts_val,
        .ts_ecr = seg->ts_ecr,
        .window = window_of(seg),
        .payload_len = seg->payload_len,
        .mss = seg->mss,
        .flags = seg->flags,
        .options = seg->options,
        .wscale = seg->wscale,
        .payload = payload_from(seg->seq, seg->payload_len),
    };

    puts_sack(&s, seg, r->iss);
    return s;
}

/* The window counts from now on. */
static void
notes_peer_window(struct tcp_rig *r, const struct seg *s)
{
    bool is_scaled = (s->flags & SYN) == 0 && (r->conn.options & WSCALE) != 0;
    uint32_t edge = s->ack + ((uint32_t)s->window << (is_scaled ? r->conn.snd_wscale : 0));

    if ((s->flags & ACK) != 0 && (r->peer_edge == 0 || seq_gt(edge, r->peer_edge)))
        r->peer_edge = edge;
}

/* The user of a connection that does not keep takes what has arrived. */
static void
notes_payload(struct tcp_rig *r, int line)
{
    uint32_t n = (r->events & TCP_EV_DATA) != 0 ? r->ctx.delivered : 0;

    r->delivered += n;
    r->acked += (r->events & TCP_EV_ACKED) != 0 ? r->ctx.acked : 0;
    if ((r->events & TCP_EV_DATA) != 0 && n == 0)
        fails(r, line, "payload without a byte was delivered");
    if (rig_count(r, rx_payload_bytes) != r->delivered && r->ctx.pools != NULL)
        fails(r, line, "what was delivered and what was counted differ");
    if (n > 0 && !r->params.buffers_rx) {
        r->consumed += n;
        tcp_consume(&r->conn, &r->ctx, n);
    }
}

void
rig_do_input(struct tcp_rig *r, struct rig_seg seg, int line)
{
    struct seg s = from_peer(r, &seg);

    begins(r, line);
    r->events = tcp_input(&r->conn, &r->ctx, &s);
    notes_peer_window(r, &s);
    notes_payload(r, line);
    if ((r->events & TCP_EV_ANSWER_RST) != 0 && !tcp_refuse(&s, &r->pending[r->n_pending++]))
        fails(r, line, "an RST asked for in answer to an RST");
    settles(r, r->ctx.timer_moved, line);
}

void
rig_do_accept(struct tcp_rig *r, struct rig_seg syn, int line)
{
    struct seg s = from_peer(r, &syn);

    begins(r, line);
    tcp_accept(&r->conn, &r->ctx, &s, r->iss);
    settles(r, true, line);
}

static bool
has_sack_of(const struct seg *a, const struct seg *b)
{
    if ((a->options & SACK) == 0)
        return true;
    return a->n_sack == b->n_sack && memcmp(a->sack, b->sack, a->n_sack * sizeof(a->sack[0])) == 0;
}

void
rig_do_write(struct tcp_rig *r, uint32_t n, int line)
{
    begins(r, line);
    if (!tcp_send_single(&r->conn, &r->ctx, n) && !tcp_send(&r->conn, &r->ctx, n))
        fails(r, line, "no stream is left");
    settles(r, true, line);
}

void
rig_do_read(struct tcp_rig *r, uint32_t n, int line)
{
    struct tcp_span span[2];
    uint32_t seq = 1 + r->consumed;

    begins(r, line);
    if (tcp_peek(&r->conn, &r->ctx, n, span) != n || span[0].len + span[1].len != n)
        fails(r, line, "less than %u bytes are there to be read", n);
    for (unsigned i = 0; i < 2; i++)
        for (uint32_t k = 0; k < span[i].len; k++, seq++)
            if (span[i].bytes[k] != rig_byte(seq))
                fails(r, line, "the byte of number %u is wrong", seq);
    r->consumed += n;
    tcp_consume(&r->conn, &r->ctx, n);
    settles(r, false, line);
}

void
rig_do_wake(struct tcp_rig *r, int line)
{
    begins(r, line);
    r->events = tcp_timeout(&r->conn, &r->ctx);
    settles(r, true, line);
}

bool
rig_do_path_mtu(struct tcp_rig *r, uint32_t seq, uint32_t mtu, uint32_t ip_len, int line)
{
    bool is_believed;

    begins(r, line);
    is_believed = tcp_path_mtu(&r->conn, &r->ctx, r->iss + seq, mtu, ip_len);
    settles(r, false, line);
    return is_believed;
}

void
rig_do_expect_full(struct tcp_rig *r, uint32_t first, unsigned n, int line)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t seq = first + i * RIG_MSS;
        bool is_last = r->iss + seq + RIG_MSS == rig_stream(r)->write_seq;

        rig_do_expect(r,
                      (struct rig_seg){.flags = ACK | (is_last ? PSH : 0),
                                       .seq = seq,
                                       .ack = r->conn.rcv_nxt - r->irs,
                                       .options = r->conn.options & TS,
                                       .payload_len = RIG_MSS},
                      line);
    }
}

void
rig_do_expect(struct tcp_rig *r, struct rig_seg seg, int line)
{
    char wanted[160], got[160];
    struct seg s = {
        .seq = r->iss + seg.seq,
        .ack = seg.flags & ACK ? r->irs + seg.ack : 0,
        .options = seg.options,
        .flags = seg.flags,
        .payload_len = seg.payload_len,
        .window = seg.window,
    };

    puts_sack(&s, &seg, r->irs);
    rig_format(wanted, sizeof(wanted), &s, r->iss, r->irs);
    if (r->n_pending == 0)
        fails(r, line, "expected [%s], nothing was sent", wanted);
    r->last = r->pending[0];
    r->n_pending--;
    for (unsigned i = 0; i < r->n_pending; i++)
        r->pending[i] = r->pending[i + 1];
    rig_format(got, sizeof(got), &r->last, r->iss, r->irs);
    if (r->last.flags != s.flags || r->last.seq != s.seq || r->last.ack != s.ack ||
        r->last.options != s.options || r->last.payload_len != s.payload_len ||
        !has_sack_of(&r->last, &s) || r->last.tso_segsz != seg.tso_segsz ||
        ((seg.window != 0 || seg.is_shut) && r->last.window != seg.window))
        fails(r, line, "expected [%s], was sent [%s]", wanted, got);
}

void
rig_do_silence(struct tcp_rig *r, int line)
{
    char got[160];

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
    tcp_ctx_set_now(&r->ctx, r->now_ns);
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

struct tcp_rig
rig_streams(void)
{
    struct tcp_rig r = rig_closed();

    r.now_ns -= r.now_ns % NS_PER_US;
    r.params.retries_max = 15;
    r.params.data_timeout_us = RIG_DATA_MS * 1000;
    r.params.rcv_wnd = 65536;
    r.params.delayed_ack_us = RIG_DELAYED_MS * 1000;
    r.params.cc = &cc_newreno;
    tcp_pools_fini(&pools);
    if (tcp_pools_init(&pools, &(struct tcp_pools_opts){.n_streams = 4,
                                                        .stream_bytes = sizeof(struct tcp_stream),
                                                        .n_buffers = 4,
                                                        .buffer_bytes = 65536}) < 0)
        fails(&r, 0, "no memory");
    r.ctx.pools = &pools;
    return r;
}

void
rig_connects(struct tcp_rig *r, uint8_t options)
{
    uint16_t mss = RIG_MSS + (options & TS ? 12 : 0);

    rig_app_opens(r);
    rig_expects(r, SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_peer_sends(r, SYN | ACK, .seq = 0, .ack = 1, .options = options, .ts_val = 100,
                   .wscale = 9);
    rig_expects(r, ACK, .seq = 1, .ack = 1, .options = options & TS);
    rig_ends(r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    tcp_limit_mss(&r->conn, mss, mss);
}

struct tcp_rig
rig_with_stream(uint8_t options)
{
    struct tcp_rig r = rig_streams();

    rig_connects(&r, options);
    return r;
}

struct tcp_rig
rig_with_single(uint8_t options)
{
    struct tcp_rig r = rig_streams();

    r.params.single = true;
    rig_connects(&r, options);
    return r;
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
