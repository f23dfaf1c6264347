/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of a session: several exchanges, the time between them, the choice of a protocol, and
 * classes side by side on one core. */
#include "../../toy/daytime.c"
#include "secure_opts.h"

static struct pair p;

static void
set_up(void)
{
    secure_set_up("p256");
}

TestSuite(session, .init = set_up, .fini = secure_tear_down, .timeout = 120);

/* Request and answer of 100 and 2000 bytes, @n times. */
static struct pair_opts
exchanges(uint32_t n, bool secures)
{
    struct pair_opts o = {.duration_ns = 30 * NS_PER_US,
                          .client.exchange = {.send_bytes = 100, .expect_bytes = 2000, .n = n},
                          .server.exchange = {.send_bytes = 2000, .after_bytes = 100, .n = n}};

    if (secures) {
        o.client_tls = &secure_client;
        o.server_tls = &secure_server;
    }
    return o;
}

static void
run(struct pair_opts o)
{
    pair_init(&p, &o);
    pair_run_out(&p, 30 * NS_PER_SEC);
    pair_run(&p, 10 * NS_PER_MS);
}

/* -- exchanges ------------------------------------------------------------------------------ */

Test(session, a_connection_may_have_several_exchanges)
{
    for (int secures = 0; secures < 2; secures++) {
        run(exchanges(5, secures));
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 5));
        cr_assert(eq(u64, p.server_stat.now->latency[LAT_transfer].count, 5));
        if (secures)
            cr_assert(eq(u64, CLIENT_CTR(&p, tls_rx_bytes), 5 * 2000));
        else
            cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 5 * 2000));
        pair_fini(&p);
    }
}

Test(session, a_server_that_answers_without_end_ends_with_its_client)
{
    for (int secures = 0; secures < 2; secures++) {
        struct pair_opts o = exchanges(3, secures);

        o.server.exchange.is_endless = true;
        run(o);
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, p.server_stat.now->latency[LAT_transfer].count, 3));
        pair_fini(&p);
    }
}

Test(session, a_client_thinks_between_two_exchanges)
{
    for (int secures = 0; secures < 2; secures++) {
        struct pair_opts o = exchanges(4, secures);

        o.client.exchange.think_ns = 100 * NS_PER_MS;
        run(o);
        pair_expects_clean(&p, 1);
        cr_assert(ge(u64, p.now_ns - PAIR_START_NS, 300 * NS_PER_MS));
        cr_assert(lt(u64, p.now_ns - PAIR_START_NS, 700 * NS_PER_MS));
        cr_assert(lt(u64, p.client_stat.now->latency[LAT_transfer].max_ns, 60 * NS_PER_MS));
        pair_fini(&p);
    }
}

Test(session, who_thinks_at_the_stop_closes_at_once)
{
    for (int secures = 0; secures < 2; secures++) {
        struct pair_opts o = exchanges(4, secures);

        o.client.exchange.think_ns = 100 * NS_PER_SEC;
        o.server.exchange.is_endless = true;
        pair_init(&p, &o);
        pair_run(&p, 200 * NS_PER_MS);
        cr_assert(eq(u64, client_open(&p.client), 1));
        p.closes_held = true;
        pair_run_out(&p, NS_PER_SEC);
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
        pair_fini(&p);
    }
}

Test(session, exchanges_without_end_go_on_until_the_stop)
{
    struct pair_opts o = exchanges(0, false);

    o.client.exchange.is_endless = o.server.exchange.is_endless = true;
    pair_init(&p, &o);
    pair_run(&p, 50 * NS_PER_MS);
    cr_assert(eq(u64, client_open(&p.client), 1));
    cr_assert(gt(u64, p.client_stat.now->latency[LAT_transfer].count, 20));
    p.closes_held = true;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

/* A client that would go on, and a server that closes after its one exchange. */
Test(session, a_peer_that_closes_between_two_exchanges_ends_them_without_a_failure)
{
    struct pair_opts o = exchanges(5, false);

    o.client.exchange.think_ns = 100 * NS_PER_MS;
    o.server.exchange.n = 1;
    o.server_closes = true;
    o.server_close = CLOSE_FIN;
    run(o);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
    pair_fini(&p);
}

Test(session, the_next_answer_that_does_not_come_is_waited_for_as_the_first)
{
    struct pair_opts o = exchanges(2, false);

    o.client.exchange.stall_us = 500000;
    o.server.exchange.n = 1;
    run(o);
    cr_assert(eq(u64, CLIENT_FAIL(&p, stalled), 1));
    cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
    pair_fini(&p);
}

/* -- the choice of a protocol --------------------------------------------------------------- */

/* Speaks after "hello". */
static int
recognise_hello(const uint8_t *first, uint32_t n)
{
    (void)first;
    return n < 50 ? -1 : 1;
}

static int
recognise_nothing(const uint8_t *first, uint32_t n)
{
    (void)first;
    (void)n;
    return 0;
}

static struct proto_ops other, never;

static void
offers_choices(struct sess_class *k, bool is_client)
{
    if (is_client)
        return;
    never = other = *proto_by_name("bytes");
    never.recognise = recognise_nothing;
    other.recognise = recognise_hello;
    other.has_requests = true; /* to be told from the class's own */
    k->choices[0] = &never;
    k->choices[1] = &other;
    k->n_choices = 2;
}

Test(session, the_first_bytes_tell_a_server_which_protocol_it_is)
{
    struct pair_opts o = exchanges(1, false);

    o.classes = offers_choices;
    o.server.n_buffers = 16;
    run(o);
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, SERVER_CTR(&p, responses), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 2000));
    pair_fini(&p);
}

