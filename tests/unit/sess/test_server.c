/* SPDX-License-Identifier: BSD-3-Clause */
/* What only a responder does: listening, strangers, TIME-WAIT. */
#include "pair_rig.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

static struct pair p;

static bool
drops_all(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    (void)e;
    return true;
}

/* The client neither begins anything of its own nor sees what the server answers. */
static void
init_silent(void)
{
    pair_init(&p, &(struct pair_opts){.duration_ns = 1});
    p.drops = drops_all;
}

static void
inject_from(unsigned client, const struct seg *s)
{
    struct ip_addr src = pair_client_addr(client, false), dst = pair_server_addr(0, false);

    pair_inject_to_server(&p, &src, &dst, s);
    pair_run(&p, NS_PER_MS);
}

static void
answered(unsigned n, uint8_t flags, uint32_t seq, uint32_t ack)
{
    const struct pair_entry *e = pair_sent(&p, false, n);

    cr_assert(eq(u8, e->seg.flags, flags));
    cr_assert(eq(u32, e->seg.seq, seq));
    cr_assert(eq(u32, e->seg.ack, ack));
    cr_assert(eq(u16, e->seg.src_port, 80));
    cr_assert(eq(u16, e->seg.dst_port, 5000));
}

Test(server, a_segment_of_no_connection_is_answered_with_a_reset)
{
    static const struct {
        struct seg in;
        uint8_t flags;
        uint32_t seq, ack;
    } rows[] = {
        {{.flags = ACK, .seq = 7, .ack = 4711}, RST, 4711, 0},
        {{.flags = SYN | ACK, .seq = 7, .ack = 4711}, RST, 4711, 0},
        {{.flags = FIN | ACK, .seq = 7, .ack = 4711}, RST, 4711, 0},
        {{.flags = FIN, .seq = 7}, RST | ACK, 0, 8},
        {{.flags = 0, .seq = 7}, RST | ACK, 0, 7},
    };

    init_silent();
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        struct seg s = rows[i].in;

        s.src_port = 5000;
        s.dst_port = 80;
        inject_from(0, &s);
        answered(i, rows[i].flags, rows[i].seq, rows[i].ack);
    }
    cr_assert(eq(u64, SERVER_CTR(&p, no_connection), 5));
    cr_assert(eq(u64, SERVER_CTR(&p, resets_sent), 5));
    cr_assert(zero(u64, SERVER_CTR(&p, attempted)));
    cr_assert(zero(u32, p.server.table.n_used));
    pair_fini(&p);
}

Test(server, a_stray_reset_is_not_answered)
{
    struct seg s = {.src_port = 5000, .dst_port = 80, .flags = RST};

    init_silent();
    inject_from(0, &s);
    s.flags = RST | ACK;
    inject_from(0, &s);
    s.flags = RST | SYN;
    inject_from(0, &s);
    cr_assert(eq(u64, SERVER_CTR(&p, no_connection), 3));
    cr_assert(zero(uint, p.n_log));
    pair_fini(&p);
}

Test(server, a_segment_for_another_address_is_ignored)
{
    struct ip_addr src = pair_client_addr(0, false), dst = pair_server_addr(256, false);
    struct seg s = {.src_port = 5000, .dst_port = 80, .flags = SYN};

    init_silent();
    pair_inject_to_server(&p, &src, &dst, &s);
    pair_run(&p, NS_PER_MS);
    cr_assert(eq(u64, SERVER_CTR(&p, not_ours), 1));
    cr_assert(zero(u64, SERVER_CTR(&p, no_connection)));
    cr_assert(zero(uint, p.n_log));
    pair_fini(&p);
}

Test(server, a_syn_to_a_group_is_dropped_in_silence)
{
    static const uint32_t groups[] = {0xe0000001, 0xffffffff};
    struct ip_addr src = pair_client_addr(0, false);

    init_silent();
    for (unsigned i = 0; i < ARRAY_LEN(groups); i++) {
        struct ip_addr dst = {.lo = groups[i]};
        struct seg s = {.src_port = 5000, .dst_port = 80, .flags = SYN};

        pair_inject_to_server(&p, &src, &dst, &s);
        pair_run(&p, NS_PER_MS);
        cr_assert(eq(u64, SERVER_CTR(&p, not_ours), i + 1));
    }
    cr_assert(zero(u64, SERVER_CTR(&p, attempted)));
    cr_assert(zero(uint, p.n_log));
    pair_fini(&p);
}

/* A SYN, and a segment of no connection, from each that is no other host: the address asked itself
 * (LAND), another of ours, and the two that name our link as a whole. */
