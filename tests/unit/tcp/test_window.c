/* SPDX-License-Identifier: BSD-3-Clause */
/* What is acceptable: RFC 9293 3.4 and 3.10.7.4, RFC 5961 4 and 5. */
#include <limits.h>

#include "rig.h"

/* The states after the handshake, and their numbers. */
static const struct row {
    enum tcp_state state;
    uint32_t snd_nxt, rcv_nxt;
} rows[] = {
    {TCPS_ESTABLISHED, 1, 1}, {TCPS_FIN_WAIT_1, 2, 1}, {TCPS_FIN_WAIT_2, 2, 1},
    {TCPS_CLOSE_WAIT, 1, 2},  {TCPS_CLOSING, 2, 2},    {TCPS_LAST_ACK, 2, 2},
    {TCPS_TIME_WAIT, 2, 2},
};

Test(tcp_window, payload_in_order_is_counted_and_acknowledged)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK | PSH, .seq = 1, .ack = 1, .payload_len = 1460);
    rig_expects(&r, ACK, .seq = 1, .ack = 1461);
    rig_peer_sends(&r, ACK, .seq = 1461, .ack = 1, .payload_len = 65000);
    rig_expects(&r, ACK, .seq = 1, .ack = 66461);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 66460));
}

Test(tcp_window, a_bare_ack_is_not_answered)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 0);  /* older */
    rig_peer_sends(&r, ACK, .seq = 50, .ack = 1); /* beyond a gap */
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

Test(tcp_window, of_an_overlap_only_the_new_part_counts)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 101);
    rig_peer_sends(&r, ACK, .seq = 51, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 151);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 150));
    cr_assert(eq(u64, rig_count(&r, duplicates), 0));
}

Test(tcp_window, payload_known_already_is_acknowledged_again)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 101);
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 101);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 100));
    cr_assert(eq(u64, rig_count(&r, duplicates), 1));
}

Test(tcp_window, payload_beyond_a_gap_is_not_kept_and_the_ack_tells_what_is_missing)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 101, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 201, .ack = 1, .payload_len = 100);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 0));
    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1, .payload_len = 300);
    rig_expects(&r, ACK, .seq = 1, .ack = 301);
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 300));
}

Test(tcp_window, payload_without_ack_is_dropped)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, PSH, .seq = 1, .payload_len = 10);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
    cr_assert(eq(u32, r.conn.rcv_nxt, r.irs + 1));
}

Test(tcp_window, payload_with_an_ack_of_what_was_never_sent_is_challenged_and_dropped)
{
    static const uint32_t beyond[] = {1, 2, 0x7fffffff};

    for (const struct row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        for (size_t i = 0; i < ARRAY_LEN(beyond); i++) {
            struct tcp_rig r = rig_in(row->state);

            rig_peer_sends(&r, ACK, .seq = row->rcv_nxt, .ack = row->snd_nxt + beyond[i],
                           .payload_len = 10);
            rig_expects(&r, ACK, .seq = row->snd_nxt, .ack = row->rcv_nxt);
            rig_ends(&r, 0, row->state);
            cr_assert(eq(u64, rig_count(&r, challenge_acks), 1));
            cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 0));
        }
    }
}

/* RFC 5961 5.2: SND.UNA - MAX.SND.WND is the oldest ACK taken. */
Test(tcp_window, an_ack_older_than_a_window_is_challenged)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 1, .ack = 1 - 65535, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 11);
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 0));
    rig_peer_sends(&r, ACK, .seq = 11, .ack = 1u - 65536, .payload_len = 10);
    rig_expects(&r, ACK, .seq = 1, .ack = 11);
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 1));
    cr_assert(eq(u64, rig_count(&r, rx_payload_bytes), 10));
}

Test(tcp_window, a_segment_is_taken_at_the_window_s_last_number_and_not_beyond)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, ACK, .seq = 65535, .ack = 1, .payload_len = 1); /* 1 + 65534 */
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    cr_assert(eq(u64, rig_count(&r, out_of_window), 0));
    rig_peer_sends(&r, ACK, .seq = 65536, .ack = 1, .payload_len = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    cr_assert(eq(u64, rig_count(&r, out_of_window), 1));
    cr_assert(eq(u64, rig_count(&r, challenge_acks), 0));
}

/* A keep-alive probe, RFC 9293 3.8.4: one number before the window, empty or with one byte. In
 * TIME-WAIT the empty one is an ACK that the FIN has overtaken. */
Test(tcp_window, a_keep_alive_probe_is_answered)
{
    for (const struct row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        for (uint16_t len = 0; len < 2; len++) {
            struct tcp_rig r = rig_in(row->state);

            rig_peer_sends(&r, ACK, .seq = row->rcv_nxt - 1, .ack = 1, .payload_len = len);
            if (row->state != TCPS_TIME_WAIT || len > 0)
                rig_expects(&r, ACK, .seq = row->snd_nxt, .ack = row->rcv_nxt);
            rig_ends(&r, 0, row->state);
        }
    }
}

