/* SPDX-License-Identifier: BSD-3-Clause */
/* See sim_check.h. Section numbers without a name are RFC 9293. */
#include "sim_check.h"

#include <string.h>

#include "base/seq.h"
#include "sim.h"
#include "tcp_invariants.h"

/* A wheel's tick, and the microseconds that durations are cut to. */
static const uint64_t TIMER_SLACK_NS = 2 * 65536 + 5000;
/* Every segment's worth of work may take so many segments, both ways together, on a path that loses
 * a third: an exchange without end has more. */
static const unsigned SEGS_PER_UNIT = 40, SEGS_ALWAYS = 400;

static const enum seg_flag CONTROL = SEG_SYN | SEG_FIN | SEG_RST;

/* -- the shadow's own arithmetic -----------------------------------------------------------------
 */

static bool
is_scaled(const struct sim_shadow *sh)
{
    return (sh->own_options & sh->peer_options & SEG_OPT_WSCALE) != 0;
}

static bool
has_agreed(const struct sim_shadow *sh, uint8_t option)
{
    return (sh->own_options & sh->peer_options & option) != 0;
}

/* After the last byte written. */
static uint32_t
written_end(const struct sim_host *h)
{
    return h->shadow.iss + 1 + (uint32_t)h->app.written;
}

/* Merge @r into what has arrived. */
static void
got_add(struct sim_shadow *sh, struct seg_range r)
{
    unsigned i = 0, j;

    while (i < sh->n_got && seq_lt(sh->got[i].end, r.begin))
        i++;
    for (j = i; j < sh->n_got && seq_le(sh->got[j].begin, r.end); j++) {
        r.begin = seq_lt(sh->got[j].begin, r.begin) ? sh->got[j].begin : r.begin;
        r.end = seq_gt(sh->got[j].end, r.end) ? sh->got[j].end : r.end;
    }
    if (j == i && sh->n_got == SIM_GOT_MAX) {
        sh->lost_count = true;
        return;
    }
    memmove(&sh->got[i + 1], &sh->got[j], (sh->n_got - j) * sizeof(sh->got[0]));
    sh->n_got += i + 1 - j;
    sh->got[i] = r;
}

/* Whether all of @r has arrived. */
static bool
has_got(const struct sim_shadow *sh, struct seg_range r)
{
    if (sh->lost_count)
        return true;
    for (unsigned i = 0; i < sh->n_got; i++) {
        if (seq_ge(r.begin, sh->got[i].begin) && seq_le(r.end, sh->got[i].end))
            return true;
    }
    return false;
}

static const struct tcp_stream *
stream_at(const struct sim_host *h)
{
    return !tcp_has_stream(&h->conn) ? NULL : slab_at(&h->pools.streams, tcp_stream_idx(&h->conn));
}

static const struct tcp_overflow *
overflow_at(const struct sim_host *h, const struct tcp_stream *x)
{
    return x->overflow == SLAB_NONE ? NULL : slab_at(&h->pools.overflows, x->overflow);
}

static const struct seg_range *
reasm_at(const struct sim_host *h, const struct tcp_stream *x)
{
    return x->overflow == SLAB_NONE ? x->reasm : overflow_at(h, x)->reasm;
}

/* Whether nothing may be sent twice. The byte of a window probe may: the window may open while it
 * is on its way, and then it cannot be told whether it was taken. */
static bool
is_clean(const struct sim *sim)
{
    return sim->opts.is_clean && sim_count(&sim->hosts[A], window_probes) == 0 &&
           sim_count(&sim->hosts[B], window_probes) == 0;
}

void
sim_check_begins(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_shadow *sh = &h->shadow;

    memset(sh, 0, offsetof(struct sim_shadow, got));
    sh->n_got = 0;
    sh->lost_count = false;
    sh->iss = h->conn.snd_una;
    sh->sent_max = sh->prev_una = sh->iss;
    sh->prev_nxt = h->conn.snd_nxt;
    sh->begun_ns = sh->progress_ns = sh->heard_ns = sh->shut_ns = sim->now_ns;
    sh->is_shut = false;
    sh->unacked_ns = TIME_NEVER;
    sh->timeouts_then = sim_count(h, rto_timeouts) + sim_count(h, window_probes);
    sh->acked = 0;
    sh->n_sent = sh->n_pure = sh->n_causes = sh->n_units = sh->n_dups = 0;
    sh->fin_ns = 0;
}

