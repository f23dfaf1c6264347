/* SPDX-License-Identifier: BSD-3-Clause */
/* Payload as the responding side sees it: discarding, answering, echoing. */
#include "pair_rig.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, PSH = SEG_PSH, ACK = SEG_ACK };

static struct pair p;

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

/* The first segment of that side from the n-th of the log on for which @flags are among its own. */
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
first_payload_of(bool by_client)
{
    for (unsigned i = 0; i < p.n_log; i++) {
        if (p.log[i].by_client == by_client && p.log[i].seg.payload_len > 0)
            return &p.log[i];
    }
    cr_fatal("the %s sent none", by_client ? "client" : "server");
}

static uint32_t
iss_of(bool by_client)
{
    return first_with(by_client, SYN)->seg.seq;
}

/* -- discarding --------------------------------------------------------------------------- */

Test(server_payload, what_it_has_no_plan_for_is_acknowledged_and_discarded)
{
    run_one((struct pair_opts){.client.exchange.send_bytes = 200000});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 200000));
    cr_assert(zero(u64, SERVER_CTR(&p, tx_payload_bytes)));
    cr_assert(zero(u64, p.server_stat.now->latency[LAT_transfer].count));
    pair_fini(&p);
}

/* It has nothing to wait for, not even an exchange. */
Test(server_payload, who_resets_once_established_does_so_when_payload_comes_along)
{
    run_one((struct pair_opts){.server_closes = true,
                               .server_close = CLOSE_RST,
                               .client_close = CLOSE_PEER,
                               .client.exchange.send_bytes = 100});
    cr_assert(eq(u64, SERVER_CTR(&p, established), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 100));
    cr_assert(eq(u8, first_with(false, RST)->seg.flags, RST | ACK));
    cr_assert(zero(u32, p.server.table.n_used));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, connections_without_payload_borrow_no_stream)
{
    begin((struct pair_opts){.payload = true, .open_max = 5, .client_hold_ns = NS_PER_MS});
    pair_run(&p, 500 * NS_PER_US);
    cr_assert(eq(u64, SERVER_CTR(&p, established), 5));
    cr_assert(zero(u32, p.server.core.pools.streams.n_touched));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 5);
    cr_assert(zero(u32, p.server.core.pools.streams.n_touched));
    cr_assert(zero(u32, p.client.core.pools.streams.n_touched));
    pair_fini(&p);
}

/* Its own hold ends, whatever the peer sends meanwhile. */
Test(server_payload, what_comes_during_its_hold_does_not_make_it_last_for_ever)
{
    run_one((struct pair_opts){.server_closes = true,
                               .server_hold_ns = 30 * NS_PER_MS,
                               .client_close = CLOSE_PEER,
                               .client.exchange.send_bytes = 50000});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 50000));
    cr_assert(ge(u64, first_with(false, FIN)->at_ns - PAIR_START_NS, 30320 * NS_PER_US));
    cr_assert(le(u64, first_with(false, FIN)->at_ns - PAIR_START_NS, 100 * NS_PER_MS));
    sit_out_time_wait();
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, a_connection_in_time_wait_needs_no_stream)
{
    run_one((struct pair_opts){.server_closes = true,
                               .client_close = CLOSE_PEER,
                               .client.exchange.expect_bytes = 5000,
                               .server.exchange.send_bytes = 5000});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u32, p.server.table.n_used, 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- answering ------------------------------------------------------------------------------ */

Test(server_payload, it_answers_at_once)
{
    run_one((struct pair_opts){.client.exchange.expect_bytes = 5000,
                               .server.exchange.send_bytes = 5000});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, first_payload_of(false)->at_ns - PAIR_START_NS, 320 * NS_PER_US));
    cr_assert(eq(u32, first_payload_of(false)->seg.seq, iss_of(false) + 1));
    pair_fini(&p);
}

/* 20000 bytes are more than the initial window, so they come in two flights. */
Test(server_payload, it_answers_after_so_many_bytes_and_not_before)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client.exchange = {.send_bytes = 20000, .expect_bytes = 5000},
                               .server.exchange = {.send_bytes = 5000, .after_bytes = 20000}});
    pair_expects_clean(&p, 1);
    e = first_payload_of(false);
    cr_assert(eq(u32, e->seg.ack, iss_of(true) + 1 + 20000));
    cr_assert(lt(u64, 320 * NS_PER_US, e->at_ns - PAIR_START_NS));
    pair_fini(&p);
}