Test(server, what_comes_from_our_own_address_or_a_whole_link_is_dropped_in_silence)
{
    struct ip_addr dst = pair_server_addr(0, false), sources[4];
    unsigned n_sent = 0;

    init_silent();
    sources[0] = dst;
    sources[1] = pair_server_addr(1, false);
    sources[2] = sources[3] = dst;
    sources[2].lo &= ~(uint64_t)(UINT32_MAX >> p.server.ranges[0].prefix_len);
    sources[3].lo |= UINT32_MAX >> p.server.ranges[0].prefix_len;
    for (unsigned i = 0; i < ARRAY_LEN(sources); i++) {
        for (unsigned j = 0; j < 2; j++) {
            struct seg s = {.src_port = 80, .dst_port = 80, .flags = j == 0 ? SYN : ACK};

            pair_inject_to_server(&p, &sources[i], &dst, &s);
            pair_run(&p, NS_PER_MS);
            cr_assert(eq(u64, SERVER_CTR(&p, not_ours), ++n_sent));
        }
    }
    cr_assert(zero(u64, SERVER_CTR(&p, attempted)));
    cr_assert(zero(u64, SERVER_CTR(&p, no_connection)));
    cr_assert(zero(uint, p.n_log));
    pair_fini(&p);
}

Test(server, only_ports_in_the_set_are_open)
{
    struct seg s = {.src_port = 5000, .flags = SYN};
    unsigned n_open = 0;

    init_silent();
    p.listen[0] = 0x02;          /* 1 */
    p.listen[65535 / 8] |= 0x80; /* 65535 */
    for (uint32_t port = 0; port < 65536; port += port < 256 ? 1 : 257) {
        s.dst_port = (uint16_t)port;
        inject_from(port % 250, &s);
        n_open += pair_sent(&p, false, p.n_log - 1)->seg.flags == (SYN | ACK);
        cr_assert(eq(u64, SERVER_CTR(&p, attempted), n_open));
        cr_assert(eq(uint, n_open, (port >= 1) + (port >= 80) + (port == 65535)));
    }
    pair_fini(&p);
}

static uint32_t drop_count;

static bool
drops_the_first_syn_ack(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return e->seg.flags == (SYN | ACK) && drop_count++ == 0;
}

/* By the client's second SYN, which comes at the same time as the server's own time-out would. */
Test(server, a_second_syn_gets_the_same_answer_and_no_second_record)
{
    pair_init(&p, &(struct pair_opts){.duration_ns = 30 * NS_PER_US});
    p.drops = drops_the_first_syn_ack;
    pair_run_out(&p, 5 * NS_PER_SEC);
    pair_expects_clean(&p, 1);
    cr_assert(eq(uint, pair_count_sent(&p, true, SYN), 2));
    cr_assert(eq(u32, pair_sent(&p, false, 1)->seg.seq, pair_sent(&p, false, 0)->seg.seq));
    cr_assert(lt(u64, 0, SERVER_CTR(&p, duplicates) + SERVER_CTR(&p, retransmits)));
    pair_fini(&p);
}

Test(server, two_equal_syns_in_one_burst_make_one_connection)
{
    struct ip_addr src = pair_client_addr(0, false), dst = pair_server_addr(0, false);
    struct seg s = {.src_port = 5000, .dst_port = 80, .flags = SYN, .seq = 7};

    init_silent();
    pair_inject_to_server(&p, &src, &dst, &s);
    inject_from(0, &s);
    cr_assert(eq(u64, SERVER_CTR(&p, attempted), 1));
    cr_assert(eq(u32, p.server.table.n_used, 1));
    cr_assert(eq(uint, pair_count_sent(&p, false, SYN | ACK), 2));
    pair_fini(&p);
}

static bool
drops_what_the_client_sends_but_syns(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return e->by_client && e->seg.flags != SYN;
}

/* The responder's timer knows addresses and MAC of any connection, also of the second target of v6.
 */
Test(server, a_syn_ack_sent_again_leaves_from_the_right_address)
{
    struct pair_opts opts = {.n_targets = {2, 2}, .open_max = 4, .close_timeout_ns = NS_PER_SEC};
    unsigned n_again = 0;

    pair_init(&p, &opts);
    p.drops = drops_what_the_client_sends_but_syns;
    pair_run(&p, 2500 * NS_PER_MS);
    for (unsigned i = 0; i < p.n_log; i++) {
        const struct pair_entry *e = &p.log[i];

        if (e->by_client || e->at_ns < PAIR_START_NS + 900 * NS_PER_MS)
            continue;
        cr_assert(eq(u8, e->seg.flags, SYN | ACK));
        cr_assert(ip_equal(&e->src, &pair_sent(&p, true, n_again % 4)->dst));
        cr_assert(ip_equal(&e->dst, &pair_sent(&p, true, n_again % 4)->src));
        cr_assert(eq(u16, e->seg.dst_port, pair_sent(&p, true, n_again % 4)->seg.src_port));
        n_again++;
    }
    cr_assert(eq(uint, n_again, 4));
    pair_fini(&p);
}

Test(server, a_wrong_ack_for_the_syn_ack_is_reset_and_the_connection_waits_on)
{
    struct seg s = {.src_port = 5000, .dst_port = 80, .flags = SYN, .seq = 7};
    uint32_t iss;

    init_silent();
    inject_from(0, &s);
    iss = pair_sent(&p, false, 0)->seg.seq;
    s = (struct seg){.src_port = 5000, .dst_port = 80, .flags = ACK, .seq = 8, .ack = iss + 9};
    inject_from(0, &s);
    cr_assert(eq(uint, pair_count_sent(&p, false, RST), 1));
    cr_assert(
        eq(u32, pair_sent(&p, false, pair_count_sent(&p, false, SYN | ACK))->seg.seq, iss + 9));
    cr_assert(eq(u64, server_open(&p.server), 1));
    s.ack = iss + 1;
    inject_from(0, &s);
    cr_assert(eq(u64, SERVER_CTR(&p, established), 1));
    pair_fini(&p);
}

