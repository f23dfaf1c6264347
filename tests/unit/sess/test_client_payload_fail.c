/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections with payload that end otherwise than asked for, and ways that are narrow. */
#include "pair_rig.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

static struct pair p;

static void
begin(struct pair_opts opts)
{
    opts.duration_ns = 30 * NS_PER_US;
    pair_init(&p, &opts);
}

/* As many again as may be open. */
static void
begin_again(void)
{
    client_run_from(&p.client, p.now_ns);
    client_stop_at(&p.client, p.now_ns + 30 * NS_PER_US);
}

static const struct pair_entry *
first_reset_of(bool by_client)
{
    for (unsigned i = 0; i < p.n_log; i++) {
        if (p.log[i].by_client == by_client && (p.log[i].seg.flags & RST) != 0)
            return &p.log[i];
    }
    cr_fatal("the %s sent none", by_client ? "client" : "server");
}

/* An instant at which a timer of @deadline_ns fires: a wheel's tick and a turn later at most. */
#define expect_fired(at_ns, deadline_ns)                                                           \
    do {                                                                                           \
        cr_assert(ge(u64, (at_ns)-PAIR_START_NS, (deadline_ns)));                                  \
        cr_assert(le(u64, (at_ns)-PAIR_START_NS, (deadline_ns) + 90 * NS_PER_US));                 \
    } while (0)

/* -- what is expected does not come ----------------------------------------------------------- */

Test(client_payload_fail, a_peer_that_closes_before_all_has_come)
{
    begin((struct pair_opts){.server_closes = true,
                             .client.exchange.expect_bytes = 5000,
                             .server.exchange.send_bytes = 4999});
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, truncated), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 4999));
    cr_assert(eq(u64, CLIENT_CTR(&p, resets_sent), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(client_payload_fail, a_peer_that_closes_without_a_byte)
{
    begin((struct pair_opts){
        .server_closes = true, .payload = true, .client.exchange.expect_bytes = 1});
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, truncated), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(client_payload_fail, a_close_by_the_peer_is_truncation_wherever_it_was_asked_for)
{
    begin((struct pair_opts){.client_close = CLOSE_PEER,
                             .server_closes = true,
                             .client.exchange.expect_bytes = 5000,
                             .server.exchange.send_bytes = 4000});
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, truncated), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(client_payload_fail, a_peer_that_resets_is_a_reset)
{
    begin((struct pair_opts){.server_closes = true,
                             .server_close = CLOSE_RST,
                             .client.exchange.expect_bytes = 5000,
                             .server.exchange.send_bytes = 3000});
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* The last payload comes at 420 us. */
Test(client_payload_fail, it_gives_up_when_nothing_has_come_for_the_time_of_patience)
{
    begin((struct pair_opts){.client.exchange = {.expect_bytes = 5000, .stall_us = 500000},
                             .server.exchange.send_bytes = 3000});
    pair_run_out(&p, 5 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, stalled), 1));
    expect_fired(first_reset_of(true)->at_ns, 500420 * NS_PER_US);
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* Established at 220 us. */
Test(client_payload_fail, it_gives_up_when_nothing_comes_at_all)
{
    begin((struct pair_opts){.client.exchange = {.expect_bytes = 5000, .stall_us = 300000}});
    pair_run_out(&p, 5 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, stalled), 1));
    expect_fired(first_reset_of(true)->at_ns, 300220 * NS_PER_US);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* What was sent was acknowledged at 420 us: until then the peer could not answer. */
Test(client_payload_fail, patience_begins_when_what_was_sent_has_arrived)
{
    begin((struct pair_opts){
        .client.exchange = {.send_bytes = 10000, .expect_bytes = 5000, .stall_us = 300000},
        .server.acks_at_once = true});
    pair_run_out(&p, 5 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, stalled), 1));
    expect_fired(first_reset_of(true)->at_ns, 300420 * NS_PER_US);
    pair_fini(&p);
}

/* 1 MB, 3 segments at a time: 230 round trips, 46 ms. The answer comes after the last byte. */
Test(client_payload_fail, who_sends_for_longer_than_the_patience_is_not_stalled)
{
    begin((struct pair_opts){
        .client = {.exchange = {.send_bytes = 1000000, .expect_bytes = 1000, .stall_us = 10000},
                   .cc = cc_algorithms[CC_FIXED],
                   .fixed_window = 3 * 1448},
        .server = {.exchange = {.send_bytes = 1000, .after_bytes = 1000000},
                   .acks_at_once = true}});
    pair_run_out(&p, 5 * NS_PER_SEC);
    pair_expects_clean(&p, 1);
    cr_assert(lt(u64, 40 * NS_PER_MS, p.now_ns - PAIR_START_NS));
    pair_fini(&p);
}

