/* SPDX-License-Identifier: BSD-3-Clause */
/* Losses, and what only looks like them: RFC 8985 (RACK-TLP), RFC 6582 (NewReno) and RFC 6298. */
#include "sim_test.h"

enum { KIB = 1024, MIB = 1024 * 1024, MSS = 1448 };

/* Segment 100 is in the middle of a transfer whose window is wide open. */

static struct sim_opts
loses(uint64_t bytes, uint32_t segment, unsigned n_segments)
{
    struct sim_opts o = sim_plain(bytes);

    o.rules[0] = (struct sim_rule){.action = SIM_DROP,
                                   .from = SIM_FROM_A,
                                   .times = SIM_FIRST_TIME,
                                   .begin = segment * MSS,
                                   .end = segment * MSS + (n_segments - 1) * MSS + 1};
    return o;
}

static void
no_timeout(void)
{
    cr_assert(eq(u64, counted(A, rto_timeouts), 0), SEED_FMT, sim.opts.seed);
}

Test(sim_recovery, one_loss_is_one_fast_retransmit)
{
    struct sim_opts o = loses(MIB, 100, 1);

    runs(&o);
    all_arrives();
    no_timeout();
    cr_assert(eq(u64, counted(A, fast_retransmits), 1));
    cr_assert(eq(u64, counted(A, retransmits), 1));
}

Test(sim_recovery, several_losses_of_one_window_are_sent_again_once_each)
{
    for (unsigned n = 2; n <= 20; n++) {
        struct sim_opts o = loses(MIB, 100, n);

        runs(&o);
        all_arrives();
        no_timeout();
        cr_assert(eq(u64, counted(A, retransmits), n));
    }
}

Test(sim_recovery, every_other_segment_of_a_window_is_lost)
{
    struct sim_opts o = sim_plain(MIB);

    for (unsigned i = 0; i < SIM_RULES_MAX; i++)
        o.rules[i] = (struct sim_rule){.action = SIM_DROP,
                                       .times = SIM_FIRST_TIME,
                                       .begin = (100 + 2 * i) * MSS,
                                       .end = (100 + 2 * i) * MSS + 1};
    runs(&o);
    all_arrives();
    no_timeout();
    cr_assert(eq(u64, counted(A, retransmits), SIM_RULES_MAX));
}

/* Nothing comes after it that could tell: a probe does (7). */
Test(sim_recovery, a_lost_tail_is_repaired_by_a_probe)
{
    struct sim_opts o = sim_plain(20 * MSS);

    o.hosts[A].app.close = SIM_CLOSE_RECEIVED;
    o.hosts[A].app.expects = 1;
    o.hosts[B].app = (struct sim_app_opts){
        .write = SIM_WRITE_ANSWER, .question = 20 * MSS, .bytes = 1, .close = SIM_CLOSE_PEER};
    o.rules[0] = (struct sim_rule){.action = SIM_DROP,
                                   .from = SIM_FROM_A,
                                   .times = SIM_FIRST_TIME,
                                   .begin = 19 * MSS,
                                   .end = 20 * MSS};
    runs(&o);
    all_arrives();
    no_timeout();
    cr_assert(eq(u64, counted(A, tail_loss_probes), 1));
}

Test(sim_recovery, several_lost_segments_at_the_tail_need_no_timeout)
{
    for (unsigned n = 2; n <= 8; n++) {
        struct sim_opts o = sim_plain(40 * MSS);

        o.hosts[A].app.close = SIM_CLOSE_RECEIVED;
        o.hosts[A].app.expects = 1;
        o.hosts[B].app = (struct sim_app_opts){
            .write = SIM_WRITE_ANSWER, .question = 40 * MSS, .bytes = 1, .close = SIM_CLOSE_PEER};
        o.rules[0] = (struct sim_rule){.action = SIM_DROP,
                                       .from = SIM_FROM_A,
                                       .times = SIM_FIRST_TIME,
                                       .begin = (40 - n) * MSS,
                                       .end = 40 * MSS};
        runs(&o);
        all_arrives();
        no_timeout();
    }
}

