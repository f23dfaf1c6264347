/* SPDX-License-Identifier: BSD-3-Clause */
/* Payload as the side that began the connection sees it, on a link that loses nothing. That every
 * byte is the right one, the rig checks. */
#include "pair_rig.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, PSH = SEG_PSH, ACK = SEG_ACK };

static struct pair p;

/* Connections of one turn: closed loop, and the load is over before the next turn. */
static void
begin(struct pair_opts opts)
{
    opts.duration_ns = 30 * NS_PER_US;
    pair_init(&p, &opts);
}

/* The server's, in long steps. */
static void
sit_out_time_wait(void)
{
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run(&p, 70 * NS_PER_SEC);
}

static void
run_one(struct pair_opts opts)
{
    begin(opts);
    pair_run_out(&p, 2 * NS_PER_SEC);
}

static void
expect_bytes(uint64_t to_server, uint64_t to_client)
{
    cr_assert(eq(u64, CLIENT_CTR(&p, tx_payload_bytes), to_server));
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), to_server));
    cr_assert(eq(u64, SERVER_CTR(&p, tx_payload_bytes), to_client));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), to_client));
}

/* The first segment of that side for which @flags are among its own. */
static const struct pair_entry *
first_with(bool by_client, uint8_t flags)
{
    for (unsigned i = 0; i < p.n_log; i++) {
        if (p.log[i].by_client == by_client && (p.log[i].seg.flags & flags) == flags)
            return &p.log[i];
    }
    cr_fatal("the %s sent none", by_client ? "client" : "server");
}

static const struct pair_entry *
last_of(bool by_client)
{
    for (unsigned i = p.n_log; i-- > 0;) {
        if (p.log[i].by_client == by_client)
            return &p.log[i];
    }
    cr_fatal("the %s sent none", by_client ? "client" : "server");
}

static uint32_t
iss_of(bool by_client)
{
    return first_with(by_client, SYN)->seg.seq;
}

/* -- who sends ---------------------------------------------------------------------------- */

Test(client_payload, what_is_sent_arrives)
{
    run_one((struct pair_opts){.client.exchange.send_bytes = 5000});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    expect_bytes(5000, 0);
    cr_assert(eq(u64, pair_payload_sent(&p, true), 5000));
    pair_fini(&p);
}

Test(client_payload, what_is_expected_comes)
{
    run_one((struct pair_opts){.client.exchange.expect_bytes = 5000,
                               .server.exchange.send_bytes = 5000});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    expect_bytes(0, 5000);
    cr_assert(eq(u64, pair_payload_sent(&p, false), 5000));
    pair_fini(&p);
}

Test(client_payload, both_ways_at_once)
{
    run_one((struct pair_opts){.client.exchange = {.send_bytes = 70000, .expect_bytes = 90000},
                               .server.exchange.send_bytes = 90000});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    expect_bytes(70000, 90000);
    pair_fini(&p);
}

Test(client_payload, one_byte_each_way)
{
    run_one((struct pair_opts){.client.exchange = {.send_bytes = 1, .expect_bytes = 1},
                               .server.exchange = {.send_bytes = 1, .after_bytes = 1}});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    expect_bytes(1, 1);
    pair_fini(&p);
}

Test(client_payload, a_megabyte_each_way)
{
    run_one((struct pair_opts){.client.exchange = {.send_bytes = 1000000, .expect_bytes = 1000000},
                               .server.exchange = {.send_bytes = 1000000, .after_bytes = 1000000}});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    expect_bytes(1000000, 1000000);
    cr_assert(zero(u64, CLIENT_CTR(&p, retransmits)));
    cr_assert(zero(u64, SERVER_CTR(&p, retransmits)));
    pair_fini(&p);
}

Test(client_payload, v6_is_the_same)
{
    run_one((struct pair_opts){.n_targets = {0, 1},
                               .client.exchange = {.send_bytes = 20000, .expect_bytes = 30000},
                               .server.exchange.send_bytes = 30000});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    expect_bytes(20000, 30000);
    cr_assert(eq(u16, pair_sent(&p, true, 1)->seg.payload_len, 1428));
    pair_fini(&p);
}

