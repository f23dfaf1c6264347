/* SPDX-License-Identifier: BSD-3-Clause */
/* A server whose clients are silent: who is reset for it, and who is not. */
#include "pair_rig.h"

enum { SYN = SEG_SYN, RST = SEG_RST, ACK = SEG_ACK };

static struct pair p;

/* -- idle for too long ------------------------------------------------------------------------- */

static void
begin_idle(uint64_t idle_ns, bool payload)
{
    pair_init(&p, &(struct pair_opts){.open_max = 3,
                                      .client_hold_ns = 3600 * NS_PER_SEC,
                                      .server_idle_ns = idle_ns,
                                      .payload = payload,
                                      .step_ns = NS_PER_MS,
                                      .duration_ns = 10 * NS_PER_MS});
}

Test(server_idle, what_says_nothing_for_the_time_out_is_reset)
{
    for (int payload = 0; payload < 2; payload++) {
        begin_idle(10 * NS_PER_SEC, payload);
        pair_run(&p, 9 * NS_PER_SEC);
        cr_assert(eq(u64, server_open(&p.server), 3));
        pair_run(&p, 3 * NS_PER_SEC);
        cr_assert(zero(u64, server_open(&p.server)));
        cr_assert(eq(u64, SERVER_FAIL(&p, idle_timeout), 3));
        cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 3));
        pair_fini(&p);
    }
}

Test(server_idle, without_a_time_out_it_stays)
{
    begin_idle(0, true);
    pair_run(&p, 60 * NS_PER_SEC);
    cr_assert(eq(u64, server_open(&p.server), 3));
    pair_fini(&p);
}

