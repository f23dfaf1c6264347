/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes as what happens to two connections that share small pools: calls of a user who keeps to
 * tcp/tcp.h, time, and segments with numbers near the connection's own. What arrives is kept,
 * read and compared; no segment may reach an assert, no timer go on for ever, nothing leak. */
#include <string.h>

#include "../inputs_agree.h"
#include "base/seq.h"
#include "base/units.h"
#include "bytes.h"
#include "conn_trace.h"
#include "near_seg.h"
#include "tcp_invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Segments taken from a connection for one event; it keeps the rest for the next. */
static const unsigned OUTPUT_MAX = 48;
/* Timeouts until a connection whose peer is silent is over, or has nothing left to wait for. */
static const unsigned TIMEOUTS_MAX = 200;
/* A multiple of a ring's size plus one stretch; numbers repeat beyond that. */
static uint8_t pattern[(1 << 17) + UINT16_MAX];

struct side {
    struct tcp_conn conn;
    uint32_t kept;      /* bytes delivered and not consumed */
    uint32_t peer_edge; /* the largest right edge that the peer ever named */
    uint32_t our_edge;  /* the last one of ours; with has_our_edge */
    bool has_peer_edge, has_our_edge;
    bool is_drained;
};

struct world {
    struct tcp_params params;
    struct tcp_pools pools;
    struct tcp_ctx ctx;
    struct side sides[2];
    uint64_t delivered;
};

static struct stats stats;

static struct tcp_stream *
stream_at(struct world *w, const struct side *d)
{
    return !tcp_has_stream(&d->conn) ? NULL : slab_at(&w->pools.streams, tcp_stream_idx(&d->conn));
}

/* -- what the connection sends ----------------------------------------------------------------- */

static void
check_blocks(struct world *w, const struct side *d, const struct seg *s)
{
    const struct tcp_stream *x = stream_at(w, d);

    must(x != NULL && s->n_sack >= 1 && s->n_sack <= SEG_SACK_MAX, "a strange number of blocks");
    for (unsigned i = 0; i < s->n_sack; i++) {
        must(seq_lt(s->sack[i].begin, s->sack[i].end), "an empty block");
        must(i == 0 || (seq_gt(s->sack[i].begin, s->ack) && seq_le(s->sack[i].end, x->rcv_adv)),
             "a block of what cannot have arrived");
    }
}

static void
check_window(const struct world *w, struct side *d, const struct seg *s)
{
    uint32_t shift = (d->conn.options & SEG_OPT_WSCALE) != 0 ? TCP_RCV_WSCALE : 0;
    uint32_t window = (uint32_t)s->window << shift, edge = s->ack + window;

    must(w->ctx.pools == NULL || window <= w->params.rcv_wnd, "more is offered than there is");
    must(!d->has_our_edge || (int32_t)(edge - d->our_edge) >= -(1 << TCP_RCV_WSCALE),
         "our window has shrunk");
    if (!d->has_our_edge || seq_gt(edge, d->our_edge))
        d->our_edge = edge;
    d->has_our_edge = true;
}

static void
check_sent(struct world *w, struct side *d, const struct seg *s)
{
    const struct tcp_conn *c = &d->conn;
    uint32_t end = s->seq + seg_len(s);

    conn_trace("sends", c, &w->ctx, s);
    if ((s->flags & (SEG_RST | SEG_SYN)) != 0)
        return;
    must(s->ack == c->rcv_nxt, "the ACK is not of what was received");
    must(seq_le(end, c->snd_nxt), "more is sent than was counted");
    must(seg_len(s) == 0 || seq_ge(s->seq, c->snd_una), "what was acknowledged is sent again");
    if (0)
        must(seg_len(s) == 0 || seq_le(end, d->peer_edge + 1), "the peer's window is overrun");
    must(s->payload_len <= u64_max(c->mss, 1) || s->tso_segsz > 0, "a segment is too long");
    must(s->tso_segsz == 0 || (s->tso_segsz <= c->mss && s->payload_len <= w->params.tso_max),
         "a split that nobody can make");
    if ((s->options & SEG_OPT_SACK) != 0)
        check_blocks(w, d, s);
    check_window(w, d, s);
}

/* What a user does after each event. */
static void
settle(struct world *w, struct side *d)
{
    bool has_stream = tcp_has_stream(&d->conn);
    const char *broken;
    unsigned n = 0;
    struct seg s;

    memset(&s, 0xa5, sizeof(s));
    while (n < OUTPUT_MAX && tcp_output(&d->conn, &w->ctx, &s)) {
        check_sent(w, d, &s);
        n++;
    }
    d->is_drained = n < OUTPUT_MAX;
    must(has_stream || n <= 2, "more than two segments for an event without a stream");
    if (d->conn.state == TCPS_CLOSED || d->conn.state == TCPS_TIME_WAIT) {
        must(n <= 2, "a connection that is over has much to say");
        tcp_release(&d->conn, &w->ctx);
        d->kept = 0;
        d->has_our_edge = false;
    }
    broken = tcp_broken(&d->conn, &w->ctx, tcp_deadline_ns(&d->conn, &w->ctx), d->is_drained);
    must(broken == NULL, broken);
}

