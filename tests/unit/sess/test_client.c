/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections from the first SYN to the last ACK: both engines, a link that loses nothing. */
#include "pair_rig.h"
#include "sess/isn.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

static struct pair p;

/* One connection: it begins, and the load is over before the next. */
static void
run_one(struct pair_opts opts)
{
    opts.duration_ns = 30 * NS_PER_US;
    pair_init(&p, &opts);
    pair_run_out(&p, 200 * NS_PER_MS);
}

static void
sent(bool by_client, unsigned n, uint8_t flags, uint64_t at_ns)
{
    const struct pair_entry *e = pair_sent(&p, by_client, n);

    cr_assert(eq(u8, e->seg.flags, flags), "%s, segment %u", by_client ? "client" : "server", n);
    cr_assert(eq(u64, e->at_ns - PAIR_START_NS, at_ns), "%s, segment %u",
              by_client ? "client" : "server", n);
}

Test(client, a_connection_takes_five_segments_where_the_ack_rides_on_the_fin)
{
    run_one((struct pair_opts){0});
    pair_expects_clean(&p, 1);
    cr_assert(eq(uint, p.n_log, 5));
    sent(true, 0, SYN, 20 * NS_PER_US);
    sent(false, 0, SYN | ACK, 120 * NS_PER_US);
    sent(true, 1, FIN | ACK, 220 * NS_PER_US);
    sent(false, 1, FIN | ACK, 320 * NS_PER_US);
    sent(true, 2, ACK, 420 * NS_PER_US);
    pair_fini(&p);
}

Test(client, without_piggyback_every_ack_goes_on_its_own)
{
    run_one((struct pair_opts){.plain_acks = true});
    pair_expects_clean(&p, 1);
    cr_assert(eq(uint, p.n_log, 7));
    sent(true, 0, SYN, 20 * NS_PER_US);
    sent(false, 0, SYN | ACK, 120 * NS_PER_US);
    sent(true, 1, ACK, 220 * NS_PER_US);
    sent(true, 2, FIN | ACK, 220 * NS_PER_US);
    sent(false, 1, ACK, 320 * NS_PER_US);
    sent(false, 2, FIN | ACK, 320 * NS_PER_US);
    sent(true, 3, ACK, 420 * NS_PER_US);
    pair_fini(&p);
}

Test(client, its_segments_carry_its_address_port_and_numbers)
{
    const struct pair_entry *syn, *fin;
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    struct isn_key isn_key;

    isn_key_init(&isn_key, (struct siphash_key){1, 2});
    run_one((struct pair_opts){0});
    syn = pair_sent(&p, true, 0);
    cr_assert(ip_equal(&syn->src, &local));
    cr_assert(ip_equal(&syn->dst, &remote));
    cr_assert(eq(u16, syn->seg.src_port, PAIR_PORT_FIRST));
    cr_assert(eq(u16, syn->seg.dst_port, PAIR_PORT));
    cr_assert(eq(u16, syn->seg.mss, 1460));
    cr_assert(eq(u32, syn->seg.seq,
                 isn_make(&isn_key, &local, PAIR_PORT_FIRST, &remote, PAIR_PORT, syn->at_ns)));
    fin = pair_sent(&p, true, 1);
    cr_assert(eq(u32, fin->seg.seq, syn->seg.seq + 1));
    cr_assert(eq(u32, fin->seg.ack, pair_sent(&p, false, 0)->seg.seq + 1));
    pair_fini(&p);
}

Test(client, the_time_to_connect_is_from_the_start_to_the_syn_ack)
{
    run_one((struct pair_opts){0});
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_connect].min_ns, 200 * NS_PER_US));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_connect].max_ns, 200 * NS_PER_US));
    cr_assert(eq(u64, p.server_stat.now->latency[LAT_connect].max_ns, 200 * NS_PER_US));
    pair_fini(&p);
}

Test(client, it_closes_after_the_hold)
{
    run_one((struct pair_opts){.client_hold_ns = 50 * NS_PER_MS});
    pair_expects_clean(&p, 1);
    sent(true, 1, ACK, 220 * NS_PER_US);
    cr_assert(eq(u8, pair_sent(&p, true, 2)->seg.flags, FIN | ACK));
    cr_assert(ge(u64, pair_sent(&p, true, 2)->at_ns - PAIR_START_NS, 50220 * NS_PER_US));
    cr_assert(le(u64, pair_sent(&p, true, 2)->at_ns - PAIR_START_NS, 50310 * NS_PER_US));
    cr_assert(eq(u64, CLIENT_CTR(&p, timers_fired), 1));
    pair_fini(&p);
}

