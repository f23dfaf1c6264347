/* SPDX-License-Identifier: BSD-3-Clause */
/* Flow control: RFC 9293 3.8.6. */
#include "sim_test.h"

enum { KIB = 1024 };

#define BYTES 400000

static struct sim_opts
slow_reader(enum sim_read read)
{
    struct sim_opts o = sim_plain(BYTES);

    o.hosts[B].tcp.rcv_wnd = 64 * KIB;
    o.hosts[B].app.read = read;
    return o;
}

Test(sim_window, a_reader_that_rests_closes_the_window_and_nothing_is_lost)
{
    struct sim_opts o = slow_reader(SIM_READ_LATER);

    o.hosts[B].app.read_pause_ns = 5 * NS_PER_SEC;
    runs(&o);
    all_arrives();
    /* It goes on when the window opens, and not with the next probe. */
    cr_assert(lt(u64, sim.hosts[B].last_data_ns - sim.opts.start_ns, 5300 * NS_PER_MS));
    cr_assert(lt(u64, 0, counted(A, window_probes)));
    cr_assert(eq(u64, counted(A, rto_timeouts), 0));
}

/* As long as the other side answers, a closed window is no reason to give up (3.8.6.1). */
Test(sim_window, a_closed_window_outlasts_the_data_timeout)
{
    struct sim_opts o = slow_reader(SIM_READ_LATER);

    o.hosts[A].tcp.data_timeout_us = 5000000;
    o.hosts[A].tcp.retries_max = 4;
    o.hosts[B].app.read_pause_ns = 150 * NS_PER_SEC;
    runs(&o);
    all_arrives();
}

Test(sim_window, a_closed_window_whose_owner_vanishes_is_given_up)
{
    struct sim_opts o = slow_reader(SIM_READ_NEVER);

    o.hosts[A].tcp.data_timeout_us = 20000000;
    o.rules[0] = (struct sim_rule){
        .action = SIM_DROP, .from = SIM_FROM_B, .no_flags = RST, .from_ns = 3 * NS_PER_SEC};
    runs(&o);
    cr_assert(eq(u64, sim.hosts[A].n_ends[SIM_END_DATA_TIMEOUT], 1));
}

Test(sim_window, sips_do_not_make_the_window_silly)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct sim_opts o = slow_reader(SIM_READ_SIPS);

        o.seed = seed;
        o.hosts[B].app.sip_max = 3000;
        o.hosts[B].app.read_pause_ns = 2 * NS_PER_MS;
        runs(&o);
        all_arrives();
        /* 3.8.6.2: BYTES are 277 full segments, and a window's end is another. */
        cr_assert(lt(u64, sim.hosts[A].n_payload_segs, 277 + 60), SEED_FMT ", %" PRIu64,
                  sim.opts.seed, sim.hosts[A].n_payload_segs);
    }
}

Test(sim_window, one_byte_at_a_time)
{
    struct sim_opts o = slow_reader(SIM_READ_SIPS);

    o.hosts[A].app.bytes = 150000;
    o.hosts[B].app.sip_max = 1;
    o.hosts[B].app.read_pause_ns = 20 * NS_PER_US;
    runs(&o);
    all_arrives();
    cr_assert(lt(u64, sim.hosts[A].n_payload_segs, 104 + 60));
}

/* The probe asks again (3.8.6.1). */
Test(sim_window, a_lost_window_update_is_found_by_a_probe)
{
    struct sim_opts o = slow_reader(SIM_READ_LATER);

    o.hosts[B].app.read_pause_ns = 2 * NS_PER_SEC;
    o.rules[0] = (struct sim_rule){.action = SIM_DROP,
                                   .from = SIM_FROM_B,
                                   .from_ns = 2020 * NS_PER_MS,
                                   .until_ns = 2030 * NS_PER_MS};
    runs(&o);
    all_arrives();
}

Test(sim_window, every_window_up_to_the_largest)
{
    for (uint32_t wnd = 64 * KIB; wnd <= 4096 * KIB; wnd *= 2) {
        struct sim_opts o = sim_plain(3000000);

        o.is_clean = true;
        o.hosts[B].tcp.rcv_wnd = wnd;
        runs(&o);
        all_arrives();
    }
    for (unsigned i = 0; i < 2; i++) {
        struct sim_opts o = sim_plain(3000000);

        o.is_clean = true;
        o.hosts[B].tcp.buffers_rx = false;
        o.hosts[B].tcp.rcv_wnd = i == 0 ? TCP_RCV_WND_MAX : 70001;
        runs(&o);
        all_arrives();
    }
}

/* -- a peer that takes back what it offered: not to be done, to be endured (3.8.6) ------------- */

static void
halves_window(struct seg *s)
{
    s->window /= 2;
}

static void
closes_window(struct seg *s)
{
    s->window = 0;
}

static void
offers_a_little(struct seg *s)
{
    s->window = s->window > 3 ? 3 : s->window; /* times 128 */
}

Test(sim_window, a_window_that_shrinks_is_obeyed_for_what_is_new)
{
    static void (*const edits[])(struct seg *) = {halves_window, closes_window, offers_a_little};

    for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
        struct sim_opts o = sim_plain(BYTES);

        o.rules[0] = (struct sim_rule){.action = SIM_EDIT,
                                       .from = SIM_FROM_B,
                                       .no_flags = SYN,
                                       .from_ns = 60 * NS_PER_MS,
                                       .until_ns = 900 * NS_PER_MS,
                                       .edit = edits[i]};
        runs(&o);
        all_arrives();
        cr_assert(lt(uint, 0, sim.rules[0].n_fitted));
    }
}

Test(sim_window, a_window_that_flickers)
{
    struct sim_opts o = sim_plain(BYTES);

    for (unsigned i = 0; i < 4; i++)
        o.rules[i] = (struct sim_rule){.action = SIM_EDIT,
                                       .from = SIM_FROM_B,
                                       .no_flags = SYN,
                                       .from_ns = (50 + 20 * i) * NS_PER_MS,
                                       .until_ns = (60 + 20 * i) * NS_PER_MS,
                                       .edit = closes_window};
    runs(&o);
    all_arrives();
}

/* A peer whose window is smaller than a segment for good. */
Test(sim_window, a_window_of_less_than_a_segment)
{
    struct sim_opts o = sim_plain(20000);

    o.rules[0] = (struct sim_rule){
        .action = SIM_EDIT, .from = SIM_FROM_B, .no_flags = SYN, .edit = offers_a_little};
    runs(&o);
    all_arrives();
}
