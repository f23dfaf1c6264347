/* SPDX-License-Identifier: BSD-3-Clause */
/* When connections begin and how many there are at once. */
#include "pair_rig.h"

static struct pair p;

Test(client_load, a_closed_loop_keeps_as_many_open_as_allowed)
{
    struct pair_opts opts = {
        .open_max = 100, .client_hold_ns = 10 * NS_PER_MS, .duration_ns = 50 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 5 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 100));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 490));
    cr_assert(le(u64, CLIENT_CTR(&p, attempted), 500));
    cr_assert(zero(u64, CLIENT_CTR(&p, records_exhausted)));
    cr_assert(zero(u64, p.client_stat.now->latency[LAT_lateness].count));
    pair_fini(&p);
}

Test(client_load, an_open_loop_begins_exactly_as_many_as_the_rate_says)
{
    struct pair_opts opts = {.rate = 30000, .open_max = 1000, .duration_ns = 100 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 3000);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_lateness].count, 3000));
    cr_assert(
        lt(u64, p.client_stat.now->latency[LAT_lateness].max_ns, 20 * NS_PER_US + 1)); /* a turn */
    cr_assert(zero(u64, CLIENT_CTR(&p, late_starts)));
    pair_fini(&p);
}

Test(client_load, latency_counts_from_the_intended_instant)
{
    struct pair_opts opts = {.rate = 100, .open_max = 10, .duration_ns = NS_PER_MS};

    pair_init(&p, &opts); /* its one start is at the very beginning, its first turn 20 us later */
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_lateness].max_ns, 20 * NS_PER_US));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_connect].max_ns, 220 * NS_PER_US));
    pair_fini(&p);
}

/* A turn as long as three starts apart: two of them are late. */
Test(client_load, starts_that_come_late_are_counted_and_none_is_left_out)
{
    struct pair_opts opts = {
        .rate = 10000, .open_max = 1000, .duration_ns = 30 * NS_PER_MS, .step_ns = 300 * NS_PER_US};

    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 300);
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_lateness].count, 300));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_lateness].min_ns, 0));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_lateness].max_ns, 300 * NS_PER_US));
    cr_assert(eq(u64, CLIENT_CTR(&p, late_starts), 101)); /* 200 us; 100 us is not late yet */
    pair_fini(&p);
}

Test(client_load, the_bound_on_open_connections_makes_an_open_loop_late_not_lossy)
{
    struct pair_opts opts = {.rate = 10000, .open_max = 2, .duration_ns = 10 * NS_PER_MS};

    pair_init(&p, &opts); /* 420 us each, so two make fewer than 5000 a second */
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 100);
    cr_assert(lt(u64, 80, CLIENT_CTR(&p, late_starts)));
    cr_assert(lt(u64, 8 * NS_PER_MS, p.client_stat.now->latency[LAT_lateness].max_ns));
    pair_fini(&p);
}

Test(client_load, a_turn_begins_at_most_its_budget)
{
    struct pair_opts opts = {.open_max = 1000, .client_hold_ns = NS_PER_SEC};

    pair_init(&p, &opts);
    pair_run(&p, 20 * NS_PER_US);
    cr_assert(eq(u64, client_open(&p.client), 32));
    pair_run(&p, 20 * NS_PER_US);
    cr_assert(eq(u64, client_open(&p.client), 64));
    pair_fini(&p);
}

Test(client_load, nothing_begins_before_the_run_or_after_the_stop)
{
    struct pair_opts opts = {.duration_ns = 10 * NS_PER_MS};

    pair_init(&p, &opts);
    client_run_from(&p.client, PAIR_START_NS + 5 * NS_PER_MS);
    client_stop_at(&p.client, PAIR_START_NS + 7 * NS_PER_MS);
    pair_run(&p, 4980 * NS_PER_US);
    cr_assert(zero(u64, CLIENT_CTR(&p, attempted)));
    pair_run(&p, 20 * NS_PER_US);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 1));
    pair_run(&p, 1980 * NS_PER_US);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 5));
    cr_assert(not(client_is_done(&p.client)));
    pair_run(&p, 2 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 5));
    cr_assert(client_is_done(&p.client));
    pair_fini(&p);
}

/* The fourth of four workers: its first start would be three quarters of an interval after the
 * first's. */
Test(client_load, nothing_begins_unless_it_is_told_to_run)
{
    struct ip_range range = {.first = pair_client_addr(0, false), .count = 1};
    struct client_target target = {.addr = pair_server_addr(0, false), .port = PAIR_PORT};
    static const struct load_plan rate = {.n = 1, .seg = {{TIME_NEVER, 1000, 1000}}};
    struct client_opts opts = {.tuples = {.ranges = &range,
                                          .n_ranges = 1,
                                          .port_first = 1024,
                                          .port_last = 2000,
                                          .worker = 3,
                                          .n_workers = 4,
                                          .records = {10, 0}},
                               .targets = &target,
                               .n_targets = 1,
                               .load = &rate,
                               .open_max = 10,
                               .worker = 3,
                               .n_workers = 4};

    pair_init(&p, &(struct pair_opts){0});
    opts.core = p.client.core.opts;
    client_fini(&p.client);
    cr_assert(zero(int, client_init(&p.client, &opts, p.now_ns)));
    pair_run(&p, 10 * NS_PER_MS);
    cr_assert(zero(u64, CLIENT_CTR(&p, attempted)));
    pair_fini(&p);
}

