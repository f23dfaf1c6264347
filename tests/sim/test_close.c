/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of connections that carried payload. */
#include "sim_test.h"

#define A_SENDS 50000
#define B_SENDS 30000

static struct sim_opts
both_write(enum sim_close a, enum sim_close b)
{
    struct sim_opts o = sim_plain(A_SENDS);

    o.hosts[A].app.close = a;
    o.hosts[A].app.expects = B_SENDS;
    o.hosts[B].app.bytes = B_SENDS;
    o.hosts[B].app.close = b;
    o.hosts[B].app.expects = A_SENDS;
    return o;
}

Test(sim_close, whoever_closes_first_both_get_all)
{
    static const enum sim_close ways[][2] = {
        {SIM_CLOSE_WRITTEN, SIM_CLOSE_PEER},     {SIM_CLOSE_PEER, SIM_CLOSE_WRITTEN},
        {SIM_CLOSE_WRITTEN, SIM_CLOSE_WRITTEN},  {SIM_CLOSE_RECEIVED, SIM_CLOSE_PEER},
        {SIM_CLOSE_PEER, SIM_CLOSE_RECEIVED},    {SIM_CLOSE_RECEIVED, SIM_CLOSE_RECEIVED},
        {SIM_CLOSE_WRITTEN, SIM_CLOSE_RECEIVED}, {SIM_CLOSE_RECEIVED, SIM_CLOSE_WRITTEN},
    };

    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct sim_opts o = both_write(ways[i][0], ways[i][1]);

        o.is_clean = true;
        runs(&o);
        all_arrives();
    }
}

Test(sim_close, the_first_fin_is_lost)
{
    for (unsigned from = SIM_FROM_A; from <= SIM_FROM_B; from++) {
        struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_PEER);

        o.rules[0] = (struct sim_rule){
            .action = SIM_DROP, .from = (enum sim_from)from, .flags = FIN, .count = 1};
        runs(&o);
        all_arrives();
    }
}

Test(sim_close, both_first_fins_are_lost_and_crossed)
{
    struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_WRITTEN);

    o.hosts[B].app.bytes = A_SENDS;
    o.rules[0] =
        (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_A, .flags = FIN, .count = 1};
    o.rules[1] =
        (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_B, .flags = FIN, .count = 1};
    runs(&o);
    all_arrives();
}

/* A FIN without payload before it goes without a stream; the payload that comes then needs one. */
Test(sim_close, a_lost_fin_that_went_out_before_the_first_payload_came)
{
    for (unsigned n = 1; n <= 3; n++) {
        struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_WRITTEN);

        o.hosts[A].app.bytes = 0;
        o.rules[0] =
            (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_A, .flags = FIN, .count = n};
        runs(&o);
        all_arrives();
        cr_assert(eq(u64, sim.hosts[A].received, B_SENDS));
    }
}

Test(sim_close, the_fin_arrives_before_the_payload_it_follows)
{
    struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_PEER);

    o.rules[0] = (struct sim_rule){.action = SIM_HOLD,
                                   .from = SIM_FROM_A,
                                   .begin = A_SENDS - 10000,
                                   .end = A_SENDS - 2000,
                                   .times = SIM_FIRST_TIME,
                                   .hold_ns = 3 * NS_PER_MS};
    runs(&o);
    all_arrives();
}

Test(sim_close, the_payload_before_the_fin_is_lost)
{
    struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_PEER);

    o.rules[0] = (struct sim_rule){.action = SIM_DROP,
                                   .from = SIM_FROM_A,
                                   .begin = A_SENDS - 6000,
                                   .end = A_SENDS - 5900,
                                   .count = 1};
    runs(&o);
    all_arrives();
    cr_assert(eq(u64, counted(A, rto_timeouts), 0));
}

/* TIME-WAIT says it again. */
Test(sim_close, the_last_ack_is_lost)
{
    struct sim_opts o = sim_plain(A_SENDS);

    o.rules[0] =
        (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_B, .flags = FIN, .count = 1};
    o.rules[1] = (struct sim_rule){.action = SIM_DROP,
                                   .from = SIM_FROM_A,
                                   .payload = SIM_EMPTY,
                                   .no_flags = FIN,
                                   .skip = 1,
                                   .count = 1};
    runs(&o);
    all_arrives();
}

