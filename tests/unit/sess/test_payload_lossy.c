/* SPDX-License-Identifier: BSD-3-Clause */
/* Payload over a link that loses, doubles and swaps frames by chance: every connection ends as
 * asked for, every byte arrives once, and nothing stays lent. SHAKEDOWN_SEED replays one run. */
#include "../seed.h"
#include "pair_rig.h"

enum { RUNS = 2, CONNECTIONS = 60 };

static struct pair p;

static struct pair_opts
lossy(void)
{
    return (struct pair_opts){
        .rate = 1000,
        .open_max = 2 * CONNECTIONS,
        .duration_ns = CONNECTIONS * NS_PER_MS,
        .connect_timeout_ns = 900 * NS_PER_SEC,
        .close_timeout_ns = 900 * NS_PER_SEC,
        .delay_ns = NS_PER_MS,
        .step_ns = 200 * NS_PER_US,
        .loss_ppm = 30000,
        .dup_ppm = 10000,
        .swap_ppm = 20000,
        .client = {.retries_max = 30, .data_timeout_ns = 900 * NS_PER_SEC},
        .server = {.retries_max = 30, .data_timeout_ns = 900 * NS_PER_SEC},
    };
}

static void
run_until_both_are_done(uint64_t seed)
{
    uint64_t end_ns = p.now_ns + 1000 * NS_PER_SEC;

    while (p.now_ns < end_ns && !(client_is_done(&p.client) && server_open(&p.server) == 0))
        pair_run(&p, 100 * NS_PER_MS);
    cr_assert(client_is_done(&p.client), SEED_FMT, seed);
    cr_assert(zero(u64, server_open(&p.server)), SEED_FMT, seed);
}

/* @to_server and @to_client: bytes of each connection. */
static void
expect_all(uint64_t to_server, uint64_t to_client, uint64_t seed)
{
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), CONNECTIONS), SEED_FMT, seed);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), CONNECTIONS), SEED_FMT, seed);
    cr_assert(eq(u64, SERVER_CTR(&p, closed), CONNECTIONS), SEED_FMT, seed);
    cr_assert(eq(u64, SERVER_CTR(&p, rx_payload_bytes), CONNECTIONS * to_server), SEED_FMT, seed);
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), CONNECTIONS * to_client), SEED_FMT, seed);
    cr_assert(eq(u64, CLIENT_CTR(&p, tx_payload_bytes), CONNECTIONS * to_server), SEED_FMT, seed);
    cr_assert(eq(u64, SERVER_CTR(&p, tx_payload_bytes), CONNECTIONS * to_client), SEED_FMT, seed);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, CONNECTIONS), SEED_FMT, seed);
    cr_assert(eq(u64, p.server_stat.now->latency[LAT_transfer].count,
                 p.opts.server.exchange.send_bytes > 0 ? CONNECTIONS : 0),
              SEED_FMT, seed);
    pair_expects_all_given_back(&p);
}

static void
run_with(struct pair_opts opts, uint64_t to_server, uint64_t to_client, uint64_t literal_seed)
{
    uint64_t first = seed_of_test(literal_seed);

    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        run_until_both_are_done(seed);
        expect_all(to_server, to_client, seed);
        pair_fini(&p);
    }
}

Test(payload_lossy, what_is_sent_arrives)
{
    struct pair_opts opts = lossy();

    opts.client.exchange.send_bytes = 100000;
    run_with(opts, 100000, 0, 100);
}

Test(payload_lossy, what_is_expected_comes)
{
    struct pair_opts opts = lossy();

    opts.client.exchange.expect_bytes = 100000;
    opts.server.exchange.send_bytes = 100000;
    run_with(opts, 0, 100000, 200);
}

Test(payload_lossy, requests_are_answered)
{
    struct pair_opts opts = lossy();

    opts.client.exchange = (struct pair_exchange){.send_bytes = 2000, .expect_bytes = 50000};
    opts.server.exchange = (struct pair_exchange){.send_bytes = 50000, .after_bytes = 2000};
    run_with(opts, 2000, 50000, 300);
}

Test(payload_lossy, both_send_at_once_to_both_families)
{
    struct pair_opts opts = lossy();

    opts.n_targets[0] = opts.n_targets[1] = 1;
    opts.client.exchange = (struct pair_exchange){.send_bytes = 60000, .expect_bytes = 50000};
    opts.server.exchange.send_bytes = 50000;
    run_with(opts, 60000, 50000, 400);
}

Test(payload_lossy, an_echo_is_what_was_sent)
{
    struct pair_opts opts = lossy();

    opts.client.exchange = (struct pair_exchange){.send_bytes = 60000, .expect_bytes = 60000};
    opts.server.exchange.echo = true;
    opts.server.rcv_wnd = 16384;
    run_with(opts, 60000, 60000, 500);
}

Test(payload_lossy, an_echo_after_the_half_close)
{
    struct pair_opts opts = lossy();

    opts.client.exchange.send_bytes = 60000;
    opts.server.exchange.echo = true;
    run_with(opts, 60000, 60000, 600);
}

/* The last ACK of the payload may be lost and the FIN arrive: then the client's FIN says all. */
Test(payload_lossy, the_server_closes)
{
    struct pair_opts opts = lossy();

    opts.client_close = CLOSE_PEER;
    opts.server_closes = true;
    opts.client.exchange = (struct pair_exchange){.send_bytes = 3000, .expect_bytes = 50000};
    opts.server.exchange = (struct pair_exchange){.send_bytes = 50000, .after_bytes = 3000};
    run_with(opts, 3000, 50000, 700);
}

