/* SPDX-License-Identifier: BSD-3-Clause */
/* Iterations of two workers by hand, on one thread and a loopback: what happens when one of them
 * could not run for a while. */
#include "app/poll.h"

#include "../conf/conf_rig.h"
#include "app/host_io.h"
#include "app/setup.h"
#include "base/units.h"
#include "io/io.h"

enum { CONNECTIONS = 640 }; /* ten bursts */

static struct conf_rig r;
static struct plan plan;
static struct io io;
static struct setup setup;
static struct schedule schedule;
static struct worker client, server;
static bool client_is_group; /* its segments come from a group address */

static void
init_worker(struct worker *w, unsigned i)
{
    setup_worker(&setup, &schedule, i, &w->opts);
    if (client_is_group)
        w->opts.client.core.emit.src_mac[0] |= 1;
    cr_assert(eq(int, worker_init(w, schedule_now_ns(&schedule)), WORKER_STARTING));
}

/* A closed loop over the loopback, whose client knows its target's MAC. @return the instant. */
static uint64_t
set_up(void)
{
    struct io_opts opts = {.device = "loopback", .eal = "", .lcores = 1};
    uint64_t now_ns = NS_PER_SEC;

    cr_assert(eq(int, rig_finish(&r, "run --connections 640"), 0), "%s", r.fail.text);
    cr_assert(eq(int, plan_make(&plan, &r.conf, NULL, 0, &r.fail), 0), "%s", r.fail.text);
    cr_assert(eq(int, io_open(&io, &opts, &r.fail), 0), "%s", r.fail.text);
    schedule_init(&schedule, 0);
    clock_init(&schedule.clock, NS_PER_SEC, clock_tsc(), now_ns);
    setup_init(&setup, &(struct setup_facts){.conf = &r.conf, .plan = &plan, .io = &io, .seed = 7});
    init_worker(&client, IO_PORT_CLIENT);
    init_worker(&server, IO_PORT_SERVER);
    while (!neigh_all_resolved(&client.hosts[0].neigh)) {
        now_ns += 10 * NS_PER_US;
        poll_once(&client, now_ns);
        poll_once(&server, now_ns);
    }
    host_io_update_macs(&client);
    return now_ns;
}

static void
tear_down(void)
{
    worker_fini(&client);
    worker_fini(&server);
    io_close(&io);
}

/* All have begun; the server has answered, and the client has not looked. */
static uint64_t
begin_all(uint64_t now_ns)
{
    engine_run_from(&client.engine, now_ns);
    while (client.stat.now->counters[CTR_attempted] < CONNECTIONS)
        poll_once(&client, now_ns += 10 * NS_PER_US);
    for (int i = 0; i < 20; i++)
        poll_once(&server, now_ns += 10 * NS_PER_US);
    cr_assert(eq(u64, client.stat.now->counters[CTR_established], 0));
    return now_ns;
}

/* Longer than the retransmission timer of a SYN. */
Test(poll, answers_that_came_during_a_pause_are_in_time, .fini = tear_down)
{
    uint64_t now_ns = begin_all(set_up());

    client.was_paused = true;
    poll_once(&client, now_ns + 2 * NS_PER_SEC);
    cr_assert(eq(u64, client.stat.now->counters[CTR_established], CONNECTIONS));
    cr_assert(eq(u64, client.stat.now->counters[CTR_retransmits], 0));
    cr_assert(eq(u64, client.stat.now->counters[CTR_failed], 0));
}

/* So that the test above shows something: without a pause it is one burst an iteration. */
Test(poll, otherwise_an_iteration_takes_one_burst, .fini = tear_down)
{
    uint64_t now_ns = begin_all(set_up());

    for (int i = 0; i < 3; i++)
        poll_once(&client, now_ns += 10 * NS_PER_US);
    cr_assert(eq(u64, client.stat.now->counters[CTR_established], 2 * IO_BURST));
}

/* What never comes is sent again all the same, as soon as the wheel has come round to it. */
Test(poll, after_a_pause_timers_fire_for_what_was_not_answered, .fini = tear_down)
{
    uint64_t now_ns = set_up();

    engine_run_from(&client.engine, now_ns);
    while (client.stat.now->counters[CTR_attempted] < CONNECTIONS)
        poll_once(&client, now_ns += 10 * NS_PER_US);
    client.was_paused = true;
    for (int i = 0; i < 16; i++) /* 4,096 places of the wheel each */
        poll_once(&client, now_ns + 2 * NS_PER_SEC);
    cr_assert(lt(u64, 0, client.stat.now->counters[CTR_retransmits]));
}

/* An answer would go to all stations of the group. */
Test(poll, segments_from_a_group_address_are_not_answered, .fini = tear_down)
{
    uint64_t now_ns, n_sent;

    client_is_group = true;
    now_ns = set_up();
    n_sent = server.stat.now->counters[CTR_tx_packets];
    begin_all(now_ns);
    cr_assert(eq(u64, server.stat.now->counters[CTR_not_ours], CONNECTIONS));
    cr_assert(eq(u64, server.stat.now->counters[CTR_tx_packets], n_sent));
    cr_assert(zero(u64, server.stat.now->counters[CTR_attempted]));
}
