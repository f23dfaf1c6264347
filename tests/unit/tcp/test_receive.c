/* SPDX-License-Identifier: BSD-3-Clause */
/* Receiving: when it is acknowledged, what window is offered, what is kept. RFC 9293 3.8.6 and
 * 3.10.7.4, RFC 5681 4.2, RFC 7323 4.3 and 5. */
#include "rig.h"

/* The peer's segment of @n bytes from @at on. */
#define receives(r, at, n)          rig_peer_sends((r), ACK, .seq = (at), .ack = 1, .payload_len = (n))
#define acknowledges(r, until, ...) rig_expects((r), ACK, .seq = 1, .ack = (until), __VA_ARGS__)

/* With 4096 bytes of room that nothing but the script empties. */
static struct tcp_rig
rig_keeping(uint8_t options)
{
    struct tcp_rig r = rig_streams();

    r.params.buffers_rx = true;
    r.params.rcv_wnd = 4096;
    rig_connects(&r, options);
    return r;
}

/* -- delayed acknowledgements: RFC 5681 4.2, RFC 9293 3.8.6.3 ---------------------------------- */

Test(tcp_receive, the_ack_of_one_segment_is_delayed)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 1000);
    rig_ends(&r, TCP_EV_DATA, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.ctx.delivered, 1000));
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 1001, .window = 65535);
    rig_expects_silence_for(&r, 1000);
}

Test(tcp_receive, every_second_segment_is_acknowledged_at_once)
{
    struct tcp_rig r = rig_with_stream(0);

    for (uint32_t i = 0; i < 10; i++) {
        receives(&r, 1 + 2000 * i, 1000);
        rig_expects_silence(&r);
        receives(&r, 1001 + 2000 * i, 1000);
        acknowledges(&r, 2001 + 2000 * i, .window = 65535);
    }
}

Test(tcp_receive, the_delay_counts_from_the_first_segment_not_acknowledged)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 1000);
    rig_passes(&r, 30);
    receives(&r, 1001, 1000);
    acknowledges(&r, 2001, .window = 65535);
    rig_passes(&r, 30);
    receives(&r, 2001, 500);
    rig_passes(&r, 30);
    receives(&r, 2501, 400);
    rig_expects_after(&r, 10, ACK, .seq = 1, .ack = 2901);
}

Test(tcp_receive, many_small_segments_are_acknowledged_with_the_second_full_one_s_worth)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 1000);
    receives(&r, 1001, 1);
    acknowledges(&r, 1002, .window = 65535);
    for (uint32_t i = 0; i < 10; i++)
        receives(&r, 1002 + 100 * i, 100);
    rig_expects_silence(&r);
    receives(&r, 2002, 1);
    acknowledges(&r, 2003, .window = 65535);
}

Test(tcp_receive, without_a_delay_every_segment_is_acknowledged_at_once)
{
    struct tcp_rig r = rig_streams();

    r.params.delayed_ack_us = 0;
    rig_connects(&r, 0);
    receives(&r, 1, 10);
    acknowledges(&r, 11, .window = 65535);
}

/* -- TCP_ACK_LINUX, TCP_ACK_QUICK -------------------------------------------------------------- */

static struct tcp_rig
rig_with_policy(enum tcp_ack_policy policy)
{
    struct tcp_rig r = rig_streams();

    r.params.ack = policy;
    rig_connects(&r, 0);
    return r;
}

/* @n full segments from @at on, each acknowledged at once. */
static void
receives_quickly(struct tcp_rig *r, uint32_t at, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        receives(r, at + 1000 * i, 1000);
        acknowledges(r, at + 1000 * (i + 1));
    }
}

Test(tcp_receive, as_linux_does_it_the_first_sixteen_segments_are_acknowledged_at_once)
{
    struct tcp_rig r = rig_with_policy(TCP_ACK_LINUX);

    receives_quickly(&r, 1, 16);
    receives(&r, 16001, 1000);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 17001);
    receives(&r, 17001, 1000);
    rig_expects_silence(&r);
    receives(&r, 18001, 1000);
    acknowledges(&r, 19001);
}

