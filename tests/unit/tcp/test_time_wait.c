/* SPDX-License-Identifier: BSD-3-Clause */
/* TIME-WAIT: RFC 9293 3.6.1, RFC 6191, RFC 1337. */
#include "rig.h"

Test(tcp_time_wait, it_ends_after_a_minute_in_silence)
{
    struct tcp_rig r = rig_in(TCPS_TIME_WAIT);

    rig_expects_silence_until(&r, at_ms(60000));
    rig_ends(&r, 0, TCPS_TIME_WAIT);
    rig_runs_until(&r, at_ms(60000));
    rig_ends(&r, 0, TCPS_CLOSED);
}

Test(tcp_time_wait, a_repeated_fin_is_acknowledged_each_time)
{
    struct tcp_rig r = rig_in(TCPS_TIME_WAIT);

    for (int i = 1; i <= 5; i++) {
        rig_runs_until(&r, at_ms(i * 1000));
        rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2);
        rig_expects(&r, ACK, .seq = 2, .ack = 2);
        rig_ends(&r, 0, TCPS_TIME_WAIT);
    }
    cr_assert(eq(u64, rig_count(&r, duplicates), 5));
}

/* All is said: the peer has our FIN or will send its own again. */
Test(tcp_time_wait, an_ack_that_the_fin_has_overtaken_is_not_answered)
{
    struct tcp_rig r = rig_in(TCPS_TIME_WAIT);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 2);
    rig_ends(&r, 0, TCPS_TIME_WAIT);
    cr_assert(eq(u64, rig_count(&r, out_of_window), 1));
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 0));
}

Test(tcp_time_wait, no_second_end_is_reported)
{
    struct tcp_rig r = rig_in(TCPS_TIME_WAIT);

    rig_peer_sends(&r, ACK, .seq = 2, .ack = 2);
    rig_ends(&r, 0, TCPS_TIME_WAIT);
    rig_peer_sends(&r, FIN | ACK, .seq = 2, .ack = 2);
    rig_ends(&r, 0, TCPS_TIME_WAIT);
    rig_peer_sends(&r, RST, .seq = 2);
    rig_ends(&r, 0, TCPS_TIME_WAIT);
}

/* A connection with @options in TIME-WAIT; the last timestamp seen is 200. */
static struct tcp_rig
rests(uint8_t options)
{
    struct tcp_rig r = rig_syn_received(options);

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .options = options & TS, .ts_val = 150);
    rig_app_closes(&r);
    rig_expects(&r, FIN | ACK, .seq = 1, .ack = 1, .options = options & TS);
    rig_peer_sends(&r, FIN | ACK, .seq = 1, .ack = 2, .options = options & TS, .ts_val = 200);
    rig_expects(&r, ACK, .seq = 2, .ack = 2, .options = options & TS);
    rig_ends(&r, TCP_EV_PEER_CLOSED | TCP_EV_CLOSED, TCPS_TIME_WAIT);
    return r;
}

/* RFC 6191 2, every branch. The peer's last number was 1, the next would be 2. */
static const struct {
    uint8_t had, has;
    uint32_t seq, ts_val;
    bool may;
} rows[] = {
    {0, 0, 3, 0, true},      {0, 0, 0x7fffffff, 0, true},   {0, 0, 1, 0, false},
    {0, 0, 2, 0, false},     {0, 0, 0xfffffff0, 0, false},  {0, TS, 0xfffffff0, 5, true},
    {TS, 0, 3, 0, true},     {TS, 0, 0xfffffff0, 0, false}, {TS, TS, 0xfffffff0, 201, true},
    {TS, TS, 3, 201, true},  {TS, TS, 3, 200, true},        {TS, TS, 1, 200, false},
    {TS, TS, 3, 199, false}, {TS, TS, 1, 199, false},
};

Test(tcp_time_wait, a_syn_that_is_surely_new_may_reopen)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct tcp_rig r = rests(rows[i].had);
        struct seg syn = {.seq = r.irs + rows[i].seq,
                          .ts_val = rows[i].ts_val,
                          .flags = SYN,
                          .options = rows[i].has};

        cr_expect(eq(int, tcp_may_reopen(&r.conn, &syn), rows[i].may), "row %zu", i);
        syn.flags = SYN | ACK;
        cr_expect(not(tcp_may_reopen(&r.conn, &syn)));
        syn.flags = SYN | RST;
        cr_expect(not(tcp_may_reopen(&r.conn, &syn)));
        syn.flags = ACK;
        cr_expect(not(tcp_may_reopen(&r.conn, &syn)));
    }
}

Test(tcp_time_wait, no_other_state_may_be_reopened)
{
    for (enum tcp_state state = TCPS_CLOSED; state < TCPS_TIME_WAIT; state++) {
        struct tcp_rig r = rig_in(state);
        struct seg syn = {.seq = r.irs + 1000, .ts_val = 1000000, .flags = SYN, .options = TS};

        cr_assert(not(tcp_may_reopen(&r.conn, &syn)));
    }
}

Test(tcp_time_wait, a_syn_that_may_be_old_is_answered_with_an_ack)
{
    struct tcp_rig r = rests(TS);

    rig_peer_sends(&r, SYN, .seq = 0, .options = TS, .ts_val = 100); /* of this connection */
    rig_expects(&r, ACK, .seq = 2, .ack = 2, .options = TS);
    rig_peer_sends(&r, SYN, .seq = 3, .options = TS, .ts_val = 199); /* in the window, but older */
    rig_expects(&r, ACK, .seq = 2, .ack = 2, .options = TS);
    rig_ends(&r, 0, TCPS_TIME_WAIT);
}

Test(tcp_time_wait, a_reopening_begins_beyond_all_that_was_sent)
{
    struct tcp_rig r = rests(0);
    uint32_t last = r.conn.snd_nxt;

    cr_assert(eq(u32, tcp_reopen_iss(&r.conn, last - 1), last + 131070));
    cr_assert(eq(u32, tcp_reopen_iss(&r.conn, last), last + 131070));
    cr_assert(eq(u32, tcp_reopen_iss(&r.conn, last + 131069), last + 131070));
    cr_assert(eq(u32, tcp_reopen_iss(&r.conn, last + 131070), last + 131070));
    cr_assert(eq(u32, tcp_reopen_iss(&r.conn, last + 500000), last + 500000));
}

Test(tcp_time_wait, a_reopened_connection_keeps_nothing_of_the_old_one)
{
    struct tcp_rig r = rests(ALL_OPTIONS);

    r.iss = tcp_reopen_iss(&r.conn, r.iss);
    r.irs += 70000;
    rig_peer_opens(&r, SYN, .seq = 0);
    rig_expects(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, TCP_EV_ESTABLISHED, TCPS_ESTABLISHED);
    cr_assert(eq(u8, r.conn.options, 0));
    cr_assert(eq(u32, r.conn.ts_recent, 0));
}

Test(tcp_time_wait, it_may_be_dropped_for_another_connection_and_no_other_state_may)
{
    for (enum tcp_state state = TCPS_CLOSED; state <= TCPS_TIME_WAIT; state++) {
        struct tcp_rig r = rig_in(state);

        cr_assert(eq(int, tcp_drop_time_wait(&r.conn), state == TCPS_TIME_WAIT));
        cr_assert(eq(u8, r.conn.state, state == TCPS_TIME_WAIT ? TCPS_CLOSED : state));
    }
}
