/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that are left half open on purpose: a SYN, and nothing more, whatever comes. */
#include "pair_rig.h"
#include "sess/half_open.h"

enum { SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

static struct pair p;

static void
leave_half_open(struct sess_class *k, bool is_client)
{
    k[0].half_open_ns = is_client ? 2500 * NS_PER_MS : 0;
}

/* Class 1 alone. */
static void
leave_second_half_open(struct sess_class *k, bool is_client)
{
    k[1].half_open_ns = is_client ? 2500 * NS_PER_MS : 0;
}

static const struct pair_opts ONE = {.duration_ns = 30 * NS_PER_US, .classes = leave_half_open};

static bool
drops_all(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    (void)e;
    return true;
}

static bool
drops_what_is_sent_again(const struct pair *q, const struct pair_entry *e)
{
    return !e->by_client && pair_count_sent(q, false, SYN | ACK) > 1;
}

/* Of the client's. */
static void
expect_counts(uint64_t answered, uint64_t kept, uint64_t cookies)
{
    cr_expect(eq(u64, CLIENT_CTR(&p, half_open_answered), answered));
    cr_expect(eq(u64, CLIENT_CTR(&p, half_open_kept), kept));
    cr_expect(eq(u64, CLIENT_CTR(&p, half_open_cookies), cookies));
    cr_expect(zero(u64, client_open(&p.client)));
    cr_expect(zero(u64, p.client.core.n_opening));
    cr_expect(zero(u64, CLIENT_CTR(&p, established)));
    cr_expect(zero(u64, CLIENT_CTR(&p, resets_sent)));
}

Test(half_open, a_target_that_sends_its_syn_ack_again_keeps_the_connection)
{
    struct pair_opts opts = ONE;
    uint64_t took_ns;

    opts.connect_timeout_ns = 10 * NS_PER_SEC;
    pair_init(&p, &opts);
    took_ns = pair_run_out(&p, 10 * NS_PER_SEC);
    expect_counts(1, 1, 0);
    cr_assert(eq(u64, CLIENT_CTR(&p, half_open_repeats), 1)); /* after 1 s; the next after 3 s */
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(uint, pair_count_sent(&p, true, SYN), 1));
    cr_assert(eq(uint, p.n_log, 3));
    cr_assert(ge(u64, took_ns, 2500 * NS_PER_MS));
    cr_assert(le(u64, took_ns, 2501 * NS_PER_MS));
    cr_assert(eq(u64, SERVER_CTR(&p, attempted), 1));
    cr_assert(zero(u64, SERVER_CTR(&p, established)));
    pair_run(&p, 2 * NS_PER_SEC); /* the next one comes when nobody watches */
    cr_assert(eq(u64, CLIENT_CTR(&p, half_open_late), 1));
    cr_assert(eq(uint, p.n_log, 4));
    cr_assert(zero(u64, CLIENT_CTR(&p, resets_sent)));
    pair_fini(&p);
}

Test(half_open, one_that_sends_it_once_keeps_nothing)
{
    pair_init(&p, &ONE);
    p.drops = drops_what_is_sent_again;
    pair_run_out(&p, 10 * NS_PER_SEC);
    expect_counts(1, 0, 1);
    cr_assert(zero(u64, CLIENT_CTR(&p, half_open_repeats)));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    pair_fini(&p);
}

Test(half_open, no_answer_is_a_failure_when_the_watch_is_over)
{
    pair_init(&p, &ONE);
    p.drops = drops_all;
    pair_run_out(&p, 10 * NS_PER_SEC);
    expect_counts(0, 0, 0);
    cr_assert(eq(u64, CLIENT_FAIL(&p, timeout), 1));
    cr_assert(eq(uint, p.n_log, 1)); /* the SYN is not sent again */
    pair_fini(&p);
}

Test(half_open, a_closed_port_refuses_at_once)
{
    uint64_t took_ns;

    pair_init(&p, &ONE);
    memset(p.listen, 0, sizeof(p.listen));
    took_ns = pair_run_out(&p, 10 * NS_PER_SEC);
    expect_counts(0, 0, 0);
    cr_assert(eq(u64, CLIENT_FAIL(&p, refused), 1));
    cr_assert(eq(uint, p.n_log, 2));
    cr_assert(lt(u64, took_ns, NS_PER_MS));
    pair_fini(&p);
}

