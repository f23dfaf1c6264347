/* SPDX-License-Identifier: BSD-3-Clause */
/* Every script over a path that loses nothing: all arrives, and nothing is sent twice. */
#include "sim_test.h"

enum { KIB = 1024, MIB = 1024 * 1024 };

static struct sim_opts
clean(uint64_t bytes)
{
    struct sim_opts o = sim_plain(bytes);

    o.is_clean = true;
    return o;
}

Test(sim_transfer, one_byte_arrives)
{
    struct sim_opts o = clean(1);

    runs(&o);
    all_arrives();
    cr_assert(eq(u64, sim.hosts[B].received, 1));
}

Test(sim_transfer, a_megabyte_arrives_in_order)
{
    struct sim_opts o = clean(MIB);

    runs(&o);
    all_arrives();
    cr_assert(eq(u64, sim.hosts[B].received, MIB));
}

Test(sim_transfer, what_is_only_counted_is_counted_in_full)
{
    struct sim_opts o = clean(MIB);

    o.hosts[A].tcp.buffers_rx = o.hosts[B].tcp.buffers_rx = false;
    runs(&o);
    all_arrives();
    cr_assert(eq(u64, counted(B, rx_payload_bytes), MIB));
}

Test(sim_transfer, both_directions_at_once)
{
    struct sim_opts o = clean(MIB);

    o.hosts[B].app.bytes = 700001;
    o.hosts[B].app.close = SIM_CLOSE_WRITTEN;
    runs(&o);
    all_arrives();
    cr_assert(eq(u64, sim.hosts[A].received, 700001));
}

Test(sim_transfer, ipv6)
{
    struct sim_opts o = clean(300000);

    o.is_v6 = true;
    o.hosts[B].app.bytes = 300000;
    runs(&o);
    all_arrives();
}

Test(sim_transfer, an_echo_gives_everything_back)
{
    struct sim_opts o = clean(400000);

    o.hosts[A].app.close = SIM_CLOSE_RECEIVED;
    o.hosts[A].app.expects = 400000;
    o.hosts[B].app.write = SIM_WRITE_ECHO;
    runs(&o);
    all_arrives();
    cr_assert(eq(u64, sim.hosts[A].received, 400000));
}

Test(sim_transfer, an_answer_follows_the_question)
{
    struct sim_opts o = clean(500);

    o.hosts[A].app.close = SIM_CLOSE_RECEIVED;
    o.hosts[A].app.expects = MIB;
    o.hosts[B].app = (struct sim_app_opts){
        .write = SIM_WRITE_ANSWER, .question = 500, .bytes = MIB, .close = SIM_CLOSE_PEER};
    runs(&o);
    all_arrives();
    cr_assert(eq(u64, sim.hosts[A].received, MIB));
}

Test(sim_transfer, chunks_at_random_instants)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sim_opts o = clean(200000);

        o.seed = seed;
        o.hosts[A].app.write = SIM_WRITE_CHUNKS;
        o.hosts[A].app.chunk_max = 5000;
        o.hosts[A].app.write_pause_ns = 20 * NS_PER_MS;
        o.hosts[A].tcp.nagle = seed % 2 == 0;
        runs(&o);
        all_arrives();
    }
}

Test(sim_transfer, a_side_that_has_closed_goes_on_receiving)
{
    struct sim_opts o = clean(0);

    o.hosts[B].app.bytes = 3 * MIB;
    o.hosts[B].app.close = SIM_CLOSE_WRITTEN;
    runs(&o);
    all_arrives();
    cr_assert(eq(u64, sim.hosts[A].received, 3 * MIB));
}

/* Longer than the close may take: it is alive. */
Test(sim_transfer, a_side_that_has_closed_receives_for_as_long_as_there_is_something)
{
    struct sim_opts o = clean(0);

    o.hosts[A].tcp.close_timeout_us = 2000000;
    o.hosts[B].app = (struct sim_app_opts){.write = SIM_WRITE_CHUNKS,
                                           .bytes = 100000,
                                           .chunk_max = 1000,
                                           .write_pause_ns = 500 * NS_PER_MS};
    runs(&o);
    all_arrives();
    cr_assert(lt(u64, 20 * NS_PER_SEC, sim.now_ns - sim.opts.start_ns));
}

/* Longer than payload may wait: it is the sender's matter. */
Test(sim_transfer, a_receiver_has_no_timeout)
{
    struct sim_opts o = clean(100000);

    o.hosts[B].tcp.data_timeout_us = 2000000;
    o.hosts[A].app.write = SIM_WRITE_CHUNKS;
    o.hosts[A].app.chunk_max = 1000;
    o.hosts[A].app.write_pause_ns = 500 * NS_PER_MS;
    runs(&o);
    all_arrives();
}