/* -- what is sent --------------------------------------------------------------------------------
 */

static void
check_syn(struct sim *sim, struct sim_host *h, const struct seg *s)
{
    bool is_answer = h->conn.state == TCPS_SYN_RECEIVED;

    sim_check(sim, h->conn.state == TCPS_SYN_SENT || is_answer, "a SYN outside the handshake");
    sim_check(sim, s->flags == (is_answer ? SEG_SYN | SEG_ACK : SEG_SYN), "an odd SYN");
    sim_check(sim, s->seq == h->shadow.iss, "a SYN that is not at the initial number");
    sim_check(sim, s->payload_len == 0, "payload on a SYN");
    h->shadow.own_options = s->options;
}

/* 3.10.4, 3.10.5: which states send payload and FIN; for payload that was sent before, too. */
static void
check_sequence_space(struct sim *sim, struct sim_host *h, const struct seg *s)
{
    struct sim_shadow *sh = &h->shadow;
    uint32_t end = s->seq + s->payload_len;

    switch ((enum tcp_state)h->conn.state) {
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
        sim_check(sim, (s->flags & SEG_FIN) == 0, "a FIN before the close");
        break;
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        break;
    case TCPS_CLOSED:
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
    case TCPS_FIN_WAIT_2:
    case TCPS_TIME_WAIT:
        sim_check(sim, false, "payload or FIN in a state that sends none");
    }
    sim_check(sim, seq_ge(s->seq, h->conn.snd_una), "what is acknowledged is sent again");
    sim_check(sim, seq_le(s->seq, sh->sent_max), "a gap is left in what is sent");
    sim_check(sim, seq_le(end, written_end(h)), "more is sent than was written");
    if ((s->flags & SEG_FIN) != 0) {
        sim_check(sim, h->app.has_closed, "a FIN that nobody asked for");
        sim_check(sim, end == written_end(h), "the FIN is not behind the last byte");
        if (!sh->has_sent_fin)
            sh->fin_ns = sim->now_ns;
        sh->has_sent_fin = true;
    }
}

/* RFC 5681 3.1 and 3.8.6: within the congestion window and the peer's. */
static void
check_fresh_payload(struct sim *sim, struct sim_host *h, const struct seg *s)
{
    const struct tcp_stream *x = stream_at(h);
    struct sim_shadow *sh = &h->shadow;
    uint32_t end = s->seq + s->payload_len, extra = h->conn.mss;

    sim_check(sim, x != NULL || h->opts.tcp.single, "payload without a stream");
    sim_check(sim, sh->has_edge, "payload before the peer offered a window");
    sim_check(sim, seq_le(end, sh->edge) || (s->payload_len == 1 && s->seq == sh->edge),
              "payload beyond the window that the peer offered");
    if (!has_agreed(sh,
                    SEG_OPT_SACK_OK)) /* RFC 3042, RFC 6582 3.2: each tells of one that has left */
        extra += (3 + sh->n_dups) * h->conn.mss;
    /* A probe goes out in any case (RFC 8985 7.3); they count, and are few. */
    if (x != NULL && !((x->flags & STREAM_TLP_IN_FLIGHT) != 0 && seq_le(x->tlp_end_seq, end + 1)))
        sim_check(sim, x->in_flight <= x->cc.cwnd + extra,
                  "more is in flight than the congestion window allows");
    h->sent_fresh += end - (seq_lt(s->seq, sh->sent_max) ? sh->sent_max : s->seq);
}