Test(server, a_reset_of_the_half_open_connection_ends_it)
{
    struct seg s = {.src_port = 5000, .dst_port = 80, .flags = SYN, .seq = 7};

    init_silent();
    inject_from(0, &s);
    s = (struct seg){.src_port = 5000, .dst_port = 80, .flags = RST, .seq = 8};
    inject_from(0, &s);
    cr_assert(zero(u64, server_open(&p.server)));
    cr_assert(zero(u32, p.server.table.n_used));
    cr_assert(eq(u64, SERVER_FAIL(&p, reset), 1));
    pair_fini(&p);
}

/* -- TIME-WAIT
 * -------------------------------------------------------------------------------------- */

/* One tuple only, and the server closes first: each new SYN meets the last connection's TIME-WAIT.
 */
static const struct pair_opts ONE_TUPLE = {
    .n_ports = 1,
    .client_close = CLOSE_PEER,
    .server_closes = true,
    .duration_ns = 20 * NS_PER_MS,
};

Test(server, a_tuple_in_time_wait_is_reopened_by_a_new_syn)
{
    struct ip_addr remote = pair_server_addr(0, false);

    pair_init(&p, &ONE_TUPLE);
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 30));
    pair_expects_clean(&p, CLIENT_CTR(&p, attempted));
    cr_assert(eq(u32, p.server.table.n_used, 1));
    cr_assert(zero(u64, SERVER_CTR(&p, no_connection)));
    for (unsigned i = 0; i < p.n_log; i++) {
        cr_assert(
            eq(u16, p.log[i].by_client ? p.log[i].seg.src_port : p.log[i].seg.dst_port, 1024));
        cr_assert(ip_equal(p.log[i].by_client ? &p.log[i].dst : &p.log[i].src, &remote));
    }
    pair_fini(&p);
}

Test(server, time_wait_ends_after_a_minute)
{
    struct pair_opts opts = ONE_TUPLE;

    opts.duration_ns = 30 * NS_PER_US;
    opts.step_ns = 20 * NS_PER_US;
    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run(&p, 59 * NS_PER_SEC);
    cr_assert(eq(u32, p.server.table.n_used, 1));
    pair_run(&p, 2 * NS_PER_SEC);
    cr_assert(zero(u32, p.server.table.n_used));
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

Test(server, an_old_syn_does_not_reopen_time_wait)
{
    struct seg s = {.src_port = 1024, .dst_port = 80, .flags = SYN};
    struct pair_opts opts = ONE_TUPLE;
    unsigned n_before;

    opts.duration_ns = 30 * NS_PER_US;
    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    n_before = pair_count_sent(&p, false, ACK);
    s.seq = pair_sent(&p, true, 0)->seg.seq - 1000;
    inject_from(0, &s);
    cr_assert(eq(u64, SERVER_CTR(&p, attempted), 1));
    cr_assert(eq(uint, pair_count_sent(&p, false, ACK), n_before + 1));
    cr_assert(eq(u32, p.server.table.n_used, 1));
    pair_fini(&p);
}

Test(server, the_reopened_connection_numbers_beyond_the_old_one)
{
    struct pair_opts opts = ONE_TUPLE;
    uint32_t last = 0;

    opts.duration_ns = 5 * NS_PER_MS;
    pair_init(&p, &opts);
    pair_run_out(&p, NS_PER_SEC);
    for (unsigned i = 0; i < p.n_log; i++) {
        const struct pair_entry *e = &p.log[i];

        if (e->by_client)
            continue;
        if (e->seg.flags == (SYN | ACK) && last != 0)
            cr_assert(lt(i32, 2 * 65535 - 1, (int32_t)(e->seg.seq - last)));
        last = e->seg.seq;
    }
    pair_fini(&p);
}

/* What is dealt with in a turn was fetched in the one before, and came after one before that in
 * which nothing was left. */
Test(server, what_it_left_in_its_queue_keeps_the_places_of_its_time)
{
    struct pair_opts opts = {.duration_ns = 0};
    static struct limit limit;
    static const uint64_t looked[] = {0, 0, 0, 1, 2, 2, 2, 5}; /* the turn, by that of the look */

    pair_init(&p, &opts);
    limit_init(&limit, 1000, 1);
    p.server.limit = &limit;
    for (unsigned i = 1; i <= 7; i++) {
        server_turn(&p.server, PAIR_START_NS + i * NS_PER_MS);
        if (i > 2)
            cr_assert(eq(u64, atomic_load(&limit.looks[0].looked_ns),
                         PAIR_START_NS + looked[i] * NS_PER_MS),
                      "%u", i);
        if (i == 3 || i == 4)
            server_leaves_some(&p.server);
    }
    pair_fini(&p);
}
