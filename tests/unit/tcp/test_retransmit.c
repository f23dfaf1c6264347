/* SPDX-License-Identifier: BSD-3-Clause */
/* Timeouts: RFC 6298, and the user's patience. */
#include "rig.h"

Test(tcp_retransmit, a_syn_is_repeated_with_exponential_back_off_and_given_up)
{
    struct tcp_rig r = rig_syn_sent();

    rig_expects_at(&r, at_ms(1000), SYN, .seq = 0, .options = ALL_OPTIONS);
    cr_assert(eq(u32, r.last.ts_val, 4293467 + 1000));
    rig_expects_at(&r, at_ms(3000), SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_expects_at(&r, at_ms(7000), SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_expects_silence_until(&r, at_ms(10000));
    rig_ends(&r, 0, TCPS_SYN_SENT);
    rig_runs_until(&r, at_ms(10000));
    rig_ends(&r, TCP_EV_OPEN_TIMEOUT, TCPS_CLOSED);
    cr_assert(eq(u64, rig_count(&r, retransmits), 3));
    rig_expects_silence_until(&r, at_ms(600000));
}

Test(tcp_retransmit, a_syn_ack_is_repeated_and_given_up_alike)
{
    struct tcp_rig r = rig_syn_received(TS);

    rig_expects_at(&r, at_ms(1000), SYN | ACK, .seq = 0, .ack = 1, .options = TS);
    rig_expects_at(&r, at_ms(3000), SYN | ACK, .seq = 0, .ack = 1, .options = TS);
    rig_expects_at(&r, at_ms(7000), SYN | ACK, .seq = 0, .ack = 1, .options = TS);
    rig_expects_silence_until(&r, at_ms(10000));
    rig_runs_until(&r, at_ms(10000));
    rig_ends(&r, TCP_EV_OPEN_TIMEOUT, TCPS_CLOSED);
    cr_assert(eq(u64, rig_count(&r, retransmits), 3));
}

Test(tcp_retransmit, giving_up_comes_before_a_repetition_at_the_same_instant)
{
    struct tcp_rig r = rig_closed();

    r.params.connect_timeout_us = 3000000;
    rig_app_opens(&r);
    rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_expects_at(&r, at_ms(1000), SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_expects_silence_until(&r, at_ms(3000));
    rig_ends(&r, 0, TCPS_SYN_SENT);
    rig_runs_until(&r, at_ms(3000));
    rig_ends(&r, TCP_EV_OPEN_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_retransmit, patience_shorter_than_the_first_timeout_is_kept)
{
    struct tcp_rig r = rig_closed();

    r.params.connect_timeout_us = 50000;
    rig_app_opens(&r);
    rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_expects_silence_until(&r, at_ms(50));
    rig_ends(&r, 0, TCPS_SYN_SENT);
    rig_runs_until(&r, at_ms(50));
    rig_ends(&r, TCP_EV_OPEN_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_retransmit, the_back_off_stops_at_a_minute)
{
    struct tcp_rig r = rig_closed();
    uint64_t at_s = 63;

    r.params.connect_timeout_us = 1800000000; /* the longest allowed */
    rig_app_opens(&r);
    rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
    for (uint64_t s = 1; s <= 31; s = 2 * s + 1)
        rig_expects_at(&r, at_ms(s * 1000), SYN, .seq = 0, .options = ALL_OPTIONS);
    for (; at_s < 1800; at_s += 60)
        rig_expects_at(&r, at_ms(at_s * 1000), SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_expects_silence_until(&r, at_ms(1800000));
    rig_runs_until(&r, at_ms(1800000));
    rig_ends(&r, TCP_EV_OPEN_TIMEOUT, TCPS_CLOSED);
}

/* RFC 6298 2.2: R + max(G, 4 * R/2), with 200 ms for G as Linux has it. */
Test(tcp_retransmit, a_fin_waits_by_the_round_trip_of_the_handshake)
{
    static const struct {
        uint64_t rtt_ms, rto_ms;
    } rows[] = {{0, 200}, {10, 210}, {99, 299}, {100, 300}, {101, 303}, {500, 1500}, {999, 2997}};

    for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
        bool passive = i % 2;
        struct tcp_rig r = passive ? rig_syn_received(0) : rig_syn_sent();

        rig_runs_until(&r, at_ms(rows[i / 2].rtt_ms));
        rig_peer_sends(&r, passive ? ACK : SYN | ACK, .seq = passive, .ack = 1);
        if (!passive)
            rig_expects(&r, ACK, .seq = 1, .ack = 1);
        rig_runs_until(&r, at_ms(4000));
        rig_app_closes(&r);
        rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
        rig_expects_at(&r, at_ms(4000 + rows[i / 2].rto_ms), FIN | ACK, .seq = 1, .ack = 1);
        cr_assert(eq(u64, rig_count(&r, retransmits), 1));
    }
}

/* Karn: no sample from what was sent twice. RFC 6298 5.7: 3 s then. */
Test(tcp_retransmit, a_fin_waits_three_seconds_when_the_handshake_lost_a_segment)
{
    for (int passive = 0; passive < 2; passive++) {
        struct tcp_rig r = passive ? rig_syn_received(0) : rig_syn_sent();

        if (passive)
            rig_expects_at(&r, at_ms(1000), SYN | ACK, .seq = 0, .ack = 1);
        else
            rig_expects_at(&r, at_ms(1000), SYN, .seq = 0, .options = ALL_OPTIONS);
        rig_runs_until(&r, at_ms(1010));
        rig_peer_sends(&r, passive ? ACK : SYN | ACK, .seq = passive, .ack = 1);
        if (!passive)
            rig_expects(&r, ACK, .seq = 1, .ack = 1);
        rig_app_closes(&r);
        rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
        rig_expects_at(&r, at_ms(1010 + 3000), FIN | ACK, .seq = 1, .ack = 1);
    }
}

/* A SYN-ACK that a repeated SYN asked for: its ACK may be of the first or of the second. */
Test(tcp_retransmit, a_syn_ack_sent_twice_without_a_timeout_never_makes_the_rto_too_short)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_runs_until(&r, at_ms(300));
    rig_peer_sends(&r, SYN, .seq = 0);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_runs_until(&r, at_ms(310));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_expects_at(&r, at_ms(310 + 930), FIN | ACK, .seq = 1, .ack = 1);
}

Test(tcp_retransmit, a_fin_is_repeated_with_back_off_and_given_up_with_a_reset)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_expects_at(&r, at_ms(200), FIN | ACK, .seq = 1, .ack = 1);
    rig_expects_at(&r, at_ms(600), FIN | ACK, .seq = 1, .ack = 1);
    rig_expects_at(&r, at_ms(1400), FIN | ACK, .seq = 1, .ack = 1);
    rig_expects_at(&r, at_ms(3000), FIN | ACK, .seq = 1, .ack = 1);
    rig_expects_silence_until(&r, at_ms(RIG_CLOSE_MS));
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
    rig_runs_until(&r, at_ms(RIG_CLOSE_MS));
    rig_expects(&r, RST | ACK, .seq = 2, .ack = 1);
    rig_ends(&r, TCP_EV_CLOSE_TIMEOUT, TCPS_CLOSED);
    cr_assert(eq(u64, rig_count(&r, retransmits), 4));
}

/* RFC 9293 3.10.5: an abort in these states sends nothing. */
Test(tcp_retransmit, after_the_peer_s_fin_ours_is_given_up_in_silence)
{
    static const enum tcp_state states[] = {TCPS_CLOSING, TCPS_LAST_ACK};

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct tcp_rig r = rig_in(states[i]);

        rig_expects_at(&r, at_ms(200), FIN | ACK, .seq = 1, .ack = 2);
        rig_expects_at(&r, at_ms(600), FIN | ACK, .seq = 1, .ack = 2);
        rig_expects_at(&r, at_ms(1400), FIN | ACK, .seq = 1, .ack = 2);
        rig_expects_at(&r, at_ms(3000), FIN | ACK, .seq = 1, .ack = 2);
        rig_expects_silence_until(&r, at_ms(RIG_CLOSE_MS));
        rig_runs_until(&r, at_ms(RIG_CLOSE_MS));
        rig_ends(&r, TCP_EV_CLOSE_TIMEOUT, TCPS_CLOSED);
    }
}

Test(tcp_retransmit, a_fin_that_is_repeated_acknowledges_all_that_came_since)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_runs_until(&r, at_ms(50));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 500);
    rig_expects(&r, ACK, .seq = 2, .ack = 501);
    rig_expects_at(&r, at_ms(200), FIN | ACK, .seq = 1, .ack = 501); /* payload is no progress */
}