/* RFC 6691: options count. */
static void
check_size(struct sim *sim, const struct sim_host *h, const struct seg *s)
{
    unsigned len =
        s->tso_segsz > 0 && s->tso_segsz < s->payload_len ? s->tso_segsz : s->payload_len;

    len += (s->options & SEG_OPT_TS) != 0 ? 12 : 0;
    len += (s->options & SEG_OPT_SACK) != 0 ? 4 + 8u * s->n_sack : 0;
    sim_check(sim, len <= h->conn.mss, "a segment larger than the peer takes");
    if (s->tso_segsz > 0)
        sim_check(sim, h->opts.tcp.tso_max > 0 && s->payload_len <= h->opts.tcp.tso_max,
                  "more to cut than the port takes");
}

static void
check_ack(struct sim *sim, struct sim_host *h, const struct seg *s)
{
    struct sim_shadow *sh = &h->shadow;
    bool is_syn = (s->flags & SEG_SYN) != 0;
    uint32_t window = (uint32_t)s->window << (!is_syn && is_scaled(sh) ? TCP_RCV_WSCALE : 0);
    uint32_t step = is_scaled(sh) ? 1u << TCP_RCV_WSCALE : 1, offer = s->ack + window;
    uint32_t begin = sh->irs + 1 + (uint32_t)h->app.read;
    const struct tcp_stream *x = stream_at(h);

    sim_check(sim, sh->has_irs && s->ack == h->conn.rcv_nxt, "an ACK that is not of RCV.NXT");
    sim_check(sim, !sh->has_acked || seq_ge(s->ack, sh->ack_max), "an ACK goes back");
    /* 3.8.6: the offer may be rounded to what the field can say (RFC 7323 2.4). */
    if (!h->app.peer_closed && h->conn.state != TCPS_CLOSED) {
        sim_check(sim, !sh->has_acked || seq_gt(offer + step, sh->offer_max),
                  "the offered window shrinks");
        sim_check(sim, offer - begin <= u64_max(h->opts.tcp.rcv_wnd, TCP_RCV_WND),
                  "more window is offered than there is room");
        sim_check(sim, x == NULL || seq_le(offer, x->rcv_adv), "an offer that is not remembered");
    }
    if (!sh->has_acked || seq_gt(offer, sh->offer_max))
        sh->offer_max = offer;
    sh->ack_max = s->ack;
    sh->has_acked = true;
    sh->unacked_ns = TIME_NEVER;
}

/* RFC 2018 3 and 4, RFC 2883 4: the first block may report what came twice, the others tell of what
 * is beyond a gap. */
static void
check_sack(struct sim *sim, struct sim_host *h, const struct seg *s)
{
    struct sim_shadow *sh = &h->shadow;
    unsigned max = (s->options & SEG_OPT_TS) != 0 ? 3 : SEG_SACK_MAX;

    sim_check(sim, has_agreed(sh, SEG_OPT_SACK_OK), "SACK was not agreed");
    sim_check(sim, s->n_sack > 0 && s->n_sack <= max, "SACK blocks that do not fit");
    for (unsigned i = 0; i < s->n_sack; i++) {
        sim_check(sim, seq_lt(s->sack[i].begin, s->sack[i].end), "an empty SACK block");
        sim_check(sim, i == 0 || seq_gt(s->sack[i].begin, s->ack),
                  "a SACK block that is acknowledged already");
        /* What came twice may have come in another connection, before this one. */
        sim_check(sim, has_got(sh, s->sack[i]) || (i == 0 && seq_le(s->sack[i].begin, sh->irs)),
                  "a SACK block for what never came");
    }
}

/* RFC 7323 3.2: once agreed, in every segment but RST. */
static void
check_timestamp(struct sim *sim, struct sim_host *h, const struct seg *s)
{
    struct sim_shadow *sh = &h->shadow;

    if (!has_agreed(sh, SEG_OPT_TS) || (s->flags & (SEG_SYN | SEG_RST)) != 0)
        return;
    sim_check(sim, (s->options & SEG_OPT_TS) != 0, "a segment without the agreed timestamp");
    sim_check(sim, !sh->has_ts_last || seq_ge(s->ts_val, sh->ts_last), "timestamps go back");
    sim_check(sim, seq_le(s->ts_ecr, sh->ts_heard), "an echo of a timestamp that never came");
    sh->ts_last = s->ts_val;
    sh->has_ts_last = true;
}