static void
offers_daytime(struct sess_class *k, bool is_client)
{
    if (is_client) {
        k->proto = &proto_daytime;
        return;
    }
    k->choices[0] = &proto_daytime;
    k->n_choices = 1;
}

Test(session, alpn_tells_a_server_which_protocol_it_is)
{
    struct pair_opts o = {.duration_ns = 30 * NS_PER_US,
                          .client_tls = &secure_client,
                          .server_tls = &secure_server,
                          .classes = offers_daytime};

    secure_client.alpn = secure_server.alpn = "daytime";
    run(o);
    pair_expects_clean(&p, 1);
    cr_assert(eq(u64, CLIENT_CTR(&p, tls_rx_bytes), LINE_BYTES));
    pair_fini(&p);
}

/* -- classes -------------------------------------------------------------------------------- */

static struct stats class_stats[2][3]; /* [is_client] */

/* Other closes, holds, protocols, one of them over TLS: 0 shakes hands and resets, 1 exchanges
 * bytes over TLS, 2 reads a line and holds. */
static void
makes_three(struct sess_class *k, bool is_client)
{
    for (int i = 0; i < 3; i++) {
        stat_init(&class_stats[is_client][i], PAIR_START_NS);
        k[i].stat = &class_stats[is_client][i];
        k[i].first_target = (uint32_t)i;
    }
    k[0].tls = k[2].tls = NULL;
    k[0].close = is_client ? CLOSE_RST : CLOSE_PEER;
    k[0].reset_closes = !is_client;
    k[1].proto_opts.send_bytes = is_client ? 5000 : 7000;
    k[1].proto_opts.expect_bytes = is_client ? 7000 : 0;
    k[1].proto_opts.after_bytes = is_client ? 0 : 5000;
    k[2].proto = &proto_daytime;
    k[2].hold_ns = is_client ? 50 * NS_PER_MS : 0;
}

static uint64_t
of_class(bool is_client, int i, enum stat_counter counter)
{
    return class_stats[is_client][i].now->counters[counter];
}

Test(session, classes_run_side_by_side_each_with_its_own_options_and_figures)
{
    struct pair_opts o = {.n_classes = 3,
                          .n_targets = {3, 0},
                          .rate = 3000,
                          .open_max = 100,
                          .duration_ns = 9900 * NS_PER_US,
                          .client_tls = &secure_client,
                          .server_tls = &secure_server,
                          .classes = makes_three};

    run(o);
    for (int is_client = 0; is_client < 2; is_client++) {
        for (int i = 0; i < 3; i++) {
            cr_assert(eq(u64, of_class(is_client, i, CTR_attempted), 10), "class %d", i);
            cr_assert(eq(u64, of_class(is_client, i, CTR_established), 10), "class %d", i);
            cr_assert(eq(u64, of_class(is_client, i, CTR_closed), 10), "class %d", i);
            cr_assert(eq(u64, of_class(is_client, i, CTR_tls_handshakes), i == 1 ? 10 : 0));
            cr_assert(eq(u64, class_stats[is_client][i].now->latency[LAT_connect].count, 10));
            cr_assert(eq(u64, class_stats[is_client][i].now->latency[LAT_transfer].count,
                         i == 0 ? 0 : 10));
        }
    }
    cr_assert(eq(u64, of_class(true, 1, CTR_tls_rx_bytes), 10 * 7000));
    cr_assert(eq(u64, of_class(true, 1, CTR_tls_tx_bytes), 10 * 5000));
    cr_assert(zero(u64, CLIENT_CTR(&p, attempted))); /* what is a class's is counted there only */
    cr_assert(ge(u64, p.now_ns - PAIR_START_NS, 50 * NS_PER_MS));
    cr_assert(zero(u64, client_open(&p.client)));
    cr_assert(zero(u64, server_open(&p.server)));
    pair_expects_all_given_back(&p);
    pair_fini(&p);
}