Test(server_payload, a_request_that_is_too_short_gets_no_answer)
{
    run_one((struct pair_opts){.client.exchange.send_bytes = 19999,
                               .server.exchange = {.send_bytes = 5000, .after_bytes = 20000}});
    pair_expects_clean(&p, 1);
    cr_assert(zero(u64, SERVER_CTR(&p, tx_payload_bytes)));
    cr_assert(zero(u64, p.server_stat.now->latency[LAT_transfer].count));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, it_answers_once_however_much_comes)
{
    run_one((struct pair_opts){.client.exchange = {.send_bytes = 100000, .expect_bytes = 1000},
                               .server.exchange = {.send_bytes = 1000, .after_bytes = 10}});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 100000));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 1000));
    cr_assert(eq(u64, p.server_stat.now->latency[LAT_transfer].count, 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* The peer's FIN comes with its last byte, and the answer is more than a flight. */
Test(server_payload, it_answers_a_peer_that_has_closed)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client.exchange.send_bytes = 100,
                               .server.exchange = {.send_bytes = 300000, .after_bytes = 100}});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 300000));
    e = first_with(false, FIN);
    cr_assert(eq(u32, e->seg.seq + e->seg.payload_len, iss_of(false) + 1 + 300000));
    cr_assert(lt(u16, 0, e->seg.payload_len));
    cr_assert(lt(u64, first_with(true, FIN)->at_ns + 200 * NS_PER_US, e->at_ns));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, its_fin_rides_on_the_last_byte_where_it_closes)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client_close = CLOSE_PEER,
                               .server_closes = true,
                               .client.exchange = {.send_bytes = 10, .expect_bytes = 5000},
                               .server.exchange = {.send_bytes = 5000, .after_bytes = 10}});
    pair_expects_clean(&p, 1);
    e = first_with(false, FIN);
    cr_assert(eq(u8, e->seg.flags, FIN | PSH | ACK));
    cr_assert(eq(u16, e->seg.payload_len, 5000 - 3 * 1448));
    pair_fini(&p);
}

/* Established at 320 us, acknowledged at 520 us. */
Test(server_payload, its_hold_begins_after_the_answer)
{
    begin((struct pair_opts){.client_close = CLOSE_PEER,
                             .server_closes = true,
                             .server_hold_ns = 40 * NS_PER_MS,
                             .client = {.exchange.expect_bytes = 2896, .acks_at_once = true},
                             .server.exchange.send_bytes = 2896});
    pair_run(&p, 20 * NS_PER_MS);
    cr_assert(zero(u32, p.server.core.pools.streams.n_borrowed));
    cr_assert(eq(u64, p.server_stat.now->latency[LAT_transfer].max_ns, 200 * NS_PER_US));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    cr_assert(ge(u64, first_with(false, FIN)->at_ns - PAIR_START_NS, 40520 * NS_PER_US));
    cr_assert(le(u64, first_with(false, FIN)->at_ns - PAIR_START_NS, 40610 * NS_PER_US));
    pair_fini(&p);
}

/* The client's reset is what was asked for (--close rst over loopback). */
Test(server_payload, a_reset_after_the_answer_may_be_the_end_asked_for)
{
    begin((struct pair_opts){.client_close = CLOSE_RST,
                             .client.exchange = {.send_bytes = 1000, .expect_bytes = 50000},
                             .server.exchange = {.send_bytes = 50000, .after_bytes = 1000}});
    p.server.core.classes[0].reset_closes = true;
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- echoing -------------------------------------------------------------------------------- */

Test(server_payload, an_echo_is_what_was_sent)
{
    run_one((struct pair_opts){.client.exchange = {.send_bytes = 50000, .expect_bytes = 50000},
                               .server.exchange.echo = true});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 50000));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 50000));
    pair_fini(&p);
}

