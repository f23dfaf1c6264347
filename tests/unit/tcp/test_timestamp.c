/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 7323: the echo (4.3) and PAWS (5.3). The peer's SYN-ACK said 100. */
#include "rig.h"

Test(tcp_timestamp, the_latest_value_in_order_is_echoed)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 150, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 11, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 150));
    rig_peer_sends(&r, ACK, .seq = 11, .ack = 1, .options = TS, .ts_val = 150, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 21, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 150));
}

/* 4.3 (2): SEG.SEQ <= Last.ACK.sent. */
Test(tcp_timestamp, a_value_from_beyond_a_gap_is_not_echoed)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_peer_sends(&r, ACK, .seq = 11, .ack = 1, .options = TS, .ts_val = 160, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 100));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 150, .payload_len = 20);
    rig_expects(&r, ACK, .seq = 1, .ack = 21, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 150));
}

Test(tcp_timestamp, an_older_value_marks_a_duplicate_that_is_acknowledged_and_dropped)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 99,
                   .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 100));
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, paws_dropped), 1));
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 0));
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 0));
}

/* It was overtaken on the way. Were it answered, the answer could be overtaken too, and so on. */
Test(tcp_timestamp, an_older_value_on_an_empty_segment_is_dropped_in_silence)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 99);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, paws_dropped), 1));
}

Test(tcp_timestamp, an_old_duplicate_does_not_acknowledge_our_fin)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1, .options = TS);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2, .options = TS, .ts_val = 99);
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2, .options = TS, .ts_val = 100);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
}

Test(tcp_timestamp, values_are_compared_across_their_wrap)
{
    struct tcp_rig r = rig_syn_sent();

    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1, .options = TS, .ts_val = 0xfffffff0);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = TS);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 5, .payload_len = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 2, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 5));
    rig_peer_sends(&r, ACK, .seq = 2, .ack = 1, .options = TS, .ts_val = 0xfffffff1,
                   .payload_len = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 2, .options = TS);
    cr_assert(eq(u64, rig_count(&r, paws_dropped), 1));
}

/* 3.2 would have them dropped; Linux takes them, and so do we: nothing is gained by a hang. */
Test(tcp_timestamp, a_segment_that_lacks_them_though_agreed_is_taken)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 11, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 100));
}

Test(tcp_timestamp, those_of_a_peer_that_did_not_agree_are_ignored)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 500, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 11);
    rig_peer_sends(&r, ACK, .seq = 11, .ack = 1, .options = TS, .ts_val = 400, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 21);
    cr_assert(eq(u64, rig_count(&r, paws_dropped), 0));
}

Test(tcp_timestamp, the_handshake_s_ack_is_checked_too)
{
    struct tcp_rig r = rig_syn_received(TS);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 99);
    rig_ends(&r, 0, TCPS_SYN_RECEIVED);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 101);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
}

Test(tcp_timestamp, a_segment_outside_the_window_leaves_no_value)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_peer_sends(&r, ACK, .seq = 0xf0000000, .ack = 1, .options = TS, .ts_val = 900,
                   .payload_len = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 100));
}