/* What RACK is for: duplicate ACKs cannot tell of it. */
Test(sim_recovery, a_lost_retransmission_is_found_without_a_timeout)
{
    for (unsigned n = 1; n <= 3; n++) {
        struct sim_opts o = loses(3 * MIB, 100, 1);

        o.hosts[B].tcp.rcv_wnd = 4 * MIB; /* or nothing new could tell of it */
        o.rules[1] = (struct sim_rule){.action = SIM_DROP,
                                       .times = SIM_AGAIN,
                                       .begin = 100 * MSS,
                                       .end = 100 * MSS + 1,
                                       .count = n};
        runs(&o);
        all_arrives();
        no_timeout();
        cr_assert(eq(u64, counted(A, retransmits), 1 + n));
    }
}

Test(sim_recovery, a_window_that_is_lost_as_a_whole_takes_a_timeout)
{
    struct sim_opts o = sim_plain(MIB);

    o.rules[0] = (struct sim_rule){.action = SIM_DROP,
                                   .from = SIM_FROM_A,
                                   .from_ns = 100 * NS_PER_MS,
                                   .until_ns = 180 * NS_PER_MS};
    runs(&o);
    all_arrives();
    cr_assert(lt(u64, 0, counted(A, rto_timeouts) + counted(A, tail_loss_probes)));
}

Test(sim_recovery, the_path_is_gone_for_two_seconds)
{
    for (unsigned from = SIM_FROM_EITHER; from <= SIM_FROM_B; from++) {
        struct sim_opts o = sim_plain(2 * MIB);

        o.hosts[B].app.bytes = 500000;
        o.rules[0] = (struct sim_rule){.action = SIM_DROP,
                                       .from = (enum sim_from)from,
                                       .from_ns = 100 * NS_PER_MS,
                                       .until_ns = 2100 * NS_PER_MS};
        runs(&o);
        all_arrives();
        /* It goes on soon after: the next timeout is no more than twice as far. */
        cr_assert(lt(u64, sim.hosts[A].shadow.fin_ns - sim.opts.start_ns, 6 * NS_PER_SEC));
    }
}

/* 6.2 step 4: once it is known that segments overtake each other, there is some patience. */
Test(sim_recovery, reordering_without_loss_is_found_out)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct sim_opts o = sim_plain(10 * MIB);

        o.seed = seed;
        o.links[A].reorder_ppm = 10000;
        o.links[A].reorder_ns = 2 * NS_PER_MS; /* a tenth of the round trip */
        runs(&o);
        all_arrives();
        no_timeout();
        /* 7241 segments, 72 of them late. */
        cr_assert(lt(u64, counted(A, retransmits), 20), SEED_FMT ", %" PRIu64, sim.opts.seed,
                  counted(A, retransmits));
    }
}

Test(sim_recovery, a_storm_of_duplicates_is_no_loss)
{
    for (unsigned n = 1; n <= 5; n += 2) {
        struct sim_opts o = sim_plain(2 * MIB);

        o.rules[0] = (struct sim_rule){.action = SIM_REPEAT, .from = SIM_FROM_A, .copies = n};
        o.rules[1] = (struct sim_rule){.action = SIM_REPEAT, .from = SIM_FROM_B, .copies = n};
        runs(&o);
        all_arrives();
        no_timeout();
        cr_assert(eq(u64, counted(A, retransmits), 0));
    }
}

/* Every ACK but a few gets lost: those that arrive acknowledge the rest. */
Test(sim_recovery, lost_acks_cost_little)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct sim_opts o = sim_plain(3 * MIB);

        o.seed = seed;
        o.links[B].loss_ppm = 300000;
        o.hosts[A].app.close = SIM_CLOSE_WRITTEN;
        runs(&o);
        all_arrives();
        cr_assert(le(u64, counted(A, retransmits), 40), SEED_FMT ", %" PRIu64, sim.opts.seed,
                  counted(A, retransmits));
    }
}

static void
strips_sack(struct seg *s)
{
    s->options &= (uint8_t)~SEG_OPT_SACK_OK;
}

static struct sim_opts
without_sack(struct sim_opts o)
{
    o.rules[SIM_RULES_MAX - 1] = (struct sim_rule){0};
    for (unsigned i = SIM_RULES_MAX - 1; i > 0; i--)
        o.rules[i] = o.rules[i - 1];
    o.rules[0] = (struct sim_rule){.action = SIM_EDIT, .flags = SYN, .edit = strips_sack};
    return o;
}