Test(tcp_retransmit, the_ack_of_a_repeated_fin_closes)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_expects_at(&r, at_ms(200), FIN | ACK, .seq = 1, .ack = 1);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2);
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

Test(tcp_retransmit, the_patience_with_a_close_counts_from_the_first_fin_and_not_from_the_start)
{
    struct tcp_rig r = rig_established();

    rig_runs_until(&r, at_ms(100000));
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_expects_at(&r, at_ms(100200), FIN | ACK, .seq = 1, .ack = 1);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    rig_expects_at(&r, at_ms(100600), FIN | ACK, .seq = 1, .ack = 2);
    rig_expects_at(&r, at_ms(101400), FIN | ACK, .seq = 1, .ack = 2);
    rig_expects_at(&r, at_ms(103000), FIN | ACK, .seq = 1, .ack = 2);
    rig_expects_silence_until(&r, at_ms(105000));
    rig_ends(&r, 0, TCPS_CLOSING);
    rig_runs_until(&r, at_ms(105000));
    rig_ends(&r, TCP_EV_CLOSE_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_retransmit, states_with_nothing_in_flight_have_no_timeout)
{
    static const enum tcp_state states[] = {TCPS_CLOSED, TCPS_ESTABLISHED, TCPS_CLOSE_WAIT};

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct tcp_rig r = rig_in(states[i]);

        cr_assert(eq(u64, tcp_deadline_ns(&r.conn, &r.ctx), TIME_NEVER));
        cr_assert(eq(uint, tcp_timeout(&r.conn, &r.ctx), 0));
        cr_assert(eq(u8, r.conn.pending, 0));
        cr_assert(eq(u8, r.conn.state, states[i]));
    }
}