/* As a target answers that still has another connection between the same ports (RFC 5961 4), or
 * anybody who guesses. */
Test(half_open, what_is_no_answer_to_the_syn_is_counted_and_gets_none)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    struct seg s = {.src_port = 80, .dst_port = 1024, .flags = ACK};
    static const uint8_t flags[] = {ACK, SYN | ACK, RST, RST | ACK, SYN};
    uint32_t seq;

    pair_init(&p, &ONE);
    p.drops = drops_all;
    pair_run(&p, NS_PER_MS);
    seq = pair_sent(&p, true, 0)->seg.seq;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        s.flags = flags[i];
        s.ack = seq + 2;
        pair_inject_to_client(&p, &remote, &local, &s);
    }
    s.flags = ACK; /* of the SYN, but it opens nothing */
    s.ack = seq + 1;
    pair_inject_to_client(&p, &remote, &local, &s);
    pair_run_out(&p, 10 * NS_PER_SEC);
    expect_counts(0, 0, 0);
    cr_assert(eq(u64, CLIENT_CTR(&p, half_open_other), 6));
    cr_assert(eq(u64, CLIENT_FAIL(&p, timeout), 1));
    cr_assert(eq(uint, p.n_log, 1));
    pair_fini(&p);
}

Test(half_open, an_icmp_error_about_the_syn_ends_it_and_one_about_another_does_not)
{
    struct ip_addr local = pair_client_addr(0, false), remote = pair_server_addr(0, false);
    uint32_t seq;

    pair_init(&p, &ONE);
    p.drops = drops_all;
    pair_run(&p, NS_PER_MS);
    seq = pair_sent(&p, true, 0)->seg.seq;
    client_unreachable(&p.client, &local, 1024, &remote, 80, seq + 1);
    client_too_big(&p.client, &local, 1024, &remote, 80, seq, 600);
    cr_assert(eq(u64, client_open(&p.client), 1));
    client_unreachable(&p.client, &local, 1024, &remote, 80, seq);
    cr_assert(zero(u64, client_open(&p.client)));
    cr_assert(eq(u64, CLIENT_FAIL(&p, unreachable), 1));
    client_unreachable(&p.client, &local, 1024, &remote, 80, seq); /* it is over */
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1));
    pair_fini(&p);
}

/* One record for all: it is free when the watch is over, and what comes late is nobody's. */
Test(half_open, the_record_serves_the_next_one)
{
    struct pair_opts opts = {.duration_ns = 6 * NS_PER_SEC,
                             .rate = 1,
                             .records = {1, 0},
                             .step_ns = NS_PER_MS,
                             .classes = leave_half_open};

    pair_init(&p, &opts);
    pair_run_out(&p, 20 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 3)); /* at 0 s, and as soon as it is free */
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 3));
    pair_fini(&p);
}

/* Every second connection of a load; the others are as they are without them. */
Test(half_open, connections_of_other_classes_open_beside_them)
{
    struct pair_opts opts = {.duration_ns = 10 * NS_PER_MS,
                             .rate = 20000,
                             .open_max = 400,
                             .records = {400, 0},
                             .n_targets = {2, 0},
                             .n_classes = 2,
                             .classes = leave_second_half_open};

    pair_init(&p, &opts);
    pair_run(&p, 12 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 200));
    cr_assert(eq(u64, CLIENT_CTR(&p, established), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 100));
    cr_assert(eq(u64, client_open(&p.client), 100));
    session_count_open(&p.client.core);
    cr_assert(eq(u64, p.client_stat.now->open_by[OPEN_connecting], 100));
    p.client_stat.now->open_by[OPEN_connecting] = 0;
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 200));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    cr_assert(eq(u64, CLIENT_CTR(&p, half_open_answered), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, half_open_kept), 100));
    cr_assert(zero(u64, client_open(&p.client)));
    pair_fini(&p);
}

/* The run ends first: nothing is sent for those that are watched still, and they stay open. */
Test(half_open, those_under_watch_at_the_end_are_left_as_they_are)
{
    pair_init(&p, &ONE);
    pair_run(&p, 100 * NS_PER_MS);
    while (client_abort_open(&p.client, 64))
        ;
    cr_assert(eq(u64, client_open(&p.client), 1));
    cr_assert(eq(uint, pair_count_sent(&p, true, SYN), 1));
    cr_assert(zero(u64, CLIENT_CTR(&p, resets_sent)));
    pair_fini(&p);
}
