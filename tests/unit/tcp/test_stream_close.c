/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of a connection with payload: RFC 9293 3.6 and 3.10.4. */
#include "rig.h"

Test(tcp_stream_close, the_fin_rides_on_the_last_segment)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 10500);
    rig_expects_full(&r, 1, 10);
    rig_app_closes(&r);
    rig_expects_silence(&r); /* the congestion window is full */
    rig_ends(&r, 0, TCPS_FIN_WAIT_1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10001);
    rig_expects(&r, FIN | PSH | ACK, .seq = 10001, .ack = 1, .payload_len = 500);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 10502);
    rig_ends(&r, TCP_EV_ACKED, TCPS_FIN_WAIT_2);
    cr_assert(eq(u32, r.ctx.acked, 500));
    cr_assert(eq(u32, r.acked, 10500));
    cr_assert(eq(u32, tcp_unacked(&r.conn, &r.ctx), 0));
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 10502);
    rig_expects(&r, ACK, .seq = 10502, .ack = 2);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
    tcp_release(&r.conn, &r.ctx);
    cr_assert(eq(u32, r.ctx.pools->streams.n_borrowed, 0));
}

Test(tcp_stream_close, a_fin_after_what_was_sent_goes_alone)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1001, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001); /* of the payload only */
    rig_ends(&r, TCP_EV_ACKED, TCPS_FIN_WAIT_1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1002);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
}

Test(tcp_stream_close, a_fin_takes_a_number_of_the_window)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1001, .window = 1000);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1001, 1);
    rig_app_closes(&r);
    rig_expects_silence(&r);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2001, .window = 1);
    rig_expects(&r, FIN | ACK, .seq = 2001, .ack = 1);
}

Test(tcp_stream_close, the_responder_closes_after_its_answer)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 102);
    rig_app_writes(&r, 300);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 102, .payload_len = 300);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 301, .ack = 102);
    rig_ends(&r, 0, TCPS_LAST_ACK);
    rig_peer_sends(&r, ACK, .seq = 102, .ack = 301);
    rig_ends(&r, TCP_EV_ACKED, TCPS_LAST_ACK);
    rig_peer_sends(&r, ACK, .seq = 102, .ack = 302);
    rig_ends(&r, TCP_EV_CLOSED, TCPS_CLOSED);
}

Test(tcp_stream_close, a_lost_fin_goes_out_again_with_back_off_until_patience_ends)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_passes(&r, 20);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 101);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 101, .ack = 1);
    rig_expects_after(&r, 220, FIN | ACK, .seq = 101, .ack = 1);
    rig_expects_after(&r, 440, FIN | ACK, .seq = 101, .ack = 1);
    rig_expects_after(&r, 880, FIN | ACK, .seq = 101, .ack = 1);
    rig_expects_after(&r, 1760, FIN | ACK, .seq = 101, .ack = 1); /* 3.3 s */
    rig_expects_after(&r, RIG_CLOSE_MS - 3300, RST | ACK, .seq = 102, .ack = 1);
    rig_ends(&r, TCP_EV_CLOSE_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_stream_close, payload_and_fin_that_were_lost_go_out_again_together)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 101, .ack = 1);
    rig_expects_after(&r, 200, FIN | PSH | ACK, .seq = 1, .ack = 1, .payload_len = 100);
}

Test(tcp_stream_close, while_payload_is_missing_the_patience_is_that_of_payload)
{
    struct tcp_rig r = rig_with_stream(0);
    uint64_t end_ns;

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    end_ns = r.now_ns + RIG_DATA_MS * NS_PER_MS;
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 101, .ack = 1);
    while (r.now_ns < end_ns - NS_PER_MS) {
        uint64_t next_ns = r.deadline_ns < end_ns - NS_PER_MS ? r.deadline_ns : end_ns - NS_PER_MS;

        rig_runs_until(&r, next_ns);
        if (r.n_pending > 0)
            rig_expects(&r, FIN | PSH | ACK, .seq = 1, .ack = 1, .payload_len = 100);
    }
    rig_runs_until(&r, end_ns);
    rig_expects(&r, RST | ACK, .seq = 102, .ack = 1);
    rig_ends(&r, TCP_EV_DATA_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_stream_close, the_fin_may_be_selectively_acknowledged)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 3000);
    rig_expects_full(&r, 1, 3);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 3001, .ack = 1);
    rig_passes(&r, 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .sack = {{1001, 3002}});
    rig_expects_after(&r, 25, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 3002);
    rig_ends(&r, TCP_EV_ACKED, TCPS_FIN_WAIT_2);
}

/* The stream is borrowed when the FIN is out already. */
Test(tcp_stream_close, payload_of_the_peer_after_our_fin_is_taken_and_the_fin_is_not_forgotten)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_passes(&r, 50);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_ends(&r, TCP_EV_DATA, TCPS_FIN_WAIT_1);
    rig_runs_until(&r, r.now_ns + 300 * NS_PER_MS);
    rig_expects(&r, ACK, .seq = 2, .ack = 1001); /* delayed */
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1001);
    rig_peer_sends(&r, ACK, .seq = 1001, .ack = 2);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
    rig_peer_sends(&r, FIN | ACK, .seq = 1001, .ack = 2);
    rig_expects(&r, ACK, .seq = 2, .ack = 1002);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