Test(server_payload, an_echo_of_one_byte)
{
    run_one((struct pair_opts){.client.exchange = {.send_bytes = 1, .expect_bytes = 1},
                               .server.exchange.echo = true});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, an_echo_to_v6)
{
    run_one((struct pair_opts){.n_targets = {0, 1},
                               .client.exchange = {.send_bytes = 50000, .expect_bytes = 50000},
                               .server.exchange.echo = true});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* Many times around the ring, at every alignment. */
Test(server_payload, an_echo_through_a_small_ring)
{
    for (uint32_t mss = 700; mss < 1460; mss += 97) {
        run_one((struct pair_opts){
            .client = {.exchange = {.send_bytes = 300001, .expect_bytes = 300001},
                       .mss = (uint16_t)mss},
            .server = {.exchange.echo = true, .rcv_wnd = 4096}});
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 300001));
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

/* The client has closed and takes what comes; its last byte is followed by the echo's FIN. */
Test(server_payload, an_echo_goes_on_after_the_peer_has_closed)
{
    const struct pair_entry *e;

    run_one((struct pair_opts){.client.exchange.send_bytes = 300000, .server.exchange.echo = true});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 300000));
    e = first_with(false, FIN);
    cr_assert(eq(u32, e->seg.seq + e->seg.payload_len, iss_of(false) + 1 + 300000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, an_echo_to_a_port_that_cuts)
{
    run_one((struct pair_opts){
        .client = {.exchange = {.send_bytes = 500000, .expect_bytes = 500000}, .splits = true},
        .server = {.exchange.echo = true, .splits = true}});
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 500000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, an_echo_of_payload_that_came_in_two_pieces)
{
    run_one(
        (struct pair_opts){.hands_tails = true,
                           .client = {.exchange = {.send_bytes = 100000, .expect_bytes = 100000},
                                      .tx_multi_seg = true},
                           .server = {.exchange.echo = true, .tx_multi_seg = true}});
    pair_expects_clean(&p, 1);
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* Nobody reads the echo faster than the link carries it. */
Test(server_payload, an_echo_fills_the_ring_and_no_more)
{
    begin((struct pair_opts){.client = {.exchange = {.send_bytes = 500000, .expect_bytes = 500000},
                                        .cc = cc_algorithms[CC_FIXED],
                                        .fixed_window = 1 << 20},
                             .server = {.exchange.echo = true, .rcv_wnd = 32768}});
    pair_run(&p, 2 * NS_PER_MS);
    p.server_box.is_blocked = true;
    pair_run(&p, 20 * NS_PER_MS);
    cr_assert(eq(u32, p.server.core.pools.buffers.n_borrowed, 1));
    p.server_box.is_blocked = false;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    cr_assert(zero(u64, SERVER_CTR(&p, reassembly_dropped)));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 500000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- memory --------------------------------------------------------------------------------- */

/* What it has no memory for is as good as lost: it comes again. */
Test(server_payload, without_memory_what_is_sent_waits_until_there_is_some)
{
    begin((struct pair_opts){
        .open_max = 4, .client.exchange.send_bytes = 5000, .server.n_streams = 1});
    pair_run_out(&p, 30 * NS_PER_SEC);
    pair_expects_clean(&p, 4);
    cr_assert(lt(u64, 0, SERVER_CTR(&p, streams_exhausted)));
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 20000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, without_memory_for_its_answer_it_resets_and_the_next_are_answered)
{
    begin((struct pair_opts){
        .open_max = 4,
        .client.exchange = {.send_bytes = 100, .expect_bytes = 5000},
        .server = {.exchange = {.send_bytes = 5000, .after_bytes = 100}, .n_streams = 1}});
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, SERVER_FAIL(&p, no_memory), 3));
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 3));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    pair_expects_all_given_back(&p);
    p.client.open_max = 1;
    client_run_from(&p.client, p.now_ns);
    client_stop_at(&p.client, p.now_ns + 30 * NS_PER_US);
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 2));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 2));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* Two rings for four that want an echo. */
Test(server_payload, without_a_ring_what_is_to_be_echoed_waits_until_there_is_one)
{
    begin((struct pair_opts){.open_max = 4,
                             .client.exchange = {.send_bytes = 5000, .expect_bytes = 5000},
                             .server = {.exchange.echo = true, .n_buffers = 2}});
    pair_run_out(&p, 30 * NS_PER_SEC);
    pair_expects_clean(&p, 4);
    cr_assert(lt(u64, 0, SERVER_CTR(&p, reassembly_dropped)));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

Test(server_payload, a_record_in_time_wait_gives_way_to_one_with_payload)
{
    struct pair_opts opts = {.open_max = 4,
                             .n_ports = 60000,
                             .server_records = 8,
                             .client_close = CLOSE_PEER,
                             .server_closes = true,
                             .duration_ns = 20 * NS_PER_MS,
                             .client.exchange.expect_bytes = 5000,
                             .server = {.exchange.send_bytes = 5000, .n_streams = 4}};

    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 100));
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 5000 * CLIENT_CTR(&p, attempted)));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* -- little room ------------------------------------------------------------------------------ */

