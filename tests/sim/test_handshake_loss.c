/* SPDX-License-Identifier: BSD-3-Clause */
/* The handshake over a path that loses its segments, with payload behind it. */
#include "sim_test.h"

static void
plain_arrives(struct sim_opts *o)
{
    runs(o);
    all_arrives();
}

Test(sim_handshake, a_lost_syn_comes_again_after_a_second)
{
    struct sim_opts o = sim_plain(10000);

    o.rules[0] =
        (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_A, .flags = SYN, .count = 1};
    plain_arrives(&o);
    cr_assert(eq(u64, counted(A, retransmits), 1));
}

Test(sim_handshake, a_lost_syn_ack_comes_again)
{
    struct sim_opts o = sim_plain(10000);

    o.rules[0] =
        (struct sim_rule){.action = SIM_DROP, .from = SIM_FROM_B, .flags = SYN, .count = 1};
    plain_arrives(&o);
}

/* The payload carries the same acknowledgement. */
Test(sim_handshake, payload_completes_a_handshake_whose_ack_was_lost)
{
    struct sim_opts o = sim_plain(10000);

    o.hosts[A].tcp.piggyback = false;
    o.rules[0] = (struct sim_rule){
        .action = SIM_DROP, .from = SIM_FROM_A, .flags = ACK, .payload = SIM_EMPTY, .count = 1};
    plain_arrives(&o);
    cr_assert(eq(u64, counted(B, retransmits), 0));
    cr_assert(eq(u64, counted(A, retransmits), 0));
}

Test(sim_handshake, payload_that_overtakes_the_ack_is_taken)
{
    struct sim_opts o = sim_plain(10000);

    o.hosts[A].tcp.piggyback = false;
    o.rules[0] = (struct sim_rule){.action = SIM_HOLD,
                                   .from = SIM_FROM_A,
                                   .flags = ACK,
                                   .payload = SIM_EMPTY,
                                   .count = 1,
                                   .hold_ns = 5 * NS_PER_MS};
    plain_arrives(&o);
    cr_assert(eq(u64, counted(A, retransmits), 0));
}

/* The first flight and the ACK before it: the SYN-ACK comes again, and the sender's timer runs. */
Test(sim_handshake, all_that_follows_the_syn_ack_is_lost)
{
    struct sim_opts o = sim_plain(30000);

    o.rules[0] = (struct sim_rule){
        .action = SIM_DROP, .from = SIM_FROM_A, .no_flags = SYN, .until_ns = 500 * NS_PER_MS};
    plain_arrives(&o);
}

/* The first one arrives when the connection carries payload already. */
Test(sim_handshake, a_syn_ack_held_back_behind_payload_is_acknowledged_and_forgotten)
{
    struct sim_opts o = sim_plain(10000);

    o.hosts[B].app.bytes = 10000;
    o.rules[0] = (struct sim_rule){.action = SIM_HOLD,
                                   .from = SIM_FROM_B,
                                   .flags = SYN,
                                   .count = 1,
                                   .hold_ns = 1100 * NS_PER_MS};
    plain_arrives(&o);
}

Test(sim_handshake, a_repeated_syn_ack_does_no_harm)
{
    struct sim_opts o = sim_plain(10000);

    o.rules[0] =
        (struct sim_rule){.action = SIM_REPEAT, .from = SIM_FROM_B, .flags = SYN, .copies = 5};
    plain_arrives(&o);
    cr_assert(eq(u64, counted(A, retransmits), 0));
}

/* RFC 9293 figure 12: it comes after the end of the connection it belongs to. */
Test(sim_handshake, an_old_syn_opens_nothing_that_lasts)
{
    struct sim_opts o = sim_plain(1000);

    o.rules[0] = (struct sim_rule){
        .action = SIM_REPEAT, .from = SIM_FROM_A, .flags = SYN, .count = 1, .copies = 1};
    o.rules[1] = (struct sim_rule){.action = SIM_HOLD,
                                   .from = SIM_FROM_A,
                                   .flags = SYN,
                                   .count = 1,
                                   .hold_ns = 900 * NS_PER_MS};
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_CLOSED], 1));
    cr_assert(eq(u64, sim.hosts[B].n_ends[SIM_END_CLOSED], 1));
}

Test(sim_handshake, nothing_gets_through_and_it_is_given_up_in_time)
{
    struct sim_opts o = sim_plain(1000);

    o.rules[0] = (struct sim_rule){.action = SIM_DROP};
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_OPEN_TIMEOUT], 1));
    cr_assert(ge(u64, sim_elapsed_ns(&sim), 10 * NS_PER_SEC));
    cr_assert(lt(u64, sim_elapsed_ns(&sim), 10 * NS_PER_SEC + NS_PER_MS));
}

Test(sim_handshake, both_open_at_once_and_each_lost_segment_comes_again)
{
    for (unsigned skip = 0; skip < 6; skip++) {
        for (unsigned from = SIM_FROM_A; from <= SIM_FROM_B; from++) {
            struct sim_opts o = sim_plain(20000);

            o.hosts[B].n_opens = 1;
            o.hosts[B].app.bytes = 5000;
            o.rules[0] = (struct sim_rule){
                .action = SIM_DROP, .from = (enum sim_from)from, .skip = skip, .count = 1};
            plain_arrives(&o);
        }
    }
}

/* Peers that know less: each option taken from the SYN, and all of them. */
static unsigned stripped;

static void
strips(struct seg *s)
{
    s->options &= (uint8_t)~stripped;
    if ((stripped & SEG_OPT_WSCALE) != 0)
        s->wscale = 0;
}

Test(sim_handshake, peers_with_fewer_options_get_all_of_it)
{
    for (stripped = 0; stripped < 8; stripped++) {
        struct sim_opts o = sim_plain(200000);

        o.is_clean = true;
        o.hosts[B].app.bytes = 100000;
        o.rules[0] =
            (struct sim_rule){.action = SIM_EDIT, .from = SIM_FROM_A, .flags = SYN, .edit = strips};
        plain_arrives(&o);
        cr_assert(eq(uint, sim.hosts[A].conn.options & stripped & 7, 0));
    }
}