Test(client_payload, frames_carry_the_vlan_tag)
{
    run_one((struct pair_opts){.vlan = 77,
                               .client.exchange = {.send_bytes = 20000, .expect_bytes = 30000},
                               .server.exchange.send_bytes = 30000});
    pair_expects_clean(&p, 1);
    expect_bytes(20000, 30000);
    pair_fini(&p);
}

Test(client_payload, targets_of_both_families_at_once)
{
    run_one((struct pair_opts){.n_targets = {2, 2},
                               .open_max = 20,
                               .client.exchange = {.send_bytes = 3000, .expect_bytes = 10000},
                               .server.exchange = {.send_bytes = 10000, .after_bytes = 3000}});
    pair_expects_clean(&p, 20);
    pair_expects_all_given_back(&p);
    expect_bytes(20 * 3000, 20 * 10000);
    pair_fini(&p);
}

/* -- how it looks on the wire --------------------------------------------------------------- */

Test(client_payload, the_first_byte_comes_with_the_ack_of_the_handshake)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client.exchange.send_bytes = 100});
    e = pair_sent(&p, true, 1);
    cr_assert(eq(u16, e->seg.payload_len, 100));
    cr_assert(eq(u32, e->seg.seq, iss_of(true) + 1));
    cr_assert(eq(u32, e->seg.ack, iss_of(false) + 1));
    cr_assert(eq(u64, e->at_ns - PAIR_START_NS, 220 * NS_PER_US));
    pair_fini(&p);
}

Test(client_payload, without_piggyback_the_ack_goes_first)
{
    run_one((struct pair_opts){.plain_acks = true, .client.exchange.send_bytes = 100});
    cr_assert(eq(u8, pair_sent(&p, true, 1)->seg.flags, ACK));
    cr_assert(zero(u16, pair_sent(&p, true, 1)->seg.payload_len));
    cr_assert(eq(u16, pair_sent(&p, true, 2)->seg.payload_len, 100));
    pair_expects_clean(&p, 1);
    expect_bytes(100, 0);
    pair_fini(&p);
}

Test(client_payload, the_fin_rides_on_the_last_byte)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client.exchange.send_bytes = 5000});
    e = first_with(true, FIN);
    cr_assert(eq(u8, e->seg.flags, FIN | PSH | ACK));
    cr_assert(eq(u16, e->seg.payload_len, 5000 - 3 * 1448));
    cr_assert(eq(u32, e->seg.seq + e->seg.payload_len, iss_of(true) + 1 + 5000));
    pair_fini(&p);
}

/* Nobody would close before the answer is there. */
Test(client_payload, the_fin_waits_for_what_is_expected)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client.exchange = {.send_bytes = 100, .expect_bytes = 5000},
                               .server.exchange = {.send_bytes = 5000, .after_bytes = 100}});
    pair_expects_clean(&p, 1);
    e = first_with(true, FIN);
    cr_assert(eq(u8, e->seg.flags, FIN | ACK));
    cr_assert(zero(u16, e->seg.payload_len));
    cr_assert(eq(u32, e->seg.ack, iss_of(false) + 1 + 5000));
    pair_fini(&p);
}

