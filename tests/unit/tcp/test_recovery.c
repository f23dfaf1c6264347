/* SPDX-License-Identifier: BSD-3-Clause */
/* What was lost goes out again: RFC 6298, RFC 5681 3.2, RFC 6582, RFC 3042, RFC 8985 6. */
#include "rig.h"

#define repeats(r, at, until_payload)                                                              \
    rig_expects((r), ACK, .seq = (at), .ack = 1, .payload_len = (until_payload))

/* -- the timeout ------------------------------------------------------------------------------ */

Test(tcp_recovery, a_timeout_repeats_the_first_segment_with_back_off_until_patience_ends)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1, 3);
    rig_expects_after(&r, 200, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 400, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 800, ACK, .seq = 1, .ack = 1, .payload_len = 512);
    rig_expects_after(&r, 1600, ACK, .seq = 1, .ack = 1, .payload_len = 512);
    rig_expects_after(&r, 3200, ACK, .seq = 1, .ack = 1, .payload_len = 512);
    rig_expects_after(&r, 6400, ACK, .seq = 1, .ack = 1, .payload_len = 512);
    rig_expects_after(&r, 12800, ACK, .seq = 1, .ack = 1, .payload_len = 512); /* 25.4 s */
    rig_expects_after(&r, 4600, RST | ACK, .seq = 3001, .ack = 1);
    rig_ends(&r, TCP_EV_DATA_TIMEOUT, TCPS_CLOSED);
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 7));
    cr_assert(eq(u64, rig_count(&r, retransmits), 7));
    cr_assert(eq(u64, rig_count(&r, fast_retransmits), 0));
    cr_assert(eq(u64, rig_count(&r, tx_payload_bytes), 3000));
    tcp_release(&r.conn, &r.ctx);
    cr_assert(eq(u32, r.ctx.pools->streams.n_borrowed, 0));
}

/* RFC 2923 2.1: no ICMP error says that a path takes shorter segments only. */
Test(tcp_recovery, where_no_full_segment_comes_through_a_short_one_is_tried_and_kept_to)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 1, 2);
    rig_expects_after(&r, 200, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 400, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 800, ACK, .seq = 1, .ack = 1, .payload_len = 512);
    cr_assert(zero(u64, rig_count(&r, path_mtu_holes)));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 513);
    rig_expects(&r, ACK, .seq = 513, .ack = 1, .payload_len = 488);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 512);
    cr_assert(eq(u64, rig_count(&r, path_mtu_holes), 1));
}

Test(tcp_recovery, a_path_that_took_a_full_segment_takes_others)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_app_writes(&r, 1000);
    rig_expects(&r, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1000);
    for (unsigned i = 0; i < 4; i++) {
        rig_runs_until(&r, r.deadline_ns);
        rig_expects(&r, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1000);
    }
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    cr_assert(zero(u64, rig_count(&r, path_mtu_holes)));
}

/* The first one was late after all. */
Test(tcp_recovery, a_full_segment_that_comes_through_in_the_end_says_nothing_of_the_path)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 400, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 800, ACK, .seq = 1, .ack = 1, .payload_len = 512);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    cr_assert(zero(u64, rig_count(&r, path_mtu_holes)));
}

Test(tcp_recovery, so_many_timeouts_in_a_row_are_the_end)
{
    struct tcp_rig r = rig_streams();

    r.params.retries_max = 2;
    rig_connects(&r, 0);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 400, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 800, RST | ACK, .seq = 1001, .ack = 1);
    rig_ends(&r, TCP_EV_DATA_TIMEOUT, TCPS_CLOSED);
}

/* Whoever asks late is told how late it is: a worker that is behind must not wait anew at each
 * event. */