Test(client, a_reset_ends_it_at_once_after_the_handshake)
{
    run_one((struct pair_opts){.client_close = CLOSE_RST});
    cr_assert(eq(uint, p.n_log, 4));
    sent(true, 1, ACK, 220 * NS_PER_US);
    sent(true, 2, RST | ACK, 220 * NS_PER_US);
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, resets_sent), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, established), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    cr_assert(zero(u32, p.server.table.n_used));
    pair_fini(&p);
}

Test(client, a_reset_after_the_hold)
{
    run_one((struct pair_opts){.client_close = CLOSE_RST, .client_hold_ns = 5 * NS_PER_MS});
    cr_assert(eq(uint, p.n_log, 4));
    cr_assert(eq(u8, pair_sent(&p, true, 2)->seg.flags, RST | ACK));
    cr_assert(ge(u64, pair_sent(&p, true, 2)->at_ns - PAIR_START_NS, 5220 * NS_PER_US));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    pair_fini(&p);
}

Test(client, it_waits_for_the_peer_to_close_and_answers)
{
    run_one((struct pair_opts){.client_close = CLOSE_PEER, .server_closes = true});
    pair_expects_clean(&p, 1);
    cr_assert(eq(uint, p.n_log, 6));
    sent(true, 1, ACK, 220 * NS_PER_US);
    sent(false, 1, FIN | ACK, 320 * NS_PER_US);
    sent(true, 2, FIN | ACK, 420 * NS_PER_US);
    sent(false, 2, ACK, 520 * NS_PER_US);
    pair_fini(&p);
}

Test(client, a_hold_means_nothing_where_the_peer_closes)
{
    run_one((struct pair_opts){.client_close = CLOSE_PEER,
                               .client_hold_ns = NS_PER_MS,
                               .server_closes = true,
                               .server_hold_ns = 1500 * NS_PER_MS});
    pair_run_out(&p, 5 * NS_PER_SEC);
    pair_expects_clean(&p, 1);
    cr_assert(eq(u8, pair_sent(&p, false, 1)->seg.flags, FIN | ACK));
    cr_assert(ge(u64, pair_sent(&p, false, 1)->at_ns - PAIR_START_NS, 1500320 * NS_PER_US));
    cr_assert(zero(u64, CLIENT_CTR(&p, timers_fired)));
    pair_fini(&p);
}

Test(client, a_peer_that_resets_where_its_fin_was_asked_for_is_a_failure)
{
    run_one((struct pair_opts){
        .client_close = CLOSE_PEER, .server_closes = true, .server_close = CLOSE_RST});
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 1));
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, resets_sent), 1));
    pair_fini(&p);
}

Test(client, both_sides_may_close_at_once)
{
    run_one((struct pair_opts){.client_hold_ns = 10 * NS_PER_MS,
                               .server_closes = true,
                               .server_hold_ns = 10 * NS_PER_MS - 100 * NS_PER_US});
    pair_expects_clean(&p, 1);
    cr_assert(eq(uint, pair_count_sent(&p, true, FIN | ACK), 1));
    cr_assert(eq(uint, pair_count_sent(&p, false, FIN | ACK), 1));
    pair_fini(&p);
}

Test(client, a_peer_that_closes_during_our_hold_is_answered_at_once)
{
    run_one((struct pair_opts){.client_hold_ns = 100 * NS_PER_MS,
                               .server_closes = true,
                               .server_hold_ns = 10 * NS_PER_MS});
    cr_assert(eq(u64, CLIENT_FAIL(&p, hold_cut_short), 1));
    cr_assert(lt(u64, p.now_ns - PAIR_START_NS, 15 * NS_PER_MS));
    pair_run(&p, 200 * NS_PER_MS); /* the hold's end finds nothing to do */
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
    cr_assert(eq(u64, SERVER_CTR(&p, closed), 1));
    cr_assert(eq(uint, p.n_log, 6));
    pair_fini(&p);
}

