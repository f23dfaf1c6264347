/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that end otherwise than asked for, and segments that belong to none. */
#include "pair_rig.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

static struct pair p;

static bool
drops_all(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    (void)e;
    return true;
}

static bool
drops_what_the_server_sends(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client;
}

static bool
drops_the_servers_fin(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client && (e->seg.flags & FIN) != 0;
}

static bool
drops_the_last_ack_once(const struct pair *q, const struct pair_entry *e)
{
    return e->by_client && e->seg.flags == ACK && pair_count_sent(q, true, ACK) == 1;
}

static const struct pair_opts ONE = {.duration_ns = 30 * NS_PER_US};

Test(client_fail, a_closed_port_refuses)
{
    pair_init(&p, &ONE);
    memset(p.listen, 0, sizeof(p.listen));
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, established)));
    cr_assert(eq(u64, CLIENT_FAIL(&p, refused), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, resets_received), 1));
    cr_assert(eq(uint, pair_count_sent(&p, false, RST | ACK), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, no_connection), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, resets_sent), 1));
    cr_assert(zero(u64, SERVER_CTR(&p, attempted)));
    cr_assert(eq(uint, p.n_log, 2));
    pair_fini(&p);
}

/* SYNs at 0, 1 and 3 s would be; the third falls on the instant of giving up. */
Test(client_fail, a_silent_target_times_out_exactly_after_the_timeout)
{
    uint64_t took_ns;

    pair_init(&p, &ONE);
    p.drops = drops_all;
    took_ns = pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, timeout), 1));
    cr_assert(eq(uint, pair_count_sent(&p, true, SYN), 2));
    cr_assert(eq(uint, p.n_log, 2));
    cr_assert(eq(u64, CLIENT_CTR(&p, retransmits), 1));
    cr_assert(ge(u64, took_ns, 3 * NS_PER_SEC + 20 * NS_PER_US));
    cr_assert(le(u64, took_ns, 3 * NS_PER_SEC + 20 * NS_PER_US + 100 * NS_PER_US));
    pair_fini(&p);
}

Test(client_fail, a_long_timeout_backs_off)
{
    struct pair_opts opts = {
        .duration_ns = 30 * NS_PER_US, .connect_timeout_ns = 20 * NS_PER_SEC, .step_ns = NS_PER_MS};

    pair_init(&p, &opts);
    p.drops = drops_all;
    opts.duration_ns = pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(zero(u64, CLIENT_CTR(&p, attempted))); /* the load ended before the first turn */
    pair_fini(&p);

    opts.duration_ns = NS_PER_MS + 1;
    pair_init(&p, &opts);
    p.drops = drops_all;
    pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(eq(uint, pair_count_sent(&p, true, SYN), 5)); /* 0, 1, 3, 7, 15 s */
    cr_assert(ge(u64, pair_sent(&p, true, 4)->at_ns - PAIR_START_NS, 15 * NS_PER_SEC));
    cr_assert(eq(u64, CLIENT_FAIL(&p, timeout), 1));
    pair_fini(&p);
}

Test(client_fail, a_timeout_below_the_first_retransmission_is_met)
{
    struct pair_opts opts = {.duration_ns = 30 * NS_PER_US, .connect_timeout_ns = 50 * NS_PER_MS};
    uint64_t took_ns;

    pair_init(&p, &opts);
    p.drops = drops_all;
    took_ns = pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, timeout), 1));
    cr_assert(ge(u64, took_ns, 50020 * NS_PER_US));
    cr_assert(le(u64, took_ns, 50120 * NS_PER_US));
    pair_fini(&p);
}

Test(client_fail, a_responder_whose_syn_ack_is_not_answered_gives_up_too)
{
    pair_init(&p, &ONE);
    p.drops = drops_what_the_server_sends;
    pair_run_out(&p, 10 * NS_PER_SEC);
    pair_run(&p, 3 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, timeout), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, timeout), 1));
    cr_assert(zero(u32, p.server.table.n_used));
    pair_fini(&p);
}

