/* SPDX-License-Identifier: BSD-3-Clause */
/* A window that the peer has closed: RFC 9293 3.8.6.1, and the override of 3.8.6.2.1. */
#include "rig.h"

/* 1000 bytes are acknowledged, the window is closed, and @n more are written. */
static struct tcp_rig
rig_shut_out(uint8_t options, uint32_t n)
{
    struct tcp_rig r = rig_with_stream(options);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .options = options & TS, .ts_val = 101,
                   .is_shut = true); /* RTO 220 ms */
    rig_app_writes(&r, n);
    rig_expects_silence(&r);
    return r;
}

Test(tcp_persist, a_byte_beyond_the_closed_window_asks_for_it)
{
    struct tcp_rig r = rig_shut_out(0, 5000);

    rig_expects_after(&r, 220, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    cr_assert(eq(u64, rig_count(&r, window_probes), 1));
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
}

Test(tcp_persist, it_asks_again_with_back_off_for_as_long_as_the_peer_answers)
{
    struct tcp_rig r = rig_shut_out(0, 5000);
    uint64_t wait_ms = 220;

    for (int i = 0; i < 30; i++) {
        rig_expects_after(&r, wait_ms, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
        rig_ends(&r, 0, TCPS_ESTABLISHED);
        wait_ms = wait_ms * 2 < 60000 ? wait_ms * 2 : 60000;
        if (wait_ms > RIG_DATA_MS)
            break;
    }
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
    cr_assert(eq(u32, rig_stream(&r)->cc.cwnd, 10000));
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
}

/* 3.8.6.1: "the sending TCP peer MUST allow the connection to stay open". */
Test(tcp_persist, patience_does_not_end_while_the_peer_answers)
{
    struct tcp_rig r = rig_shut_out(0, 5000);
    uint64_t until_ns = r.now_ns + 600 * NS_PER_SEC;

    while (r.now_ns < until_ns) {
        rig_runs_until(&r, r.deadline_ns);
        cr_assert(eq(u8, r.conn.state, TCPS_ESTABLISHED));
        if (r.n_pending == 0)
            continue;
        rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    }
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001);
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_expects_full(&r, 1002, 4);
    rig_expects(&r, ACK | PSH, .seq = 5002, .ack = 1, .payload_len = 999);
}

Test(tcp_persist, without_an_answer_patience_ends)
{
    struct tcp_rig r = rig_shut_out(0, 5000);
    uint64_t end_ns = r.now_ns + RIG_DATA_MS * NS_PER_MS;

    while (r.conn.state == TCPS_ESTABLISHED) {
        rig_runs_until(&r, r.deadline_ns);
        if (r.conn.state == TCPS_ESTABLISHED)
            rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    }
    rig_expects(&r, RST | ACK, .seq = 1002, .ack = 1);
    cr_assert(ge(u64, r.now_ns, end_ns));
    cr_assert(le(u64, r.now_ns, end_ns + 220 * NS_PER_MS));
    rig_ends(&r, TCP_EV_DATA_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_persist, patience_counts_from_when_there_was_something_to_send)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    rig_expects_silence_for(&r, 10 * RIG_DATA_MS);
    rig_app_writes(&r, 5000);
    rig_expects_after(&r, 220, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

Test(tcp_persist, an_open_window_is_filled_at_once)
{
    struct tcp_rig r = rig_shut_out(0, 5000);

    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 3000);
    rig_expects_full(&r, 1001, 3);
    rig_expects_silence(&r);
    cr_assert(eq(u64, rig_count(&r, window_probes), 0));
}

/* The byte that asked had no room and is in the first segment again. */
Test(tcp_persist, after_a_probe_an_open_window_is_filled_from_the_beginning)
{
    struct tcp_rig r = rig_shut_out(0, 5000);

    rig_expects_after(&r, 220, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 3000);
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_expects(&r, ACK, .seq = 1002, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 2002, .ack = 1, .payload_len = 1000);
    rig_expects_silence(&r);
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
}

Test(tcp_persist, a_probe_s_byte_that_was_taken_is_not_sent_again)
{
    struct tcp_rig r = rig_shut_out(0, 5000);

    rig_expects_after(&r, 220, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1002, .is_shut = true);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1002, .window = 3000);
    rig_expects(&r, ACK, .seq = 1002, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 2002, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 3002, .ack = 1, .payload_len = 1000);
    rig_expects_silence(&r);
}

/* The probes' back-off is none of the path. */
Test(tcp_persist, the_back_off_ends_with_the_closed_window)
{
    struct tcp_rig r = rig_shut_out(SACK_OK, 5000);

    rig_expects_after(&r, 220, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    rig_expects_after(&r, 440, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    rig_expects_after(&r, 880, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1002, .window = 2000);
    rig_expects(&r, ACK, .seq = 1002, .ack = 1, .payload_len = 1000);
    rig_expects(&r, ACK, .seq = 2002, .ack = 1, .payload_len = 1000);
    rig_expects_silence(&r);
    rig_expects_silence_for(&r, 40); /* a probe after 2 SRTT of 20 ms */
    rig_passes(&r, 10);
    rig_expects(&r, ACK, .seq = 2002, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u64, rig_count(&r, tail_loss_probes), 1));
}

Test(tcp_persist, a_window_too_small_for_a_segment_is_used_after_a_while)
{
    struct tcp_rig r = rig_shut_out(0, 5000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 300);
    rig_expects_silence(&r);
    rig_runs_until(&r, r.now_ns + NS_PER_SEC); /* 0.1 to 1 s */
    rig_expects(&r, ACK, .seq = 1001, .ack = 1, .payload_len = 300);
}

Test(tcp_persist, and_the_peer_s_payload_does_not_put_that_off)
{
    struct tcp_rig r = rig_shut_out(0, 5000);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 300);
    for (uint32_t i = 0; i < 10 && r.n_pending == 0; i++) {
        rig_peer_sends(&r, ACK, .seq = 1 + i, .ack = 1001, .window = 300, .payload_len = 1);
        if (r.n_pending > 0 && r.pending[0].payload_len == 0)
            rig_expects(&r, ACK, .seq = 1001, .ack = 2 + i);
        rig_runs_until(&r, r.now_ns + 30 * NS_PER_MS);
    }
    cr_assert(eq(u32, r.n_pending, 1));
    cr_assert(eq(u16, r.pending[0].payload_len, 300));
    r.n_pending = 0;
}

/* 3.8.6: a peer that takes back what it has offered. */
Test(tcp_persist, a_window_taken_back_is_probed_from_the_first_byte_in_flight)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 5000);
    rig_expects_full(&r, 1, 5);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    rig_expects_silence(&r);
    rig_expects_after(&r, 220, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    cr_assert(eq(u64, rig_count(&r, window_probes), 1));
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 0));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    rig_expects_after(&r, 440, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1002, .window = 10000);
    cr_assert(ge(u32, r.n_pending, 4));
    cr_assert(eq(u32, r.pending[0].seq, r.iss + 1002));
    r.n_pending = 0;
}

Test(tcp_persist, a_window_taken_back_in_part_stops_what_is_new)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1, 10);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .window = 4000); /* 8000 are in flight */
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001, .window = 1000);
    rig_expects_full(&r, 10001, 1);
    rig_expects_silence(&r);
}

Test(tcp_persist, a_closed_window_holds_the_fin_back_and_the_probe_is_the_fin)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
    rig_app_closes(&r);
    rig_expects_after(&r, 220, FIN | ACK, .seq = 1001, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1002, .is_shut = true);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
}

/* Answers to probes are no duplicate ACKs. */
Test(tcp_persist, answers_to_probes_do_not_cut_the_congestion_window)
{
    struct tcp_rig r = rig_shut_out(0, 5000);

    rig_expects_after(&r, 220, ACK, .seq = 1001, .ack = 1, .payload_len = 1);
    for (int i = 0; i < 6; i++) {
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .is_shut = true);
        rig_expects_silence(&r);
    }
    cr_assert(eq(u32, rig_stream(&r)->cc.ssthresh, UINT32_MAX));
}