Test(tcp_receive, as_linux_does_it_sixteen_more_are_after_a_pause)
{
    struct tcp_rig r = rig_with_policy(TCP_ACK_LINUX);

    receives_quickly(&r, 1, 16);
    rig_passes(&r, 3000);
    receives_quickly(&r, 16001, 16);
    rig_passes(&r, 100);
    receives(&r, 32001, 1000);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 33001);
}

Test(tcp_receive, as_linux_does_it_a_segment_that_is_not_full_is_acknowledged_at_once)
{
    struct tcp_rig r = rig_with_policy(TCP_ACK_LINUX);

    receives_quickly(&r, 1, 16);
    for (uint32_t i = 0; i < 10; i++) {
        receives(&r, 16001 + 100 * i, 100);
        acknowledges(&r, 16101 + 100 * i);
    }
}

/* Two answers that a server writes apart, as one with Nagle's algorithm does not send the second
 * until the first is acknowledged. */
Test(tcp_receive, as_linux_does_it_the_ack_waits_in_a_dialogue_until_no_answer_came)
{
    struct tcp_rig r = rig_with_policy(TCP_ACK_LINUX);

    receives(&r, 1, 100);
    acknowledges(&r, 101);
    rig_passes(&r, 10);
    rig_app_writes(&r, 10);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 101, .payload_len = 10);
    rig_peer_sends(&r, ACK, .seq = 101, .ack = 11, .payload_len = 50);
    rig_expects_after(&r, 40, ACK, .seq = 11, .ack = 151);
    rig_peer_sends(&r, ACK, .seq = 151, .ack = 11, .payload_len = 50);
    rig_expects(&r, ACK, .seq = 11, .ack = 201);
    rig_passes(&r, 10);
    rig_app_writes(&r, 10);
    rig_expects(&r, ACK | PSH, .seq = 11, .ack = 201, .payload_len = 10);
    rig_peer_sends(&r, ACK, .seq = 201, .ack = 21, .payload_len = 50);
    rig_expects_silence(&r);
    rig_app_writes(&r, 10);
    rig_expects(&r, ACK | PSH, .seq = 21, .ack = 251, .payload_len = 10);
    rig_expects_silence_for(&r, 100);
}

Test(tcp_receive, what_is_written_long_after_is_no_answer)
{
    struct tcp_rig r = rig_with_policy(TCP_ACK_LINUX);

    receives(&r, 1, 100);
    acknowledges(&r, 101);
    rig_passes(&r, 41);
    rig_app_writes(&r, 10);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 101, .payload_len = 10);
    rig_peer_sends(&r, ACK, .seq = 101, .ack = 11, .payload_len = 50);
    rig_expects(&r, ACK, .seq = 11, .ack = 151);
}

Test(tcp_receive, quick_acknowledges_each_segment_in_a_dialogue_too)
{
    struct tcp_rig r = rig_with_policy(TCP_ACK_QUICK);

    receives_quickly(&r, 1, 40);
    rig_app_writes(&r, 10);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 40001, .payload_len = 10);
    rig_peer_sends(&r, ACK, .seq = 40001, .ack = 11, .payload_len = 50);
    rig_expects(&r, ACK, .seq = 11, .ack = 40051);
}

Test(tcp_receive, the_delayed_ack_is_sent_however_long_the_connection_was_idle_before)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 1000);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 1001);
    rig_passes(&r, 2 * RIG_DATA_MS);
    receives(&r, 1001, 1000);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 2001);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

Test(tcp_receive, a_gap_and_what_fills_it_are_acknowledged_at_once)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1001, 1000);
    acknowledges(&r, 1, .window = 65535);
    receives(&r, 2001, 1000);
    acknowledges(&r, 1, .window = 65535);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    receives(&r, 1, 500);
    acknowledges(&r, 501, .window = 65535);
    receives(&r, 501, 500);
    acknowledges(&r, 3001, .window = 65535);
    rig_ends(&r, TCP_EV_DATA, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.ctx.delivered, 2500));
    cr_assert(eq(u64, rig_count(&r, out_of_order), 2));
    cr_assert(eq(u32, r.ctx.pools->overflows.n_borrowed, 0));
}

