/* SPDX-License-Identifier: BSD-3-Clause */
/* A client that is one of several workers, on a port that spreads replies by their hash. */
#include "../flow/rss_rig.h"
#include "pair_rig.h"

static struct pair p;
static struct rss rss;

/* What the server sent, as far as the log holds it. @return how much. */
static unsigned
check_replies(unsigned worker)
{
    unsigned n_log = p.n_log < PAIR_LOG_MAX ? p.n_log : PAIR_LOG_MAX, n = 0;

    for (unsigned i = 0; i < n_log; i++) {
        const struct pair_entry *e = &p.log[i];

        if (e->by_client)
            continue;
        cr_assert(
            eq(uint,
               rss_queue(&rss, rss_hash(&rss, &e->src, &e->dst, e->seg.src_port, e->seg.dst_port)),
               worker),
            "segment %u", i);
        n++;
    }
    return n;
}

static void
init_rss(unsigned reta_size, unsigned n_queues)
{
    struct rss_opts o = rss_opts_of(VERIFICATION_KEY, reta_size, n_queues);

    cr_assert(zero(int, rss_init(&rss, &o)));
}

/* Before the load begins, each target by turns, from a port of ours and back to our queue. */
Test(client_rss, a_probe_opens_nothing_and_is_answered_with_a_reset_to_its_own_queue)
{
    struct pair_opts opts = {
        .rss = &rss, .worker = 2, .n_targets = {2, 1}, .open_max = 20, .duration_ns = 1};

    init_rss(128, 3);
    pair_init(&p, &opts);
    client_stop_at(&p.client, 0);
    for (unsigned i = 0; i < 9; i++) {
        struct client_probe probe;

        cr_assert(client_probe_choose(&p.client, &probe));
        cr_assert(client_probe_send(&p.client, &probe));
    }
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(uint, pair_count_sent(&p, true, SEG_ACK), 9));
    cr_assert(eq(uint, pair_count_sent(&p, false, SEG_RST), 9));
    cr_assert(eq(uint, check_replies(2), 9));
    cr_assert(eq(u64, CLIENT_CTR(&p, no_connection), 9));
    cr_assert(zero(u64, CLIENT_CTR(&p, attempted)));
    cr_assert(zero(u64, SERVER_CTR(&p, attempted)));
    for (unsigned i = 0; i < 9; i++)
        cr_assert(eq(u16, pair_sent(&p, true, i)->seg.dst_port, PAIR_PORT));
    pair_fini(&p);
}

Test(client_rss, what_came_to_a_wrong_queue_has_an_owner)
{
    struct pair_opts opts = {.rss = &rss, .worker = 1, .open_max = 20, .duration_ns = 1};
    struct packet packet = {.kind = PACKET_TCP, .src = pair_server_addr(0, false)};
    unsigned met[3] = {0};

    init_rss(128, 3);
    pair_init(&p, &opts);
    packet.seg.src_port = PAIR_PORT;
    for (uint16_t port = PAIR_PORT_FIRST; port < PAIR_PORT_FIRST + 300; port++) {
        uint32_t hash;

        packet.dst = pair_client_addr(0, false);
        packet.seg.dst_port = port;
        hash = rss_hash(&rss, &packet.src, &packet.dst, PAIR_PORT, port);
        cr_assert(eq(u32, client_owner(&p.client, &packet), rss_queue(&rss, hash)));
        met[rss_queue(&rss, hash)]++;
    }
    cr_assert(met[0] > 50 && met[1] > 50 && met[2] > 50);
    packet.dst.lo += 1000; /* nobody's: whoever got it says so */
    cr_assert(eq(u32, client_owner(&p.client, &packet), 1));
    pair_fini(&p);
}

Test(client_rss, every_reply_comes_to_its_own_queue)
{
    init_rss(128, 3);
    for (unsigned worker = 0; worker < 3; worker++) {
        struct pair_opts opts = {.rss = &rss,
                                 .worker = worker,
                                 .n_targets = {2, 3},
                                 .n_addresses = 3,
                                 .open_max = 40,
                                 .duration_ns = 10 * NS_PER_MS};

        pair_init(&p, &opts);
        pair_run_out(&p, NS_PER_SEC);
        cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 800));
        pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
        cr_assert(ge(uint, check_replies(worker), 1600));
        pair_fini(&p);
    }
}

Test(client_rss, records_and_ports_that_come_again_soon_leave_no_connection_behind)
{
    struct pair_opts opts = {.rss = &rss,
                             .worker = 1,
                             .n_targets = {3, 1},
                             .n_addresses = 2,
                             .n_ports = 300,
                             .open_max = 20,
                             .loss_ppm = 20000,
                             .swap_ppm = 20000,
                             .connect_timeout_ns = 60 * NS_PER_SEC,
                             .close_timeout_ns = 60 * NS_PER_SEC,
                             .duration_ns = 4 * NS_PER_SEC,
                             .seed = seed_of_test(41)};

    init_rss(64, 5);
    pair_init(&p, &opts);
    pair_run_out(&p, 200 * NS_PER_SEC);
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 500), SEED_FMT, opts.seed);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), CLIENT_CTR(&p, established)), SEED_FMT, opts.seed);
    cr_assert(zero(u64, client_open(&p.client)), SEED_FMT, opts.seed);
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)), SEED_FMT, opts.seed);
    cr_assert(lt(uint, 500, check_replies(1)), SEED_FMT, opts.seed);
    pair_fini(&p);
}

/* Two addresses, and 64 ports of the range for each of two queues. */
Test(client_rss, the_target_is_a_digit_where_the_queues_ports_are_few)
{
    struct pair_opts opts = {.rss = &rss,
                             .n_targets = {3, 0},
                             .n_addresses = 2,
                             .n_ports = 128,
                             .open_max = 300,
                             .client_hold_ns = 5 * NS_PER_MS,
                             .duration_ns = 20 * NS_PER_MS};

    init_rss(32, 2);
    pair_init(&p, &opts);
    cr_assert(tuples_needs_target(&p.client.tuples, false));
    pair_run(&p, 2 * NS_PER_MS);
    cr_assert(eq(u64, SERVER_CTR(&p, established), 300));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1200);
    cr_assert(ge(uint, check_replies(0), 2400));
    pair_fini(&p);
}

/* ICMP errors are of no TCP flow, so they come to any queue; quoted tuples find their record. */
Test(client_rss, an_unreachable_target_ends_the_attempt_that_the_error_quotes)
{
    struct pair_opts opts = {
        .rss = &rss, .worker = 2, .n_targets = {2, 0}, .duration_ns = 30 * NS_PER_US};
    const struct pair_entry *syn;

    init_rss(128, 4);
    pair_init(&p, &opts);
    pair_run(&p, 50 * NS_PER_US);
    syn = pair_sent(&p, true, 0);
    client_unreachable(&p.client, &syn->src, syn->seg.src_port, &syn->dst, syn->seg.dst_port,
                       syn->seg.seq);
    cr_assert(eq(u64, CLIENT_FAIL(&p, unreachable), 1));
    cr_assert(zero(u64, client_open(&p.client)));
    pair_fini(&p);
}