Test(tcp_recovery, the_instant_at_which_patience_ended_stays_where_it_was)
{
    struct tcp_rig r = rig_with_stream(0);
    uint64_t end_ns;

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 400, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    for (unsigned ms = 800; ms < 20000; ms *= 2)
        rig_expects_after(&r, ms, ACK, .seq = 1, .ack = 1, .payload_len = 512);
    end_ns = tcp_deadline_ns(&r.conn, &r.ctx);
    cr_assert(eq(u64, end_ns, r.now_ns + 4600 * NS_PER_MS));
    tcp_ctx_set_now(&r.ctx, end_ns + 3 * NS_PER_MS);
    cr_assert(eq(u64, tcp_deadline_ns(&r.conn, &r.ctx), end_ns));
}

Test(tcp_recovery, an_acknowledgement_gives_new_patience)
{
    struct tcp_rig r = rig_streams();

    r.params.retries_max = 1;
    rig_connects(&r, 0);
    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 1, 2);
    rig_expects_after(&r, 200, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_expects(&r, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 400, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 800, RST | ACK, .seq = 2001, .ack = 1);
    rig_ends(&r, TCP_EV_DATA_TIMEOUT, TCPS_CLOSED);
}

/* RFC 6298 5.3. */
Test(tcp_recovery, the_timer_begins_anew_with_each_acknowledgement)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1, 3);
    rig_passes(&r, 150);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001); /* RTO = 150 + 4 * 75 ms */
    rig_expects_after(&r, 450, ACK, .seq = 1001, .ack = 1, .payload_len = 1000);
}

Test(tcp_recovery, a_duplicate_ack_does_not_begin_the_timer_anew)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1, 3);
    rig_passes(&r, 150);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_expects_after(&r, 50, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
}

/* RFC 6298 5.1. */
Test(tcp_recovery, a_segment_sent_later_does_not_begin_the_timer_anew)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 150);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1001, 1);
    rig_expects_after(&r, 50, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
}

/* RFC 6298 5.2. */
Test(tcp_recovery, no_timer_runs_when_all_is_acknowledged)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    cr_assert(eq(u64, r.deadline_ns, TIME_NEVER));
    rig_expects_silence_for(&r, 3600000);
}

/* Karn: RFC 6298 3 and 5.7. */
Test(tcp_recovery, the_back_off_stays_until_a_segment_sent_once_is_acknowledged)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_passes(&r, 50);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1001, 1);
    rig_expects_after(&r, 400, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 2001, 1);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 3001); /* sent once: 20 ms, RTO 220 */
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 3001, 1);
    rig_expects_after(&r, 220, ACK | PSH, .seq = 3001, .ack = 1, .payload_len = 1000);
}

/* Karn: which copy was acknowledged nobody knows. RTO 20 ms + 200 ms, doubled once. */
Test(tcp_recovery, without_timestamps_what_was_sent_twice_measures_nothing)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1001, 1);
    rig_expects_after(&r, 220, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1000);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    cr_assert(eq(u32, rig_stream(&r)->rtt.srtt_us, 20000));
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 2001, 1);
    rig_expects_after(&r, 440, ACK | PSH, .seq = 2001, .ack = 1, .payload_len = 1000);
}

Test(tcp_recovery, a_timestamp_measures_what_was_sent_twice)
{
    struct tcp_rig r = rig_with_stream(TS);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1, .ack = 1, .options = TS, .payload_len = 1000);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .options = TS, .ts_val = 101,
                   .ts_ecr = r.last.ts_val);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1001, 1);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1001, .ack = 1, .options = TS,
                      .payload_len = 1000);
}

/* RFC 5681 3.1. */
Test(tcp_recovery, after_a_timeout_the_lost_go_out_in_slow_start)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1, 10);
    rig_expects_after(&r, 200, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_expects_full(&r, 1001, 2);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 3001); /* one more only: what is counted is an MSS */
    rig_expects_full(&r, 3001, 3);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001); /* the rest had arrived */
    rig_expects_full(&r, 10001, 4);
    rig_expects_silence(&r);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, 5000));
}