Test(tcp_receive, what_is_known_already_is_acknowledged_at_once)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 1000);
    receives(&r, 1, 1000);
    acknowledges(&r, 1001, .window = 65535);
    rig_expects_silence_for(&r, 100);
    cr_assert(eq(u64, rig_count(&r, duplicates), 1));
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 1000));
}

Test(tcp_receive, of_an_overlap_the_new_part_counts)
{
    struct tcp_rig r = rig_keeping(0);

    receives(&r, 1, 1000);
    receives(&r, 501, 1000);
    acknowledges(&r, 1501);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 1500));
    rig_app_reads(&r, 1500);
}

Test(tcp_receive, a_fin_is_acknowledged_at_once)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 100);
    acknowledges(&r, 102);
    rig_ends(&r, TCP_EV_DATA | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
    rig_expects_silence_for(&r, 100);
}

Test(tcp_receive, a_fin_beyond_a_gap_counts_when_the_gap_is_filled)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
    acknowledges(&r, 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    receives(&r, 1, 1000);
    acknowledges(&r, 2002);
    rig_ends(&r, TCP_EV_DATA | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}

Test(tcp_receive, a_lone_fin_beyond_a_gap_counts_when_the_gap_is_filled)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 501, .ack = 1);
    acknowledges(&r, 1);
    receives(&r, 1, 500);
    acknowledges(&r, 502);
    rig_ends(&r, TCP_EV_DATA | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}

Test(tcp_receive, what_comes_behind_a_fin_that_waits_for_a_gap_to_be_filled_is_cut)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 501, .ack = 1);
    acknowledges(&r, 1);
    rig_peer_sends(&r, FIN | ACK, .seq = 601, .ack = 1, .payload_len = 100);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    receives(&r, 1, 501);
    acknowledges(&r, 502);
    rig_ends(&r, TCP_EV_DATA | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}

Test(tcp_receive, a_fin_before_what_has_come_already_is_ignored)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1001, 100);
    acknowledges(&r, 1);
    rig_peer_sends(&r, FIN | ACK, .seq = 501, .ack = 1);
    receives(&r, 1, 1000);
    acknowledges(&r, 1101);
    rig_ends(&r, TCP_EV_DATA, TCPS_ESTABLISHED);
}

Test(tcp_receive, payload_may_come_with_the_ack_that_completes_the_handshake)
{
    struct tcp_rig r = rig_streams();

    rig_peer_opens(&r, SYN, .seq = 0);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1, .window = 65408);
    receives(&r, 1, 700);
    rig_ends(&r, TCP_EV_ESTABLISHED | TCP_EV_DATA, TCPS_ESTABLISHED);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 701);
}

/* -- the window: RFC 9293 3.8.6.2.2 ------------------------------------------------------------ */

Test(tcp_receive, unread_bytes_take_from_the_window_down_to_nothing)
{
    struct tcp_rig r = rig_keeping(0);

    receives(&r, 1, 1000);
    receives(&r, 1001, 1000);
    acknowledges(&r, 2001, .window = 2096);
    receives(&r, 2001, 1000);
    receives(&r, 3001, 1000);
    acknowledges(&r, 4001, .window = 96);
    receives(&r, 4001, 96);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 4097, .is_shut = true);
}

Test(tcp_receive, what_lies_beyond_the_window_is_cut)
{
    struct tcp_rig r = rig_keeping(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 5000);
    acknowledges(&r, 4097, .is_shut = true);
    rig_ends(&r, TCP_EV_DATA, TCPS_ESTABLISHED);
    rig_app_reads(&r, 4096);
    acknowledges(&r, 4097, .window = 4096);
}

Test(tcp_receive, beyond_a_gap_too)
{
    struct tcp_rig r = rig_keeping(SACK_OK);

    receives(&r, 4001, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = SACK, .sack = {{4001, 4097}});
    receives(&r, 1, 4000);
    acknowledges(&r, 4097, .is_shut = true);
    rig_app_reads(&r, 4096);
    acknowledges(&r, 4097, .window = 4096);
}