/* Ten exchanges with a pause of three quarters of the time-out between them. */
Test(server_idle, payload_begins_it_anew)
{
    for (uint32_t bytes = 10; bytes <= 10000; bytes *= 1000) {
        pair_init(&p, &(struct pair_opts){
                          .open_max = 2,
                          .server_idle_ns = 2 * NS_PER_SEC,
                          .step_ns = NS_PER_MS,
                          .duration_ns = 10 * NS_PER_MS,
                          .client.exchange = {.send_bytes = 100,
                                              .expect_bytes = bytes,
                                              .n = 10,
                                              .think_ns = 1500 * NS_PER_MS},
                          .server.exchange = {.after_bytes = 100, .send_bytes = bytes, .n = 10}});
        pair_run_out(&p, 60 * NS_PER_SEC);
        pair_expects_clean(&p, 2);
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

static bool
is_from_client_after_handshake(const struct pair *pair, const struct pair_entry *e)
{
    (void)pair;
    return e->by_client && (e->seg.flags & SYN) == 0;
}

/* A peer that answers every probe of its closed window, and never opens it. */
Test(server_idle, a_window_that_stays_closed_is_idle)
{
    struct ip_addr src = pair_client_addr(1, false), dst = pair_server_addr(0, false);
    struct seg s = {.src_port = 7, .dst_port = 80, .flags = SYN, .window = 1000, .mss = 1460};
    uint32_t next;

    pair_init(&p, &(struct pair_opts){.open_max = 1,
                                      .server_idle_ns = 20 * NS_PER_SEC,
                                      .step_ns = NS_PER_MS,
                                      .duration_ns = 1,
                                      .server.exchange.send_bytes = 100000});
    pair_run_out(&p, 5 * NS_PER_SEC);
    pair_inject_to_server(&p, &src, &dst, &s);
    pair_run(&p, 2 * NS_PER_MS);
    next = p.log[p.n_log - 1].seg.seq + 1;
    s = (struct seg){.src_port = 7, .dst_port = 80, .flags = ACK, .seq = 1, .ack = next};
    for (unsigned second = 0; second < 19; second++) {
        pair_inject_to_server(&p, &src, &dst, &s);
        pair_run(&p, NS_PER_SEC);
    }
    cr_assert(eq(u64, server_open(&p.server), 1));
    cr_assert(lt(u64, 0, SERVER_CTR(&p, window_probes)));
    for (unsigned second = 0; second < 5; second++) {
        pair_inject_to_server(&p, &src, &dst, &s);
        pair_run(&p, NS_PER_SEC);
    }
    cr_assert(zero(u64, server_open(&p.server)));
    cr_assert(eq(u64, SERVER_FAIL(&p, idle_timeout), 1));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}

/* It is the server who closes, when it is time to. */
Test(server_idle, what_the_server_holds_itself_is_not_idle)
{
    pair_init(&p, &(struct pair_opts){.open_max = 2,
                                      .client_close = CLOSE_PEER,
                                      .server_closes = true,
                                      .server_hold_ns = 8 * NS_PER_SEC,
                                      .server_idle_ns = NS_PER_SEC,
                                      .step_ns = NS_PER_MS,
                                      .payload = true,
                                      .duration_ns = 10 * NS_PER_MS});
    pair_run_out(&p, 20 * NS_PER_SEC);
    pair_expects_clean(&p, 2);
    pair_fini(&p);
}

/* TCP's own time-outs have names of their own. */
Test(server_idle, a_close_that_is_not_answered_is_left_to_tcp)
{
    pair_init(&p, &(struct pair_opts){.open_max = 1,
                                      .server_closes = true,
                                      .client_close = CLOSE_PEER,
                                      .close_timeout_ns = 5 * NS_PER_SEC,
                                      .server_idle_ns = NS_PER_SEC,
                                      .step_ns = NS_PER_MS,
                                      .duration_ns = 10 * NS_PER_MS});
    pair_run(&p, NS_PER_MS);
    p.drops = is_from_client_after_handshake;
    pair_run(&p, 20 * NS_PER_SEC);
    cr_assert(zero(u64, SERVER_FAIL(&p, idle_timeout)));
    cr_assert(eq(u64, SERVER_CTR(&p, failed), 1));
    pair_fini(&p);
}

/* -- too many ---------------------------------------------------------------------------------- */

/* Client @n, by its port, shakes hands and is silent. */
static void
shake_hands(uint16_t n, uint16_t window)
{
    struct ip_addr src = pair_client_addr(1, false), dst = pair_server_addr(0, false);
    struct seg s = {.src_port = n, .dst_port = 80, .flags = SYN, .window = window, .mss = 1460};

    pair_inject_to_server(&p, &src, &dst, &s);
    pair_run(&p, NS_PER_MS);
    s.ack = p.log[p.n_log - 1].seg.seq + 1;
    s.seq = 1;
    s.flags = ACK;
    pair_inject_to_server(&p, &src, &dst, &s);
    pair_run(&p, NS_PER_MS);
}

static bool
was_reset(uint16_t port)
{
    for (unsigned i = 0; i < p.n_log; i++)
        if (!p.log[i].by_client && p.log[i].seg.dst_port == port && (p.log[i].seg.flags & RST) != 0)
            return true;
    return false;
}

Test(server_idle, beyond_the_bound_the_one_idle_longest_is_reset)
{
    pair_init(&p, &(struct pair_opts){.open_max = 1,
                                      .server_records = 64,
                                      .server_open_max = 4,
                                      .client_hold_ns = 1,
                                      .duration_ns = 1});
    pair_run_out(&p, NS_PER_SEC);
    for (uint16_t port = 1; port <= 4; port++)
        shake_hands(port, 1000);
    cr_assert(zero(u64, SERVER_FAIL(&p, crowded_out)));
    for (uint16_t port = 5; port <= 8; port++) {
        shake_hands(port, 1000);
        cr_assert(eq(u64, server_open(&p.server), 4));
        cr_assert(eq(u64, SERVER_FAIL(&p, crowded_out), port - 4u));
        cr_assert(was_reset(port - 4));
    }
    pair_fini(&p);
}

Test(server_idle, half_open_ones_are_not_counted)
{
    struct ip_addr src = pair_client_addr(2, false), dst = pair_server_addr(0, false);
    struct seg s = {.dst_port = 80, .flags = SYN};

    pair_init(&p, &(struct pair_opts){
                      .open_max = 1, .server_records = 64, .server_open_max = 2, .duration_ns = 1});
    pair_run_out(&p, NS_PER_SEC);
    shake_hands(1, 1000);
    for (s.src_port = 100; s.src_port < 130; s.src_port++) {
        pair_inject_to_server(&p, &src, &dst, &s);
        pair_run(&p, NS_PER_MS);
    }
    shake_hands(2, 1000);
    cr_assert(eq(u64, server_open(&p.server), 32));
    cr_assert(zero(u64, SERVER_CTR(&p, failed)));
    pair_fini(&p);
}

/* With a few streams left, whoever holds one for longest without use has to give it back. */
Test(server_idle, streams_that_run_short_are_taken_from_who_is_idle_longest)
{
    pair_init(&p, &(struct pair_opts){.open_max = 1,
                                      .server_records = 64,
                                      .server_open_max = 64,
                                      .duration_ns = 1,
                                      .server = {.exchange.send_bytes = 5000, .n_streams = 8}});
    pair_run_out(&p, NS_PER_SEC);
    for (uint16_t port = 1; port <= 7; port++)
        shake_hands(port, 1000);
    cr_assert(zero(u64, SERVER_FAIL(&p, crowded_out)));
    for (uint16_t port = 8; port <= 20; port++) {
        shake_hands(port, 1000);
        cr_assert(was_reset(port - 7));
        cr_assert(eq(u64, server_open(&p.server), 7));
    }
    cr_assert(zero(u64, SERVER_CTR(&p, streams_exhausted)));
    cr_assert(eq(u64, SERVER_CTR(&p, failed), SERVER_FAIL(&p, crowded_out)));
    pair_fini(&p);
}
