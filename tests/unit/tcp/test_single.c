/* SPDX-License-Identifier: BSD-3-Clause */
/* A request and an answer of one segment each, without a stream, and what leads to one. */
#include "rig.h"

static uint32_t
streams(const struct tcp_rig *r)
{
    return r->ctx.pools->streams.n_borrowed;
}

/* -- without a stream ------------------------------------------------------------------------- */

Test(tcp_single, a_request_and_an_answer_need_no_stream)
{
    struct tcp_rig r = rig_with_single(TS);

    rig_app_writes(&r, 300);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .options = TS, .payload_len = 300);
    cr_assert(eq(u32, tcp_unacked(&r.conn, &r.ctx), 300));
    rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 301, .options = TS, .ts_val = 101,
                   .payload_len = 500);
    rig_expects(&r, ACK, .seq = 301, .ack = 501, .options = TS);
    rig_ends(&r, TCP_EV_ACKED | TCP_EV_DATA, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.ctx.acked, 300));
    cr_assert(eq(u32, r.ctx.delivered, 500));
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 301, .ack = 501, .options = TS);
    cr_assert(eq(u64, rig_count(&r, tx_payload_bytes), 300));
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 500));
    cr_assert(zero(u32, streams(&r)));
}

Test(tcp_single, the_acknowledgement_of_what_came_rides_on_the_answer)
{
    struct tcp_rig r = rig_with_single(0);

    rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 11);
    rig_app_writes(&r, 20);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 11, .payload_len = 20);
    rig_peer_sends(&r, ACK | FIN, .seq = 11, .ack = 21);
    rig_expects(&r, ACK, .seq = 21, .ack = 12);
    rig_ends(&r, TCP_EV_ACKED | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
    cr_assert(zero(u32, streams(&r)));
}

Test(tcp_single, one_after_the_other)
{
    struct tcp_rig r = rig_with_single(0);

    for (uint32_t i = 0; i < 3; i++) {
        rig_app_writes(&r, 100);
        rig_expects(&r, ACK | PSH, .seq = 1 + 100 * i, .ack = 1, .payload_len = 100);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 101 + 100 * i);
        rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    }
    cr_assert(zero(u32, streams(&r)));
}

Test(tcp_single, payload_and_fin_come_and_go_together)
{
    struct tcp_rig r = rig_with_single(0);

    rig_peer_sends(&r, ACK | PSH | FIN, .seq = 1, .ack = 1, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 12);
    rig_ends(&r, TCP_EV_DATA | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
    r.params.piggyback = true;
    cr_assert(tcp_send_single(&r.conn, &r.ctx, 20)); /* and closes in the same turn */
    rig_app_closes(&r);
    rig_expects(&r, ACK | PSH | FIN, .seq = 1, .ack = 12, .payload_len = 20);
    rig_peer_sends(&r, ACK, .seq = 12, .ack = 22);
    rig_ends(&r, TCP_EV_ACKED | TCP_EV_CLOSED, TCPS_CLOSED);
    cr_assert(eq(u32, r.ctx.acked, 20));
    cr_assert(zero(u32, streams(&r)));
}

Test(tcp_single, a_fin_after_what_was_sent_goes_alone_and_may_be_acknowledged_apart)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_closes(&r);
    rig_expects(&r, ACK | FIN, .seq = 101, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 101);
    rig_ends(&r, TCP_EV_ACKED, TCPS_FIN_WAIT_1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 102);
    rig_ends(&r, 0, TCPS_FIN_WAIT_2);
    cr_assert(zero(u32, streams(&r)));
}

Test(tcp_single, where_bytes_are_buffered_only_what_was_read_before_needs_no_stream)
{
    for (int is_whole = 0; is_whole < 2; is_whole++) {
        struct tcp_rig r = rig_with_single(0);

        r.params.buffers_rx = r.params.reads_in_place = true;
        r.ctx.is_whole = is_whole;
        r.params.rcv_wnd = 65536;
        rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 10);
        cr_assert(eq(u32, streams(&r), 1 - is_whole));
        cr_assert(eq(u32, r.ctx.delivered, 10));
    }
}