Test(client_fail, a_close_that_is_not_answered_is_given_up_with_a_reset)
{
    struct pair_opts opts = {.duration_ns = 30 * NS_PER_US, .step_ns = 20 * NS_PER_US};

    pair_init(&p, &opts);
    pair_run(&p, 130 * NS_PER_US); /* the SYN-ACK is on its way */
    p.drops = drops_all;
    pair_run_out(&p, 20 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 1));
    cr_assert(eq(u64, CLIENT_FAIL(&p, close_timeout), 1));
    cr_assert(eq(uint, pair_count_sent(&p, true, RST | ACK), 1));
    cr_assert(ge(u64, p.now_ns - PAIR_START_NS, 5 * NS_PER_SEC));
    cr_assert(le(u64, p.now_ns - PAIR_START_NS, 5 * NS_PER_SEC + NS_PER_MS));
    pair_fini(&p);
}

/* FIN-WAIT-2: our FIN was acknowledged, the peer's never comes. */
Test(client_fail, a_peer_that_never_closes_is_given_up)
{
    struct pair_opts opts = {.duration_ns = 30 * NS_PER_US, .plain_acks = true};

    pair_init(&p, &opts);
    p.drops = drops_the_servers_fin;
    pair_run_out(&p, 20 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, peer_not_closed), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, retransmits), 0));
    cr_assert(eq(u64, SERVER_CTR(&p, closed) + SERVER_CTR(&p, failed), 1));
    pair_fini(&p);
}

Test(client_fail, a_lost_last_ack_is_repeated_by_the_resting_record)
{
    pair_init(&p, &ONE);
    p.drops = drops_the_last_ack_once;
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, server_open(&p.server), 1)); /* LAST-ACK */
    pair_run(&p, 300 * NS_PER_MS);
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, SERVER_CTR(&p, retransmits), 1));
    cr_assert(eq(uint, pair_count_sent(&p, true, ACK), 2));
    cr_assert(eq(u64, CLIENT_CTR(&p, duplicates), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, no_connection)));
    cr_assert(zero(u32, p.server.table.n_used));
    pair_fini(&p);
}

/* The record has gone on to another port, so the old tuple is nobody's. */
Test(client_fail, a_fin_for_a_record_that_has_moved_on_is_reset)
{
    struct pair_opts opts = {.duration_ns = 600 * NS_PER_US, .records = {1, 0}};

    pair_init(&p, &opts);
    p.drops = drops_the_last_ack_once;
    pair_run_out(&p, NS_PER_SEC);
    pair_run(&p, 300 * NS_PER_MS);
    pair_expects_clean(&p, 2);
    cr_assert(eq(u64, CLIENT_CTR(&p, no_connection), 1));
    cr_assert(eq(uint, pair_count_sent(&p, true, RST), 1));
    pair_fini(&p);
}

/* -- segments of others ---------------------------------------------------------------------------
 */

static void
inject(const struct seg *s)
{
    struct ip_addr src = pair_server_addr(0, false), dst = pair_client_addr(0, false);

    pair_inject_to_client(&p, &src, &dst, s);
    pair_run(&p, NS_PER_MS);
}

Test(client_fail, a_stray_segment_is_answered_with_a_reset)
{
    struct seg s = {.src_port = 80, .dst_port = 1027, .flags = ACK, .seq = 7, .ack = 4711};

    pair_init(&p, &(struct pair_opts){.rate = 1, .open_max = 4, .duration_ns = 1});
    inject(&s);
    cr_assert(eq(u64, CLIENT_CTR(&p, no_connection), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, resets_sent), 1));
    cr_assert(eq(u8, pair_sent(&p, true, 1)->seg.flags, RST));
    cr_assert(eq(u32, pair_sent(&p, true, 1)->seg.seq, 4711));
    cr_assert(eq(u16, pair_sent(&p, true, 1)->seg.src_port, 1027));
    pair_fini(&p);
}

Test(client_fail, a_syn_to_a_generator_is_answered_with_a_reset)
{
    struct seg s = {.src_port = 999, .dst_port = 1027, .flags = SYN, .seq = 7};

    pair_init(&p, &(struct pair_opts){.rate = 1, .open_max = 4, .duration_ns = 1});
    inject(&s);
    cr_assert(eq(u8, pair_sent(&p, true, 1)->seg.flags, RST | ACK));
    cr_assert(eq(u32, pair_sent(&p, true, 1)->seg.ack, 8));
    pair_fini(&p);
}