/* Of two rates, each for its time. */
Test(client_load, the_rate_changes_in_mid_run)
{
    struct pair_opts opts = {.rate = 30000, .open_max = 1000, .duration_ns = 100 * NS_PER_MS};
    struct load_change change;

    pair_init(&p, &opts);
    change = load_change_milli(PAIR_START_NS + 40 * NS_PER_MS, (load_sum)1200 << 64, 5000 * 1000);
    client_follow(&p.client, &change);
    pair_run(&p, 40 * NS_PER_MS - 20 * NS_PER_US);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 1200));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1500);
    pair_fini(&p);
}

Test(client_load, what_is_overdue_can_be_left_out)
{
    struct pair_opts opts = {.rate = 10000, .open_max = 2, .duration_ns = 10 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 5 * NS_PER_MS);
    client_skip_to(&p.client, p.now_ns);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted) + CLIENT_CTR(&p, starts_dropped), 50));
    cr_assert(lt(u64, 20, CLIENT_CTR(&p, starts_dropped)));
    pair_fini(&p);
}

Test(client_load, the_bound_on_open_connections_can_be_moved)
{
    struct pair_opts opts = {
        .open_max = 100, .client_hold_ns = 10 * NS_PER_MS, .duration_ns = 200 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 5 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 100));
    client_bound_open(&p.client, 30);
    pair_run(&p, 30 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 30));
    client_bound_open(&p.client, 0);
    pair_run(&p, 30 * NS_PER_MS);
    cr_assert(zero(u64, client_open(&p.client)));
    client_bound_open(&p.client, 50);
    pair_run(&p, 5 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 50));
    pair_fini(&p);
}

/* The records of one lane run out before the bound on open connections is reached. */
Test(client_load, running_out_of_records_is_counted_and_passes)
{
    struct pair_opts opts = {.open_max = 10,
                             .records = {4, 0},
                             .client_hold_ns = 2 * NS_PER_MS,
                             .duration_ns = 5 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 4));
    cr_assert(lt(u64, 0, CLIENT_CTR(&p, records_exhausted)));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 8));
    pair_fini(&p);
}

Test(client_load, what_is_open_at_the_stop_is_carried_to_its_end)
{
    struct pair_opts opts = {
        .open_max = 50, .client_hold_ns = 30 * NS_PER_MS, .duration_ns = 10 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 11 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 50));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 50);
    pair_fini(&p);
}

Test(client_load, a_sweep_after_the_stop_closes_what_is_held)
{
    struct pair_opts opts = {
        .open_max = 200, .client_hold_ns = 10 * NS_PER_SEC, .duration_ns = 10 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 11 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 200));
    p.closes_held = true;
    cr_assert(lt(u64, pair_run_out(&p, NS_PER_SEC), 2 * NS_PER_MS));
    pair_expects_clean(&p, 200);
    cr_assert(not(client_close_held(&p.client, 1)));
    pair_run(&p, 20 * NS_PER_SEC); /* the holds' ends find nothing to do */
    pair_expects_clean(&p, 200);
    cr_assert(zero(u64, CLIENT_CTR(&p, no_connection)));
    pair_fini(&p);
}

/* The caller carries frames out by what it returns: the last of them too. */
Test(client_load, a_sweep_that_wrote_frames_says_so)
{
    struct pair_opts opts = {.open_max = 5, .client_hold_ns = 10 * NS_PER_SEC};

    pair_init(&p, &opts);
    pair_run(&p, 5 * NS_PER_MS);
    cr_assert(client_close_held(&p.client, 3));
    cr_assert(eq(uint, p.client_box.n_frames, 3));
    cr_assert(client_close_held(&p.client, 100));
    cr_assert(eq(uint, p.client_box.n_frames, 5));
    cr_assert(not(client_close_held(&p.client, 100)));
    cr_assert(eq(uint, p.client_box.n_frames, 5));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 5);
    pair_fini(&p);
}

Test(client_load, a_sweep_resets_where_connections_end_by_reset)
{
    struct pair_opts opts = {
        .open_max = 20, .client_hold_ns = 10 * NS_PER_SEC, .client_close = CLOSE_RST};

    pair_init(&p, &opts);
    pair_run(&p, 5 * NS_PER_MS);
    p.closes_held = true;
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 20));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 20));
    pair_fini(&p);
}

Test(client_load, what_is_established_after_the_sweep_closes_at_once)
{
    struct pair_opts opts = {
        .open_max = 20, .client_hold_ns = 10 * NS_PER_SEC, .duration_ns = 100 * NS_PER_US};

    pair_init(&p, &opts);
    pair_run(&p, 120 * NS_PER_US); /* no SYN-ACK is back yet */
    cr_assert(zero(u64, CLIENT_CTR(&p, established)));
    p.closes_held = true;
    cr_assert(lt(u64, pair_run_out(&p, NS_PER_SEC), 2 * NS_PER_MS));
    pair_expects_clean(&p, 20);
    pair_fini(&p);
}

Test(client_load, a_sweep_leaves_alone_what_the_peer_closes)
{
    struct pair_opts opts = {.open_max = 5,
                             .client_close = CLOSE_PEER,
                             .server_closes = true,
                             .server_hold_ns = 50 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run(&p, 5 * NS_PER_MS);
    p.closes_held = true;
    pair_run(&p, 20 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 5));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 5);
    pair_fini(&p);
}