Test(client, frames_carry_the_vlan_tag)
{
    run_one((struct pair_opts){.vlan = 77});
    run_one((struct pair_opts){.vlan = 100 << 12 | 77});
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(client, v6_is_the_same)
{
    struct ip_addr local = pair_client_addr(0, true);

    run_one((struct pair_opts){.n_targets = {0, 1}});
    pair_expects_clean(&p, 1);
    cr_assert(eq(uint, p.n_log, 5));
    cr_assert(ip_equal(&pair_sent(&p, true, 0)->src, &local));
    cr_assert(eq(u16, pair_sent(&p, true, 0)->seg.mss, 1440));
    pair_fini(&p);
}

/* A closed loop of one: the next begins when the last has ended. */
Test(client, many_connections_follow_each_other_on_new_ports)
{
    struct pair_opts opts = {.duration_ns = 50 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 125); /* every 400 us */
    for (unsigned i = 0; i < 125; i++)
        cr_assert(eq(u16, pair_sent(&p, true, 3 * i)->seg.src_port, (uint16_t)(1024 + i)));
    pair_fini(&p);
}

Test(client, targets_of_both_families_are_served_by_turns)
{
    struct pair_opts opts = {.n_targets = {3, 2}, .open_max = 10, .duration_ns = 10 * NS_PER_MS};
    unsigned n_syns = 0;

    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 240));
    for (unsigned i = 0; i < p.n_log; i++) {
        unsigned turn = n_syns % 5;
        struct ip_addr target = pair_server_addr(turn < 3 ? turn : turn - 3, turn >= 3);

        if (p.log[i].seg.flags != SYN)
            continue;
        cr_assert(ip_equal(&p.log[i].dst, &target), "start %u", n_syns);
        n_syns++;
    }
    cr_assert(eq(u64, n_syns, CLIENT_CTR(&p, attempted)));
    pair_fini(&p);
}

/* Two addresses with five ports are ten tuples, so the target tells thirty connections apart. */
/* At a rate so low that nothing overlaps, and at one where much does. */
Test(client, connections_are_spread_over_the_addresses_at_every_rate)
{
    static const uint64_t rates[] = {1000, 100000};

    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        unsigned uses[20] = {0}, n = 0;

        pair_init(&p, &(struct pair_opts){.rate = rates[i],
                                          .open_max = 100,
                                          .records = {400, 0},
                                          .n_targets = {4, 0},
                                          .n_addresses = 20,
                                          .duration_ns = 400 * NS_PER_SEC / rates[i]});
        pair_run_out(&p, 500 * NS_PER_MS);
        pair_expects_clean(&p, 400);
        for (unsigned k = 0; k < p.n_log; k++) {
            const struct pair_entry *e = &p.log[k];

            if (!e->by_client || e->seg.flags != SYN)
                continue;
            uses[e->src.lo - pair_client_addr(0, false).lo]++;
            n++;
        }
        cr_assert(eq(uint, n, 400));
        for (int a = 0; a < 20; a++)
            cr_assert(eq(uint, uses[a], 20), "address %d at %u/s", a, (unsigned)rates[i]);
        pair_fini(&p);
    }
}

Test(client, what_gets_on_is_told_of_each_target)
{
    pair_init(&p, &(struct pair_opts){.open_max = 1, .n_targets = {2, 1}});
    pair_run_out(&p, 100 * NS_PER_MS);
    pair_expects_clean(&p, p.client_stat.now->counters[CTR_established]);
    for (unsigned i = 0; i < 3; i++) {
        unsigned n = 0;

        for (unsigned k = 0; k < p.n_log; k++)
            n += p.log[k].by_client && p.log[k].seg.flags == SYN &&
                 ip_equal(&p.log[k].dst, &p.client.targets[i].addr);
        cr_assert(lt(uint, 0, n));
        cr_assert(eq(u32, p.client.core.progress[i], n));
    }
    pair_fini(&p);
}

Test(client, the_target_is_a_digit_where_addresses_and_ports_are_few)
{
    struct pair_opts opts = {.n_targets = {3, 0},
                             .n_addresses = 2,
                             .n_ports = 5,
                             .open_max = 30,
                             .client_hold_ns = 5 * NS_PER_MS,
                             .duration_ns = 20 * NS_PER_MS};

    pair_init(&p, &opts);
    cr_assert(tuples_needs_target(&p.client.tuples, false));
    pair_run(&p, 2 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 30));
    cr_assert(eq(u64, SERVER_CTR(&p, established), 30));
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 120);
    pair_fini(&p);
}