/* No update for less than two segments, no offer of less than one. */
Test(tcp_receive, a_closed_window_opens_by_segments_not_by_bytes)
{
    struct tcp_rig r = rig_keeping(0);

    receives(&r, 1, 1000);
    receives(&r, 1001, 1000);
    acknowledges(&r, 2001);
    receives(&r, 2001, 1000);
    receives(&r, 3001, 1000);
    acknowledges(&r, 4001, .window = 96);
    receives(&r, 4001, 96);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 4097, .is_shut = true);
    rig_app_reads(&r, 900);
    receives(&r, 4097, 1); /* the peer probes */
    acknowledges(&r, 4097, .is_shut = true);
    rig_app_reads(&r, 100);
    rig_expects_silence(&r);
    receives(&r, 4097, 1);
    acknowledges(&r, 4097, .window = 1000);
    rig_app_reads(&r, 1999);
    rig_expects_silence(&r);
    rig_app_reads(&r, 1);
    acknowledges(&r, 4097, .window = 3000);
}

Test(tcp_receive, the_window_does_not_hear_of_every_read_while_it_is_wide)
{
    struct tcp_rig r = rig_keeping(0);

    receives(&r, 1, 500);
    rig_app_reads(&r, 500);
    receives(&r, 501, 500);
    acknowledges(&r, 1001);
    rig_app_reads(&r, 500);
    rig_expects_silence(&r);
}

Test(tcp_receive, a_scaled_window_is_offered_in_its_grain_and_never_shrinks)
{
    struct tcp_rig r = rig_streams();
    uint32_t seq = 1;

    r.params.buffers_rx = true;
    rig_connects(&r, WSCALE);
    for (uint32_t len = 1; len < 300; len++) {
        rig_peer_sends(&r, ACK, .seq = seq, .ack = 1, .payload_len = len);
        seq += len;
        if (r.n_pending > 0)
            rig_expects(&r, ACK, .seq = 1, .ack = seq);
        rig_expects_silence(&r);
    }
    while (r.delivered < 65408) {
        uint32_t len = 65408 - r.delivered < 1000 ? 65408 - r.delivered : 1000;

        rig_peer_sends(&r, ACK, .seq = seq, .ack = 1, .payload_len = len);
        seq += len;
        if (r.n_pending > 0)
            rig_expects(&r, ACK, .seq = 1, .ack = seq);
    }
    rig_passes(&r, 40);
    if (r.n_pending > 0)
        rig_expects(&r, ACK, .seq = 1, .ack = seq);
    cr_assert(le(u32, r.our_edge - r.conn.rcv_nxt, 128));
    rig_app_reads(&r, r.delivered);
    rig_expects(&r, ACK, .seq = 1, .ack = seq, .window = 511);
}

Test(tcp_receive, a_large_window_is_used_when_scaled)
{
    struct tcp_rig r = rig_streams();

    r.params.rcv_wnd = 1 << 20;
    rig_connects(&r, WSCALE);
    receives(&r, 1, 1000);
    receives(&r, 1001, 1000);
    acknowledges(&r, 2001, .window = 8191); /* 2^20 / 128 - 1 */
}

/* -- what is kept ------------------------------------------------------------------------------ */

Test(tcp_receive, bytes_come_out_as_they_went_in_around_the_ring)
{
    struct tcp_rig r = rig_keeping(0);
    uint32_t seq = 1;

    for (int i = 0; i < 50; i++) {
        uint32_t len = 1 + (uint32_t)(i * 379) % 1000, from = seq;

        rig_peer_sends(&r, ACK, .seq = from + len, .ack = 1, .payload_len = len); /* the later */
        rig_expects(&r, ACK, .seq = 1, .ack = from);
        rig_peer_sends(&r, ACK, .seq = from, .ack = 1, .payload_len = len);
        seq += 2 * len;
        rig_expects(&r, ACK, .seq = 1, .ack = seq);
        rig_app_reads(&r, len / 2 + 1);
        rig_app_reads(&r, 2 * len - len / 2 - 1);
        while (r.n_pending > 0)
            rig_expects(&r, ACK, .seq = 1, .ack = seq);
    }
    cr_assert(eq(u32, r.ctx.pools->buffers.n_borrowed, 0));
}

