/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending: how much, how large, when. RFC 9293 3.7 and 3.8.6, RFC 5681 3.1 and 4.1, RFC 6928. */
#include "rig.h"

Test(tcp_data, ten_segments_go_out_at_once)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1, 10);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, tx_payload_bytes), 10000));
    cr_assert(eq(u32, tcp_unacked(&r.conn, &r.ctx), 20000));
}

/* RFC 5681 3.1: after a SYN was lost. */
Test(tcp_data, a_connection_whose_syn_was_repeated_begins_with_one_segment)
{
    struct tcp_rig r = rig_streams();

    rig_app_opens(&r);
    rig_expects(&r, SYN, .options = ALL_OPTIONS);
    rig_expects_after(&r, 1000, SYN, .options = ALL_OPTIONS);
    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    tcp_limit_mss(&r.conn, RIG_MSS, RIG_MSS);
    rig_app_writes(&r, 5000);
    rig_expects_full(&r, 1, 1);
    rig_expects_silence(&r);
}

Test(tcp_data, the_peer_s_mss_limits_a_segment_and_options_are_taken_off)
{
    struct tcp_rig r = rig_with_stream(TS);

    r.conn.mss = 600;
    rig_app_writes(&r, 1000);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = TS, .payload_len = 588);
    rig_expects(&r, ACK | PSH, .seq = 589, .ack = 1, .options = TS, .payload_len = 412);
}

Test(tcp_data, what_is_written_is_limited_by_mss_defaults_and_what_is_believed)
{
    static const struct {
        uint16_t offered, absent, link, mss;
    } mss_rows[] = {
        {0, 536, 1460, 536},     {0, 1220, 1440, 1220}, {1400, 536, 1460, 1400},
        {9000, 536, 1460, 1460}, {1, 536, 1460, 64},    {63, 536, 1460, 64},
    };

    for (size_t i = 0; i < ARRAY_LEN(mss_rows); i++) {
        struct tcp_conn c = {.mss = mss_rows[i].offered};

        tcp_limit_mss(&c, mss_rows[i].absent, mss_rows[i].link);
        cr_assert(eq(u16, c.mss, mss_rows[i].mss));
    }
}

Test(tcp_data, the_end_of_what_was_written_is_pushed)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1500);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 500);
    rig_app_writes(&r, 1000);
    rig_expects(&r, ACK | PSH, .seq = 1501, .ack = 1, .payload_len = 1000);
}

Test(tcp_data, what_is_acknowledged_is_told)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 2500);
    rig_expects_full(&r, 1, 2);
    rig_expects(&r, ACK | PSH, .seq = 2001, .ack = 1, .payload_len = 500);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.ctx.acked, 2000));
    cr_assert(eq(u32, tcp_unacked(&r.conn, &r.ctx), 500));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2501);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.ctx.acked, 500));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2501);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

Test(tcp_data, slow_start_sends_two_for_each_acknowledged)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 60000);
    rig_expects_full(&r, 1, 10);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    rig_expects_full(&r, 10001, 4);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    rig_expects_full(&r, 14001, 16);
    rig_expects_silence(&r);
}

/* RFC 7661 4.1: a window that was not used says nothing about the path. */
Test(tcp_data, a_window_that_the_user_does_not_fill_does_not_grow)
{
    struct tcp_rig r = rig_with_stream(0);

    for (uint32_t i = 0; i < 30; i++) {
        rig_app_writes(&r, 1000);
        rig_expects_full(&r, 1 + i * 1000, 1);
        rig_passes(&r, 10);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001 + i * 1000);
    }
    rig_app_writes(&r, 60000);
    rig_expects_full(&r, 30001, 10);
    rig_expects_silence(&r);
}

/* RFC 5681 4.1. */
Test(tcp_data, after_an_idle_time_the_window_is_the_initial_one)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 10000);
    rig_expects_full(&r, 1, 10);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001); /* 20 segments; RTO 100 + 4 * 50 ms */
    rig_passes(&r, 199);                             /* 299 since the last one went out */
    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 10001, 20);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 30001);
    rig_passes(&r, 1000);
    rig_app_writes(&r, 40000);
    rig_expects_full(&r, 30001, 10);
    rig_expects_silence(&r);
}

Test(tcp_data, the_peer_s_window_is_filled_and_not_overrun)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 3000);
    rig_app_writes(&r, 5000);
    rig_expects_full(&r, 1001, 3);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .window = 2000);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .window = 3000);
    rig_expects_full(&r, 4001, 1);
    rig_expects_silence(&r);
}

Test(tcp_data, the_peer_s_window_is_scaled)
{
    struct tcp_rig r = rig_with_stream(WSCALE);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 6); /* 3072 */
    rig_app_writes(&r, 5000);
    rig_expects_full(&r, 1001, 3);
    rig_expects_silence(&r);
}