static void
check_pure_ack(struct sim *sim, struct sim_host *h, const struct seg *s)
{
    struct sim_shadow *sh = &h->shadow;
    const struct tcp_stream *x = stream_at(h);

    /* 3.10.7.4 <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
    sim_check(sim, s->seq == sh->sent_max, "an ACK whose number is not SND.NXT");
    if (x != NULL && x->n_reasm > 0 && has_agreed(sh, SEG_OPT_SACK_OK))
        sim_check(sim, (s->options & SEG_OPT_SACK) != 0, "an ACK that hides what came");
}

/* What takes sequence space is bounded by what there is to send, bare ACKs by what both have. */
static void
check_bound(struct sim *sim, struct sim_host *h, bool is_pure)
{
    unsigned n_units = h->shadow.n_units;

    for (unsigned i = 0; i < 2; i++) {
        struct sim_host *each = &sim->hosts[i];

        if (each->shadow.n_units > each->n_units_max)
            each->n_units_max = each->shadow.n_units;
    }
    if (is_pure) {
        sim_check(sim, ++h->shadow.n_pure <= h->shadow.n_causes, "an ACK without a cause");
        n_units = sim->hosts[A].n_units_max + sim->hosts[B].n_units_max;
    } else {
        h->shadow.n_sent++;
    }
    sim_check(sim,
              (is_pure ? h->shadow.n_pure : h->shadow.n_sent) <=
                  SEGS_ALWAYS + SEGS_PER_UNIT * n_units,
              "the exchange does not end");
}

void
sim_check_sent(struct sim *sim, unsigned host, const struct seg *s)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_shadow *sh = &h->shadow;
    uint32_t len = seg_len(s), end = s->seq + len;
    bool is_again = len > 0 && seq_lt(s->seq, sh->sent_max);

    sim_check(sim, !sh->has_sent_rst, "something is sent after the RST");
    check_bound(sim, h, len == 0 && (s->flags & CONTROL) == 0);
    if ((s->flags & SEG_RST) != 0) {
        sim_check(sim, h->conn.state == TCPS_CLOSED, "an RST, and not closed");
        sim_check(sim, s->payload_len == 0, "payload on an RST");
        sh->has_sent_rst = true;
        return;
    }
    sim_check(sim, h->conn.state != TCPS_CLOSED || h->app.has_aborted, "sent when closed");
    check_timestamp(sim, h, s);
    if ((s->flags & SEG_SYN) != 0)
        check_syn(sim, h, s);
    else
        sim_check(sim, (s->flags & SEG_ACK) != 0, "neither SYN nor RST, and no ACK");
    if ((s->flags & SEG_ACK) != 0)
        check_ack(sim, h, s);
    if ((s->options & SEG_OPT_SACK) != 0)
        check_sack(sim, h, s);
    if ((s->flags & CONTROL) == 0 && len == 0)
        check_pure_ack(sim, h, s);
    if ((s->flags & SEG_SYN) == 0 && len > 0) {
        check_sequence_space(sim, h, s);
        check_size(sim, h, s);
        if (s->payload_len > 0 && seq_gt(s->seq + s->payload_len, sh->sent_max))
            check_fresh_payload(sim, h, s);
    }
    h->n_payload_segs += s->payload_len > 0;
    h->n_again += is_again;
    sim_check(sim, !(is_again && is_clean(sim) && (s->flags & SEG_SYN) == 0),
              "sent twice over a path that loses nothing");
    if (seq_gt(end, sh->sent_max))
        sh->sent_max = end;
}

/* -- what is heard -------------------------------------------------------------------------------
 */

static void
hears_window(struct sim_shadow *sh, const struct seg *s)
{
    bool is_syn = (s->flags & SEG_SYN) != 0, has_ack = (s->flags & SEG_ACK) != 0;
    uint32_t ack = has_ack ? s->ack : sh->iss + 1; /* a SYN offers what is behind ours */
    uint32_t edge = ack + ((uint32_t)s->window << (!is_syn && is_scaled(sh) ? sh->peer_shift : 0));

    if (!(has_ack || is_syn) || ack - sh->iss - 1 > sh->sent_max - sh->iss)
        return;
    if (!sh->has_edge || seq_gt(edge, sh->edge))
        sh->edge = edge;
    sh->has_edge = true;
}