Test(tcp_receive, without_a_buffer_nothing_is_taken_and_the_peer_tries_again)
{
    struct tcp_rig r = rig_keeping(0);

    r.ctx.pools->buffers.n_elements = 0;
    receives(&r, 1, 1000);
    acknowledges(&r, 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, reassembly_dropped), 1));
    r.ctx.pools->buffers.n_elements = 4;
    receives(&r, 1, 1000);
    rig_ends(&r, TCP_EV_DATA, TCPS_ESTABLISHED);
    rig_app_reads(&r, 1000);
}

/* -- what is acceptable: RFC 9293 3.10.7.4 ----------------------------------------------------- */

static struct tcp_rig
rig_shut(uint8_t options)
{
    struct tcp_rig r = rig_keeping(options);

    receives(&r, 1, 4096);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 4097, .options = options & TS, .is_shut = true);
    return r;
}

Test(tcp_receive, with_the_window_closed_acknowledgements_count)
{
    struct tcp_rig r = rig_shut(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 4097, .payload_len = 100, .is_shut = true);
    rig_peer_sends(&r, ACK, .seq = 4097, .ack = 101);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 101, .ack = 4097, .payload_len = 100, .is_shut = true);
    rig_peer_sends(&r, ACK, .seq = 4097, .ack = 201, .payload_len = 1); /* its probe */
    rig_expects(&r, ACK, .seq = 201, .ack = 4097, .is_shut = true);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
}

Test(tcp_receive, with_the_window_closed_a_reset_in_sequence_is_obeyed)
{
    struct tcp_rig r = rig_shut(0);

    rig_peer_sends(&r, RST, .seq = 4097);
    rig_ends(&r, TCP_EV_RESET, TCPS_CLOSED);
}

Test(tcp_receive, with_the_window_closed_an_overlap_brings_nothing_in)
{
    struct tcp_rig r = rig_shut(SACK_OK);

    rig_peer_sends(&r, ACK, .seq = 4087, .ack = 1, .payload_len = 20);
    rig_expects(&r, ACK, .seq = 1, .ack = 4097, .is_shut = true);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, out_of_order), 0));
}

Test(tcp_receive, beyond_the_window_payload_is_answered_and_not_taken)
{
    struct tcp_rig r = rig_shut(0);

    receives(&r, 4098, 1);
    acknowledges(&r, 4097, .is_shut = true);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, out_of_window), 1));
}

Test(tcp_receive, a_reset_elsewhere_in_the_window_is_challenged)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 1000);
    rig_peer_sends(&r, RST, .seq = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    rig_peer_sends(&r, RST, .seq = 1002);
    acknowledges(&r, 1001);
    rig_peer_sends(&r, RST, .seq = 1001);
    rig_ends(&r, TCP_EV_RESET, TCPS_CLOSED);
}

Test(tcp_receive, a_syn_is_challenged_and_brings_no_payload)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 1000);
    rig_peer_sends(&r, SYN | ACK, .seq = 1001, .ack = 1, .payload_len = 10);
    acknowledges(&r, 1001);
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 1));
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 1000));
}

Test(tcp_receive, payload_without_ack_is_dropped)
{
    struct tcp_rig r = rig_with_stream(0);

    receives(&r, 1, 10);
    rig_peer_sends(&r, PSH, .seq = 11, .payload_len = 10);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

Test(tcp_receive, payload_after_the_fin_is_ignored)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 100);
    acknowledges(&r, 102);
    receives(&r, 102, 100);
    rig_ends(&r, 0, TCPS_CLOSE_WAIT);
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 102, .payload_len = 100);
}

/* -- timestamps: RFC 7323 ---------------------------------------------------------------------- */

/* 4.3: what is echoed is of the earliest segment that the ACK covers. */
Test(tcp_receive, a_delayed_ack_echoes_the_first_segment_s_timestamp)
{
    struct tcp_rig r = rig_with_stream(TS);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 200, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1001, .ack = 1, .options = TS, .ts_val = 300,
                   .payload_len = 1000);
    acknowledges(&r, 2001, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 200));
    rig_peer_sends(&r, ACK, .seq = 2001, .ack = 1, .options = TS, .ts_val = 400,
                   .payload_len = 1000);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 3001, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 400));
}