/* The window of the segment that opened the connection counts: of a SYN-ACK it is not scaled. */
Test(tcp_data, the_window_of_the_handshake_counts)
{
    for (uint8_t options = 0; options <= WSCALE; options += WSCALE) {
        struct tcp_rig r = rig_streams();

        rig_app_opens(&r);
        rig_expects(&r, SYN, .options = ALL_OPTIONS);
        rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1, .options = options, .wscale = 9,
                       .window = 2000);
        rig_expects(&r, ACK, .seq = 1, .ack = 1);
        tcp_limit_mss(&r.conn, RIG_MSS, RIG_MSS);
        rig_app_writes(&r, 5000);
        rig_expects_full(&r, 1, 2);
        rig_expects_silence(&r);
    }
}

Test(tcp_data, a_window_is_unsigned_and_has_32_bits_once_scaled)
{
    struct tcp_rig r = rig_with_stream(WSCALE);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 0x8000);
    cr_assert(eq(u32, rig_stream(&r)->snd_wnd, 0x8000 << 9));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 0xffff);
    cr_assert(eq(u32, rig_stream(&r)->snd_wnd, 0xffff << 9));
}

Test(tcp_data, the_window_of_the_ack_of_a_syn_ack_is_scaled)
{
    struct tcp_rig r = rig_streams();

    rig_peer_opens(&r, SYN, .seq = 0, .options = WSCALE, .wscale = 9, .window = 1);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1, .options = WSCALE);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .window = 4);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    tcp_limit_mss(&r.conn, RIG_MSS, RIG_MSS);
    rig_app_writes(&r, 5000);
    rig_expects_full(&r, 1, 2);
    rig_expects_silence(&r);
}

/* RFC 9293 3.10.7.4: SND.WL1 and SND.WL2. */
Test(tcp_data, the_window_of_an_ack_that_others_overtook_does_not_count)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 4000);
    rig_expects_full(&r, 1, 4);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 3001, .window = 3000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .window = 9000);
    rig_app_writes(&r, 5000);
    rig_expects_full(&r, 4001, 2);
    rig_expects_silence(&r);
}

Test(tcp_data, the_window_of_a_segment_that_begins_before_the_newest_does_not_count)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 1, 2);
    rig_peer_sends(&r, ACK, .seq = 101, .ack = 1001, .window = 3000); /* beyond a gap, newer */
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 9000, .payload_len = 100);
    rig_app_writes(&r, 5000);
    rig_expects(&r, ACK, .seq = 2001, .ack = 101, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 3001, .ack = 101, .payload_len = 1000);
    rig_expects_silence(&r);
}

/* RFC 9293 has nothing for that case, and its letter would let us send beyond what was offered: a
 * segment with a newer ACK is newer, wherever it begins. */
Test(tcp_data, an_acknowledgement_that_moves_on_brings_its_window_with_it)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 1, 2);
    rig_peer_sends(&r, ACK, .seq = 101, .ack = 1001, .window = 3000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .window = 2000, .payload_len = 50);
    rig_app_writes(&r, 5000);
    rig_expects(&r, ACK, .seq = 2001, .ack = 51, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 3001, .ack = 51, .payload_len = 1000);
    rig_expects_silence(&r);
}

/* RFC 9293 3.8.6.2.1. */
Test(tcp_data, no_small_segment_is_sent_because_the_window_has_only_so_much_left)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 2500);
    rig_app_writes(&r, 5000);
    rig_expects_full(&r, 1001, 2);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .window = 2500);
    rig_expects_full(&r, 3001, 1);
    rig_expects_silence(&r);
}

/* The same section, (3): a peer whose windows are all small. */
Test(tcp_data, half_of_the_largest_window_is_sent_even_if_that_is_no_full_segment)
{
    struct tcp_rig r = rig_streams();

    rig_app_opens(&r);
    rig_expects(&r, SYN, .options = ALL_OPTIONS);
    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1, .window = 500);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    tcp_limit_mss(&r.conn, RIG_MSS, RIG_MSS);
    rig_app_writes(&r, 2000);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 500);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 501, .window = 249);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 501, .window = 250);
    rig_expects(&r, ACK, .seq = 501, .ack = 1, .payload_len = 250);
}

Test(tcp_data, without_nagle_small_writes_go_out_as_they_come)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 101, .ack = 1, .payload_len = 100);
}

/* RFC 9293 3.7.4. */
Test(tcp_data, nagle_holds_a_small_segment_until_all_is_acknowledged_or_it_is_full)
{
    struct tcp_rig r = rig_streams();

    r.params.nagle = true;
    rig_connects(&r, 0);
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_writes(&r, 100);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 101);
    rig_expects(&r, ACK | PSH, .seq = 101, .ack = 1, .payload_len = 100);
    rig_app_writes(&r, 999);
    rig_expects_silence(&r);
    rig_app_writes(&r, 101);
    rig_expects(&r, ACK, .seq = 201, .ack = 1, .payload_len = 1000);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 201);
    rig_expects_silence(&r); /* the full one is still out */
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1201);
    rig_expects(&r, ACK | PSH, .seq = 1201, .ack = 1, .payload_len = 100);
}