/* RFC 5681 3.1: ssthresh stays when the same segment times out again. */
Test(tcp_recovery, a_second_timeout_does_not_halve_again)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 1, 10);
    rig_expects_after(&r, 200, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, 5000));
    rig_expects_after(&r, 400, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, 5000));
    cr_assert(eq(u32, rig_stream(&r)->cc.cwnd, 1000));
}

Test(tcp_recovery, what_is_left_of_a_segment_goes_out_from_where_the_peer_has_it)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 1, 2);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 301); /* RTO 20 + 200 ms */
    rig_expects_after(&r, 220, ACK, .seq = 301, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1301);
    rig_expects(&r, ACK | PSH, .seq = 1301, .ack = 1, .payload_len = 700);
}

Test(tcp_recovery, the_deadline_is_the_same_however_often_it_is_asked_for)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    for (int i = 0; i < 199; i++) {
        rig_passes(&r, 1);
        rig_app_wakes(&r);
        rig_expects_silence(&r);
    }
    rig_expects_after(&r, 1, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1000);
}

/* -- without SACK ------------------------------------------------------------------------------ */

/* RFC 5681 3.2, RFC 6582 3.2, RFC 3042: the first two let something new out. */
Test(tcp_recovery, the_third_duplicate_ack_repeats_the_first_segment)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 30000);
    rig_expects_full(&r, 1, 10);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_expects_full(&r, 10001, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_expects_full(&r, 11001, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    repeats(&r, 1, 1000);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, fast_retransmits), 1));
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, 5000)); /* without those two: RFC 5681 3.2 */
    for (int dup = 4; dup < 8; dup++) {
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
        rig_expects_silence(&r);
    }
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1); /* ssthresh + 8 > 12 */
    rig_expects_full(&r, 12001, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 12001); /* all that was out when it began */
    rig_expects_full(&r, 13001, 4);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
}

/* RFC 6582 3.2 step 3. */
Test(tcp_recovery, a_partial_acknowledgement_repeats_the_next_segment_at_once)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 1, 10);
    rig_passes(&r, 100);
    for (int dup = 0; dup < 3; dup++)
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    repeats(&r, 1, 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 3001);
    repeats(&r, 3001, 1000);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, retransmits), 2));
    cr_assert(eq(u32, rig_stream(&r)->cc.cwnd, 5000));
}

/* RFC 6582 3.2 step 1: what is asked for had been sent before the window was cut. */
Test(tcp_recovery, duplicate_acks_after_a_timeout_do_not_cut_the_window_again)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 30000);
    rig_expects_full(&r, 1, 10);
    rig_expects_after(&r, 200, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_expects_full(&r, 1001, 2);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    rig_expects_full(&r, 10001, 3);
    for (int dup = 0; dup < 2; dup++) {
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
        rig_expects_full(&r, 13001 + 1000 * dup, 1);
    }
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    cr_assert(eq(u64, rig_count(&r, fast_retransmits), 0));
    cr_assert(eq(u32, rig_stream(&r)->cc.cwnd, 3000));
}

/* RFC 5681 2. */
Test(tcp_recovery, an_ack_that_says_something_else_is_no_duplicate)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 1, 10);
    for (uint32_t i = 0; i < 5; i++) {
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .window = 20000 + i);
        rig_expects_silence(&r);
    }
    for (uint32_t i = 0; i < 6; i++) {
        rig_peer_sends(&r, ACK, .seq = 1 + 10 * i, .ack = 1, .window = 20004, .payload_len = 10);
        if (i % 2 == 1)
            rig_expects(&r, ACK, .seq = 10001, .ack = 11 + 10 * i);
        rig_expects_silence(&r);
    }
    cr_assert(eq(u64, rig_count(&r, retransmits), 0));
}

Test(tcp_recovery, duplicate_acks_with_nothing_in_flight_mean_nothing)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    for (int i = 0; i < 5; i++)
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 1001, 10);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

/* -- RACK -------------------------------------------------------------------------------------- */