Test(tcp_single, an_answer_has_the_room_that_it_is_said_to_have)
{
    for (uint32_t window = 0; window < 2000; window += 250) {
        struct tcp_rig r = rig_with_single(0);
        struct seg s = {.flags = ACK | PSH, .payload_len = 10};
        uint32_t room;

        r.conn.peer_wnd = window;
        s.seq = r.conn.rcv_nxt;
        s.ack = r.conn.snd_nxt;
        rig_settle(&r);
        room = tcp_single_room(&r.conn, &s, 1460);
        cr_assert(le(u32, room, window));
        cr_assert(not(tcp_send_single(&r.conn, &r.ctx, room + 1)), "%u", window);
        if (room > 0)
            cr_assert(tcp_send_single(&r.conn, &r.ctx, room), "%u", window);
        cr_assert(eq(u32, tcp_single_room(&r.conn, &s, 1460), room > 0 ? 0 : room));
        s.ack--;
        cr_assert(zero(u32, tcp_single_room(&r.conn, &s, 1460)));
    }
}

Test(tcp_single, an_answer_to_what_acknowledges_the_one_before_has_the_window_that_it_brings)
{
    struct tcp_rig r = rig_with_single(0);
    struct seg s = {.flags = ACK | PSH, .payload_len = 10, .window = 4};

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    s.seq = r.conn.rcv_nxt;
    s.ack = r.conn.snd_una;
    cr_assert(zero(u32, tcp_single_room(&r.conn, &s, 1460)), "it is not acknowledged");
    s.ack = r.conn.snd_nxt;
    cr_assert(eq(u32, tcp_single_room(&r.conn, &s, 1460), 4));
}

/* -- timeouts -------------------------------------------------------------------------------- */

Test(tcp_single, a_lost_segment_comes_again_with_back_off_until_patience_ends)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    for (unsigned ms = 200; ms < 20000; ms *= 2)
        rig_expects_after(&r, ms, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100); /* 25.4 s */
    rig_expects_after(&r, 4600, RST | ACK, .seq = 101, .ack = 1);
    rig_ends(&r, TCP_EV_DATA_TIMEOUT, TCPS_CLOSED);
    cr_assert(eq(u64, rig_count(&r, retransmits), 7));
    cr_assert(eq(u64, rig_count(&r, rto_timeouts), 7));
    cr_assert(eq(u64, rig_count(&r, tx_payload_bytes), 100));
}

Test(tcp_single, after_a_lost_syn_the_first_round_trip_shortens_the_timeout)
{
    struct tcp_rig r = rig_with_single(0);

    r.conn.rto_ms = 3000; /* RFC 6298 5.7 */
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 101);
    rig_app_writes(&r, 50);
    rig_expects(&r, ACK | PSH, .seq = 101, .ack = 1, .payload_len = 50);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 101, .ack = 1, .payload_len = 50);
}

Test(tcp_single, the_timeout_follows_the_round_trips_of_a_kept_connection)
{
    static const struct {
        unsigned rtt_ms, rto_ms;
    } rows[] = {{1, 201}, {300, 900}, {300, 900}, {1, 812}, {1, 735}};
    struct tcp_rig r = rig_with_single(0);

    for (uint32_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig_app_writes(&r, 100);
        rig_expects(&r, ACK | PSH, .seq = 1 + 100 * i, .ack = 1, .payload_len = 100);
        r.now_ns += rows[i].rtt_ms * NS_PER_MS;
        tcp_ctx_set_now(&r.ctx, r.now_ns);
        rig_peer_sends(&r, ACK, .seq = 1, .ack = 101 + 100 * i);
        cr_assert(eq(uint, r.conn.rto_ms, rows[i].rto_ms), "after %u ms", rows[i].rtt_ms);
    }
}

Test(tcp_single, so_many_timeouts_in_a_row_are_the_end)
{
    struct tcp_rig r = rig_streams();

    r.params.single = true;
    r.params.retries_max = 1;
    rig_connects(&r, 0);
    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects_after(&r, 200, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects_after(&r, 400, RST | ACK, .seq = 101, .ack = 1);
    rig_ends(&r, TCP_EV_DATA_TIMEOUT, TCPS_CLOSED);
}

Test(tcp_single, payload_and_fin_are_repeated_in_one)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_closes(&r);
    rig_expects(&r, ACK | FIN, .seq = 101, .ack = 1);
    rig_expects_after(&r, 200, ACK | PSH | FIN, .seq = 1, .ack = 1, .payload_len = 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 102);
    rig_ends(&r, TCP_EV_ACKED, TCPS_FIN_WAIT_2);
}

/* -- what takes a stream ---------------------------------------------------------------------- */

