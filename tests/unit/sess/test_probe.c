/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether our addresses are another's: asked before they are used. */
#include "host_rig.h"

static const struct ip_range FEW[] = {
    {.first = V4(198, 18, 0, 10), .count = 2, .prefix_len = 15},
    {.first = V6(0x10), .count = 1, .prefix_len = 48},
};

/* A host that begins to ask for @n_local ranges of @local. */
static void
rig_probing(const struct ip_range *local, bool sends)
{
    struct host_opts opts = OPTS;

    opts.local = local;
    opts.n_local = 2;
    stat_init(&stat, 0);
    host_init(&host, &opts);
    cr_assert(ne(u32, host_route(&host, &PEER), NEIGH_NONE));
    host_probe_begin(&host, 0, sends);
}

/* Write all that is due until @until_ns. @return how many frames. */
static unsigned
run_until(uint64_t until_ns, uint64_t *last_ns)
{
    unsigned n = 0;

    for (uint64_t now_ns; (now_ns = host_deadline_ns(&host)) <= until_ns; *last_ns = now_ns) {
        cr_assert(lt(sz, 0, host_output(&host, now_ns, out, sizeof(out))));
        n++;
    }
    return n;
}

Test(probe, an_arp_probe_comes_from_no_address)
{
    static const uint8_t probe[42] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0,   1,  8, 6,
                                      0,   1,   8,   0,   6,   4,   0, 1, 2, 0, 0,   0,  0, 1,
                                      0,   0,   0,   0,   0,   0,   0, 0, 0, 0, 198, 18, 0, 10};

    rig_probing(FEW, true);
    cr_assert(eq(sz, host_output(&host, 0, out, sizeof(out)), 42));
    cr_assert(eq(int, memcmp(out, probe, 42), 0));
}

Test(probe, each_address_is_asked_for_once_in_order_and_then_time_is_left_to_answer)
{
    uint64_t last_ns = 0;
    struct icmp_msg m;
    struct packet p;

    rig_probing(FEW, true);
    cr_assert(eq(uint, run_until(S(10), &last_ns), 3));
    p = parse(out, 78, -1);
    icmp_parse(&p, &m);
    cr_assert(eq(int, m.kind, ICMP_KIND_NEIGH_SOLICIT));
    cr_assert(ip_equal(&m.neigh.target, &US6));
    cr_assert(ip_equal(&p.src, &ANY6));
    cr_assert(not(m.neigh.has_mac));
    cr_assert(eq(u64, last_ns, 2 * ADDRESS_WALK_SPACING_NS));
    cr_assert(not(host_has_probed(&host, last_ns + PROBE_WAIT_NS - 1)));
    cr_assert(host_has_probed(&host, last_ns + PROBE_WAIT_NS));
}

Test(probe, of_many_only_the_first_are_asked_for_in_less_than_a_second)
{
    uint64_t last_ns = 0;

    rig_probing(LOCAL, true);
    cr_assert(eq(uint, run_until(S(10), &last_ns), ADDRESS_WALK_MAX));
    cr_assert(host_has_probed(&host, S(1)));
}

Test(probe, who_was_late_does_not_ask_for_all_at_once)
{
    struct ip_addr addr;
    struct probe p;
    unsigned n = 0;

    probe_begin(&p, 0, true, LOCAL, 2);
    while (probe_due(&p, S(100), LOCAL, 2, &addr))
        n++;
    cr_assert(eq(uint, n, 10 * NS_PER_MS / ADDRESS_WALK_SPACING_NS + 1));
}

Test(probe, one_who_only_listens_waits_as_long)
{
    uint64_t last_ns = 0;

    rig_probing(FEW, false);
    cr_assert(zero(uint, run_until(S(10), &last_ns)));
    cr_assert(not(host_has_probed(&host, PROBE_WAIT_NS)));
    cr_assert(host_has_probed(&host, PROBE_WAIT_NS + 3 * ADDRESS_WALK_SPACING_NS));
}

Test(probe, who_has_the_address_or_wants_it_too_is_a_conflict)
{
    rig_probing(FEW, true);
    receive_arp(OUR_MAC, 2, PEER_MAC, US, ANY);
    cr_assert(eq(u64, host.conflicts, 1));
    cr_assert(same_mac(host.claimed_by_mac, PEER_MAC));
    cr_assert(zero(sz, receive_arp(BROADCAST, 1, OTHER_MAC, ANY, US)));
    cr_assert(eq(u64, host.conflicts, 2));
    cr_assert(same_mac(host.claimed_by_mac, OTHER_MAC));
    receive(advertise(0x20, US6, PEER_MAC, ALL_NODES));
    cr_assert(eq(u64, host.conflicts, 3));
    cr_assert(ip_equal(&host.claimed, &US6));
    cr_assert(zero(sz, receive(solicit(&ANY6, &US6, NULL))));
    cr_assert(eq(u64, host.conflicts, 4));
}

Test(probe, until_it_is_over_nothing_is_said_of_the_addresses_and_no_next_hop_asked_for)
{
    rig_probing(FEW, false);
    cr_assert(zero(sz, receive_arp(BROADCAST, 1, PEER_MAC, PEER, US)));
    cr_assert(zero(sz, receive(solicit(&PEER6, &US6, NULL))));
    cr_assert(zero(sz, host_output(&host, S(1), out, sizeof(out))));
    cr_assert(zero(u64, host.conflicts));
    host_probe_end(&host);
    cr_assert(lt(sz, 0, receive_arp(BROADCAST, 1, PEER_MAC, PEER, US)));
    cr_assert(lt(sz, 0, receive(solicit(&PEER6, &US6, NULL))));
    cr_assert(lt(sz, 0, host_output(&host, S(1), out, sizeof(out))));
    cr_assert(lt(sz, 0, receive_arp(BROADCAST, 1, OTHER_MAC, ANY, US))); /* defended */
    cr_assert(zero(u64, host.conflicts));
}