Test(server_payload, nothing_with_payload_goes_out_while_the_port_is_blocked)
{
    unsigned n_before;

    begin((struct pair_opts){.open_max = 3,
                             .client.exchange = {.send_bytes = 500000, .expect_bytes = 500000},
                             .server.exchange = {.echo = true}});
    pair_run(&p, NS_PER_MS);
    cr_assert(lt(u32, 0, p.server.core.pools.streams.n_borrowed));
    p.server_box.is_blocked = true;
    n_before = p.n_log;
    pair_run(&p, 50 * NS_PER_MS);
    for (unsigned i = n_before; i < p.n_log; i++)
        cr_assert(p.log[i].by_client);
    p.server_box.is_blocked = false;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 3);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), 1500000));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* What connects meanwhile is answered: the handshake has no payload. */
Test(server_payload, it_accepts_while_the_port_is_blocked)
{
    begin((struct pair_opts){.client.exchange.send_bytes = 5000});
    p.server_box.is_blocked = true;
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, SERVER_CTR(&p, established), 1));
    p.server_box.is_blocked = false;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(server_payload, an_echo_through_few_rooms)
{
    for (unsigned rooms = 2; rooms < 6; rooms++) {
        begin((struct pair_opts){.open_max = 4,
                                 .client_bufs = 64,
                                 .server_bufs = rooms,
                                 .client.exchange = {.send_bytes = 100000, .expect_bytes = 100000},
                                 .server.exchange.echo = true});
        pair_run_out(&p, 20 * NS_PER_SEC);
        pair_expects_clean(&p, 4);
        cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 400000));
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

/* -- the path takes less than the link ----------------------------------------------------------
 */

static bool
drops_the_servers_that_are_too_long(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client && e->seg.payload_len > (e->src.is_v6 ? 1280 - 72 : 1000 - 52);
}

Test(server_payload, segments_fit_the_path_after_the_router_said_so)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct ip_addr client = pair_client_addr(0, v6), server = pair_server_addr(0, v6);
        struct ip_addr stranger = pair_client_addr(9, v6);
        uint32_t mtu = v6 ? 1280 : 1000, seq;

        begin((struct pair_opts){.n_targets = {!v6, v6},
                                 .client.exchange.expect_bytes = 100000,
                                 .server.exchange.send_bytes = 100000});
        p.drops = drops_the_servers_that_are_too_long;
        pair_run(&p, 400 * NS_PER_US);
        seq = iss_of(false) + 1;
        server_too_big(&p.server, &server, PAIR_PORT, &client, PAIR_PORT_FIRST + 1, seq, mtu);
        server_too_big(&p.server, &server, PAIR_PORT, &stranger, PAIR_PORT_FIRST, seq, mtu);
        server_too_big(&p.server, &stranger, PAIR_PORT, &client, PAIR_PORT_FIRST, seq, mtu);
        server_too_big(&p.server, &server, PAIR_PORT, &client, PAIR_PORT_FIRST, seq - 1, mtu);
        cr_assert(zero(uint, p.server_box.n_frames));
        server_too_big(&p.server, &server, PAIR_PORT, &client, PAIR_PORT_FIRST, seq, mtu);
        cr_assert(lt(uint, 0, p.server_box.n_frames));
        cr_assert(le(uint, p.server_box.n_frames, TRANSMIT_PER_EVENT));
        pair_run_out(&p, NS_PER_SEC);
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, SERVER_CTR(&p, path_mtu_changes), 1));
        cr_assert(zero(u64, SERVER_CTR(&p, rto_timeouts)));
        cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 100000));
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}