Test(tcp_stream_close, payload_with_the_ack_of_our_fin_is_taken)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2, .payload_len = 500);
    rig_expects(&r, ACK, .seq = 2, .ack = 502);
    rig_ends(&r, TCP_EV_DATA | TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

/* A caller without room has not fetched the FIN yet. */
Test(tcp_stream_close, payload_of_the_peer_before_our_fin_went_out_does_not_swallow_it)
{
    struct tcp_rig r = rig_with_stream(0);

    tcp_close(&r.conn, &r.ctx);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1001);
    rig_peer_sends(&r, ACK, .seq = 1001, .ack = 2);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
}

/* Half-closed: we are done, the peer goes on. */
Test(tcp_stream_close, the_peer_may_go_on_for_as_long_as_it_sends)
{
    struct tcp_rig r = rig_with_stream(0);
    uint32_t seq = 1;

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 101, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 102);
    for (int i = 0; i < 5; i++, seq += 1000) {
        rig_passes(&r, RIG_CLOSE_MS - 100);
        rig_peer_sends(&r, ACK, .seq = seq, .ack = 102, .payload_len = 1000);
        rig_expects_after(&r, 40, ACK, .seq = 102, .ack = seq + 1000);
        rig_ends(&r, 0, TCPS_FIN_WAIT_2);
    }
    rig_expects_after(&r, RIG_CLOSE_MS - 40, RST | ACK, .seq = 102, .ack = 5001);
    rig_ends(&r, TCP_EV_PEER_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_stream_close, fins_that_cross_with_payload_in_flight)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1001, .ack = 1);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1002, .ack = 12);
    rig_ends(&r, TCP_EV_DATA | TCP_EV_PEER_CLOSED, TCPS_CLOSING);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1, .ack = 12, .payload_len = 1000);
    rig_peer_sends(&r, ACK, .seq = 12, .ack = 1001);
    rig_expects(&r, FIN | ACK, .seq = 1001, .ack = 12);
    rig_ends(&r, TCP_EV_ACKED, TCPS_CLOSING);
    rig_peer_sends(&r, ACK, .seq = 12, .ack = 1002);
    rig_ends(&r, TCP_EV_CLOSED, TCPS_TIME_WAIT);
}

Test(tcp_stream_close, the_peer_s_fin_again_is_acknowledged_again)
{
    struct tcp_rig r = rig_with_stream(0);

    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 102);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 102);
    rig_peer_sends(&r, FIN | ACK, .seq = 101, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 102);
    rig_ends(&r, 0, TCPS_CLOSE_WAIT);
}

Test(tcp_stream_close, an_abort_resets_at_the_next_number)
{
    struct tcp_rig r = rig_with_stream(TS);

    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1, 10);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = TS, .ts_val = 101, .payload_len = 10);
    rig_app_aborts(&r);
    rig_expects(&r, RST | ACK, .seq = 10001, .ack = 11, .options = TS);
    rig_expects_silence_for(&r, 100000);
    cr_assert(eq(u32, r.ctx.pools->streams.n_borrowed, 1));
    tcp_release(&r.conn, &r.ctx);
    cr_assert(eq(u32, r.ctx.pools->streams.n_borrowed, 0));
}

Test(tcp_stream_close, a_reset_ends_what_was_in_flight)
{
    struct tcp_rig r = rig_with_stream(SACK_OK);

    rig_app_writes(&r, 20000);
    rig_expects_full(&r, 1, 10);
    rig_peer_sends(&r, RST, .seq = 1);
    rig_ends(&r, TCP_EV_RESET, TCPS_CLOSED);
    rig_expects_silence_for(&r, 100000);
}

Test(tcp_stream_close, releasing_gives_all_memory_back)
{
    struct tcp_rig r = rig_streams();

    r.params.buffers_rx = true;
    rig_connects(&r, SACK_OK);
    rig_app_writes(&r, 1000);
    rig_expects_full(&r, 1, 1);
    for (uint32_t i = 0; i < 5; i++) {
        rig_peer_sends(&r, ACK, .seq = 1001 + 2000 * i, .ack = 1, .payload_len = 1000);
        r.n_pending = 0;
    }
    cr_assert(eq(u32, r.ctx.pools->overflows.n_borrowed, 1));
    cr_assert(eq(u32, r.ctx.pools->buffers.n_borrowed, 1));
    rig_app_aborts(&r);
    rig_expects(&r, RST | ACK, .seq = 1001, .ack = 1);
    tcp_release(&r.conn, &r.ctx);
    cr_assert(eq(u32, r.ctx.pools->overflows.n_borrowed, 0));
    cr_assert(eq(u32, r.ctx.pools->buffers.n_borrowed, 0));
    cr_assert(eq(u32, r.ctx.pools->streams.n_borrowed, 0));
    tcp_release(&r.conn, &r.ctx); /* one without a stream may be given, too */
}