/* -- what is told ------------------------------------------------------------------------------ */

static void
take_events(struct world *w, struct side *d, unsigned events)
{
    bool is_over = d->conn.state == TCPS_CLOSED || d->conn.state == TCPS_TIME_WAIT;

    must((events & TCP_EV_OVER) == 0 || is_over, "over, and not closed");
    if ((events & TCP_EV_ESTABLISHED) != 0)
        tcp_limit_mss(&d->conn, TCP_MSS_DEFAULT_V4, 1460);
    must((events & TCP_EV_ACKED) == 0 || w->ctx.acked > 0, "nothing was acknowledged");
    if ((events & TCP_EV_DATA) == 0)
        return;
    must(w->ctx.delivered > 0, "nothing was delivered");
    w->delivered += w->ctx.delivered;
    must(stats.now->counters[CTR_rx_payload_bytes] == w->delivered, "payload is miscounted");
    if (w->params.buffers_rx)
        d->kept += w->ctx.delivered;
    else
        tcp_consume(&d->conn, &w->ctx, w->ctx.delivered);
}

/* The bytes are those that were sent with these numbers. */
static void
reads(struct world *w, struct side *d, uint32_t max)
{
    uint32_t n = (uint32_t)u64_min(d->kept, max), seq;
    struct tcp_span span[2];

    if (n == 0 || !tcp_has_stream(&d->conn))
        return;
    seq = stream_at(w, d)->read_seq;
    must(tcp_peek(&d->conn, &w->ctx, n, span) == n, "what was delivered is not there");
    for (unsigned i = 0; i < 2; i++) {
        for (uint32_t at = 0; at < span[i].len; at += UINT16_MAX) {
            uint32_t len = (uint32_t)u64_min(span[i].len - at, UINT16_MAX);

            must(memcmp(span[i].bytes + at, &pattern[(seq + at) % (1 << 17)], len) == 0,
                 "what was delivered is not what was sent");
        }
        seq += span[i].len;
    }
    tcp_consume(&d->conn, &w->ctx, n);
    d->kept -= n;
}

/* -- what the peer sends ----------------------------------------------------------------------- */

static void
note_peer_edge(struct side *d, const struct seg *s)
{
    bool is_scaled = (s->flags & SEG_SYN) == 0 && (d->conn.options & SEG_OPT_WSCALE) != 0;
    uint32_t edge = s->ack + ((uint32_t)s->window << (is_scaled ? d->conn.snd_wscale : 0));

    if ((s->flags & SEG_ACK) == 0 || seq_lt(s->ack, d->conn.snd_una) ||
        seq_gt(s->ack, d->conn.snd_nxt))
        return;
    if (!d->has_peer_edge || seq_gt(edge, d->peer_edge))
        d->peer_edge = edge;
    d->has_peer_edge = true;
}

static void
forget(struct side *d)
{
    *d = (struct side){.conn = d->conn};
}

/* Without a stream there are two ways, which lead to the same. */
static unsigned
input_both_ways(struct world *w, struct tcp_conn *c, const struct seg *s)
{
    static struct input_twin twin;
    static uint64_t before[STAT_COUNTERS_MAX];
    unsigned events;

    if (tcp_has_stream(c))
        return tcp_input(c, &w->ctx, s);
    memcpy(before, stats.now->counters, sizeof(before));
    input_twin_hears(&twin, c, &w->ctx, s);
    events = tcp_input(c, &w->ctx, s);
    must(input_twin_agrees(&twin, c, &w->ctx, events, before), "the short way leads elsewhere");
    return events;
}

static void
hears(struct world *w, struct side *d, const struct seg *s)
{
    struct tcp_conn *c = &d->conn;
    struct seg refusal;
    unsigned events;

    if (c->state == TCPS_CLOSED || tcp_may_reopen(c, s)) {
        if ((s->flags & (SEG_SYN | SEG_RST | SEG_ACK)) == SEG_SYN) {
            forget(d);
            tcp_accept(c, &w->ctx, s, tcp_reopen_iss(c, s->ack));
        }
        (void)tcp_refuse(s, &refusal);
        return;
    }
    conn_trace("hears", c, &w->ctx, s);
    note_peer_edge(d, s);
    events = input_both_ways(w, c, s);
    must((events & TCP_EV_ANSWER_RST) == 0 || (s->flags & SEG_RST) != 0 || tcp_refuse(s, &refusal),
         "no RST is due");
    take_events(w, d, events);
}