Test(sim_recovery, one_loss_without_sack_is_found_by_duplicate_acks)
{
    struct sim_opts o = without_sack(loses(MIB, 100, 1));

    runs(&o);
    all_arrives();
    no_timeout();
    cr_assert(eq(u64, counted(A, retransmits), 1));
}

/* One a round trip, by partial acknowledgements (RFC 6582 3.2). */
Test(sim_recovery, several_losses_without_sack_need_no_timeout)
{
    for (unsigned n = 2; n <= 5; n++) {
        struct sim_opts o = without_sack(loses(MIB, 100, n));

        runs(&o);
        all_arrives();
        no_timeout();
        cr_assert(eq(u64, counted(A, retransmits), n));
    }
}

Test(sim_recovery, a_lossy_path_without_sack_loses_nothing)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sim_opts o = without_sack(sim_plain(300000));

        o.seed = seed;
        o.links[A].loss_ppm = o.links[B].loss_ppm = 50000;
        o.hosts[A].tcp.close_timeout_us = o.hosts[B].tcp.close_timeout_us = 600000000;
        runs(&o);
        all_arrives();
    }
}

static void
strips_timestamps(struct seg *s)
{
    s->options &= (uint8_t)~SEG_OPT_TS;
}

Test(sim_recovery, a_peer_without_timestamps)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sim_opts o = sim_plain(300000);

        o.seed = seed;
        o.links[A].loss_ppm = o.links[B].loss_ppm = 50000;
        o.hosts[A].tcp.close_timeout_us = o.hosts[B].tcp.close_timeout_us = 600000000;
        o.rules[0] = (struct sim_rule){.action = SIM_EDIT, .flags = SYN, .edit = strips_timestamps};
        runs(&o);
        all_arrives();
    }
}

/* RFC 2018 8: what was acknowledged selectively may be taken back. Nothing but the blocks ever says
 * that it was there. */
static void
lies_about_sack(struct seg *s)
{
    if ((s->options & SEG_OPT_SACK) != 0) {
        s->n_sack = 1;
        s->sack[0].begin = s->ack + MSS;
        s->sack[0].end = s->ack + 20 * MSS;
    }
}

Test(sim_recovery, selective_acknowledgements_that_are_not_true_end_in_a_timeout_and_no_loss)
{
    struct sim_opts o = loses(MIB, 100, 5);

    o.rules[1] = (struct sim_rule){.action = SIM_EDIT,
                                   .from = SIM_FROM_B,
                                   .payload = SIM_EMPTY,
                                   .count = 30,
                                   .skip = 60,
                                   .edit = lies_about_sack};
    runs(&o);
    all_arrives();
}

static bool
arrives_in_spite_of(uint32_t loss_ppm, uint64_t seed)
{
    struct sim_opts o = sim_plain(200000);

    o.seed = seed;
    o.links[A].loss_ppm = o.links[B].loss_ppm = loss_ppm;
    for (unsigned i = 0; i < 2; i++) {
        o.hosts[i].tcp.connect_timeout_us = 600 * 1000000;
        o.hosts[i].tcp.close_timeout_us = 600 * 1000000;
        o.hosts[i].tcp.data_timeout_us = 600 * 1000000;
        o.hosts[i].tcp.retries_max = 50;
        o.hosts[i].app.patience_ns = 1000 * NS_PER_SEC;
    }
    runs(&o);
    return sim.hosts[B].received == 200000;
}

Test(sim_recovery, heavy_loss_both_ways)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        cr_assert(arrives_in_spite_of(200000, seed), SEED_FMT, sim.opts.seed);
        cr_assert(arrives_in_spite_of(300000, seed), SEED_FMT, sim.opts.seed);
    }
}

Test(sim_recovery, corrupted_frames_are_lost_frames)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct sim_opts o = sim_plain(MIB);

        o.seed = seed;
        o.is_v6 = seed % 2 == 0;
        o.links[A].corrupt_ppm = o.links[B].corrupt_ppm = 20000;
        runs(&o);
        all_arrives();
        cr_assert(lt(u64, 0, counted(B, bad_checksum) + counted(B, bad_header)));
    }
}