Test(sim_close, every_single_lost_segment_of_a_whole_connection)
{
    for (unsigned from = SIM_FROM_A; from <= SIM_FROM_B; from++) {
        for (unsigned skip = 0; skip < 60; skip++) {
            struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_RECEIVED);

            o.rules[0] = (struct sim_rule){
                .action = SIM_DROP, .from = (enum sim_from)from, .skip = skip, .count = 1};
            runs(&o);
            all_arrives();
        }
    }
}

Test(sim_close, every_single_segment_held_back_behind_the_others)
{
    for (unsigned from = SIM_FROM_A; from <= SIM_FROM_B; from++) {
        for (unsigned skip = 0; skip < 60; skip++) {
            struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_RECEIVED);

            o.rules[0] = (struct sim_rule){.action = SIM_HOLD,
                                           .from = (enum sim_from)from,
                                           .skip = skip,
                                           .count = 1,
                                           .hold_ns = 35 * NS_PER_MS};
            runs(&o);
            all_arrives();
        }
    }
}

Test(sim_close, a_reset_in_the_middle_ends_both)
{
    struct sim_opts o = both_write(SIM_CLOSE_RST, SIM_CLOSE_PEER);

    o.hosts[A].app.close_ns = 45 * NS_PER_MS;
    o.hosts[A].app.bytes = 1000000;
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_ABORTED], 1));
    cr_assert(eq(u64, sim.hosts[B].n_ends[SIM_END_RESET], 1));
    cr_assert(lt(u64, 0, sim.hosts[B].received));
}

/* What arrived in order before it is there to be read. */
Test(sim_close, a_reset_does_not_take_back_what_was_delivered)
{
    struct sim_opts o = both_write(SIM_CLOSE_RST, SIM_CLOSE_PEER);

    o.hosts[A].app.bytes = 20000;
    o.hosts[A].app.close_ns = 200 * NS_PER_MS;
    o.hosts[B].app.read = SIM_READ_NEVER;
    runs(&o);
    cr_assert(eq(u64, sim.hosts[B].n_ends[SIM_END_RESET], 1));
    cr_assert(eq(u64, sim.hosts[B].app.read, 20000));
}

/* The other end finds out by sending. */
Test(sim_close, a_lost_reset_is_made_up_for_by_the_next_segment)
{
    struct sim_opts o = both_write(SIM_CLOSE_PEER, SIM_CLOSE_RST);

    o.hosts[A].app.bytes = 1000000;
    o.hosts[B].app.close_ns = 50 * NS_PER_MS;
    o.rules[0] =
        (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_B, .flags = RST, .count = 1};
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_RESET], 1));
}

Test(sim_close, a_peer_that_vanishes_is_given_up_after_the_data_timeout)
{
    struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_WRITTEN);

    o.hosts[A].tcp.data_timeout_us = 7000000;
    o.hosts[A].app.bytes = 1000000;
    o.rules[0] = (struct sim_rule){.action = SIM_DROP, .from_ns = 100 * NS_PER_MS};
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_DATA_TIMEOUT], 1));
}

Test(sim_close, a_peer_that_vanishes_is_given_up_after_so_many_timeouts)
{
    struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_WRITTEN);

    o.hosts[A].tcp.retries_max = 4;
    o.hosts[A].app.bytes = 1000000;
    o.rules[0] = (struct sim_rule){.action = SIM_DROP, .from_ns = 100 * NS_PER_MS};
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_DATA_TIMEOUT], 1));
    cr_assert(eq(u64, counted(A, rto_timeouts), 4));
}

Test(sim_close, a_fin_that_nobody_acknowledges_is_given_up_after_the_close_timeout)
{
    struct sim_opts o = both_write(SIM_CLOSE_RECEIVED, SIM_CLOSE_PEER);

    /* B goes on for a while, so that the FIN goes alone. */
    o.hosts[A].app.expects = o.hosts[B].app.bytes = 1000000;
    o.rules[0] = (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_A, .flags = FIN};
    o.hosts[A].tcp.close_timeout_us = 4000000;
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_CLOSE_TIMEOUT], 1));
}

Test(sim_close, a_peer_that_never_closes_is_given_up_after_the_close_timeout)
{
    struct sim_opts o = both_write(SIM_CLOSE_WRITTEN, SIM_CLOSE_NEVER);

    o.hosts[A].tcp.close_timeout_us = 4000000;
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_PEER_TIMEOUT], 1));
    cr_assert(eq(u64, sim.hosts[A].received, B_SENDS));
}
