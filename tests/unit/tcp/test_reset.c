/* SPDX-License-Identifier: BSD-3-Clause */
/* Resets received (RFC 5961 3.2) and sent (RFC 9293 3.10.5). */
#include "rig.h"

/* For each state that has a window: where it begins, and what an RST at its beginning does. */
static const struct row {
    enum tcp_state state;
    uint32_t snd_nxt, rcv_nxt;
    unsigned events;
    enum tcp_state next;
} rows[] = {
    {TCPS_SYN_RECEIVED, 1, 1, TCP_EV_RESET | TCP_EV_OPENING, TCPS_CLOSED},
    {TCPS_ESTABLISHED, 1, 1, TCP_EV_RESET, TCPS_CLOSED},
    {TCPS_FIN_WAIT_1, 2, 1, TCP_EV_RESET, TCPS_CLOSED},
    {TCPS_FIN_WAIT_2, 2, 1, TCP_EV_RESET, TCPS_CLOSED},
    {TCPS_CLOSE_WAIT, 1, 2, TCP_EV_RESET, TCPS_CLOSED},
    {TCPS_CLOSING, 2, 2, TCP_EV_CLOSED, TCPS_CLOSED},
    {TCPS_LAST_ACK, 2, 2, TCP_EV_CLOSED, TCPS_CLOSED},
    {TCPS_TIME_WAIT, 2, 2, 0, TCPS_TIME_WAIT},
};

Test(tcp_reset, exactly_in_sequence_it_ends_the_connection_in_silence)
{
    for (const struct row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        for (int has_ack = 0; has_ack < 2; has_ack++) {
            struct tcp_rig r = rig_in(row->state);

            rig_peer_sends(&r, has_ack ? RST | ACK : RST, .seq = row->rcv_nxt, .ack = 1);
            rig_ends(&r, row->events, row->next);
            cr_assert(eq(u64, rig_count(&r, resets_received), row->events != 0));
            cr_assert(eq(u64, rig_count(&r, resets_ignored), row->events == 0));
            if (row->next == TCPS_CLOSED)
                rig_expects_silence_until(&r, at_ms(120000));
        }
    }
}

Test(tcp_reset, elsewhere_in_the_window_it_is_challenged)
{
    static const uint32_t offsets[] = {1, 2, 30000, 65534};

    for (const struct row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
            struct tcp_rig r = rig_in(row->state);

            rig_peer_sends(&r, RST, .seq = row->rcv_nxt + offsets[i]);
            rig_expects(&r, ACK, .seq = row->snd_nxt, .ack = row->rcv_nxt);
            rig_ends(&r, 0, row->state);
            cr_assert(eq(u64, rig_count(&r, challenge_acks), 1));
            cr_assert(eq(u64, rig_count(&r, resets_ignored), 1));
        }
    }
}

Test(tcp_reset, outside_the_window_it_is_ignored)
{
    static const uint32_t offsets[] = {65535, 65536, 0x80000000, 0xffffffff};

    for (const struct row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
            struct tcp_rig r = rig_in(row->state);

            rig_peer_sends(&r, RST | ACK, .seq = row->rcv_nxt + offsets[i], .ack = row->snd_nxt);
            rig_ends(&r, 0, row->state);
            cr_assert(eq(u64, rig_count(&r, resets_ignored), 1));
            cr_assert(eq(u64, rig_count(&r, challenge_acks), 0));
        }
    }
}

/* RFC 7323 5.2: a reset is not subject to PAWS. */
Test(tcp_reset, an_old_timestamp_does_not_save_the_connection)
{
    struct tcp_rig r = rig_established_with(TS);

    rig_peer_sends(&r, RST, .seq = 1, .options = TS, .ts_val = 99);
    rig_ends(&r, TCP_EV_RESET, TCPS_CLOSED);
}

/* RFC 9293 3.5.3: some peers say why they reset. */
Test(tcp_reset, payload_on_it_is_not_taken_and_does_no_harm)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, RST, .seq = 1, .payload_len = 20);
    rig_ends(&r, TCP_EV_RESET, TCPS_CLOSED);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 0));
}

Test(tcp_reset, an_abort_sends_one_where_the_peer_may_have_a_connection)
{
    static const uint32_t snd_nxts[] = {
        [TCPS_SYN_RECEIVED] = 1, [TCPS_ESTABLISHED] = 1, [TCPS_FIN_WAIT_1] = 2,
        [TCPS_FIN_WAIT_2] = 2,   [TCPS_CLOSE_WAIT] = 1,  [TCPS_TIME_WAIT] = 0,
    };

    for (enum tcp_state state = TCPS_CLOSED; state <= TCPS_TIME_WAIT; state++) {
        struct tcp_rig r = rig_in(state);

        rig_app_aborts(&r);
        if (snd_nxts[state] != 0) {
            rig_expects(&r, RST | ACK, .seq = snd_nxts[state],
                        .ack = state == TCPS_CLOSE_WAIT ? 2 : 1);
            cr_assert(eq(u64, rig_count(&r, resets_sent), 1));
        }
        rig_ends(&r, 0, TCPS_CLOSED);
        rig_expects_silence_until(&r, at_ms(120000));
    }
}

/* The peer is to see a connection that was open, and only then its end. */
Test(tcp_reset, an_abort_lets_the_ack_of_the_handshake_go_first)
{
    struct tcp_rig r = rig_syn_sent();
    struct seg syn_ack = {.seq = r.irs, .ack = r.iss + 1, .flags = SYN | ACK};

    cr_assert(eq(uint, tcp_input(&r.conn, &r.ctx, &syn_ack), TCP_EV_ESTABLISHED));
    rig_app_aborts(&r);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_expects(&r, RST | ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_CLOSED);
}

Test(tcp_reset, an_abort_carries_the_timestamps_agreed)
{
    struct tcp_rig r = rig_established_with(ALL_OPTIONS);

    rig_app_aborts(&r);
    rig_expects(&r, RST | ACK, .seq = 1, .ack = 1, .options = TS);
    cr_assert(eq(u32, r.last.ts_ecr, 100));
}
