/* SPDX-License-Identifier: BSD-3-Clause */
/* Orderly ends: RFC 9293 3.6 and the FIN checks of 3.10.7.4. */
#include "rig.h"

Test(tcp_close, our_close_takes_four_segments_when_the_peer_goes_on)
{
    struct tcp_rig r = rig_established();

    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2);
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

Test(tcp_close, our_close_takes_three_segments_when_the_peer_closes_with_its_ack)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2);
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

Test(tcp_close, fins_that_cross_go_through_closing)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1); /* does not acknowledge our FIN */
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_PEER_CLOSED, TCPS_CLOSING);
    rig_peer_sends(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_CLOSED, TCPS_TIME_WAIT);
    rig_expects_silence_until(&r, r.now_ns + TCP_TIME_WAIT_NS);
    rig_ends(&r, 0, TCPS_TIME_WAIT);
}

Test(tcp_close, the_peer_s_close_goes_through_close_wait_and_last_ack)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 2);
    rig_ends(&r, TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
    rig_expects_silence_until(&r, at_ms(3600000)); /* as long as its user likes */
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 2);
    rig_ends(&r, 0, TCPS_LAST_ACK);
    rig_peer_sends(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_CLOSED, TCPS_CLOSED);
    rig_expects_silence_until(&r, at_ms(3700000));
}

Test(tcp_close, the_peer_s_fin_may_come_with_the_ack_that_opens)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 2);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 2);
    rig_peer_sends(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_CLOSED, TCPS_CLOSED);
}

/* Established and closed in one turn, before any output. */
static struct tcp_rig
closes_at_once(bool piggyback)
{
    struct tcp_rig r = rig_syn_sent();
    struct seg syn_ack = {.seq = r.irs, .ack = r.iss + 1, .flags = SYN | ACK};

    r.params.piggyback = piggyback;
    r.ctx.params = &r.params;
    cr_assert(eq(uint, tcp_input(&r.conn, &r.ctx, &syn_ack), TCP_EV_ESTABLISHED));
    rig_app_closes(&r);
    return r;
}

Test(tcp_close, the_handshake_s_ack_rides_on_the_fin)
{
    struct tcp_rig r = closes_at_once(true);

    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
}

Test(tcp_close, the_handshake_s_ack_goes_before_the_fin_when_it_may_not_ride)
{
    struct tcp_rig r = closes_at_once(false);

    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2);
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

Test(tcp_close, the_ack_of_the_peer_s_fin_rides_on_ours_or_goes_before)
{
    for (int piggyback = 0; piggyback < 2; piggyback++) {
        struct tcp_rig r = rig_established();
        struct seg fin = {.seq = r.irs + 1, .ack = r.iss + 1, .flags = FIN | ACK};

        r.params.piggyback = piggyback;
        r.ctx.params = &r.params;
        cr_assert(eq(uint, tcp_input(&r.conn, &r.ctx, &fin), TCP_EV_PEER_CLOSED));
        rig_app_closes(&r);
        if (!piggyback)
            rig_expects(&r, ACK, .seq = 1, .ack = 2);
        rig_expects(&r, FIN | ACK, .seq = 1, .ack = 2);
        rig_ends(&r, 0, TCPS_LAST_ACK);
    }
}

Test(tcp_close, the_fin_carries_the_window_and_the_timestamps_agreed)
{
    struct tcp_rig r = rig_established_with(ALL_OPTIONS);

    rig_runs_until(&r, at_ms(40));
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1, .options = TS);
    cr_assert(eq(u16, r.last.window, 511));
    cr_assert(eq(u32, r.last.ts_val, 4293467 + 40));
    cr_assert(eq(u32, r.last.ts_ecr, 100));
}

Test(tcp_close, closing_a_second_time_does_nothing)
{
    static const enum tcp_state states[] = {TCPS_CLOSED,  TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2,
                                            TCPS_CLOSING, TCPS_LAST_ACK,   TCPS_TIME_WAIT};

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct tcp_rig r = rig_in(states[i]);

        rig_app_closes(&r);
        rig_ends(&r, 0, states[i]);
    }
}