Test(client_payload, segments_are_no_longer_than_the_links_and_the_peers_mss)
{
    run_one((struct pair_opts){.client = {.exchange.send_bytes = 5000, .mss = 1000}});
    cr_assert(eq(u16, pair_sent(&p, true, 0)->seg.mss, 1000));
    cr_assert(eq(u16, pair_sent(&p, true, 1)->seg.payload_len, 988)); /* a timestamp takes 12 */
    pair_expects_clean(&p, 1);
    pair_fini(&p);

    run_one((struct pair_opts){.client.exchange.send_bytes = 5000, .server.mss = 700});
    cr_assert(eq(u16, pair_sent(&p, false, 0)->seg.mss, 700));
    cr_assert(eq(u16, pair_sent(&p, true, 1)->seg.payload_len, 688));
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(client_payload, payload_that_lies_elsewhere_is_the_same)
{
    for (int hands_tails = 0; hands_tails < 2; hands_tails++) {
        run_one(
            (struct pair_opts){.hands_tails = hands_tails != 0,
                               .client = {.exchange = {.send_bytes = 100100, .expect_bytes = 99999},
                                          .tx_multi_seg = true},
                               .server = {.exchange = {.send_bytes = 99999, .after_bytes = 100100},
                                          .tx_multi_seg = true}});
        pair_expects_clean(&p, 1);
        pair_expects_all_given_back(&p);
        expect_bytes(100100, 99999);
        pair_fini(&p);
    }
}

Test(client_payload, a_port_may_cut_it_into_segments)
{
    for (int v6 = 0; v6 < 2; v6++) {
        run_one((struct pair_opts){
            .n_targets = {!v6, v6},
            .client = {.exchange = {.send_bytes = 500000, .expect_bytes = 400000}, .splits = true},
            .server = {.exchange = {.send_bytes = 400000, .after_bytes = 500000}, .splits = true}});
        pair_expects_clean(&p, 1);
        pair_expects_all_given_back(&p);
        expect_bytes(500000, 400000);
        pair_fini(&p);
    }
}

/* -- how it ends ---------------------------------------------------------------------------- */

Test(client_payload, a_reset_waits_until_all_is_acknowledged)
{
    const struct pair_entry *rst, *e;
    bool is_acked = false;

    run_one((struct pair_opts){.client_close = CLOSE_RST, .client.exchange.send_bytes = 50000});
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    pair_expects_all_given_back(&p);
    expect_bytes(50000, 0);
    rst = first_with(true, RST);
    cr_assert(eq(u32, rst->seg.seq, iss_of(true) + 1 + 50000));
    for (e = p.log; e < rst; e++)
        is_acked |= !e->by_client && e->seg.ack == iss_of(true) + 1 + 50000;
    cr_assert(is_acked);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
    pair_fini(&p);
}

Test(client_payload, a_reset_waits_for_what_is_expected)
{
    run_one((struct pair_opts){.client_close = CLOSE_RST,
                               .client.exchange.expect_bytes = 50000,
                               .server.exchange.send_bytes = 50000});
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    expect_bytes(0, 50000);
    cr_assert(eq(u32, first_with(true, RST)->seg.ack, iss_of(false) + 1 + 50000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* Sent at 220 us, acknowledged at 420 us. */
Test(client_payload, the_hold_begins_after_the_payload_and_needs_no_stream)
{
    const struct pair_entry *fin;

    begin((struct pair_opts){.client_hold_ns = 50 * NS_PER_MS,
                             .client.exchange.send_bytes = 2 * 1448,
                             .server.acks_at_once = true});
    pair_run(&p, 300 * NS_PER_US);
    cr_assert(eq(u32, p.client.core.pools.streams.n_borrowed, 1));
    pair_run(&p, 120 * NS_PER_US);
    cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    fin = first_with(true, FIN);
    cr_assert(eq(u8, fin->seg.flags, FIN | ACK));
    cr_assert(zero(u16, fin->seg.payload_len));
    cr_assert(ge(u64, fin->at_ns - PAIR_START_NS, 50420 * NS_PER_US));
    cr_assert(le(u64, fin->at_ns - PAIR_START_NS, 50510 * NS_PER_US));
    pair_fini(&p);
}

Test(client_payload, a_reset_after_the_hold)
{
    run_one((struct pair_opts){.client_hold_ns = 50 * NS_PER_MS,
                               .client_close = CLOSE_RST,
                               .client.exchange = {.send_bytes = 3000, .expect_bytes = 3000},
                               .server.exchange = {.send_bytes = 3000, .after_bytes = 3000}});
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(ge(u64, first_with(true, RST)->at_ns - PAIR_START_NS, 50220 * NS_PER_US));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* The last segment's ACK had been put off when the stream went. */
Test(client_payload, what_was_received_before_the_hold_is_acknowledged_at_once)
{
    begin((struct pair_opts){.client_hold_ns = 500 * NS_PER_MS,
                             .client.exchange.expect_bytes = 1000,
                             .server.exchange.send_bytes = 1000});
    pair_run(&p, 5 * NS_PER_MS);
    cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed));
    cr_assert(eq(u32, last_of(true)->seg.ack, iss_of(false) + 1 + 1000));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(client_payload, it_waits_for_the_peer_to_close)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client_close = CLOSE_PEER,
                               .server_closes = true,
                               .client.exchange.expect_bytes = 5000,
                               .server.exchange.send_bytes = 5000});
    pair_expects_clean(&p, 1);
    expect_bytes(0, 5000);
    e = first_with(false, FIN);
    cr_assert(eq(u16, e->seg.payload_len, 5000 - 3 * 1448));
    cr_assert(lt(ptr, (void *)e, (void *)first_with(true, FIN)));
    sit_out_time_wait();
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* The peer has said all it has; we have not. */
Test(client_payload, what_is_still_to_be_sent_goes_out_after_the_peers_fin)
{
    run_one((struct pair_opts){
        .client_close = CLOSE_PEER, .server_closes = true, .client.exchange.send_bytes = 300000});
    pair_expects_clean(&p, 1);
    expect_bytes(300000, 0);
    cr_assert(lt(u64, first_with(false, FIN)->at_ns, first_with(true, FIN)->at_ns));
    cr_assert(lt(u16, 0, first_with(true, FIN)->seg.payload_len));
    pair_fini(&p);
}

Test(client_payload, both_may_close_at_once_with_the_last_byte)
{
    run_one((struct pair_opts){.server_closes = true,
                               .client.exchange.send_bytes = 10000,
                               .server.exchange.send_bytes = 10000});
    pair_expects_clean(&p, 1);
    expect_bytes(10000, 10000);
    sit_out_time_wait();
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* It asked for nothing, and has closed already; what comes is taken all the same. */
Test(client_payload, what_nobody_expected_is_discarded)
{
    run_one(
        (struct pair_opts){.client.exchange.send_bytes = 100, .server.exchange.send_bytes = 20000});
    pair_expects_clean(&p, 1);
    expect_bytes(100, 20000);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- the time it took ------------------------------------------------------------------------ */

/* Established at 220 us; the server sends at 320 us, and it is there at 420 us. */
Test(client_payload, a_transfer_lasts_from_established_to_the_last_byte_received)
{
    run_one((struct pair_opts){.client.exchange.expect_bytes = 5000,
                               .server.exchange.send_bytes = 5000});
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].min_ns, 200 * NS_PER_US));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].max_ns, 200 * NS_PER_US));
    pair_fini(&p);
}