Test(sim_transfer, both_open_at_once)
{
    struct sim_opts o = clean(100000);

    o.hosts[B].n_opens = 1;
    o.hosts[B].app.bytes = 50000;
    runs(&o);
    all_arrives();
    cr_assert(eq(u64, sim.hosts[A].received, 50000));
}

Test(sim_transfer, connections_follow_each_other_on_one_stream)
{
    struct sim_opts o = clean(30000);

    o.hosts[A].n_opens = 200;
    o.hosts[B].app.bytes = 2000;
    runs(&o);
    all_arrives();
    cr_assert(eq(uint, sim.hosts[A].n_begun, 200));
    cr_assert(eq(u64, sim.hosts[B].received, 200 * 30000));
}

Test(sim_transfer, the_port_may_cut_segments)
{
    struct sim_opts o = clean(3 * MIB);

    o.hosts[A].tcp.tso_max = 65000;
    runs(&o);
    all_arrives();
}

Test(sim_transfer, a_worker_with_one_room_at_a_time)
{
    struct sim_opts o = clean(MIB);

    o.hosts[A].rooms = o.hosts[B].rooms = 1;
    runs(&o);
    all_arrives();
}

/* Within the transfer, wherever in it. */
Test(sim_transfer, sequence_numbers_wrap)
{
    static const uint32_t wraps[] = {0, 0x80000000};
    static const uint32_t before[] = {0,    1,     2,     1447,   1448,  1449,
                                      1450, 50000, 99999, 100000, 100001};

    for (size_t w = 0; w < ARRAY_LEN(wraps); w++) {
        for (size_t i = 0; i < ARRAY_LEN(before); i++) {
            struct sim_opts o = clean(100000);

            o.hosts[A].iss = wraps[w] - before[i] - 1;
            o.hosts[B].iss = wraps[w] - before[ARRAY_LEN(before) - 1 - i] - 1;
            o.hosts[B].app.bytes = 100000;
            runs(&o);
            all_arrives();
        }
    }
}

/* The clocks of RFC 7323 and of the engine's instants, in each part of the transfer. */
Test(sim_transfer, clocks_wrap)
{
    static const uint64_t wraps_ns[] = {
        (UINT64_C(1) << 32) * NS_PER_US, (UINT64_C(1) << 31) * NS_PER_US,
        (UINT64_C(1) << 32) * NS_PER_MS, (UINT64_C(1) << 31) * NS_PER_MS};

    for (size_t w = 0; w < ARRAY_LEN(wraps_ns); w++) {
        for (uint64_t before_ms = 0; before_ms < 300; before_ms += 7) {
            struct sim_opts o = clean(300000);

            o.start_ns = wraps_ns[w] - before_ms * NS_PER_MS;
            o.hosts[A].app.write = SIM_WRITE_CHUNKS;
            o.hosts[A].app.chunk_max = 30000;
            o.hosts[A].app.write_pause_ns = 30 * NS_PER_MS;
            runs(&o);
            all_arrives();
        }
    }
}

Test(sim_transfer, every_algorithm_and_peers_of_every_kind)
{
    for (unsigned cc = 0; cc < CC_ALGORITHMS; cc++) {
        struct sim_opts o = clean(MIB);

        o.hosts[A].tcp.cc = cc_algorithms[cc];
        o.hosts[A].tcp.cc_opts.fixed_window = 100000;
        runs(&o);
        all_arrives();
    }
}

/* A full pipe: 100 Mbit/s and 20 ms are 250 kB; what the window allows is what there is. */
Test(sim_transfer, a_bottleneck_with_room_in_its_queue_is_filled)
{
    struct sim_opts o = sim_plain(20 * MIB);
    uint64_t done_ns;

    o.links[A].rate_bps = 100000000;
    o.links[A].queue_bytes = 500000;
    o.hosts[B].tcp.rcv_wnd = 512 * KIB;
    runs(&o);
    all_arrives();
    done_ns = sim.hosts[A].shadow.fin_ns - sim.opts.start_ns;
    cr_assert(eq(u64, counted(A, retransmits), 0));
    /* 20 MiB at 100 Mbit/s with 4 % of headers take 1.75 s. */
    cr_assert(lt(u64, done_ns, 2100 * NS_PER_MS), "%" PRIu64 " ns", done_ns);
}

/* Memory for payload runs out and comes back: what had no room is as if it had been lost. */
Test(sim_transfer, each_kind_of_memory_may_be_missing_for_a_while)
{
    for (unsigned in = 1; in < 8; in++) {
        for (unsigned host = A; host <= B; host++) {
            struct sim_opts o = sim_plain(100000);

            o.hosts[host].poor_in = in;
            o.hosts[host].poor_ns = 700 * NS_PER_MS;
            o.hosts[B].app.bytes = 50000;
            o.links[A].loss_ppm = o.links[B].loss_ppm = 20000;
            runs(&o);
            all_arrives();
        }
    }
}