void
sim_check_heard(struct sim *sim, unsigned host, const struct seg *s, const struct sim_frame *frame)
{
    struct sim_host *h = &sim->hosts[host];
    struct sim_shadow *sh = &h->shadow;

    sh->n_causes++;
    if ((s->options & SEG_OPT_TS) != 0 && (s->flags & SEG_RST) == 0 &&
        (sh->ts_heard == 0 || seq_gt(s->ts_val, sh->ts_heard)))
        sh->ts_heard = s->ts_val;
    if (frame->is_forged || h->conn.state == TCPS_CLOSED || (sh->has_irs && sh->irs != frame->iss))
        return; /* for a connection that was before, or none */
    if ((s->flags & SEG_SYN) != 0 && !sh->has_irs) {
        sh->peer_options = s->options;
        sh->peer_shift = s->wscale;
    }
    sh->heard_ns = sim->now_ns;
    if (s->window == 0 || sh->is_shut)
        sh->shut_ns = sim->now_ns;
    sh->is_shut = s->window == 0;
    hears_window(sh, s);
    if (s->ack == h->conn.snd_una && seg_len(s) == 0)
        sh->n_dups++;
    if (sh->has_irs && s->payload_len > 0)
        got_add(sh, (struct seg_range){s->seq, s->seq + s->payload_len});
}

/* -- what is told --------------------------------------------------------------------------------
 */

/* Timeouts in a row. */
static uint64_t
timeouts(const struct sim_host *h)
{
    return sim_count(h, rto_timeouts) + sim_count(h, window_probes) - h->shadow.timeouts_then;
}

static void
check_data_timeout(struct sim *sim, const struct sim_host *h)
{
    const struct sim_shadow *sh = &h->shadow;
    uint64_t waited_ns = sim->now_ns - sh->progress_ns;

    sim_check(sim, sh->sent_max != h->conn.snd_una || h->app.written > sh->acked,
              "payload is given up and there was none");
    sim_check(sim,
              waited_ns + TIMER_SLACK_NS >= h->opts.tcp.data_timeout_us * NS_PER_US ||
                  timeouts(h) + 1 >= h->opts.tcp.retries_max,
              "payload is given up too early");
}

static void
check_ends(struct sim *sim, unsigned host, unsigned events)
{
    const struct sim_host *h = &sim->hosts[host], *peer = &sim->hosts[!host];
    const struct sim_shadow *sh = &h->shadow;

    if ((events & TCP_EV_DATA_TIMEOUT) != 0)
        check_data_timeout(sim, h);
    if ((events & TCP_EV_OPEN_TIMEOUT) != 0)
        sim_check(sim,
                  sim->now_ns - sh->begun_ns + 1000 >= h->opts.tcp.connect_timeout_us * NS_PER_US,
                  "the handshake is given up too early");
    if ((events & (TCP_EV_CLOSE_TIMEOUT | TCP_EV_PEER_TIMEOUT)) != 0) {
        sim_check(sim, sh->has_sent_fin, "the close is given up before the FIN");
        /* Patience begins with the close; the FIN goes out a drain later. */
        sim_check(sim,
                  sim->now_ns - sh->fin_ns + 3000 >= h->opts.tcp.close_timeout_us * NS_PER_US ||
                      h->conn.retries >= h->opts.tcp.retries_max,
                  "the close is given up too early");
    }
    if ((events & (TCP_EV_RESET | TCP_EV_REFUSED)) != 0)
        sim_check(sim, peer->n_rsts > 0, "reset by nobody");
    if ((events & TCP_EV_CLOSED) != 0 && peer->n_rsts == 0) {
        sim_check(sim, h->app.peer_closed && h->app.has_closed, "closed, and one side has not");
        sim_check(sim, h->conn.snd_una == written_end(h) + 1, "closed, and not all acknowledged");
    }
}