/* Ten segments out, a round trip of 100 ms later. */
static struct tcp_rig
rig_after_a_flight(uint32_t written)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, written);
    rig_expects_full(&r, 1, 10);
    rig_passes(&r, 100);
    return r;
}

/* RFC 8985 6.2 step 4: a quarter of the least round trip. */
Test(tcp_recovery, what_a_later_segment_overtook_may_still_come_for_a_quarter_of_the_round_trip)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 2001}});
    rig_expects_after(&r, 25, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, fast_retransmits), 1));
    cr_assert(eq(u32, rig_stream(&r)->cc.cwnd, 5000));
}

Test(tcp_recovery, what_comes_in_that_time_is_not_sent_again_and_tells_of_reordering)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 2001}});
    rig_expects_silence_for(&r, 24);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    rig_expects_silence_for(&r, 20);
    cr_assert(eq(int, rig_stream(&r)->reordering_seen, true));
    cr_assert(eq(u64, rig_count(&r, retransmits), 0));
}

Test(tcp_recovery, three_segments_overtaking_are_enough_on_a_path_that_keeps_order)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 4001}});
    repeats(&r, 1, 1000);
    rig_expects_silence(&r);
}

Test(tcp_recovery, three_segments_overtaking_are_not_enough_on_a_path_that_reorders)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 2001}});
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .sack = {{3001, 8001}});
    rig_expects_after(&r, 25, ACK, .seq = 2001, .ack = 1, .payload_len = 1000);
}

Test(tcp_recovery, blocks_of_one_ack_do_not_tell_of_reordering)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{4001, 5001}, {2001, 3001}});
    cr_assert(eq(int, rig_stream(&r)->reordering_seen, false));
}

/* RFC 5681 3.2: once a window. */
Test(tcp_recovery, several_losses_of_one_flight_cut_the_window_once)
{
    struct tcp_rig r = rig_after_a_flight(30000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1,
                   .sack = {{1001, 2001}, {3001, 4001}, {5001, 10001}});
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 2001, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 4001, .ack = 1, .payload_len = 1000);
    rig_expects_full(&r, 10001, 2); /* a window of five */
    rig_expects_silence(&r);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    rig_expects_full(&r, 12001, 3);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, retransmits), 3));
    cr_assert(eq(u32, rig_stream(&r)->cc.cwnd, 5000));
}

/* RFC 6675 5: what was lost goes first, as the window allows. */
Test(tcp_recovery, nothing_new_overtakes_what_was_lost)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_app_writes(&r, 100);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{9001, 10001}}); /* nine of ten late */
    rig_expects(&r, ACK | PSH, .seq = 10001, .ack = 1, .payload_len = 100);
    rig_app_writes(&r, 400);
    rig_expects(&r, ACK | PSH, .seq = 10101, .ack = 1, .payload_len = 400);
    rig_passes(&r, 24);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{9001, 10001}});
    rig_expects_after(&r, 1, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    for (uint32_t seq = 1001; seq < 4001; seq += 1000)
        rig_expects(&r, ACK, .seq = seq, .ack = 1, .payload_len = 1000);
    rig_app_writes(&r, 100); /* 500 of a window of 5000 are free, five segments are lost */
    rig_expects_silence(&r);
}

/* RFC 8985 3.3: a repetition that is lost in its turn. */
Test(tcp_recovery, a_lost_repetition_is_found_by_what_was_sent_after_it)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 10001}});
    repeats(&r, 1, 1000);
    rig_passes(&r, 10);
    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 10001, 3);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 11001}});
    repeats(&r, 1, 1000);
    rig_expects_silence(&r);
    cr_assert(eq(u32, rig_stream(&r)->cc.cwnd, 5000));
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
}

/* A turn's output has one instant: what has the higher number was not sent later. */
Test(tcp_recovery, a_repetition_is_not_lost_because_new_payload_of_the_same_turn_arrives_first)
{
    struct tcp_rig r = rig_after_a_flight(30000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 10001}});
    repeats(&r, 1, 1000);
    rig_expects_full(&r, 10001, 4);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 11001}});
    rig_expects_full(&r, 14001, 1);
    rig_expects_silence(&r);
}

