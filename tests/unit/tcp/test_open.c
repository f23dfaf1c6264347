/* SPDX-License-Identifier: BSD-3-Clause */
/* Active open: RFC 9293 3.10.7.3, options after RFC 7323 and RFC 2018. */
#include "rig.h"

Test(tcp_open, the_syn_offers_every_option_and_an_unscaled_window)
{
    struct tcp_rig r = rig_syn_sent();

    cr_assert(eq(u16, r.last.window, 65535));
    cr_assert(eq(u32, r.last.ack, 0));
    cr_assert(eq(u32, r.last.ts_val, 4293467)); /* ms since the epoch */
    cr_assert(eq(u32, r.last.ts_ecr, 0));
    rig_ends(&r, 0, TCPS_SYN_SENT);
}

Test(tcp_open, a_syn_ack_completes_the_handshake_and_is_acknowledged)
{
    struct tcp_rig r = rig_syn_sent();

    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    rig_expects_silence_until(&r, at_ms(3600000));
}

/* Its accept queue is full, it waits for data, or our ACK was lost: a duplicate like no other. */
Test(tcp_open, a_syn_ack_that_comes_again_is_acknowledged_and_counted_as_such)
{
    static const enum tcp_state states[] = {TCPS_ESTABLISHED, TCPS_FIN_WAIT_1};

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct tcp_rig r = rig_in(states[i]);
        uint32_t seq = states[i] == TCPS_ESTABLISHED ? 1 : 2;

        for (unsigned n = 1; n <= 3; n++) {
            rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
            rig_expects(&r, ACK, .seq = seq, .ack = 1);
            rig_ends(&r, 0, states[i]);
            cr_assert(eq(u64, rig_count(&r, synack_repeated), n));
            cr_assert(eq(u64, rig_count(&r, duplicates), n));
        }
    }
}

Test(tcp_open, every_mix_of_options_the_peer_agrees_to_is_kept)
{
    for (uint8_t options = 0; options < 16; options++) {
        struct tcp_rig r = rig_syn_sent();
        uint8_t agreed = options & (SACK_OK | TS | WSCALE);

        rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1, .options = options,
                       .ts_val = options & TS ? 77 : 0, .wscale = options & WSCALE ? 5 : 0,
                       .mss = options & MSS ? 1400 : 0);
        rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = options & TS);
        cr_assert(eq(u16, r.last.window, options & WSCALE ? 511 : 65535));
        cr_assert(eq(u8, r.conn.options, agreed));
        cr_assert(eq(u16, r.conn.mss, options & MSS ? 1400 : 0));
        cr_assert(eq(u8, r.conn.snd_wscale, options & WSCALE ? 5 : 0));
        if (options & TS) {
            cr_assert(eq(u32, r.last.ts_ecr, 77));
            cr_assert(eq(u32, r.last.ts_val, 4293467));
        }
        rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    }
}

Test(tcp_open, a_syn_ack_with_a_wrong_ack_is_answered_with_a_reset_and_the_syn_again)
{
    static const uint32_t acks[] = {0, 2, 100, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff};

    for (size_t i = 0; i < ARRAY_LEN(acks); i++) {
        struct tcp_rig r = rig_syn_sent();

        rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = acks[i]);
        rig_expects(&r, RST, .seq = acks[i]);
        rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
        rig_ends(&r, TCP_EV_ANSWER_RST, TCPS_SYN_SENT);
        rig_peer_sends(&r, SYN | ACK, .seq = 7, .ack = 1);
        rig_expects(&r, ACK, .seq = 1, .ack = 8);
        rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    }
}

/* The peer still has the tuple in TIME-WAIT and does not take the SYN for a new one. */
Test(tcp_open, the_ack_of_an_older_connection_is_answered_with_a_reset_and_the_syn_again)
{
    struct tcp_rig r = rig_syn_sent();

    rig_peer_sends(&r, ACK, .seq = 9000, .ack = 0xfffffff0);
    rig_expects(&r, RST, .seq = 0xfffffff0);
    rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_ends(&r, TCP_EV_ANSWER_RST, TCPS_SYN_SENT);
    rig_peer_sends(&r, SYN | ACK, .seq = 7, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 8);
    cr_assert(eq(u16, r.conn.rto_ms, 200)); /* of a round trip of 0: none was lost */
}

/* Once: a peer that answers each SYN like this is not asked as fast as it answers. */
Test(tcp_open, a_second_ack_of_an_older_connection_waits_for_the_timeout)
{
    struct tcp_rig r = rig_syn_sent();

    rig_runs_until(&r, at_ms(300));
    rig_peer_sends(&r, ACK, .seq = 9000, .ack = 0xfffffff0);
    rig_expects(&r, RST, .seq = 0xfffffff0);
    rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_peer_sends(&r, ACK, .seq = 9000, .ack = 0xfffffff0);
    rig_expects(&r, RST, .seq = 0xfffffff0);
    rig_expects_at(&r, at_ms(1300), SYN, .seq = 0, .options = ALL_OPTIONS); /* not backed off */
    rig_expects_at(&r, at_ms(3300), SYN, .seq = 0, .options = ALL_OPTIONS);
    cr_assert(eq(u64, rig_count(&r, retransmits), 3));
}

