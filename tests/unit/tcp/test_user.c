/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user may ask (STATUS, RFC 9293 3.10.6), and that he is told when the timer moves. */
#include "rig.h"

Test(tcp_user, every_state_answers_for_itself)
{
    static const struct {
        bool is_over, may_write, peer_has_closed;
    } rows[] = {
        [TCPS_CLOSED] = {.is_over = true},
        [TCPS_SYN_SENT] = {0},
        [TCPS_SYN_RECEIVED] = {0},
        [TCPS_ESTABLISHED] = {.may_write = true},
        [TCPS_FIN_WAIT_1] = {0},
        [TCPS_FIN_WAIT_2] = {0},
        [TCPS_CLOSE_WAIT] = {.may_write = true, .peer_has_closed = true},
        [TCPS_CLOSING] = {.peer_has_closed = true},
        [TCPS_LAST_ACK] = {.peer_has_closed = true},
        [TCPS_TIME_WAIT] = {.is_over = true, .peer_has_closed = true},
    };

    for (enum tcp_state state = TCPS_CLOSED; state <= TCPS_TIME_WAIT; state++) {
        struct tcp_rig r = rig_in(state);

        cr_assert(eq(int, tcp_is_over(&r.conn), rows[state].is_over));
        cr_assert(eq(int, tcp_may_write(&r.conn), rows[state].may_write));
        cr_assert(eq(int, tcp_peer_has_closed(&r.conn), rows[state].peer_has_closed));
        cr_assert(eq(int, tcp_is_closed(&r.conn), state == TCPS_CLOSED));
        cr_assert(eq(int, tcp_is_established(&r.conn), state == TCPS_ESTABLISHED));
        cr_assert(eq(int, tcp_is_in_close_wait(&r.conn), state == TCPS_CLOSE_WAIT));
        cr_assert(eq(int, tcp_is_in_time_wait(&r.conn), state == TCPS_TIME_WAIT));
    }
}

Test(tcp_user, the_next_byte_has_the_same_number_with_a_stream_and_without)
{
    struct tcp_rig r = rig_with_single(0);

    rig_settle(&r);
    cr_assert(eq(u32, tcp_write_seq(&r.conn, &r.ctx), r.iss + 1));
    cr_assert(eq(u32, tcp_read_seq(&r.conn, &r.ctx), r.irs + 1));
    cr_assert(tcp_send_single(&r.conn, &r.ctx, 100));
    cr_assert(eq(u32, tcp_write_seq(&r.conn, &r.ctx), r.iss + 101));
    cr_assert(tcp_attach_stream(&r.conn, &r.ctx));
    cr_assert(eq(u32, tcp_write_seq(&r.conn, &r.ctx), r.iss + 101));
    cr_assert(eq(u32, tcp_read_seq(&r.conn, &r.ctx), r.irs + 1));
    cr_assert(eq(u32, tcp_last_progress_us(&r.conn, &r.ctx), r.ctx.now_us));
}

Test(tcp_user, his_flags_go_with_the_connection)
{
    struct tcp_rig r = rig_with_single(0);

    rig_settle(&r);
    cr_assert(eq(u8, tcp_app_flags(&r.conn, &r.ctx), 0));
    tcp_set_app_flags(&r.conn, &r.ctx, 0xa5);
    cr_assert(r.ctx.timer_moved);
    cr_assert(tcp_attach_stream(&r.conn, &r.ctx));
    cr_assert(eq(u8, tcp_app_flags(&r.conn, &r.ctx), 0xa5));
    tcp_set_app_flags(&r.conn, &r.ctx, 0x5a);
    cr_assert(eq(u8, tcp_app_flags(&r.conn, &r.ctx), 0x5a));
    cr_assert(tcp_has_stream(&r.conn));
}

Test(tcp_user, he_is_told_when_the_timer_moves_and_not_else)
{
    struct tcp_rig r = rig_closed();

    rig_app_opens(&r);
    rig_expects(&r, SYN, .seq = 0, .options = ALL_OPTIONS);
    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    cr_assert(r.ctx.timer_moved); /* the SYN's is over */
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    cr_assert(not(r.ctx.timer_moved));
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1);
    cr_assert(r.ctx.timer_moved);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1); /* of what came before */
    cr_assert(not(r.ctx.timer_moved));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2);
    cr_assert(r.ctx.timer_moved);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2);
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    cr_assert(r.ctx.timer_moved);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2); /* again: 2 MSL begin anew */
    rig_expects(&r, ACK, .seq = 2, .ack = 2);
    cr_assert(r.ctx.timer_moved);
}