Test(tcp_recovery, a_repetition_is_not_taken_for_lost_before_a_round_trip_is_over)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 4001}});
    repeats(&r, 1, 1000);
    rig_passes(&r, 50);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 10001}});
    rig_expects_silence_for(&r, 100);
}

/* The block in the middle of a run needs two lines more than it has. */
Test(tcp_recovery, a_block_is_remembered_however_the_board_is_filled)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 50);
    rig_app_writes(&r, 9000);
    rig_expects_full(&r, 1001, 9);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1,
                   .sack = {{9001, 10001}, {7001, 8001}, {5001, 6001}, {3001, 4001}});
    for (uint32_t seq = 1; seq < 3001; seq += 1000)
        repeats(&r, seq, 1000);
    repeats(&r, 4001, 1000);
    repeats(&r, 6001, 1000); /* of a window of five; not one of the blocks is among them */
    rig_expects_silence(&r);
    cr_assert(eq(u32, rig_stream(&r)->in_flight, 5000));
}

Test(tcp_recovery, blocks_outside_what_is_in_flight_are_not_believed)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001,
                   .sack = {{2001, 10002}, {9001, 20001}, {5001, 4001}, {2, 0x80000001}});
    rig_expects_silence_for(&r, 30);
    cr_assert(eq(u32, rig_stream(&r)->in_flight, 9000));
}

Test(tcp_recovery, blocks_without_the_option_agreed_are_not_read)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 1, 10);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 9001}});
    rig_expects_silence_for(&r, 50);
}

/* RFC 2018 8: selective acknowledgements may be taken back. */
Test(tcp_recovery, a_second_timeout_believes_no_selective_acknowledgement)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 10001}});
    repeats(&r, 1, 1000);
    rig_expects_after(&r, 300, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects_after(&r, 600, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_expects_full(&r, 1001, 2);
    rig_expects_silence(&r);
}

Test(tcp_recovery, a_timeout_spares_what_the_peer_has)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 9001}});
    repeats(&r, 1, 1000);
    rig_expects_after(&r, 300, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 9001);
    rig_expects_full(&r, 9001, 1);
    rig_expects_silence(&r);
}

/* 6.2 step 4: each round trip with a duplicate widens the wait by a quarter. */
Test(tcp_recovery, a_duplicate_report_lets_the_sender_wait_longer)
{
    struct tcp_rig r = rig_after_a_flight(30000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 2001}});
    rig_expects_full(&r, 10001, 1);
    rig_expects_after(&r, 25, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001); /* the first copy was late */
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 11001, .sack = {{1, 1001}});
    cr_assert(eq(u32, rig_stream(&r)->reo_wnd_mult, 2));
}

/* The clock of microseconds wraps: an instant more than half its range ago looks like the future.
 */
Test(tcp_recovery, an_idle_hour_does_not_make_what_follows_look_lost)
{
    struct tcp_rig r = rig_after_a_flight(10000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    rig_passes(&r, 40 * 60 * 1000);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 10001, 1);
    rig_passes(&r, 50);
    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 11001, 2);
    rig_passes(&r, 50);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 11001);
    rig_expects_silence_for(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 12001);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, retransmits), 0));
}

/* A reading in which numbers are far from where the marks of the stream began. */
Test(tcp_recovery, a_duplicate_report_counts_wherever_the_numbers_are)
{
    static const uint32_t origins[] = {0, 0x3fffffff, 0x7fffffff, 0x80000000, 0xc0000000};

    for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
        struct tcp_rig r = rig_streams();

        r.iss = origins[i];
        rig_connects(&r, SACK_OK);
        rig_app_writes(&r, 3000);
        rig_expects_full(&r, 1, 3);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .sack = {{1, 1001}});
        cr_assert(eq(u32, rig_stream(&r)->reo_wnd_mult, 2));
    }
}