/* The answer takes 46 ms, some of it every 200 us. */
Test(client_payload_fail, who_receives_for_longer_than_the_patience_is_not_stalled)
{
    begin((struct pair_opts){
        .client = {.exchange = {.expect_bytes = 1000000, .stall_us = 10000}, .acks_at_once = true},
        .server = {.exchange.send_bytes = 1000000,
                   .cc = cc_algorithms[CC_FIXED],
                   .fixed_window = 3 * 1448}});
    pair_run_out(&p, 5 * NS_PER_SEC);
    pair_expects_clean(&p, 1);
    cr_assert(lt(u64, 40 * NS_PER_MS, p.now_ns - PAIR_START_NS));
    pair_fini(&p);
}

/* -- what is sent is not acknowledged --------------------------------------------------------- */

static bool
drops_what_the_server_says_after_its_syn(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client && (e->seg.flags & SYN) == 0;
}

Test(client_payload_fail, it_gives_up_when_payload_is_not_acknowledged_in_time)
{
    begin((struct pair_opts){
        .client = {.exchange.send_bytes = 5000, .data_timeout_ns = 900 * NS_PER_MS}});
    p.drops = drops_what_the_server_says_after_its_syn;
    pair_run_out(&p, 20 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, data_timeout), 1));
    expect_fired(first_reset_of(true)->at_ns, 900220 * NS_PER_US);
    cr_assert(ge(u64, CLIENT_CTR(&p, rto_timeouts), 1));
    cr_assert(zero(u64, p.client_stat.now->latency[LAT_transfer].count));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(client_payload_fail, it_gives_up_after_so_many_retransmissions)
{
    begin((struct pair_opts){.client = {.exchange.send_bytes = 5000,
                                        .retries_max = 2,
                                        .data_timeout_ns = 600 * NS_PER_SEC}});
    p.drops = drops_what_the_server_says_after_its_syn;
    pair_run_out(&p, 20 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_FAIL(&p, data_timeout), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, rto_timeouts), 2));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* The peer has closed and we have not, nor has all arrived: that is no close. */
Test(client_payload_fail, a_reset_before_the_last_byte_is_acknowledged_is_a_reset)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    const struct tcp_conn *c;
    struct seg rst = {.src_port = PAIR_PORT, .dst_port = PAIR_PORT_FIRST, .flags = RST | ACK};

    begin((struct pair_opts){
        .client_close = CLOSE_PEER, .server_closes = true, .client.exchange.send_bytes = 1000000});
    pair_run(&p, NS_PER_MS);
    c = &p.client.core.records[0].tcp;
    cr_assert(eq(u8, c->state, TCPS_LAST_ACK));
    rst.seq = c->rcv_nxt;
    rst.ack = c->snd_una;
    pair_inject_to_client(&p, &remote, &local, &rst);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, closed)));
    pair_fini(&p);
}

static bool
drops_the_servers_fin(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client && (e->seg.flags & FIN) != 0;
}

/* The FIN rides on payload that is acknowledged with the server's FIN, which is lost: for ever. */
Test(client_payload_fail, a_close_that_is_not_answered_is_given_up)
{
    begin((struct pair_opts){.client.exchange.send_bytes = 5000,
                             .client.data_timeout_ns = 600 * NS_PER_SEC,
                             .close_timeout_ns = NS_PER_SEC});
    p.drops = drops_the_servers_fin;
    pair_run_out(&p, 20 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
    cr_assert(eq(u64, CLIENT_FAIL(&p, peer_not_closed), 1)); /* its FIN again was acknowledged */
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 5000));
    pair_run(&p, 10 * NS_PER_SEC);
    cr_assert(zero(u64, server_open(&p.server)));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- memory ----------------------------------------------------------------------------------- */

