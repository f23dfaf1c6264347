/* SPDX-License-Identifier: BSD-3-Clause */
/* A path that takes less than its ends: RFC 1191 and RFC 8201. */
#include "sim_test.h"

static struct sim_opts
narrow(uint32_t mtu, bool is_v6)
{
    struct sim_opts o = sim_plain(300000);

    o.is_v6 = is_v6;
    o.links[A].mtu = mtu;
    return o;
}

Test(sim_mtu, smaller_segments_after_an_error)
{
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct sim_opts o = narrow(1300, v6 == 1);

        runs(&o);
        all_arrives();
        cr_assert(eq(u64, counted(A, path_mtu_changes), 1));
        cr_assert(eq(u64, counted(A, rto_timeouts), 0));
    }
}

Test(sim_mtu, both_directions)
{
    struct sim_opts o = narrow(1300, false);

    o.links[B].mtu = 1280;
    o.hosts[B].app.bytes = 200000;
    runs(&o);
    all_arrives();
}

Test(sim_mtu, from_a_jumbo_frame_down)
{
    struct sim_opts o = narrow(1500, false);

    o.hosts[A].mtu = o.hosts[B].mtu = 9000;
    o.hosts[A].tcp.tso_max = 65000;
    runs(&o);
    all_arrives();
}

/* The path was wider at first. */
Test(sim_mtu, an_error_that_comes_late_in_the_transfer)
{
    struct sim_opts o = narrow(1400, false);

    o.hosts[A].app.write = SIM_WRITE_CHUNKS;
    o.hosts[A].app.chunk_max = 1500;
    o.hosts[A].app.write_pause_ns = 10 * NS_PER_MS;
    runs(&o);
    all_arrives();
}

/* RFC 9293 3.7.1: a peer that says nothing takes 536 bytes, or 1220 over IPv6. */
static void
strips_mss(struct seg *s)
{
    s->mss = 0;
}

Test(sim_mtu, a_peer_without_the_mss_option_gets_what_all_can_take)
{
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct sim_opts o = sim_plain(200000);

        o.is_v6 = v6 == 1;
        o.is_clean = true;
        o.hosts[B].app.bytes = 100000;
        o.rules[0] = (struct sim_rule){
            .action = SIM_EDIT, .from = SIM_FROM_B, .flags = SYN, .edit = strips_mss};
        runs(&o);
        all_arrives();
        cr_assert(eq(uint, sim.hosts[A].conn.mss, v6 == 1 ? 1220 : 536));
        cr_assert(eq(uint, sim.hosts[B].conn.mss, v6 == 1 ? 1440 : 1460));
    }
}