Test(tcp_window, a_syn_after_the_handshake_is_challenged)
{
    static const uint32_t offsets[] = {0, 1, 40000, 65534};

    for (const struct row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        for (size_t i = 0; i < ARRAY_LEN(offsets) * 2; i++) {
            struct tcp_rig r = rig_in(row->state);

            rig_peer_sends(&r, i % 2 ? SYN | ACK : SYN, .seq = row->rcv_nxt + offsets[i / 2],
                           .ack = row->snd_nxt);
            rig_expects(&r, ACK, .seq = row->snd_nxt, .ack = row->rcv_nxt);
            rig_ends(&r, 0, row->state);
            cr_assert(eq(u64, rig_count(&r, challenge_acks), 1));
        }
    }
}

Test(tcp_window, a_syn_outside_the_window_is_answered_with_an_ack)
{
    for (const struct row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        struct tcp_rig r = rig_in(row->state);

        rig_peer_sends(&r, SYN, .seq = 0x40000000);
        rig_expects(&r, ACK, .seq = row->snd_nxt, .ack = row->rcv_nxt);
        rig_peer_sends(&r, SYN, .seq = 0xc0000000);
        rig_expects(&r, ACK, .seq = row->snd_nxt, .ack = row->rcv_nxt);
        rig_ends(&r, 0, row->state);
        cr_assert(eq(u64, rig_count(&r, out_of_window), 1));
        cr_assert(eq(u64, rig_count(&r, duplicates), 1));
    }
}

/* What may be answered with an ACK. @return whether it was. */
static bool
is_answered(struct tcp_rig *r)
{
    bool is_sent = r->n_pending > 0;

    if (is_sent)
        rig_expects(r, ACK, .seq = 1, .ack = 1);
    rig_ends(r, 0, TCPS_ESTABLISHED);
    return is_sent;
}

/* How many are answered of more than could be: the first ones. */
static unsigned
challenges_until_silence(struct tcp_rig *r)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 2 * TCP_CHALLENGES_MAX; i++) {
        rig_peer_sends(r, SYN, .seq = 1);
        if (!is_answered(r))
            continue;
        cr_assert(eq(uint, n, i));
        n++;
    }
    return n;
}

/* RFC 5961 7: how many there are in a second is not to be known from outside. */
Test(tcp_window, challenges_are_throttled_by_chance_and_granted_anew_each_second)
{
    struct tcp_rig r = rig_established();
    unsigned least = UINT_MAX, most = 0;

    for (int round = 0; round < 40; round++) {
        unsigned n = challenges_until_silence(&r);

        least = n < least ? n : least;
        most = n > most ? n : most;
        rig_runs_until(&r, at_ms((round + 1) * 1000) - 1);
        cr_assert(zero(uint, challenges_until_silence(&r)));
        rig_runs_until(&r, at_ms((round + 1) * 1000));
    }
    cr_assert(ge(uint, least, TCP_CHALLENGES_MIN));
    cr_assert(le(uint, most, TCP_CHALLENGES_MAX));
    cr_assert(lt(uint, least, most));
}

/* What is denied to one says nothing of another, but for the few in a thousand that share a slot.
 */
Test(tcp_window, a_connection_that_is_out_of_challenges_leaves_others_theirs)
{
    const struct seg syn = {.flags = SYN, .seq = 1};
    struct tcp_rig r = rig_established();
    struct tcp_conn others[64];
    unsigned n_answered = 0;

    challenges_until_silence(&r);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        others[i] = r.conn;
        tcp_input(&others[i], &r.ctx, &syn);
        n_answered += (others[i].pending & TCP_PENDING_ACK) != 0;
    }
    cr_assert(ge(uint, n_answered, 60));
}

/* Two ends that disagree about their numbers must not answer each other's ACKs for ever. */
Test(tcp_window, an_empty_segment_outside_the_window_is_answered_within_the_throttle_only)
{
    static const uint32_t seqs[] = {0, 0x40000000};

    for (size_t i = 0; i < ARRAY_LEN(seqs); i++) {
        struct tcp_rig r = rig_established();

        for (int n = 0; n < 1001; n++) {
            rig_peer_sends(&r, ACK, .seq = seqs[i], .ack = 1);
            is_answered(&r);
        }
        cr_assert(eq(u64, rig_count(&r, out_of_window), 1001));
        cr_assert(eq(u64, rig_count(&r, duplicates), 0));
        cr_assert(le(u64, rig_count(&r, challenge_acks), TCP_CHALLENGES_MAX));
    }
}

/* What takes sequence space is a retransmission that only our ACK will stop. */
Test(tcp_window, a_retransmission_is_answered_with_the_throttle_exhausted_too)
{
    struct tcp_rig r = rig_established();

    challenges_until_silence(&r);
    rig_peer_sends(&r, SYN | ACK, .seq = 0, .ack = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_peer_sends(&r, ACK, .seq = 0x40000000, .ack = 1, .payload_len = 1);
    rig_expects(&r, ACK, .seq = 1, .ack = 1);
    rig_ends(&r, 0, TCPS_ESTABLISHED);
}

/* The largest segment there can be does not reach around the window. */
Test(tcp_window, a_segment_larger_than_the_window_is_taken_from_its_beginning_only)
{
    struct tcp_rig r = rig_established();

    rig_peer_sends(&r, FIN | ACK, .seq = 0, .ack = 1, .payload_len = 65535);
    rig_expects(&r, ACK, .seq = 1, .ack = 65536);
    rig_ends(&r, TCP_EV_PEER_CLOSED, TCPS_CLOSE_WAIT);
}