/* Two segments, the second with FIN, acknowledged at 420 us. */
Test(client_payload, a_transfer_lasts_until_the_last_byte_sent_is_acknowledged)
{
    run_one((struct pair_opts){.client.exchange.send_bytes = 2000});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].min_ns, 200 * NS_PER_US));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].max_ns, 200 * NS_PER_US));
    pair_fini(&p);
}

/* One segment: the server's ACK, and its own FIN, come together. */
Test(client_payload, a_transfer_counts_when_its_last_ack_is_the_end_of_the_connection)
{
    run_one((struct pair_opts){.client.exchange.send_bytes = 100});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].max_ns, 200 * NS_PER_US));
    pair_fini(&p);
}

Test(client_payload, a_connection_that_failed_is_no_transfer)
{
    run_one((struct pair_opts){.client.exchange.expect_bytes = 5000,
                               .server_closes = true,
                               .server.exchange.send_bytes = 3000});
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
    cr_assert(zero(u64, p.client_stat.now->latency[LAT_transfer].count));
    pair_fini(&p);
}

/* -- after the stop --------------------------------------------------------------------------- */

/* 2 MB with 64 KiB in flight take 30 round trips of 200 us. */
Test(client_payload, a_sweep_leaves_alone_what_still_carries_payload)
{
    for (int resets = 0; resets < 2; resets++) {
        begin(
            (struct pair_opts){.open_max = 3,
                               .client_hold_ns = 100 * NS_PER_SEC,
                               .client_close = resets ? CLOSE_RST : CLOSE_FIN,
                               .client.exchange = {.send_bytes = 2000000, .expect_bytes = 2000000},
                               .server.exchange.send_bytes = 2000000});
        p.server.core.classes[0].reset_closes = resets != 0;
        pair_run(&p, NS_PER_MS);
        p.closes_held = true;
        pair_run(&p, NS_PER_MS);
        cr_assert(eq(u64, client_open(&p.client), 3));
        cr_assert(zero(uint, pair_count_sent(&p, true, FIN | ACK)));
        pair_run_out(&p, NS_PER_SEC);
        pair_expects_clean(&p, 3);
        expect_bytes(6000000, 6000000);
        cr_assert(lt(u64, p.now_ns - PAIR_START_NS, 100 * NS_PER_MS));
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

Test(client_payload, a_sweep_ends_the_hold_of_what_is_done)
{
    begin((struct pair_opts){
        .open_max = 3, .client_hold_ns = 100 * NS_PER_SEC, .client.exchange.send_bytes = 2000});
    pair_run(&p, 100 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 3));
    p.closes_held = true;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 3);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(client_payload, what_still_carries_payload_at_the_end_is_reset)
{
    begin((struct pair_opts){.open_max = 3, .client.exchange.send_bytes = 20000000});
    pair_run(&p, 2 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 3));
    while (client_abort_open(&p.client, 2)) {
        cr_assert(le(uint, p.client_box.n_frames, 2 * TRANSMIT_PER_EVENT));
        pair_run(&p, NS_PER_MS);
    }
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 3));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 3));
    cr_assert(zero(u32, p.server.core.pools.streams.n_borrowed));
    pair_fini(&p);
}

