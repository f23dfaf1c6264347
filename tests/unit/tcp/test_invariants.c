/* SPDX-License-Identifier: BSD-3-Clause */
/* What tests/tcp_invariants.h is to find, put into a healthy connection by hand. */
#include "base/units.h"
#include "rig.h"
#include "tcp_invariants.h"

/* A stream with 1000 bytes in flight, and 300 received beyond a gap of 100. */
static struct tcp_rig
busy(void)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 1000);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 101, .ack = 1, .payload_len = 300);
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .options = SACK, .sack = {{101, 401}});
    return r;
}

static const char *
broken(struct tcp_rig *r)
{
    rig_settle(r);
    return tcp_broken(&r->conn, &r->ctx, r->deadline_ns, true);
}

#define breaks(statement, sentence)                                                                \
    do {                                                                                           \
        struct tcp_rig r = busy();                                                                 \
        struct tcp_conn *c = &r.conn;                                                              \
        struct tcp_stream *x = rig_stream(&r);                                                     \
                                                                                                   \
        cr_assert(zero(ptr, (void *)(uintptr_t)broken(&r)));                                       \
        (void)c;                                                                                   \
        (void)x;                                                                                   \
        statement;                                                                                 \
        cr_assert(not(zero(ptr, (void *)(uintptr_t)broken(&r))), "%s", #statement);                \
        cr_assert(eq(str, (char *)(uintptr_t)broken(&r), sentence));                               \
    } while (0)

Test(tcp_invariants, what_is_out_of_order_in_the_sequence_space_is_found)
{
    breaks(c->snd_una = c->snd_nxt + 1,
           "SND.UNA, SND.NXT and the end of what was written are out of order");
    breaks(c->snd_nxt += 1, "SND.UNA, SND.NXT and the end of what was written are out of order");
    breaks(x->extents[0].end--, "the last extent does not end at SND.NXT");
    breaks(x->extents[0].sent_us = r.ctx.now_us + 1, "an extent was sent in the future");
    breaks(x->extents[0].flags = EXTENT_SACKED | EXTENT_LOST,
           "an extent is with the peer and lost");
    breaks(x->n_extents = 0, "the extents do not fit what is in flight");
    breaks(x->in_flight = 999, "the bytes in flight are miscounted");
    breaks(x->recover = c->snd_nxt + 1, "recovery ends beyond what was sent");
}

Test(tcp_invariants, a_window_or_a_timeout_out_of_bounds_is_found)
{
    breaks(x->cc.cwnd = 0, "something is in flight without a congestion window");
    breaks(x->cc.cwnd = CC_WINDOW_MAX + 1, "the congestion window is larger than any");
    breaks(x->snd_wnd = x->snd_wnd_max + 1, "the window is larger than the largest");
    breaks(x->rtt.rto_us = RTT_RTO_MIN_US - 1, "the RTO is out of its bounds");
    breaks(x->backoff = RTT_BACKOFF_MAX + 1, "the RTO is doubled too often");
}

Test(tcp_invariants, a_fin_that_does_not_fit_the_state_is_found)
{
    breaks(x->flags |= STREAM_FIN, "the FIN's mark does not fit the state");
    breaks(c->state = TCPS_FIN_WAIT_1, "the FIN's mark does not fit the state");
    breaks(x->flags |= STREAM_FIN_SENT, "a FIN was sent that was not written");
    breaks(c->state = TCPS_SYN_RECEIVED, "there is a stream before the handshake is complete");
}

Test(tcp_invariants, what_was_received_and_is_miscounted_is_found)
{
    breaks(c->rcv_nxt++, "the unread bytes do not end where the next is expected");
    breaks(x->reasm[0].begin = c->rcv_nxt,
           "a range beyond a gap is empty, touches another or is out of order");
    breaks(x->reasm[0].end = x->rcv_adv + 1, "a range lies beyond the window");
    breaks(x->last_ack_sent = c->rcv_nxt + 1, "more was acknowledged than received");
    breaks(x->has_delayed_ack = true, "an ACK is delayed of which nothing is new");
    breaks(x->n_reasm = STREAM_REASM + 1, "there are more ranges than room");
}

Test(tcp_invariants, a_timer_that_does_not_run_or_runs_for_nothing_is_found)
{
    breaks(x->timer = STREAM_TIMER_PERSIST, "no retransmission timer runs for what is in flight");
    breaks(x->timer = STREAM_TIMER_NONE, "the deadline does not fit the timers");
    breaks(r.deadline_ns = TIME_NEVER, "the deadline does not fit the timers");
    breaks(r.deadline_ns = r.now_ns + 3600 * NS_PER_SEC, "the deadline is too far away");
    breaks(c->pending = TCP_PENDING_ACK, "something is pending after the output");
}

Test(tcp_invariants, without_a_stream_one_number_is_in_flight_and_has_its_timer)
{
    struct tcp_rig r = rig_syn_sent();

    cr_assert(zero(ptr, (void *)(uintptr_t)broken(&r)));
    r.conn.snd_nxt++;
    cr_assert(eq(str, (char *)(uintptr_t)broken(&r),
                 "more than SYN, single segment and FIN is in flight without a stream"));
    r.conn.snd_nxt -= 2;
    cr_assert(eq(str, (char *)(uintptr_t)broken(&r), "the state does not fit what is in flight"));
    r.conn.snd_nxt++;
    r.deadline_ns = TIME_NEVER;
    cr_assert(eq(str, (char *)(uintptr_t)broken(&r), "the timer does not fit the state"));
    r.conn.state = TCPS_CLOSED;
    r.deadline_ns = r.now_ns;
    cr_assert(eq(str, (char *)(uintptr_t)broken(&r), "a timer runs for a closed connection"));
}

Test(tcp_invariants, what_is_taken_from_the_pools_and_held_by_nobody_is_found)
{
    struct tcp_rig r = busy();

    cr_assert(zero(ptr, (void *)(uintptr_t)tcp_pools_broken(&r.conn, &r.ctx)));
    (void)slab_take(&r.ctx.pools->streams);
    cr_assert(eq(str, (char *)(uintptr_t)tcp_pools_broken(&r.conn, &r.ctx), "a stream is lost"));
    slab_give(&r.ctx.pools->streams, 1);
    (void)slab_take(&r.ctx.pools->overflows);
    cr_assert(
        eq(str, (char *)(uintptr_t)tcp_pools_broken(&r.conn, &r.ctx), "an overflow area is lost"));
}