Test(tcp_close, payload_is_taken_until_the_peer_s_fin)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 10); /* before it saw our FIN */
    rig_expects(&r, ACK, .seq = 2, .ack = 11);
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
    rig_peer_sends(&r, ACK, .seq = 11, .ack = 2, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 2, .ack = 21);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
    rig_peer_sends(&r, FIN | ACK, .seq = 21, .ack = 2, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 2, .ack = 32);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 30));
}

Test(tcp_close, a_fin_beyond_a_gap_waits_and_is_answered_with_what_is_missing)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, FIN | ACK, .seq = 11, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    rig_peer_sends(&r, FIN | ACK, .seq = 11, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 20);
    rig_expects(&r, ACK, .seq = 1, .ack = 22);
    rig_ends(&r, TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}

Test(tcp_close, a_fin_behind_payload_that_is_known_already_is_taken)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 11);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 12);
    rig_ends(&r, TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 10));
}

Test(tcp_close, a_fin_without_ack_is_dropped)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, FIN, .seq = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

Test(tcp_close, a_repeated_fin_is_acknowledged_again)
{
    static const enum tcp_state states[] = {TCPS_CLOSE_WAIT, TCPS_CLOSING, TCPS_LAST_ACK,
                                            TCPS_TIME_WAIT};

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct tcp_rig r = rig_in(states[i]);

        rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
        rig_expects(&r, ACK, .seq = states[i] == TCPS_CLOSE_WAIT ? 1 : 2, .ack = 2);
        rig_ends(&r, 0, states[i]);
        cr_assert(eq(u64, rig_count(&r, duplicates), 1));
    }
}

/* RFC 9293 3.10.7.4, seventh and eighth check: it should not occur, it is ignored. */
Test(tcp_close, what_comes_after_the_peer_s_fin_is_ignored)
{
    static const enum tcp_state states[] = {TCPS_CLOSE_WAIT, TCPS_CLOSING, TCPS_LAST_ACK,
                                            TCPS_TIME_WAIT};
    static const struct rig_seg segs[] = {
        {ACK, .seq = 2, .ack = 1, .payload_len = 10},
        {ACK, .seq = 1, .ack = 1, .payload_len = 10},
        {ACK, .seq = 20, .ack = 1, .payload_len = 10},
        {FIN | ACK, .seq = 2, .ack = 1},
        {FIN | ACK, .seq = 20, .ack = 1},
    };

    for (size_t i = 0; i < ARRAY_LEN(states) * ARRAY_LEN(segs); i++) {
        enum tcp_state state = states[i / ARRAY_LEN(segs)];
        struct tcp_rig r = rig_in(state);

        rig_do_input(&r, segs[i % ARRAY_LEN(segs)], __LINE__);
        rig_ends(&r, 0, state);
        cr_assert(eq(u32, r.conn.rcv_nxt, r.irs + 2));
        cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 0));
    }
}

Test(tcp_close, the_ack_of_our_fin_ends_the_connection_whatever_it_carries)
{
    struct tcp_rig last_ack = rig_in(TCPS_LAST_ACK), closing = rig_in(TCPS_CLOSING);

    rig_peer_sends(&last_ack, FIN | ACK, .seq = 2, .ack = 2, .payload_len = 10);
    rig_ends(&last_ack, TCP_EV_CLOSED, TCPS_CLOSED);
    rig_peer_sends(&closing, FIN | ACK, .seq = 2, .ack = 2, .payload_len = 10);
    rig_ends(&closing, TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

Test(tcp_close, a_half_closed_connection_is_waited_for_and_then_reset)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_runs_until(&r, at_ms(100));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
    rig_expects_silence_until(&r, at_ms(100 + RIG_CLOSE_MS));
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
    rig_runs_until(&r, at_ms(100 + RIG_CLOSE_MS));
    rig_expects(&r, RST | ACK, .seq = 2, .ack = 1);
    rig_ends(&r, TCP_EV_PEER_TIMEOUT, TCPS_CLOSED);
    cr_assert(eq(u64, rig_count(&r, resets_sent), 1));
    cr_assert(eq(u64, rig_count(&r, retransmits), 0));
}