/* 4.3 (B) and (C). */
Test(tcp_receive, beyond_a_gap_the_last_segment_in_order_is_echoed_and_then_the_one_that_fills_it)
{
    struct tcp_rig r = rig_with_stream(TS);

    rig_peer_sends(&r, ACK, .seq = 1001, .ack = 1, .options = TS, .ts_val = 300,
                   .payload_len = 1000);
    acknowledges(&r, 1, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 100));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 400, .payload_len = 1000);
    acknowledges(&r, 2001, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 400));
}

/* 5.3 R1. */
Test(tcp_receive, an_old_duplicate_is_dropped_by_its_timestamp)
{
    struct tcp_rig r = rig_with_stream(TS);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 200, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1001, .ack = 1, .options = TS, .ts_val = 199,
                   .payload_len = 1000);
    acknowledges(&r, 1001, .options = TS);
    cr_assert(eq(u64, rig_count(&r, paws_dropped), 1));
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 1000));
    rig_peer_sends(&r, ACK, .seq = 1001, .ack = 1, .options = TS, .ts_val = 200,
                   .payload_len = 1000);
    rig_ends(&r, TCP_EV_DATA, TCPS_ESTABLISHED);
}

/* -- reading in place ---------------------------------------------------------------------------
 */

/* The unread bytes are those of number @seq on. @return how many; @where: where the first lies. */
static uint32_t
peeks(struct tcp_rig *r, uint32_t seq, const uint8_t **where)
{
    struct tcp_span span[2];
    uint32_t len = tcp_peek(&r->conn, &r->ctx, UINT32_MAX, span), n = 0;

    *where = span[0].bytes;
    for (int i = 0; i < 2; i++)
        for (uint32_t k = 0; k < span[i].len; k++)
            cr_assert(eq(u8, span[i].bytes[k], rig_byte(seq + n++)));
    cr_assert(eq(u32, n, len));
    return len;
}

Test(tcp_receive, what_is_read_in_place_is_kept_as_far_as_it_was_not_consumed)
{
    struct tcp_rig r = rig_keeping(0);
    const uint8_t *where, *ring;

    r.params.reads_in_place = true;
    receives(&r, 1, 1000);
    cr_assert(eq(u32, peeks(&r, 1, &where), 1000));
    cr_assert(eq(ptr, (void *)where, (void *)r.ctx.in_place));
    tcp_consume(&r.conn, &r.ctx, 300);
    cr_assert(eq(u32, peeks(&r, 301, &where), 700));
    tcp_keep(&r.conn, &r.ctx);
    cr_assert(eq(u32, peeks(&r, 301, &ring), 700));
    cr_assert(ne(ptr, (void *)ring, (void *)where));
    receives(&r, 1001, 500); /* behind what is unread: not in place */
    acknowledges(&r, 1501, .window = 2596);
    cr_assert(eq(ptr, (void *)r.ctx.in_place, NULL));
    cr_assert(eq(u32, peeks(&r, 301, &ring), 1200));
    tcp_consume(&r.conn, &r.ctx, 1200);
    receives(&r, 1501, 100);
    cr_assert(eq(u32, peeks(&r, 1501, &where), 100));
    tcp_consume(&r.conn, &r.ctx, 100);
    tcp_keep(&r.conn, &r.ctx);
    cr_assert(zero(u32, peeks(&r, 1601, &where)));
}

Test(tcp_receive, nothing_is_read_in_place_that_fills_a_gap)
{
    struct tcp_rig r = rig_keeping(0);
    const uint8_t *where;

    r.params.reads_in_place = true;
    receives(&r, 1001, 500);
    acknowledges(&r, 1, .window = 4096);
    tcp_keep(&r.conn, &r.ctx);
    receives(&r, 1, 1000);
    acknowledges(&r, 1501, .window = 2596);
    cr_assert(eq(ptr, (void *)r.ctx.in_place, NULL));
    cr_assert(eq(u32, peeks(&r, 1, &where), 1500));
}