Test(client_fail, a_stray_reset_is_counted_and_not_answered)
{
    struct seg s = {.src_port = 80, .dst_port = 1027, .flags = RST | ACK, .seq = 7, .ack = 4711};

    pair_init(&p, &(struct pair_opts){.rate = 1, .open_max = 4, .duration_ns = 1});
    inject(&s);
    cr_assert(eq(u64, CLIENT_CTR(&p, no_connection), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, resets_sent)));
    cr_assert(zero(uint, pair_count_sent(&p, true, RST) + pair_count_sent(&p, true, RST | ACK)));
    pair_fini(&p);
}

Test(client_fail, a_stray_segment_from_our_own_address_or_a_whole_link_is_dropped_in_silence)
{
    struct ip_addr own = pair_client_addr(0, false), link = own;
    struct seg s = {.src_port = 80, .dst_port = 1027, .flags = SYN, .seq = 7};

    pair_init(&p, &(struct pair_opts){.rate = 1, .open_max = 4, .duration_ns = 1});
    link.lo |= UINT32_MAX >> p.client.tuples.ranges[0].prefix_len;
    pair_inject_to_client(&p, &own, &own, &s);
    pair_inject_to_client(&p, &link, &own, &s);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, not_ours), 2));
    cr_assert(zero(u64, CLIENT_CTR(&p, no_connection)));
    cr_assert(zero(u64, CLIENT_CTR(&p, resets_sent)));
    pair_fini(&p);
}

Test(client_fail, a_segment_for_an_address_that_is_not_ours_is_ignored)
{
    struct ip_addr src = pair_server_addr(0, false), dst = pair_client_addr(9, false);
    struct seg s = {.src_port = 80, .dst_port = 1024, .flags = ACK};

    pair_init(&p, &(struct pair_opts){.rate = 1, .duration_ns = 1});
    pair_inject_to_client(&p, &src, &dst, &s);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, not_ours), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, no_connection)));
    pair_fini(&p);
}

Test(client_fail, the_wrong_peer_on_the_right_port_does_not_touch_the_connection)
{
    struct ip_addr wrong = pair_server_addr(1, false), dst = pair_client_addr(0, false);
    struct seg s = {.src_port = 80, .dst_port = 1024, .flags = RST | ACK};

    pair_init(&p, &(struct pair_opts){.client_hold_ns = NS_PER_SEC});
    pair_run(&p, NS_PER_MS);
    s.seq = pair_sent(&p, true, 1)->seg.ack;
    s.ack = pair_sent(&p, true, 1)->seg.seq;
    pair_inject_to_client(&p, &wrong, &dst, &s);
    s.src_port = 81;
    inject(&s);
    cr_assert(eq(u64, client_open(&p.client), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, no_connection), 2));
    s.src_port = 80;
    inject(&s);
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 1));
    pair_fini(&p);
}

/* -- ICMP ---------------------------------------------------------------------------------------
 */

static void
unreachable(uint16_t local_port, uint16_t remote_port, uint32_t seq)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);

    client_unreachable(&p.client, &local, local_port, &remote, remote_port, seq);
    pair_run(&p, 20 * NS_PER_US);
}

Test(client_fail, an_icmp_error_ends_the_attempt_whose_syn_it_quotes)
{
    pair_init(&p, &ONE);
    p.drops = drops_all;
    pair_run(&p, NS_PER_MS);
    unreachable(1024, 80, pair_sent(&p, true, 0)->seg.seq);
    cr_assert(eq(u64, CLIENT_FAIL(&p, unreachable), 1));
    cr_assert(zero(u64, client_open(&p.client)));
    cr_assert(client_is_done(&p.client));
    unreachable(1024, 80, pair_sent(&p, true, 0)->seg.seq); /* again: there is none any more */
    cr_assert(eq(u64, CLIENT_FAIL(&p, unreachable), 1));
    pair_run(&p, 5 * NS_PER_SEC);
    cr_assert(eq(uint, p.n_log, 1)); /* no timer runs on */
    pair_fini(&p);
}