Test(client_payload_fail, connections_without_memory_for_payload_fail_and_the_next_do_not)
{
    begin(
        (struct pair_opts){.open_max = 5, .client = {.exchange.send_bytes = 5000, .n_streams = 2}});
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 5));
    cr_assert(eq(u64, CLIENT_FAIL(&p, no_memory), 3));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 2));
    cr_assert(eq(u64, CLIENT_CTR(&p, streams_exhausted), 3));
    cr_assert(eq(u64, CLIENT_CTR(&p, resets_sent), 3));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 3));
    pair_expects_all_given_back(&p);

    p.client.open_max = 2;
    begin_again();
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 4));
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 3));
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 4 * 5000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* One stream for all, lent again with each connection. */
Test(client_payload_fail, held_connections_need_no_memory_for_payload)
{
    struct pair_opts opts = {.rate = 1000,
                             .open_max = 100,
                             .duration_ns = 50 * NS_PER_MS,
                             .client_hold_ns = 300 * NS_PER_MS,
                             .client = {.exchange.send_bytes = 2000, .n_streams = 1},
                             .server.acks_at_once = true};

    pair_init(&p, &opts);
    pair_run(&p, 100 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 50));
    cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 50);
    pair_fini(&p);
}

/* -- little room, or none --------------------------------------------------------------------- */

Test(client_payload_fail, few_rooms_slow_it_down_and_lose_nothing)
{
    for (unsigned rooms = 2; rooms < 6; rooms++) {
        begin((struct pair_opts){.open_max = 4,
                                 .client_bufs = 64,
                                 .server_bufs = rooms,
                                 .client.exchange.expect_bytes = 200000,
                                 .server.exchange.send_bytes = 200000});
        pair_run_out(&p, 20 * NS_PER_SEC);
        pair_expects_clean(&p, 4);
        cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 800000));
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

Test(client_payload_fail, nothing_with_payload_goes_out_while_the_port_is_blocked)
{
    unsigned n_before;

    begin((struct pair_opts){.open_max = 3,
                             .client.exchange = {.send_bytes = 500000, .expect_bytes = 500000},
                             .server.exchange.send_bytes = 500000});
    pair_run(&p, NS_PER_MS);
    cr_assert(lt(u32, 0, p.client.core.pools.streams.n_borrowed));
    p.client_box.is_blocked = true;
    n_before = p.n_log;
    pair_run(&p, 50 * NS_PER_MS);
    for (unsigned i = n_before; i < p.n_log; i++)
        cr_assert(not(p.log[i].by_client));
    p.client_box.is_blocked = false;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 3);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 1500000));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 1500000));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(client_payload_fail, a_port_that_blocks_now_and_then_does_no_harm)
{
    begin((struct pair_opts){.open_max = 30,
                             .client.exchange = {.send_bytes = 100000, .expect_bytes = 100000},
                             .server.exchange = {.send_bytes = 100000, .after_bytes = 50000}});
    pair_run(&p, 20 * NS_PER_US);
    for (int i = 0; i < 20000 && !client_is_done(&p.client); i++) {
        p.client_box.is_blocked = i % 7 < 3;
        p.server_box.is_blocked = i % 5 < 2;
        pair_run(&p, p.opts.step_ns);
    }
    p.client_box.is_blocked = p.server_box.is_blocked = false;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 30);
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 3000000));
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 3000000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- by turns -----------------------------------------------------------------------------------
 */

static uint16_t
sender_port(const struct pair_entry *e)
{
    return e->by_client ? e->seg.src_port : e->seg.dst_port;
}