void
sim_check_events(struct sim *sim, unsigned host, unsigned events)
{
    struct sim_host *h = &sim->hosts[host];
    const struct sim_host *peer = &sim->hosts[!host];

    if ((events & TCP_EV_ACKED) != 0) {
        sim_check(sim, h->ctx.acked > 0, "nothing was acknowledged, and it is told");
        h->shadow.acked += h->ctx.acked;
    }
    if ((events & TCP_EV_PEER_CLOSED) != 0 && sim_is_linked(sim))
        sim_check(sim, h->app.received == peer->app.written && peer->app.has_closed,
                  "the peer has closed, and not all of its bytes were delivered");
    check_ends(sim, host, events);
}

/* -- what is left --------------------------------------------------------------------------------
 */

static void
check_scoreboard(struct sim *sim, const struct sim_host *h, const struct tcp_stream *x)
{
    if (x->n_extents > 0)
        sim_check(sim, h->conn.snd_nxt == h->shadow.sent_max, "what was sent is in no extent");
    else if (h->conn.state >= TCPS_ESTABLISHED)
        sim_check(sim, h->conn.snd_una == h->shadow.sent_max, "something in flight has no extent");
}

static void
check_reasm(struct sim *sim, const struct sim_host *h, const struct tcp_stream *x)
{
    const struct seg_range *reasm = reasm_at(h, x);

    for (unsigned i = 0; i < x->n_reasm; i++)
        sim_check(sim, has_got(&h->shadow, reasm[i]), "a range that never came");
}

static bool
is_past_handshake(enum tcp_state state)
{
    return state != TCPS_CLOSED && state != TCPS_SYN_SENT && state != TCPS_SYN_RECEIVED;
}

/* The table in sim_check.h. */
static bool
needs_timer(const struct sim_host *h)
{
    const struct sim_shadow *sh = &h->shadow;

    switch ((enum tcp_state)h->conn.state) {
    case TCPS_CLOSED:
        return false;
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
        return h->conn.snd_una != h->conn.snd_nxt || sh->sent_max != written_end(h) ||
               (sh->has_acked && sh->ack_max != h->conn.rcv_nxt);
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
    case TCPS_FIN_WAIT_1:
    case TCPS_FIN_WAIT_2:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
    case TCPS_TIME_WAIT:
        return true;
    }
    return true;
}

static void
check_numbers(struct sim *sim, const struct sim_host *h)
{
    const struct tcp_conn *c = &h->conn;
    const struct sim_shadow *sh = &h->shadow;
    uint32_t peer_fin = h->app.peer_closed;

    sim_check(sim, seq_ge(c->snd_una, sh->prev_una), "SND.UNA goes back");
    /* Without a stream a FIN has its number before it is sent. */
    sim_check(sim, seq_ge(c->snd_nxt + !sh->has_sent_fin, sh->prev_nxt), "SND.NXT goes back");
    sim_check(sim, seq_le(c->snd_nxt, written_end(h) + h->app.has_closed),
              "SND.NXT beyond what was written");
    if (!is_past_handshake(c->state) || !sh->has_irs)
        return;
    sim_check(sim, seq_le(c->snd_una, sh->sent_max), "SND.UNA beyond what was sent");
    sim_check(sim, c->rcv_nxt == sh->irs + 1 + (uint32_t)h->app.received + peer_fin,
              "RCV.NXT is not where delivery is");
    sim_check(sim,
              h->app.received == 0 ||
                  has_got(sh, (struct seg_range){sh->irs + 1, c->rcv_nxt - peer_fin}),
              "something is delivered that never came");
    sim_check(sim, tcp_unacked(c, &h->ctx) == h->app.written - sh->acked || !tcp_has_stream(c),
              "what is not acknowledged is miscounted");
}