Test(tcp_single, what_does_not_fit_a_segment_takes_a_stream)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 1001);
    rig_expects_full(&r, 1, 1);
    rig_expects(&r, ACK | PSH, .seq = 1001, .ack = 1, .payload_len = 1);
    cr_assert(eq(u32, streams(&r), 1));
}

Test(tcp_single, what_does_not_fit_the_window_takes_a_stream)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 101, .window = 50);
    rig_app_writes(&r, 60);
    rig_expects(&r, ACK, .seq = 101, .ack = 1, .payload_len = 50);
    cr_assert(eq(u32, streams(&r), 1));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 151);
    rig_expects(&r, ACK | PSH, .seq = 151, .ack = 1, .payload_len = 10);
}

Test(tcp_single, a_second_write_takes_a_stream_that_knows_of_the_first)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_app_writes(&r, 200);
    cr_assert(eq(u32, streams(&r), 1));
    rig_expects_silence(&r); /* what window there is the next segment tells */
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 101);
    rig_expects(&r, ACK | PSH, .seq = 101, .ack = 1, .payload_len = 200);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 301);
    cr_assert(zero(u32, tcp_unacked(&r.conn, &r.ctx)));
}

Test(tcp_single, half_an_acknowledgement_takes_a_stream_that_repeats_the_rest)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 41);
    rig_ends(&r, TCP_EV_ACKED, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.ctx.acked, 40));
    cr_assert(eq(u32, streams(&r), 1));
    rig_expects_after(&r, 200, ACK | PSH, .seq = 41, .ack = 1, .payload_len = 60);
}

Test(tcp_single, half_an_acknowledgement_on_a_fin_takes_a_stream_that_knows_the_peers_end)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_peer_sends(&r, ACK | FIN, .seq = 1, .ack = 41);
    rig_expects(&r, ACK, .seq = 101, .ack = 2);
    rig_ends(&r, TCP_EV_ACKED | TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
    cr_assert(eq(u32, streams(&r), 1));
    rig_expects_after(&r, 200, ACK | PSH, .seq = 41, .ack = 2, .payload_len = 60);
}

Test(tcp_single, a_window_that_closes_is_probed)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .is_shut = true);
    cr_assert(eq(u32, streams(&r), 1));
    rig_expects_after(&r, 200, ACK, .seq = 1, .ack = 1, .payload_len = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 1);
    rig_expects(&r, ACK | PSH, .seq = 2, .ack = 1, .payload_len = 99);
}

Test(tcp_single, payload_beyond_a_gap_takes_a_stream_with_what_is_in_flight)
{
    struct tcp_rig r = rig_with_single(SACK_OK);

    rig_app_writes(&r, 100);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 100);
    rig_peer_sends(&r, ACK | PSH, .seq = 11, .ack = 1, .payload_len = 10);
    cr_assert(eq(u32, streams(&r), 1));
    rig_expects(&r, ACK, .seq = 101, .ack = 1, .options = SACK, .sack = {{11, 21}});
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 101, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 101, .ack = 21);
    rig_ends(&r, TCP_EV_ACKED | TCP_EV_DATA, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.ctx.delivered, 20));
}

Test(tcp_single, a_narrower_path_cuts_it)
{
    struct tcp_rig r = rig_with_single(0);

    rig_app_writes(&r, 900);
    rig_expects(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 900);
    rig_router_complains(&r, 1, 640);
    rig_expects(&r, ACK, .seq = 1, .ack = 1, .payload_len = 600);
}

Test(tcp_single, the_marks_of_the_user_move_to_the_stream)
{
    struct tcp_rig r = rig_with_single(0);

    r.conn.app_flags = 5;
    rig_app_writes(&r, 2000);
    cr_assert(eq(u8, rig_stream(&r)->app_flags, 5));
    rig_expects_full(&r, 1, 2);
}

Test(tcp_single, what_is_the_beginning_of_more_takes_a_stream)
{
    struct tcp_rig r = rig_with_single(0);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 1000);
    cr_assert(eq(u32, streams(&r), 1));
    cr_assert(eq(u32, r.ctx.delivered, 1000));
}

Test(tcp_single, who_keeps_what_comes_takes_a_stream_for_it)
{
    struct tcp_rig r = rig_streams();

    r.params.single = r.params.buffers_rx = true;
    rig_connects(&r, 0);
    rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 10);
    cr_assert(eq(u32, streams(&r), 1));
    rig_app_reads(&r, 10);
    rig_expects_after(&r, 40, ACK, .seq = 1, .ack = 11);
}