Test(client_fail, an_icmp_error_with_another_number_port_or_peer_is_not_believed)
{
    struct ip_addr local = pair_client_addr(0, false), wrong = pair_server_addr(1, false);
    uint32_t seq;

    pair_init(&p, &ONE);
    p.drops = drops_all;
    pair_run(&p, NS_PER_MS);
    seq = pair_sent(&p, true, 0)->seg.seq;
    unreachable(1024, 80, seq + 1);
    unreachable(1024, 80, seq - 1);
    unreachable(1025, 80, seq);
    unreachable(1023, 80, seq);
    unreachable(1024, 81, seq);
    client_unreachable(&p.client, &local, 1024, &wrong, 80, seq);
    cr_assert(eq(u64, client_open(&p.client), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    pair_fini(&p);
}

Test(client_fail, an_icmp_error_after_the_handshake_is_not_believed)
{
    pair_init(&p, &(struct pair_opts){.client_hold_ns = NS_PER_SEC});
    pair_run(&p, NS_PER_MS);
    unreachable(1024, 80, pair_sent(&p, true, 0)->seg.seq);
    unreachable(1024, 80, pair_sent(&p, true, 1)->seg.seq);
    cr_assert(eq(u64, client_open(&p.client), 1));
    pair_fini(&p);
}

/* -- no room in the outbox
 * --------------------------------------------------------------------------- */

Test(client_fail, no_room_for_a_syn_puts_the_start_off)
{
    struct pair_opts opts = {.rate = 1000000, .open_max = 64, .client_bufs = 4};

    pair_init(&p, &opts); /* 20 intended in a turn */
    pair_run(&p, 20 * NS_PER_US);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 4));
    cr_assert(zero(u64, CLIENT_CTR(&p, tx_dropped)));
    pair_run_out(&p, 10 * NS_PER_SEC);
    pair_run(&p, 10 * NS_PER_SEC);
    pair_expects_clean(&p, 1000);
    pair_fini(&p);
}

Test(client_fail, segments_dropped_for_want_of_room_are_sent_again)
{
    struct pair_opts opts = {.open_max = 300,
                             .records = {4096, 0},
                             .duration_ns = 2 * NS_PER_MS,
                             .client_bufs = 20,
                             .server_bufs = 20,
                             .connect_timeout_ns = 60 * NS_PER_SEC,
                             .close_timeout_ns = 60 * NS_PER_SEC};

    pair_init(&p, &opts);
    pair_run_out(&p, 100 * NS_PER_SEC);
    pair_run(&p, 10 * NS_PER_SEC);
    cr_assert(lt(u64, 50, SERVER_CTR(&p, tx_dropped)));
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 300));
    pair_fini(&p);
}

/* What the generator leaves behind at the end: the target learns of it, the books stay as they
 * were. */
Test(client_fail, what_is_still_open_at_the_end_is_reset_and_stays_counted_as_open)
{
    struct pair_opts opts = {
        .open_max = 20, .client_hold_ns = 100 * NS_PER_SEC, .duration_ns = 10 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 50 * NS_PER_MS);
    cr_assert(eq(u64, server_open(&p.server), 20));
    while (client_abort_open(&p.client, 64))
        pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 20));
    cr_assert(zero(u64, CLIENT_CTR(&p, closed)));
    cr_assert(zero(u64, server_open(&p.server)));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 20));
    pair_fini(&p);
}

/* A server that is ended does the same. */
Test(client_fail, what_a_server_leaves_open_is_reset_at_the_client)
{
    struct pair_opts opts = {
        .open_max = 20, .client_hold_ns = 100 * NS_PER_SEC, .duration_ns = 10 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 50 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 20));
    while (server_abort_open(&p.server, 64))
        pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, server_open(&p.server), 20));
    cr_assert(zero(u64, SERVER_CTR(&p, closed)));
    cr_assert(zero(u64, client_open(&p.client)));
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 20));
    pair_fini(&p);
}

Test(client_fail, a_start_that_the_bound_holds_back_is_counted_as_such)
{
    struct pair_opts opts = {.rate = 1000, .open_max = 10, .duration_ns = 100 * NS_PER_MS};

    pair_init(&p, &opts);
    p.drops = drops_all;
    pair_run(&p, 250 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 10));
    cr_assert(
        lt(u64, 1000,
           CLIENT_CTR(&p, conn_limit_reached))); /* each turn of 20 us after the first 10 ms */
    cr_assert(eq(u64, load_left(&p.client.load), 90));
    pair_fini(&p);
}