/* The other host cannot have acknowledged, nor received, what is not there. */
static void
check_across(struct sim *sim)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct sim_host *h = &sim->hosts[i], *peer = &sim->hosts[!i];

        sim_check(sim, h->app.received <= peer->app.written, "more arrives than was written");
        sim_check(sim, seq_le(h->conn.rcv_nxt, peer->shadow.sent_max),
                  "more arrives than was sent");
        sim_check(sim, seq_le(h->conn.snd_una, peer->conn.rcv_nxt),
                  "something is acknowledged that has not arrived");
    }
}

/* RFC 9293 3.8.6.3, RFC 5681 4.2: an ACK may wait so long and not longer. */
static void
check_delayed_ack(struct sim *sim, struct sim_host *h)
{
    struct sim_shadow *sh = &h->shadow;
    uint64_t bound_ns =
        h->opts.tcp.delayed_ack_us * NS_PER_US + TIMER_SLACK_NS + h->opts.late_ns + NS_PER_MS;

    if (!sh->has_acked || sh->ack_max == h->conn.rcv_nxt || !is_past_handshake(h->conn.state)) {
        sh->unacked_ns = TIME_NEVER;
        return;
    }
    if (sh->unacked_ns == TIME_NEVER)
        sh->unacked_ns = sim->now_ns;
    sim_check(sim, sim->now_ns - sh->unacked_ns <= bound_ns, "an ACK is delayed for too long");
}

/* Everything that waits for the other side is given up in time, but for a window that is closed by
 * one who answers (3.8.6.1). */
static void
check_patience(struct sim *sim, const struct sim_host *h)
{
    const struct sim_shadow *sh = &h->shadow;
    uint64_t slack_ns = TIMER_SLACK_NS + h->opts.late_ns, now_ns = sim->now_ns;
    uint64_t close_ns = h->opts.tcp.close_timeout_us * NS_PER_US + slack_ns;
    uint64_t data_ns = h->opts.tcp.data_timeout_us * NS_PER_US + slack_ns;
    bool has_data = h->conn.snd_una != h->conn.snd_nxt && h->conn.snd_una != written_end(h);

    switch ((enum tcp_state)h->conn.state) {
    case TCPS_SYN_SENT:
    case TCPS_SYN_RECEIVED:
        sim_check(sim,
                  now_ns - sh->begun_ns <= h->opts.tcp.connect_timeout_us * NS_PER_US + slack_ns,
                  "the handshake is not given up");
        break;
    case TCPS_ESTABLISHED:
    case TCPS_CLOSE_WAIT:
    case TCPS_FIN_WAIT_1:
    case TCPS_CLOSING:
    case TCPS_LAST_ACK:
        if (has_data && !sh->is_shut)
            sim_check(sim, now_ns - u64_max(sh->progress_ns, sh->shut_ns) <= data_ns,
                      "payload is not given up");
        else if (h->conn.snd_una == written_end(h) && sh->has_sent_fin)
            sim_check(sim, now_ns - u64_max(sh->fin_ns, sh->progress_ns) <= close_ns,
                      "the close is not given up");
        break;
    case TCPS_FIN_WAIT_2:
        sim_check(sim, now_ns - u64_max(sh->heard_ns, sh->progress_ns) <= close_ns,
                  "a peer that never closes is not given up");
        break;
    case TCPS_CLOSED:
    case TCPS_TIME_WAIT:
        break;
    }
}

static void
keeps_time(struct sim *sim, struct sim_host *h)
{
    struct sim_shadow *sh = &h->shadow;
    bool was_idle = sh->prev_una == sh->prev_nxt;

    if (h->conn.snd_una != sh->prev_una || (was_idle && h->conn.snd_una != h->conn.snd_nxt)) {
        sh->progress_ns = sim->now_ns;
        sh->timeouts_then = sim_count(h, rto_timeouts) + sim_count(h, window_probes);
    }
    if (h->conn.snd_una != sh->prev_una)
        sh->n_dups = 0;
    sh->prev_una = h->conn.snd_una;
    sh->prev_nxt = h->conn.snd_nxt;
}