/* -- during the hold ------------------------------------------------------------------------ */

/* The server answers with more than is expected; the rest comes when the client is at rest. */
Test(client_payload, what_comes_during_the_hold_does_not_make_it_last_for_ever)
{
    begin((struct pair_opts){.client_hold_ns = 50 * NS_PER_MS,
                             .client.exchange.expect_bytes = 1448,
                             .server.exchange.send_bytes = 100 * 1448});
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    expect_bytes(0, 100 * 1448);
    cr_assert(ge(u64, first_with(true, FIN)->at_ns - PAIR_START_NS, 50420 * NS_PER_US));
    pair_fini(&p);
}

Test(client_payload, what_comes_during_the_hold_needs_a_stream_no_longer_than_it_takes)
{
    begin((struct pair_opts){.client_hold_ns = 50 * NS_PER_MS,
                             .client.exchange.expect_bytes = 1448,
                             .server.exchange.send_bytes = 100 * 1448});
    pair_run(&p, 20 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 100 * 1448));
    cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed));
    cr_assert(eq(u64, client_open(&p.client), 1));
    pair_fini(&p);
}

/* Nor is one kept back by a gap that nobody fills. */
Test(client_payload, the_hold_ends_although_something_is_missing)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    struct seg s = {.src_port = PAIR_PORT,
                    .dst_port = PAIR_PORT_FIRST,
                    .flags = ACK,
                    .options = SEG_OPT_TS,
                    .window = 500,
                    .payload = p.payload_bytes,
                    .payload_len = 100};
    const struct tcp_conn *c;

    begin((struct pair_opts){.client_hold_ns = 50 * NS_PER_MS,
                             .client.exchange.expect_bytes = 1000,
                             .server.exchange.send_bytes = 1000});
    pair_run(&p, 5 * NS_PER_MS);
    c = &p.client.core.records[0].tcp;
    s.seq = c->rcv_nxt + 500;
    s.ack = c->snd_nxt;
    s.ts_val = c->ts_recent;
    pair_inject_to_client(&p, &remote, &local, &s);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u32, p.client.core.pools.streams.n_borrowed, 1));
    pair_run(&p, 110 * NS_PER_MS);
    cr_assert(eq(uint, pair_count_sent(&p, true, FIN | ACK), 1));
    pair_fini(&p);
}

Test(client_payload, a_sweep_ends_what_got_more_than_expected_during_its_hold)
{
    begin((struct pair_opts){.client_hold_ns = 100 * NS_PER_SEC,
                             .client.exchange.expect_bytes = 1448,
                             .server.exchange.send_bytes = 100 * 1448});
    pair_run(&p, 100 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 1));
    p.closes_held = true;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(client_payload, a_peer_that_closes_during_the_hold_is_answered_at_once)
{
    run_one((struct pair_opts){.client_hold_ns = NS_PER_SEC,
                               .server_closes = true,
                               .server_hold_ns = 20 * NS_PER_MS,
                               .client.exchange.expect_bytes = 3000,
                               .server.exchange.send_bytes = 3000});
    cr_assert(eq(u64, CLIENT_FAIL(&p, hold_cut_short), 1));
    cr_assert(lt(u64, first_with(true, FIN)->at_ns - PAIR_START_NS, 30 * NS_PER_MS));
    sit_out_time_wait();
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}
