/* SPDX-License-Identifier: BSD-3-Clause */
/* Passive open: RFC 9293 3.10.7.2 and SYN-RECEIVED in 3.10.7.4. */
#include "rig.h"

Test(tcp_accept, a_syn_is_answered_and_its_ack_establishes)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_ends(&r, 0, TCPS_SYN_RECEIVED);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    rig_expects_silence_until(&r, at_ms(3600000));
}

Test(tcp_accept, every_mix_of_options_offered_is_agreed_to)
{
    for (uint8_t options = 0; options < 16; options++) {
        struct tcp_rig r = rig_closed();

        rig_peer_opens(&r, SYN, .seq = 0, .options = options, .ts_val = options & TS ? 4711 : 0,
                       .wscale = options & WSCALE ? 14 : 0, .mss = options & MSS ? 536 : 0);
        rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1,
                    .options = options & (SACK_OK | TS | WSCALE));
        cr_assert(eq(u16, r.last.window, 65535));
        cr_assert(eq(u32, r.last.ts_ecr, options & TS ? 4711 : 0));
        rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1, .options = options & TS,
                       .ts_val = 4712);
        rig_expects(&r, ACK, .seq = 1, .ack = 2, .options = options & TS);
        cr_assert(eq(u16, r.last.window, options & WSCALE ? 511 : 65535));
        cr_assert(eq(u8, r.conn.options, options & (SACK_OK | TS | WSCALE)));
        cr_assert(eq(u8, r.conn.snd_wscale, options & WSCALE ? 14 : 0));
        cr_assert(eq(u16, r.conn.mss, options & MSS ? 536 : 0));
    }
}

Test(tcp_accept, a_repeated_syn_is_answered_with_the_syn_ack_again)
{
    struct tcp_rig r = rig_syn_received(ALL_OPTIONS);

    rig_peer_sends(&r, SYN, .seq = 0, .options = ALL_OPTIONS, .ts_val = 1100, .wscale = 9);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1, .options = ALL_OPTIONS);
    rig_ends(&r, 0, TCPS_SYN_RECEIVED);
    cr_assert(eq(u64, rig_count(&r, duplicates), 1));
    cr_assert(eq(u64, rig_count(&r, retransmits), 0));
}

Test(tcp_accept, a_repeated_syn_does_not_put_the_timeout_off)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_runs_until(&r, at_ms(900));
    rig_peer_sends(&r, SYN, .seq = 0);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects_at(&r, at_ms(1000), SYN | ACK, .seq = 0, .ack = 1);
}

Test(tcp_accept, an_ack_of_something_else_is_answered_with_a_reset)
{
    static const uint32_t acks[] = {0, 2, 0x80000001, 0xffff0000};

    for (size_t i = 0; i < ARRAY_LEN(acks); i++) {
        struct tcp_rig r = rig_syn_received(0);

        rig_peer_sends(&r, ACK, .seq = 1, .ack = acks[i]);
        rig_expects(&r, RST, .seq = acks[i]);
        rig_ends(&r, TCP_EV_ANSWER_RST, TCPS_SYN_RECEIVED);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
        rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    }
}

Test(tcp_accept, the_ack_may_bring_payload)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 101);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 100));
}

Test(tcp_accept, the_ack_may_bring_the_peer_s_fin)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 2);
    rig_ends(&r, TCP_EV_ESTABLISHED | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}

/* The ACK was lost, payload came first. */
Test(tcp_accept, payload_beyond_a_gap_establishes_too)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_peer_sends(&r, ACK, .seq = 11, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
}

Test(tcp_accept, a_segment_without_ack_is_dropped)
{
    static const struct rig_seg segs[] = {
        {0, .seq = 1}, {FIN, .seq = 1}, {PSH, .seq = 1, .payload_len = 5}};

    for (size_t i = 0; i < ARRAY_LEN(segs); i++) {
        struct tcp_rig r = rig_syn_received(0);

        rig_do_input(&r, segs[i], __LINE__);
        rig_ends(&r, 0, TCPS_SYN_RECEIVED);
        cr_assert(eq(u32, r.conn.rcv_nxt, r.irs + 1));
    }
}

/* RFC 9293 figure 9: the SYN was an old duplicate. */
Test(tcp_accept, the_reset_of_a_peer_that_sent_no_such_syn_ends_it)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_peer_sends(&r, RST, .seq = 1);
    rig_ends(&r, TCP_EV_RESET | TCP_EV_OPENING, TCPS_CLOSED);
    rig_expects_silence_until(&r, at_ms(60000));
}

/* RFC 5961 4: the ACK makes a peer that did restart send the RST that is believed. */
Test(tcp_accept, another_syn_is_challenged_and_its_sender_s_reset_ends_it)
{
    static const uint32_t seqs[] = {1, 500, 65535, 65536 + 5, 0x70000000, 0xf0000000};

    for (size_t i = 0; i < ARRAY_LEN(seqs); i++) {
        struct tcp_rig r = rig_syn_received(0);
        bool is_old = seqs[i] == 0xf0000000;

        rig_peer_sends(&r, SYN, .seq = seqs[i]);
        rig_expects(&r, is_old ? SYN | ACK : ACK, .seq = is_old ? 0 : 1, .ack = 1);
        rig_ends(&r, 0, TCPS_SYN_RECEIVED);
        rig_peer_sends(&r, RST, .seq = 1);
        rig_ends(&r, TCP_EV_RESET | TCP_EV_OPENING, TCPS_CLOSED);
    }
}

Test(tcp_accept, payload_and_fin_on_the_syn_wait_for_their_retransmission)
{
    struct tcp_rig r = rig_closed();

    rig_peer_opens(&r, SYN | FIN, .seq = 0, .payload_len = 30);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 30);
    rig_expects(&r, ACK, .seq = 1, .ack = 32);
    rig_ends(&r, TCP_EV_ESTABLISHED | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}

Test(tcp_accept, closing_before_the_handshake_is_complete_does_nothing)
{
    struct tcp_rig r = rig_syn_received(0);

    rig_app_closes(&r);
    rig_ends(&r, 0, TCPS_SYN_RECEIVED);
}

Test(tcp_accept, what_is_withheld_is_not_agreed_to)
{
    struct tcp_rig r = rig_closed();

    r.params.options_off = TS;
    rig_peer_opens(&r, SYN, .seq = 0, .options = ALL_OPTIONS, .ts_val = 100, .wscale = 9);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1, .options = SACK_OK | WSCALE);
}