/* -- the user ---------------------------------------------------------------------------------- */

static bool
may_write(const struct tcp_conn *c)
{
    return c->state == TCPS_ESTABLISHED || c->state == TCPS_CLOSE_WAIT;
}

static bool
is_synchronized(const struct tcp_conn *c)
{
    return c->state >= TCPS_ESTABLISHED && c->state != TCPS_TIME_WAIT;
}

static void
writes(struct world *w, struct side *d, uint8_t much)
{
    uint32_t n = 1 + ((uint32_t)(much & 7) << (much >> 3) % 28);
    uint32_t before = tcp_unacked(&d->conn, &w->ctx);

    if (!may_write(&d->conn) || before + n > TCP_UNSENT_MAX)
        return;
    if (tcp_send_single(&d->conn, &w->ctx, n) || tcp_send(&d->conn, &w->ctx, n))
        must(tcp_unacked(&d->conn, &w->ctx) == before + n, "what is written is miscounted");
}

static void
opens(struct world *w, struct side *d, uint8_t where)
{
    static const uint32_t near[4] = {0, UINT32_MAX, INT32_MAX, 1000};

    if (d->conn.state != TCPS_CLOSED)
        return;
    forget(d);
    tcp_open(&d->conn, &w->ctx, near[where % 4] - where);
}

/* An open from either side, answered as it should be. */
static void
shakes_hands(struct world *w, struct side *d, struct bytes *b)
{
    uint8_t options = take8(b), where = take8(b);
    bool is_active = (options & 0x80) != 0;
    struct seg s = {
        .seq = (where & 0x20) != 0 ? UINT32_MAX - where : (uint32_t)where << 24,
        .window = (uint16_t)(where * 257),
        .mss = (uint16_t)(options & 0x10 ? 1460 : where * 40),
        .wscale = where % 15,
        .flags = SEG_SYN,
        .options = options & 0x0f,
    };

    opens(w, d, where);
    if (d->conn.state != TCPS_SYN_SENT)
        return;
    if (is_active) {
        s.ack = d->conn.snd_nxt;
        s.flags = SEG_SYN | SEG_ACK;
        hears(w, d, &s);
        return;
    }
    tcp_accept(&d->conn, &w->ctx, &s, (uint32_t)where << 26);
    settle(w, d);
    s.flags = SEG_ACK;
    s.seq++;
    s.ack = d->conn.snd_nxt;
    hears(w, d, &s);
}

static void
learns_path_mtu(struct world *w, struct side *d, struct bytes *b, uint32_t ip_len)
{
    uint32_t seq = near_place(b, &d->conn);

    (void)tcp_path_mtu(&d->conn, &w->ctx, seq, take16(b), ip_len);
}

static void
times_out(struct world *w, struct side *d, bool at_deadline)
{
    uint64_t ns = tcp_deadline_ns(&d->conn, &w->ctx);

    if (at_deadline && ns != TIME_NEVER)
        tcp_ctx_set_now(&w->ctx, u64_max(ns, w->ctx.now_ns));
    take_events(w, d, tcp_timeout(&d->conn, &w->ctx));
}

/* Time passes, and timers run out on the way. */
static void
waits(struct world *w, uint64_t until_ns)
{
    for (unsigned i = 0; i < TIMEOUTS_MAX; i++) {
        uint64_t ns[2] = {tcp_deadline_ns(&w->sides[0].conn, &w->ctx),
                          tcp_deadline_ns(&w->sides[1].conn, &w->ctx)};
        struct side *next = &w->sides[ns[1] < ns[0]];

        if (u64_min(ns[0], ns[1]) > until_ns)
            break;
        times_out(w, next, true);
        settle(w, next);
    }
    tcp_ctx_set_now(&w->ctx, u64_max(until_ns, w->ctx.now_ns));
}

/* Time passes until the timer of @d runs out. It passes for the other one, too: what it has in
 * flight never gets older than what its own timer allows. */
static void
expires(struct world *w, const struct side *d)
{
    uint64_t ns = tcp_deadline_ns(&d->conn, &w->ctx);

    if (ns != TIME_NEVER)
        waits(w, u64_max(ns, w->ctx.now_ns));
}