Test(tcp_data, the_last_of_a_stream_does_not_wait_for_nagle)
{
    struct tcp_rig r = rig_streams();

    r.params.nagle = true;
    rig_connects(&r, 0);
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_writes(&r, 50);
    rig_expects_silence(&r);
    rig_app_closes(&r);
    rig_expects(&r, FIN | PSH | ACK, .seq = 101, .ack = 1, .payload_len = 50);
}

Test(tcp_data, a_port_that_cuts_gets_many_segments_in_one)
{
    struct tcp_rig r = rig_streams();

    r.params.tso_max = 4500;
    rig_connects(&r, 0);
    rig_app_writes(&r, 12500);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 4000, .tso_segsz = 1000);
    rig_expects(&r, ACK, .seq = 4001, .ack = 1, .payload_len = 4000, .tso_segsz = 1000);
    rig_expects(&r, ACK, .seq = 8001, .ack = 1, .payload_len = 2000, .tso_segsz = 1000);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    rig_expects(&r, ACK | PSH, .seq = 10001, .ack = 1, .payload_len = 2500, .tso_segsz = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 12501);
    rig_app_writes(&r, 1000);
    rig_expects(&r, ACK | PSH, .seq = 12501, .ack = 1, .payload_len = 1000);
}

Test(tcp_data, nagle_holds_the_short_end_of_what_a_port_would_cut)
{
    struct tcp_rig r = rig_streams();

    r.params.tso_max = 60000;
    r.params.nagle = true;
    rig_connects(&r, 0);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_app_writes(&r, 2500);
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 2000, .tso_segsz = 1000);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 3001);
    rig_expects(&r, ACK | PSH, .seq = 3001, .ack = 1, .payload_len = 500);
}

Test(tcp_data, an_owed_ack_rides_on_payload)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 300);
    rig_expects_silence(&r);
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 301, .payload_len = 100);
    rig_expects_silence_for(&r, 100);
}

Test(tcp_data, without_piggyback_an_owed_ack_goes_before_the_payload)
{
    struct tcp_rig r = rig_streams();

    r.params.piggyback = false;
    r.params.delayed_ack_us = 0;
    rig_connects(&r, 0);
    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1, 10);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 10001, .ack = 11);
    rig_expects_full(&r, 10001, 2);
}

Test(tcp_data, an_ack_of_what_was_never_sent_is_challenged_and_moves_nothing)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1002, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1001, .ack = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 1));
    cr_assert(eq(u32, tcp_unacked(&r.conn, &r.ctx), 1000));
}

Test(tcp_data, payload_with_an_ack_that_others_overtook_is_taken)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 2000);
    rig_expects_full(&r, 1, 2);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .payload_len = 10);
    rig_ends(&r, TCP_EV_DATA, TCPS_ESTABLISHED);
    cr_assert(eq(u32, tcp_unacked(&r.conn, &r.ctx), 0));
}

Test(tcp_data, both_directions_at_once)
{
    struct tcp_rig r = rig_with_stream(TS | SACK_OK | WSCALE);

    rig_app_writes(&r, 11000);
    rig_expects_full(&r, 1, 10);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .options = TS, .ts_val = 101,
                   .payload_len = 1000);
    rig_expects(&r, ACK | PSH, .seq = 10001, .ack = 1001, .options = TS, .payload_len = 1000);
    rig_ends(&r, TCP_EV_ACKED | TCP_EV_DATA, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.last.ts_ecr, 101));
}

Test(tcp_data, a_connection_that_finds_no_stream_may_try_again)
{
    struct tcp_rig r = rig_with_stream(0);
    uint32_t taken[4];

    r.shares_pools = true;
    for (int i = 0; i < 4; i++)
        taken[i] = slab_take(&r.ctx.pools->streams);
    cr_assert(eq(int, tcp_send(&r.conn, &r.ctx, 10), false));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 10); /* as if it had been lost */
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, streams_exhausted), 2));
    slab_give(&r.ctx.pools->streams, taken[0]);
    rig_app_writes(&r, 10);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 10);
    tcp_release(&r.conn, &r.ctx);
    cr_assert(eq(u32, r.ctx.pools->streams.n_borrowed, 3));
}

/* A caller without room for frames asks for a few at a time. */
Test(tcp_data, what_is_not_fetched_at_once_goes_out_later)
{
    struct tcp_rig r = rig_with_stream(0);
    struct seg s;

    rig_settle(&r);
    cr_assert(tcp_send(&r.conn, &r.ctx, 2500));
    cr_assert(tcp_output(&r.conn, &r.ctx, &s));
    cr_assert(eq(u16, s.payload_len, 1000));
    rig_passes(&r, 1); /* takes nothing out */
    rig_app_wakes(&r);
    rig_expects_full(&r, 1001, 1);
    rig_expects(&r, ACK | PSH, .seq = 2001, .ack = 1, .payload_len = 500);
}
