/* SPDX-License-Identifier: BSD-3-Clause */
/* What ICMP errors tell: a path that takes less than the link (RFC 1191, RFC 8201, RFC 5927 7), and
 * hosts that cannot be reached (RFC 9293 3.9.2.2). */
#include "rig.h"

Test(tcp_icmp, what_is_in_flight_goes_out_again_in_smaller_segments)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 2500);
    rig_expects_full(&r, 1, 2);
    rig_expects(&r, ACK | PSH, .seq = 2001, .ack = 1, .payload_len = 500);
    cr_assert(rig_router_complains(&r, 1, 840));
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 800);
    rig_expects(&r, ACK, .seq = 801, .ack = 1, .payload_len = 800);
    rig_expects(&r, ACK, .seq = 1601, .ack = 1, .payload_len = 800);
    rig_expects(&r, ACK | PSH, .seq = 2401, .ack = 1, .payload_len = 100);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, path_mtu_changes), 1));
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX)); /* no congestion */
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2501);
    rig_app_writes(&r, 1000);
    rig_expects(&r, ACK, .seq = 2501, .ack = 1, .payload_len = 800);
    rig_expects(&r, ACK | PSH, .seq = 3301, .ack = 1, .payload_len = 200);
}

Test(tcp_icmp, options_are_taken_off)
{
    struct tcp_rig r = rig_with_stream(TS);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    cr_assert(rig_router_complains(&r, 1, 840));
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = TS, .payload_len = 788);
    rig_expects(&r, ACK | PSH, .seq = 789, .ack = 1, .options = TS, .payload_len = 212);
}

Test(tcp_icmp, a_number_that_is_not_in_flight_is_not_believed)
{
    static const uint32_t seqs[] = {0, 1000, 3001, 0x80000000};
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1, 3);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    for (size_t i = 0; i < ARRAY_LEN(seqs); i++)
        cr_assert(not(rig_router_complains(&r, seqs[i], 840)));
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, path_mtu_changes), 0));
    cr_assert(rig_router_complains(&r, 3000, 840));
    r.n_pending = 0;
}

Test(tcp_icmp, a_size_that_is_no_smaller_or_too_small_is_not_believed)
{
    static const uint32_t mtus[] = {0, 67, 103, 1040, 1500, 65535};
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    for (size_t i = 0; i < ARRAY_LEN(mtus); i++)
        cr_assert(not(rig_router_complains(&r, 1, mtus[i])));
    rig_expects_silence(&r);
    cr_assert(rig_router_complains(&r, 1, 1039));
    r.n_pending = 0;
}

Test(tcp_icmp, the_headers_of_ipv6_are_taken_off)
{
    struct tcp_rig r = rig_with_stream(0);

    r.conn.mss = 1440;
    rig_app_writes(&r, 1440);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1440);
    cr_assert(rig_do_path_mtu(&r, 1, 1280, 40, __LINE__));
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 1220);
    rig_expects(&r, ACK | PSH, .seq = 1221, .ack = 1, .payload_len = 220);
}

Test(tcp_icmp, without_payload_nothing_is_too_big)
{
    struct tcp_rig r = rig_with_stream(0);

    cr_assert(not(rig_router_complains(&r, 1, 840)));
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    cr_assert(not(rig_router_complains(&r, 1, 840)));
}

/* The timer is that of what is in flight now. */
Test(tcp_icmp, what_was_sent_again_is_repeated_when_it_is_lost)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 100);
    cr_assert(rig_router_complains(&r, 1, 840));
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 800);
    rig_expects(&r, ACK | PSH, .seq = 801, .ack = 1, .payload_len = 200);
    rig_runs_until(&r, r.now_ns + 200 * NS_PER_MS);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 800);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
}

/* All of a large window at once would be a burst beyond the congestion window. */
Test(tcp_icmp, what_goes_out_again_keeps_to_the_congestion_window)
{
    struct tcp_rig r = rig_with_stream(0);
    uint32_t bytes = 0;

    rig_app_writes(&r, 30000);
    rig_expects_full(&r, 1, 10);
    cr_assert(rig_router_complains(&r, 5001, 840));
    for (unsigned i = 0; i < r.n_pending; i++) {
        cr_assert(le(u16, r.pending[i].payload_len, 800));
        bytes += r.pending[i].payload_len;
    }
    cr_assert(le(u32, bytes, 10000));
    cr_assert(eq(u32, r.pending[0].seq, r.iss + 1));
    r.n_pending = 0;
}

/* RFC 9293 3.9.2.2; RFC 5927 5.2: only the SYN that is under way may be quoted. */
Test(tcp_icmp, a_hard_error_ends_the_open_whose_syn_it_quotes)
{
    struct tcp_rig r = rig_syn_sent();

    cr_assert(not(tcp_unreachable(&r.conn, r.iss + 1)));
    cr_assert(not(tcp_unreachable(&r.conn, r.iss - 1)));
    rig_ends(&r, 0, TCPS_SYN_SENT);
    cr_assert(tcp_unreachable(&r.conn, r.iss));
    rig_ends(&r, 0, TCPS_CLOSED);
    cr_assert(eq(u8, r.conn.pending, 0));
}

Test(tcp_icmp, a_hard_error_ends_nothing_in_any_other_state)
{
    for (enum tcp_state state = TCPS_CLOSED; state <= TCPS_TIME_WAIT; state++) {
        struct tcp_rig r = rig_in(state);

        if (state == TCPS_SYN_SENT)
            continue;
        cr_assert(not(tcp_unreachable(&r.conn, r.conn.snd_una)));
        cr_assert(eq(u8, r.conn.state, state));
    }
}