static void
check_stream(struct sim *sim, struct sim_host *h, const struct tcp_stream *x)
{
    struct sim_shadow *sh = &h->shadow;

    check_scoreboard(sim, h, x);
    check_reasm(sim, h, x);
    sim_check(sim, !sh->had_stream || seq_ge(x->rcv_adv, sh->prev_edge),
              "the right edge moves back");
    sh->prev_edge = x->rcv_adv;
    sh->had_stream = true;
}

/* A SYN is sent again, and may be answered again, without a loss where the peer had an older
 * connection. */
static void
check_clean(struct sim *sim, const struct sim_host *h)
{
    uint64_t syns_again =
        sim_count(&sim->hosts[A], syn_retransmits) + sim_count(&sim->hosts[B], syn_retransmits);

    if (!is_clean(sim))
        return;
    sim_check(sim, sim_count(h, retransmits) == sim_count(h, syn_retransmits),
              "retransmits over a clean path");
    sim_check(sim,
              sim_count(h, duplicates) == 0 || sim->opts.hosts[B].n_opens > 0 || syns_again > 0,
              "duplicates over a clean path");
    sim_check(sim, sim_count(h, out_of_order) == 0, "out of order over a clean path");
    sim_check(sim, sim_count(h, rto_timeouts) == 0, "a timeout over a clean path");
    sim_check(sim, sim_count(h, paws_dropped) == 0, "an old timestamp over a clean path");
}

/* What the connection says of itself. */
static void
check_invariants(struct sim *sim, const struct sim_host *h)
{
    bool is_drained = h->drain_ns == TIME_NEVER;
    uint64_t timer_ns = h->timer_ns == TIME_NEVER ? TIME_NEVER : h->timer_ns + h->opts.skew_ns;
    const char *broken = tcp_broken(&h->conn, &h->ctx, timer_ns, is_drained);

    if (broken == NULL && h->opts.poor_in == 0)
        broken = tcp_pools_broken(&h->conn, &h->ctx);
    sim_check(sim, broken == NULL, broken);
}

void
sim_check_settled(struct sim *sim, unsigned host)
{
    struct sim_host *h = &sim->hosts[host];
    const struct tcp_stream *x = stream_at(h);

    if (h->n_begun == 0 || sim->failure != NULL)
        return;
    check_invariants(sim, h);
    check_numbers(sim, h);
    if (x != NULL)
        check_stream(sim, h, x);
    keeps_time(sim, h);
    if (sim_is_linked(sim))
        check_across(sim);
    check_clean(sim, h);
    if (h->drain_ns != TIME_NEVER)
        return;
    sim_check(sim, (h->timer_ns != TIME_NEVER) == needs_timer(h),
              needs_timer(h) ? "no timer runs, and one is needed" : "a timer runs for nothing");
    check_delayed_ack(sim, h);
    check_patience(sim, h);
}

static void
check_sums(struct sim *sim, const struct sim_host *h)
{
    sim_check(sim, sim_count(h, rx_payload_bytes) == h->received,
              "rx_payload_bytes is not what was delivered");
    sim_check(sim, sim_count(h, tx_payload_bytes) == h->sent_fresh,
              "tx_payload_bytes is not what was sent");
    sim_check(sim, sim_count(h, fast_retransmits) <= sim_count(h, retransmits),
              "more fast retransmits than retransmits");
    if (h->opts.poor_in != 0)
        return;
    sim_check(sim, sim_count(h, reassembly_dropped) <= sim_count(h, out_of_order),
              "more dropped beyond a gap than came");
    sim_check(sim, sim_count(h, streams_exhausted) == 0, "a stream leaks");
}

void
sim_check_end(struct sim *sim)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct sim_host *h = &sim->hosts[i];

        sim_check(sim, h->n_begun == h->n_ended, "an end was not told");
        sim_check(sim, h->conn.state == TCPS_CLOSED, "a connection is left over");
        sim_check(sim, h->pools.streams.n_borrowed == 0, "a stream is left over");
        sim_check(sim, h->pools.overflows.n_borrowed == 0, "an overflow area is left over");
        sim_check(sim, h->pools.buffers.n_borrowed == 0, "a buffer is left over");
        check_sums(sim, h);
    }
}