Test(payload_lossy, held_connections_rest_without_a_stream)
{
    struct pair_opts opts = lossy();

    opts.client_hold_ns = 300 * NS_PER_MS;
    opts.client.exchange = (struct pair_exchange){.send_bytes = 3000, .expect_bytes = 20000};
    opts.server.exchange = (struct pair_exchange){.send_bytes = 20000, .after_bytes = 3000};
    run_with(opts, 3000, 20000, 800);
}

Test(payload_lossy, without_piggyback)
{
    struct pair_opts opts = lossy();

    opts.plain_acks = true;
    opts.client.exchange = (struct pair_exchange){.send_bytes = 30000, .expect_bytes = 20000};
    opts.server.exchange = (struct pair_exchange){.send_bytes = 20000, .after_bytes = 30000};
    run_with(opts, 30000, 20000, 900);
}

Test(payload_lossy, other_algorithms)
{
    for (int cc = CC_NEWRENO; cc <= CC_FIXED; cc++) {
        struct pair_opts opts = lossy();

        opts.client.cc = opts.server.cc = cc_algorithms[cc];
        opts.client.fixed_window = opts.server.fixed_window = 30000;
        opts.client.exchange = (struct pair_exchange){.send_bytes = 50000, .expect_bytes = 50000};
        opts.server.exchange.send_bytes = 50000;
        run_with(opts, 50000, 50000, 1000 + (uint64_t)cc);
    }
}

Test(payload_lossy, through_few_rooms)
{
    struct pair_opts opts = lossy();

    opts.client_bufs = 3;
    opts.server_bufs = 3;
    opts.client.exchange = (struct pair_exchange){.send_bytes = 20000, .expect_bytes = 20000};
    opts.server.exchange.send_bytes = 20000;
    run_with(opts, 20000, 20000, 1100);
}

Test(payload_lossy, tails_and_cut_segments)
{
    struct pair_opts opts = lossy();

    opts.hands_tails = true;
    opts.client.splits = opts.server.splits = true;
    opts.client.exchange = (struct pair_exchange){.send_bytes = 100000, .expect_bytes = 100000};
    opts.server.exchange.send_bytes = 100000;
    run_with(opts, 100000, 100000, 1200);
}

/* Each record is used again and again, its tuples within the server's TIME-WAIT. */
Test(payload_lossy, few_records_and_ports_that_come_again)
{
    uint64_t first = seed_of_test(1300);
    struct pair_opts opts = lossy();

    opts.rate = 0;
    opts.open_max = 8;
    opts.n_ports = 16;
    opts.duration_ns = 3 * NS_PER_SEC;
    opts.client.exchange = (struct pair_exchange){.send_bytes = 5000, .expect_bytes = 5000};
    opts.server.exchange = (struct pair_exchange){.send_bytes = 5000, .after_bytes = 5000};
    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        run_until_both_are_done(seed);
        cr_assert(lt(u64, 100, CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
        cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
        cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 5000 * CLIENT_CTR(&p, attempted)),
                  SEED_FMT, seed);
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

/* Time-outs of the user's size: some connections fail, each is accounted for, and nothing stays
 * lent. */
Test(payload_lossy, short_timeouts_fail_some_and_lose_none)
{
    uint64_t first = seed_of_test(1400);
    struct pair_opts opts = lossy();

    opts.connect_timeout_ns = opts.close_timeout_ns = NS_PER_SEC;
    opts.client.data_timeout_ns = opts.server.data_timeout_ns = 500 * NS_PER_MS;
    opts.client.exchange =
        (struct pair_exchange){.send_bytes = 20000, .expect_bytes = 20000, .stall_us = 500000};
    opts.server.exchange.echo = true;
    opts.loss_ppm = 250000;
    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        pair_run(&p, 120 * NS_PER_SEC);
        cr_assert(client_is_done(&p.client), SEED_FMT, seed);
        cr_assert(lt(u64, 5, CLIENT_CTR(&p, failed)), SEED_FMT, seed);
        cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed), SEED_FMT, seed);
        cr_assert(zero(u32, p.client.core.pools.overflows.n_borrowed), SEED_FMT, seed);
        pair_fini(&p);
    }
}

/* Streams are scarce on both sides. */
Test(payload_lossy, too_few_streams_fail_some_and_lose_none)
{
    uint64_t first = seed_of_test(1500);
    struct pair_opts opts = lossy();

    opts.client.n_streams = 10;
    opts.server.n_streams = 5;
    opts.server.n_buffers = 3;
    opts.client.exchange =
        (struct pair_exchange){.send_bytes = 20000, .expect_bytes = 20000, .stall_us = 3000000};
    opts.server.exchange.echo = true;
    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        pair_run(&p, 300 * NS_PER_SEC);
        cr_assert(client_is_done(&p.client), SEED_FMT, seed);
        cr_assert(lt(u64, 0, CLIENT_CTR(&p, closed)), SEED_FMT, seed);
        cr_assert(lt(u64, 0, CLIENT_CTR(&p, failed)), SEED_FMT, seed);
        cr_assert(zero(u32, p.client.core.pools.streams.n_borrowed), SEED_FMT, seed);
        cr_assert(zero(u32, p.client.core.pools.overflows.n_borrowed), SEED_FMT, seed);
        pair_fini(&p);
    }
}