/* Each may have 4 MiB in flight, of which a turn sends 128 segments. */
Test(client_payload_fail, connections_send_by_turns)
{
    uint64_t sent[8] = {0};
    unsigned in_a_row = 0;

    begin((struct pair_opts){.open_max = 8,
                             .client = {.exchange.send_bytes = 8 << 20,
                                        .cc = cc_algorithms[CC_FIXED],
                                        .fixed_window = 4 << 20},
                             .server.rcv_wnd = 4 << 20});
    pair_run(&p, 500 * NS_PER_US);
    cr_assert(lt(uint, p.n_log, PAIR_LOG_MAX));
    for (unsigned i = 0; i < p.n_log; i++) {
        const struct pair_entry *e = &p.log[i];
        bool is_same = i > 0 && p.log[i - 1].by_client == e->by_client &&
                       sender_port(&p.log[i - 1]) == sender_port(e);

        if (!e->by_client)
            continue;
        in_a_row = is_same ? in_a_row + 1 : 1;
        cr_assert(le(uint, in_a_row, TRANSMIT_PER_TURN + TRANSMIT_PER_EVENT));
        sent[sender_port(e) - PAIR_PORT_FIRST] += e->seg.payload_len;
    }
    for (int i = 0; i < 8; i++) {
        cr_assert(lt(u64, 150 * 1448, sent[i]));
        cr_assert(le(u64, sent[i], sent[0] + 64 * 1448));
        cr_assert(ge(u64, sent[i] + 64 * 1448, sent[0]));
    }
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 8);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 8 * (8 << 20)));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* Four that send 64 MiB each as fast as they can; then ten with 20 kB. */
Test(client_payload_fail, long_transfers_do_not_keep_short_ones_waiting)
{
    begin((struct pair_opts){.open_max = 4,
                             .records = {16, 0},
                             .client = {.exchange.send_bytes = 64 << 20,
                                        .cc = cc_algorithms[CC_FIXED],
                                        .fixed_window = 4 << 20},
                             .server = {.rcv_wnd = 4 << 20, .acks_at_once = true}});
    pair_run(&p, NS_PER_MS);
    p.client.core.classes[0].proto_opts.send_bytes = 20000;
    p.opts.open_max = p.client.open_max = 14;
    begin_again();
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 10));
    cr_assert(eq(u64, client_open(&p.client), 4));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 14);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- the path takes less than the link ----------------------------------------------------------
 */

static uint16_t path_max; /* most payload that gets through */

static bool
drops_what_is_too_long(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return e->seg.payload_len > path_max;
}

Test(client_payload_fail, segments_fit_the_path_after_the_router_said_so)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct ip_addr local = pair_client_addr(0, v6), remote = pair_server_addr(0, v6);
        uint32_t mtu = v6 ? 1280 : 1000, seq;

        path_max = v6 ? 1280 - 72 : 1000 - 52;
        begin((struct pair_opts){.n_targets = {!v6, v6}, .client.exchange.send_bytes = 100000});
        p.drops = drops_what_is_too_long;
        pair_run(&p, 400 * NS_PER_US);
        seq = pair_sent(&p, true, 0)->seg.seq + 1;
        client_too_big(&p.client, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT, seq, mtu);
        cr_assert(lt(uint, 0, p.client_box.n_frames));
        cr_assert(le(uint, p.client_box.n_frames, TRANSMIT_PER_EVENT));
        pair_run_out(&p, NS_PER_SEC);
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, CLIENT_CTR(&p, path_mtu_changes), 1));
        cr_assert(zero(u64, CLIENT_CTR(&p, rto_timeouts)));
        cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 100000));
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

/* RFC 5927 7.1, and what is none of ours. */
Test(client_payload_fail, a_router_that_quotes_something_else_is_not_believed)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    struct ip_addr stranger = pair_server_addr(7, false);
    uint32_t seq;

    begin((struct pair_opts){.client.exchange.send_bytes = 1000000});
    pair_run(&p, NS_PER_MS);
    seq = p.client.core.records[0].tcp.snd_una;
    client_too_big(&p.client, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT, seq - 1, 1000);
    client_too_big(&p.client, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT,
                   p.client.core.records[0].tcp.snd_nxt, 1000);
    client_too_big(&p.client, &local, PAIR_PORT_FIRST + 1, &remote, PAIR_PORT, seq, 1000);
    client_too_big(&p.client, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT + 1, seq, 1000);
    client_too_big(&p.client, &local, PAIR_PORT_FIRST, &stranger, PAIR_PORT, seq, 1000);
    client_too_big(&p.client, &stranger, PAIR_PORT_FIRST, &remote, PAIR_PORT, seq, 1000);
    client_too_big(&p.client, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT, seq, 1500);
    cr_assert(zero(uint, p.client_box.n_frames));
    cr_assert(zero(u64, CLIENT_CTR(&p, path_mtu_changes)));
    client_too_big(&p.client, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT, seq, 1000);
    cr_assert(eq(u64, CLIENT_CTR(&p, path_mtu_changes), 1));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(client_payload_fail, a_router_may_speak_of_a_connection_without_payload)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);

    begin((struct pair_opts){.payload = true, .client_hold_ns = 10 * NS_PER_MS});
    pair_run(&p, NS_PER_MS);
    client_too_big(&p.client, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT,
                   p.client.core.records[0].tcp.snd_una, 1000);
    cr_assert(zero(u64, CLIENT_CTR(&p, path_mtu_changes)));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}