static void
step(struct world *w, struct bytes *b)
{
    static const char *const names[12] = {"open",    "shake", "write", "read", "close",  "abort",
                                          "expires", "timer", "wait",  "rest", "borrow", "mtu"};
    uint8_t op = take8(b);
    struct side *d = &w->sides[op >> 7];
    struct seg s;

    conn_trace(op % 16 < 12 ? names[op % 16] : "segment", &d->conn, &w->ctx, NULL);
    switch (op % 16) {
    case 0:
        opens(w, d, take8(b));
        break;
    case 1:
        shakes_hands(w, d, b);
        break;
    case 2:
        writes(w, d, take8(b));
        break;
    case 3:
        reads(w, d, (uint32_t)take8(b) * take8(b));
        break;
    case 4:
        tcp_close(&d->conn, &w->ctx);
        break;
    case 5:
        tcp_abort(&d->conn);
        break;
    case 6:
        expires(w, d);
        break;
    case 7:
        times_out(w, d, false);
        break;
    case 8:
        waits(w, w->ctx.now_ns + take_ns(b));
        break;
    case 9:
        if (tcp_release_idle(&d->conn, &w->ctx))
            d->has_our_edge = false; /* without a stream the window is the small one */
        break;
    case 10:
        if (is_synchronized(&d->conn))
            (void)tcp_attach_stream(&d->conn, &w->ctx);
        break;
    case 11:
        learns_path_mtu(w, d, b, op & 0x10 ? 40 : 20);
        break;
    default:
        s = near_seg(b, &d->conn, stream_at(w, d), w->ctx.ts_now);
        s.payload = &pattern[s.seq % (1 << 17)];
        hears(w, d, &s);
        break;
    }
    settle(w, d);
}

/* -- beginning and end ------------------------------------------------------------------------- */

static void
begins(struct world *w, struct bytes *b)
{
    static const uint32_t windows[4] = {4096, 1 << 16, 1 << 18, 1 << 20};
    uint8_t how = take8(b), what = take8(b), times = take8(b);
    struct tcp_pools_opts opts = {.n_streams = 1 + (how >> 1) % 2,
                                  .stream_bytes = sizeof(struct tcp_stream),
                                  .n_buffers = (how & 0x04) != 0 ? (how >> 3) % 3 : 0};

    w->params = (struct tcp_params){
        .connect_timeout_us = 1000u << times % 21,
        .close_timeout_us = 1000u << (times >> 3) % 21,
        .piggyback = (how & 0x20) != 0,
        .buffers_rx = (how & 0x05) == 0x05,
        .single = (what & 0x20) != 0,
        .nagle = (how & 0x40) != 0,
        .retries_max = (uint8_t)(1 + times % 30),
        .data_timeout_us = 1000u << (times >> 2) % 21,
        .rcv_wnd = windows[what % 4],
        .ack = (enum tcp_ack_policy)((what >> 1) % TCP_ACK_POLICIES),
        .delayed_ack_us = (what & 0x04) != 0 ? 40000 : 0,
        .tso_max = (what & 0x08) != 0 ? 65415 : 0,
        .cc = cc_algorithms[(what >> 4) % CC_ALGORITHMS],
        .cc_opts = {.fixed_window = 1024u << (what >> 6) * 3},
    };
    opts.buffer_bytes = w->params.buffers_rx ? w->params.rcv_wnd : 0;
    must(tcp_pools_init(&w->pools, &opts) == 0, "no memory");
    w->ctx = (struct tcp_ctx){.params = &w->params, .stat = &stats};
    w->ctx.pools = (how & 0x01) != 0 ? &w->pools : NULL;
    tcp_ctx_set_now(&w->ctx, ((how & 0x80) != 0 ? UINT32_MAX : INT32_MAX) * NS_PER_US);
    stat_init(&stats, w->ctx.now_ns);
}

/* The peer has gone. */
static void
ends(struct world *w, struct side *d)
{
    for (unsigned i = 0; tcp_deadline_ns(&d->conn, &w->ctx) != TIME_NEVER; i++) {
        must(i < TIMEOUTS_MAX, "timeouts without end");
        expires(w, d);
        settle(w, d);
    }
    tcp_abort(&d->conn);
    settle(w, d);
}

static void
fill_pattern(void)
{
    for (uint32_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = (uint8_t)(i % (1 << 17) * 2654435761u >> 24);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes b = {data, data + len};
    struct world w = {0};

    if (pattern[1] == 0)
        fill_pattern();
    begins(&w, &b);
    while (bytes_left(&b))
        step(&w, &b);
    ends(&w, &w.sides[0]);
    ends(&w, &w.sides[1]);
    must(w.pools.streams.n_borrowed == 0, "a stream is lost");
    must(w.pools.overflows.n_borrowed == 0, "a board is lost");
    must(w.pools.buffers.n_borrowed == 0, "a buffer is lost");
    tcp_pools_fini(&w.pools);
    return 0;
}