Test(tcp_open, a_reset_that_acknowledges_the_syn_refuses_it)
{
    static const uint8_t flags[] = {RST | ACK, RST | SYN | ACK, RST | FIN | ACK};

    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        struct tcp_rig r = rig_syn_sent();

        rig_peer_sends(&r, flags[i], .seq = 0x12345678, .ack = 1);
        rig_ends(&r, TCP_EV_REFUSED, TCPS_CLOSED);
        cr_assert(eq(u64, rig_count(&r, resets_received), 1));
        rig_expects_silence_until(&r, at_ms(60000));
    }
}

Test(tcp_open, a_reset_that_does_not_acknowledge_the_syn_is_ignored)
{
    static const struct rig_seg resets[] = {
        {RST | ACK, .ack = 0}, {RST | ACK, .ack = 2}, {RST}, {RST | SYN}};

    for (size_t i = 0; i < ARRAY_LEN(resets); i++) {
        struct tcp_rig r = rig_syn_sent();

        rig_do_input(&r, resets[i], __LINE__);
        rig_ends(&r, 0, TCPS_SYN_SENT);
        cr_assert(eq(u64, rig_count(&r, resets_ignored), 1));
        cr_assert(eq(u64, rig_count(&r, resets_received), 0));
        rig_expects_at(&r, at_ms(1000), SYN, .seq = 0, .options = ALL_OPTIONS);
    }
}

Test(tcp_open, a_segment_without_syn_or_reset_is_dropped)
{
    static const struct rig_seg segs[] = {
        {ACK, .ack = 1}, {FIN | ACK, .ack = 1}, {FIN}, {0}, {PSH, .payload_len = 10}};

    for (size_t i = 0; i < ARRAY_LEN(segs); i++) {
        struct tcp_rig r = rig_syn_sent();

        rig_do_input(&r, segs[i], __LINE__);
        rig_ends(&r, 0, TCPS_SYN_SENT);
        cr_assert(eq(u32, r.conn.rcv_nxt, 0));
    }
}

Test(tcp_open, payload_and_fin_on_the_syn_ack_wait_for_their_retransmission)
{
    struct tcp_rig r = rig_syn_sent();

    rig_peer_sends(&r, SYN | FIN | ACK, .seq = 0, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 12);
    rig_ends(&r, TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}

Test(tcp_open, syns_that_cross_are_answered_and_either_side_s_ack_establishes)
{
    struct tcp_rig r = rig_syn_sent();

    rig_peer_sends(&r, SYN, .seq = 0, .options = SACK_OK | TS | MSS, .ts_val = 55, .mss = 1460);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1, .options = SACK_OK | TS);
    cr_assert(eq(u32, r.last.ts_ecr, 55));
    cr_assert(eq(u16, r.last.window, 65535));
    rig_ends(&r, 0, TCPS_SYN_RECEIVED);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 56);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    cr_assert(eq(u16, r.conn.mss, 1460));
}

/* RFC 9293 figure 8, as seen by TCP peer A: the SYN-ACK lies before the window, its ACK comes
 * apart. */
Test(tcp_open, the_syn_ack_of_a_crossed_open_is_acknowledged)
{
    struct tcp_rig r = rig_syn_sent();

    rig_peer_sends(&r, SYN, .seq = 0);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_SYN_RECEIVED);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
}

Test(tcp_open, a_crossed_open_goes_on_with_the_back_off_and_the_patience_of_the_first_syn)
{
    struct tcp_rig r = rig_syn_sent();

    rig_expects_at(&r, at_ms(1000), SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_peer_sends(&r, SYN, .seq = 0);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects_at(&r, at_ms(3000), SYN | ACK, .seq = 0, .ack = 1);
    rig_expects_at(&r, at_ms(7000), SYN | ACK, .seq = 0, .ack = 1);
    rig_expects_silence_until(&r, at_ms(10000));
    rig_ends(&r, 0, TCPS_SYN_RECEIVED);
    rig_runs_until(&r, at_ms(10000));
    rig_ends(&r, TCP_EV_OPEN_TIMEOUT, TCPS_CLOSED);
}

/* Our ACK, the last of the three, was lost. */
Test(tcp_open, a_repeated_syn_ack_is_acknowledged_again)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, duplicates), 1));
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 0));
}

Test(tcp_open, a_repeated_syn_ack_is_acknowledged_after_our_fin_too)
{
    struct tcp_rig r = rig_in(TCPS_FIN_WAIT_1);

    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 2, .ack = 1);
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
    rig_expects_at(&r, at_ms(200), FIN | ACK, .seq = 1, .ack = 1);
}

Test(tcp_open, closing_before_the_handshake_is_complete_does_nothing)
{
    struct tcp_rig r = rig_syn_sent();

    rig_app_closes(&r);
    rig_ends(&r, 0, TCPS_SYN_SENT);
    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
}

Test(tcp_open, every_state_has_a_name)
{
    for (int state = TCPS_CLOSED; state <= TCPS_TIME_WAIT; state++)
        cr_assert(ne(ptr, (void *)tcp_state_names[state], NULL));
    cr_assert(eq(str, (char *)tcp_state_names[TCPS_SYN_SENT], "syn-sent"));
    cr_assert(eq(str, (char *)tcp_state_names[TCPS_TIME_WAIT], "time-wait"));
}

Test(tcp_open, what_is_withheld_is_neither_offered_nor_agreed_to)
{
    struct tcp_rig r = rig_closed();

    r.params.options_off = TS;
    rig_app_opens(&r);
    rig_expects(&r, SYN, .seq = 0, .options = SACK_OK | WSCALE);
    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1, .options = ALL_OPTIONS, .ts_val = 100,
                   .wscale = 9);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    cr_assert(eq(int, r.conn.options, SACK_OK | WSCALE));
}
