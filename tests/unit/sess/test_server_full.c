/* SPDX-License-Identifier: BSD-3-Clause */
/* A responder whose records are all taken. */
#include "pair_rig.h"

enum { SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

static struct pair p;

Test(server_full, a_syn_is_dropped_in_silence_and_comes_again)
{
    struct pair_opts opts = {.open_max = 5,
                             .server_records = 4,
                             .client_hold_ns = 500 * NS_PER_MS,
                             .duration_ns = 30 * NS_PER_US};

    pair_init(&p, &opts);
    pair_run(&p, 100 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 5));
    cr_assert(eq(u64, SERVER_CTR(&p, attempted), 4));
    cr_assert(eq(u64, SERVER_CTR(&p, records_exhausted), 1));
    cr_assert(zero(u64, SERVER_CTR(&p, no_connection)));
    pair_run_out(&p, 5 * NS_PER_SEC);
    pair_expects_clean(&p, 5);
    cr_assert(zero(uint, pair_count_sent(&p, false, RST) + pair_count_sent(&p, false, RST | ACK)));
    pair_fini(&p);
}

Test(server_full, a_record_in_time_wait_gives_way)
{
    struct pair_opts opts = {.open_max = 4,
                             .n_ports = 60000,
                             .server_records = 8,
                             .client_close = CLOSE_PEER,
                             .server_closes = true,
                             .duration_ns = 20 * NS_PER_MS};

    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 100));
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    cr_assert(zero(u64, SERVER_CTR(&p, records_exhausted)));
    cr_assert(eq(u32, p.server.table.n_used, 8));
    pair_fini(&p);
}

/* The reclaimed record's timer was armed for its TIME-WAIT. */
Test(server_full, what_took_the_place_of_a_time_wait_is_not_ended_by_its_timer)
{
    struct pair_opts opts = {.open_max = 4,
                             .server_records = 4,
                             .client_close = CLOSE_PEER,
                             .server_closes = true,
                             .server_hold_ns = NS_PER_MS,
                             .duration_ns = 30 * NS_PER_US,
                             .step_ns = 20 * NS_PER_US};

    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC); /* four in TIME-WAIT */
    pair_expects_clean(&p, 4);
    p.server.core.classes[0].close = CLOSE_PEER;
    p.server.core.classes[0].hold_ns = 0;
    client_run_from(&p.client, p.now_ns);
    client_stop_at(&p.client, p.now_ns + 30 * NS_PER_US);
    pair_run(&p, 5 * NS_PER_MS);
    cr_assert(eq(u64, server_open(&p.server), 4));
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run(&p, 70 * NS_PER_SEC);
    cr_assert(eq(u64, server_open(&p.server), 4));
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 8));
    cr_assert(zero(u64, SERVER_CTR(&p, failed)));
    pair_fini(&p);
}

/* RFC 4987: what is half open is no reason to refuse others. */
Test(server_full, a_half_open_connection_gives_way_to_a_syn_in_silence)
{
    struct pair_opts opts = {.open_max = 1, .server_records = 8, .duration_ns = 1};
    struct ip_addr src = pair_client_addr(1, false), dst = pair_server_addr(0, false);
    struct seg s = {.src_port = 1, .dst_port = 80, .flags = SYN};

    pair_init(&p, &opts);
    for (; s.src_port <= 9; s.src_port++) {
        pair_inject_to_server(&p, &src, &dst, &s);
        pair_run(&p, 20 * NS_PER_MS);
    }
    cr_assert(eq(u64, SERVER_CTR(&p, attempted), 9));
    cr_assert(eq(u64, SERVER_FAIL(&p, half_open_dropped), 1));
    cr_assert(zero(u64, SERVER_CTR(&p, records_exhausted)));
    cr_assert(eq(u64, p.server.core.n_opening, 8));
    cr_assert(zero(u64, SERVER_CTR(&p, resets_sent)));
    pair_fini(&p);
}

Test(server_full, an_established_connection_does_not_give_way_to_a_syn)
{
    struct pair_opts opts = {.open_max = 4,
                             .server_records = 4,
                             .server_open_max = 4,
                             .client_hold_ns = NS_PER_SEC,
                             .duration_ns = 30 * NS_PER_US};
    struct ip_addr src = pair_client_addr(1, false), dst = pair_server_addr(0, false);
    struct seg s = {.src_port = 1, .dst_port = 80, .flags = SYN};

    pair_init(&p, &opts);
    pair_run(&p, 10 * NS_PER_MS);
    pair_inject_to_server(&p, &src, &dst, &s);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, SERVER_CTR(&p, records_exhausted), 1));
    cr_assert(eq(u64, server_open(&p.server), 4));
    pair_run_out(&p, 5 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 4));
    pair_fini(&p);
}

static void
set_state(uint32_t first, uint32_t end, enum tcp_state state)
{
    for (uint32_t i = first; i < end; i++)
        p.server.core.records[i].tcp.state = (uint8_t)state;
}

/* The search is bounded a packet; it goes on where it stopped. */
Test(server_full, the_search_for_time_wait_goes_on_with_the_next_syn)
{
    struct pair_opts opts = {.open_max = 1000, .server_records = 200, .duration_ns = 1};
    struct ip_addr src = pair_client_addr(1, false), dst = pair_server_addr(0, false);
    struct seg s = {.src_port = 1, .dst_port = 80, .flags = SYN};

    pair_init(&p, &opts);
    for (; s.src_port <= 200; s.src_port++) {
        pair_inject_to_server(&p, &src, &dst, &s);
        pair_run(&p, 200 * NS_PER_US);
    }
    cr_assert(eq(u64, server_open(&p.server), 200));
    set_state(0, 200, TCPS_ESTABLISHED);
    set_state(150, 151, TCPS_TIME_WAIT);
    for (unsigned n = 0; n < 3; n++, s.src_port++) {
        cr_assert(eq(u64, SERVER_CTR(&p, attempted), 200));
        cr_assert(eq(u64, SERVER_CTR(&p, records_exhausted), n));
        pair_inject_to_server(&p, &src, &dst, &s);
        p.server.core.n_open -=
            n == 2; /* what was open went to TIME-WAIT behind the engine's back */
        p.server_stat.now->counters[CTR_closed] += n == 2;
        pair_run(&p, 200 * NS_PER_US);
    }
    cr_assert(eq(u64, SERVER_CTR(&p, records_exhausted), 2));
    cr_assert(eq(u64, SERVER_CTR(&p, attempted), 201));
    cr_assert(eq(u8, p.server.core.records[150].tcp.state, TCPS_SYN_RECEIVED));
    pair_fini(&p);
}
