/* SPDX-License-Identifier: BSD-3-Clause */
/* Both engines on a link that loses and doubles frames by chance: every connection ends, and both
 * sides tell the same. SHAKEDOWN_SEED replays one run. */
#include "../seed.h"
#include "pair_rig.h"

enum { RUNS = 4 };

static struct pair p;

/* 10 % lost each way, 3 % doubled, for a second. The time-outs are long enough for chance to give
 * every connection its way through. */
static const struct pair_opts LOSSY = {
    .rate = 500,
    .open_max = 600,
    .n_ports = 20000,
    .duration_ns = NS_PER_SEC,
    .connect_timeout_ns = 900 * NS_PER_SEC,
    .close_timeout_ns = 900 * NS_PER_SEC,
    .delay_ns = 2 * NS_PER_MS,
    .step_ns = NS_PER_MS,
    .loss_ppm = 100000,
    .dup_ppm = 30000,
};

static void
run_until_both_are_done(uint64_t seed)
{
    uint64_t end_ns = p.now_ns + 2000 * NS_PER_SEC;

    while (p.now_ns < end_ns && !(client_is_done(&p.client) && server_open(&p.server) == 0))
        pair_run(&p, 100 * NS_PER_MS);
    cr_assert(client_is_done(&p.client), SEED_FMT, seed);
}

static void
expect_agreement(uint64_t seed)
{
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 500), SEED_FMT, seed);
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 500), SEED_FMT, seed);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed) + CLIENT_FAIL(&p, hold_cut_short), 500), SEED_FMT,
              seed);
    if (p.opts.server_hold_ns == 0) /* else whose close comes first is a matter of loss */
        cr_assert(zero(u64, CLIENT_CTR(&p, failed)), SEED_FMT, seed);
    cr_assert(eq(u64, SERVER_CTR(&p, attempted), 500), SEED_FMT, seed);
    cr_assert(eq(u64, SERVER_CTR(&p, established), 500), SEED_FMT, seed);
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 500), SEED_FMT, seed);
    cr_assert(zero(u64, server_open(&p.server)), SEED_FMT, seed);
    cr_assert(lt(u64, 50, CLIENT_CTR(&p, retransmits)), SEED_FMT, seed);
}

static void
run_with(struct pair_opts opts, uint64_t literal_seed)
{
    uint64_t first = seed_of_test(literal_seed);

    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        run_until_both_are_done(seed);
        expect_agreement(seed);
        pair_fini(&p);
    }
}

Test(client_lossy, all_connections_that_the_client_closes_end_on_both_sides)
{
    run_with(LOSSY, 1000);
}

Test(client_lossy, without_piggyback_too)
{
    struct pair_opts opts = LOSSY;

    opts.plain_acks = true;
    run_with(opts, 2000);
}

Test(client_lossy, all_connections_that_the_server_closes_end_on_both_sides)
{
    struct pair_opts opts = LOSSY;

    opts.client_close = CLOSE_PEER;
    opts.server_closes = true;
    run_with(opts, 3000);
}

Test(client_lossy, held_connections_of_both_families_end_on_both_sides)
{
    struct pair_opts opts = LOSSY;

    opts.client_hold_ns = 300 * NS_PER_MS;
    opts.n_targets[0] = 2;
    opts.n_targets[1] = 2;
    run_with(opts, 4000);
}

/* Each side closes when it likes. */
Test(client_lossy, crossed_closes_end_on_both_sides)
{
    struct pair_opts opts = LOSSY;

    opts.client_hold_ns = 50 * NS_PER_MS;
    opts.server_closes = true;
    opts.server_hold_ns = 49 * NS_PER_MS;
    run_with(opts, 5000);
}

/* So fast that the frames of a connection overtake each other. */
Test(client_lossy, frames_that_overtake_each_other_do_no_harm)
{
    struct pair_opts opts = LOSSY;

    opts.rate = 0;
    opts.open_max = 2;
    opts.duration_ns = 6 * NS_PER_SEC;
    opts.swap_ppm = 300000;
    opts.loss_ppm = 20000;
    opts.plain_acks = true;
    for (uint64_t seed = seed_of_test(8000), n = 0; n < RUNS; seed++, n++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        run_until_both_are_done(seed);
        cr_assert(lt(u64, 30, CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
        cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
        cr_assert(eq(u64, SERVER_CTR(&p, closed), CLIENT_CTR(&p, closed)), SEED_FMT, seed);
        cr_assert(zero(u64, SERVER_CTR(&p, failed)), SEED_FMT, seed);
        pair_fini(&p);
    }
}

/* A port comes again after 64 connections, within the server's TIME-WAIT and amid old segments. */
Test(client_lossy, few_ports_that_come_again_soon_leave_no_connection_behind)
{
    uint64_t first = seed_of_test(6000);
    struct pair_opts opts = LOSSY;

    opts.open_max = 32;
    opts.n_ports = 64;
    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        for (int server_closes = 0; server_closes < 2; server_closes++) {
            opts.seed = seed;
            opts.server_closes = server_closes != 0;
            opts.client_close = opts.server_closes ? CLOSE_PEER : CLOSE_FIN;
            pair_init(&p, &opts);
            run_until_both_are_done(seed);
            cr_assert(lt(u64, 64, CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
            cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
            cr_assert(zero(u64, server_open(&p.server)), SEED_FMT, seed);
            pair_fini(&p);
        }
    }
}

/* Time-outs of the user's size: some connections fail, each is accounted for, and none stays. */
Test(client_lossy, short_timeouts_fail_some_and_lose_none)
{
    uint64_t first = seed_of_test(7000);
    struct pair_opts opts = LOSSY;

    opts.connect_timeout_ns = 3 * NS_PER_SEC;
    opts.close_timeout_ns = NS_PER_SEC;
    opts.loss_ppm = 300000;
    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        pair_run(&p, 60 * NS_PER_SEC);
        cr_assert(client_is_done(&p.client), SEED_FMT, seed);
        cr_assert(lt(u64, 10, CLIENT_CTR(&p, failed)), SEED_FMT, seed);
        cr_assert(lt(u64, 10, CLIENT_FAIL(&p, timeout)), SEED_FMT, seed);
        cr_assert(lt(u64, 200, CLIENT_CTR(&p, closed)), SEED_FMT, seed);
        pair_fini(&p);
    }
}

/* A lost RST leaves the server with half a connection. The tuple's next SYN is challenged, the
 * client's answer to that ends the old one, and the SYN sent again opens the new (RFC 5961 4.2). */
Test(client_lossy, a_connection_that_only_the_server_still_has_gives_way_to_the_next)
{
    uint64_t first = seed_of_test(9000);
    struct pair_opts opts = LOSSY;

    opts.client_close = CLOSE_RST;
    opts.open_max = 16;
    opts.n_ports = 16;
    for (uint64_t seed = first; seed < first + RUNS; seed++) {
        opts.seed = seed;
        pair_init(&p, &opts);
        while (!client_is_done(&p.client) && p.now_ns < PAIR_START_NS + 1000 * NS_PER_SEC)
            pair_run(&p, 100 * NS_PER_MS);
        cr_assert(lt(u64, 32, CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
        cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)), SEED_FMT, seed);
        cr_assert(le(u64, server_open(&p.server), 16), SEED_FMT, seed);
        cr_assert(zero(u64, SERVER_CTR(&p, closed)), SEED_FMT, seed);
        cr_assert(ge(u64, SERVER_FAIL(&p, reset), CLIENT_CTR(&p, closed) - 16), SEED_FMT, seed);
        pair_fini(&p);
    }
}
