/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS over a hostile link: frames get lost, doubled, overtaken, cut small and spoilt. A handshake
 * then is done or has failed for a reason; nothing hangs, and nothing is left over. */
#include "secure_opts.h"

static struct pair p;

static void
set_up(void)
{
    secure_set_up("p256");
}

TestSuite(secure_lossy, .init = set_up, .fini = secure_tear_down);

/* The course of OpenSSL's own randomness is another one each time: the seed is the link's. */
static void
run(struct pair_opts opts, uint64_t seed)
{
    opts.client_tls = &secure_client;
    opts.server_tls = &secure_server;
    opts.seed = seed;
    opts.open_max = 4;
    opts.duration_ns = 100 * NS_PER_MS;
    opts.step_ns = 100 * NS_PER_US;
    opts.rate = 200;
    opts.connect_timeout_ns = 60 * NS_PER_SEC; /* what is lost here is to be TLS */
    pair_init(&p, &opts);
    pair_run_out(&p, 200 * NS_PER_SEC);
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run(&p, 70 * NS_PER_SEC);
    cr_assert(zero(u64, client_open(&p.client)), "seed %lu: the client hangs", seed);
    cr_assert(zero(u64, server_open(&p.server)), "seed %lu: the server hangs", seed);
    pair_expects_all_given_back(&p);
    cr_assert(zero(u32, p.client.core.rings.n_borrowed));
    cr_assert(zero(u32, p.server.core.rings.n_borrowed));
}

Test(secure_lossy, loss_and_disorder_delay_handshakes_but_spoil_none, .timeout = 300)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        secure_client.version_max = seed % 2 == 0 ? TLS_1_2 : TLS_1_3;
        secure_client.resume_ppm = seed % 3 == 0 ? TLS_RESUME_ALWAYS : TLS_RESUME_NEVER;
        run((struct pair_opts){.loss_ppm = 50000, .dup_ppm = 50000, .swap_ppm = 50000}, seed);
        cr_assert(eq(u64, CLIENT_CTR(&p, tls_handshakes), CLIENT_CTR(&p, attempted)), "seed %lu",
                  seed);
        pair_fini(&p);
    }
}

Test(secure_lossy, segments_as_small_as_can_be_carry_it, .timeout = 300)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        run((struct pair_opts){.client.mss = TCP_MSS_MIN,
                               .server.mss = TCP_MSS_MIN,
                               .loss_ppm = 10000},
            seed);
        cr_assert(eq(u64, CLIENT_CTR(&p, tls_handshakes), CLIENT_CTR(&p, attempted)), "seed %lu",
                  seed);
        pair_fini(&p);
    }
}

Test(secure_lossy, spoilt_records_are_failures_that_are_counted_on_both_sides, .timeout = 300)
{
    uint64_t failed = 0;

    for (uint64_t seed = 1; seed <= 60; seed++) {
        secure_client.version_max = seed % 2 == 0 ? TLS_1_2 : TLS_1_3;
        run((struct pair_opts){.corrupt_ppm = 150000, .tls_timeout_ns = 3 * NS_PER_SEC}, seed);
        failed += CLIENT_CTR(&p, failed) + SERVER_CTR(&p, failed);
        cr_assert(zero(u64, CLIENT_FAIL(&p, no_memory)));
        pair_fini(&p);
    }
    cr_assert(lt(u64, 20, failed)); /* or the link spoils nothing */
}
