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

/* An answer of one segment is acknowledged while the client thinks. */
Test(session, what_happens_in_tcp_while_a_client_thinks_costs_it_no_exchange)
{
    for (int secures = 0; secures < 2; secures++) {
        struct pair_opts o = exchanges(3, secures);

        o.client.exchange.think_ns = 100 * NS_PER_MS;
        o.client.exchange.expect_bytes = o.server.exchange.send_bytes = 10;
        run(o);
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 3));
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
    cr_assert(lt(u64, 20, p.client_stat.now->latency[LAT_transfer].count));
    p.closes_held = true;
    pair_run_out(&p, NS_PER_SEC);
    pair_expects_clean(&p, 1);
    pair_fini(&p);
}

/* As after a stop that leaves holds alone. */
Test(session, exchanges_without_end_have_one_when_the_load_has_and_others_go_on)
{
    for (int is_endless = 0; is_endless < 2; is_endless++) {
        struct pair_opts o = exchanges(4, false);

        o.client.exchange.think_ns = 100 * NS_PER_MS;
        o.client.exchange.is_endless = is_endless != 0;
        o.server.exchange.is_endless = true;
        pair_init(&p, &o);
        pair_run(&p, 150 * NS_PER_MS);
        client_end_exchanges(&p.client);
        pair_run_out(&p, 10 * NS_PER_SEC);
        pair_run(&p, 10 * NS_PER_MS);
        pair_expects_clean(&p, 1);
        cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, is_endless ? 2 : 4));
        pair_fini(&p);
    }
}

/* -- what is open ------------------------------------------------------------------------------ */

static bool
drops_from_server(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client;
}

/* The one open connection of each side waits for @client and @server. */
static void
expects_open(enum stat_open client, enum stat_open server)
{
    session_count_open(&p.client.core);
    session_count_open(&p.server.core);
    cr_assert(eq(u64, client_open(&p.client), 1));
    for (enum stat_open i = 0; i < OPEN_COUNT; i++) {
        cr_assert(eq(u64, p.client_stat.now->open_by[i], i == client), "client, %s",
                  stat_open_names[i].name);
        cr_assert(eq(u64, p.server_stat.now->open_by[i], i == server), "server, %s",
                  stat_open_names[i].name);
    }
    pair_fini(&p);
}

Test(session, what_is_open_is_counted_by_what_it_waits_for)
{
    struct pair_opts o = {.duration_ns = 30 * NS_PER_US};

    pair_init(&p, &o);
    p.drops = drops_from_server;
    pair_run(&p, NS_PER_MS);
    expects_open(OPEN_connecting, OPEN_connecting);

    o.client_hold_ns = NS_PER_SEC;
    pair_init(&p, &o);
    pair_run(&p, NS_PER_MS);
    expects_open(OPEN_holding, OPEN_holding);

    o.client_hold_ns = 0;
    o.close_timeout_ns = 100 * NS_PER_SEC;
    pair_init(&p, &o);
    pair_run(&p, 230 * NS_PER_US);
    p.drops = drops_from_server; /* its FIN */
    pair_run(&p, NS_PER_MS);
    expects_open(OPEN_closing, OPEN_closing);

    o.client_tls = &secure_client;
    o.server_tls = &secure_server;
    pair_init(&p, &o);
    pair_run(&p, 230 * NS_PER_US);
    p.drops = drops_from_server; /* its first flight */
    pair_run(&p, NS_PER_MS);
    expects_open(OPEN_securing, OPEN_securing);
}

/* A segment, and a stream; over TLS, too. */
Test(session, what_talks_is_counted_as_such)
{
    for (int i = 0; i < 4; i++) {
        struct pair_opts o = exchanges(1, i >= 2);

        o.client.exchange.send_bytes = i % 2 != 0 ? 5000 : 100;
        o.client.exchange.expect_bytes = o.server.exchange.send_bytes = 200;
        o.server.exchange.after_bytes = 6000; /* more than comes */
        pair_init(&p, &o);
        pair_run(&p, 100 * NS_PER_MS);
        expects_open(OPEN_talking, OPEN_talking);
    }
}

/* -- exchanges that end too early ----------------------------------------------------------------
 */

/* A client that would go on, and a server that closes after its one exchange: at once, or while the
 * client thinks. */
Test(session, a_peer_that_closes_before_the_last_exchange_has_cut_them_short)
{
    for (int i = 0; i < 4; i++) {
        struct pair_opts o = exchanges(2 + i / 2, i % 2 != 0);

        o.client.exchange.think_ns = 100 * NS_PER_MS;
        o.server.exchange.n = 1;
        o.server_closes = true;
        o.server_close = CLOSE_FIN;
        run(o);
        cr_assert(zero(u64, CLIENT_CTR(&p, closed)));
        cr_assert(eq(u64, CLIENT_FAIL(&p, truncated), 1));
        cr_assert(eq(u64, p.client_stat.now->latency[LAT_transfer].count, 1));
        pair_fini(&p);
    }
}

Test(session, a_peer_that_closes_ends_exchanges_without_end_as_asked_for)
{
    struct pair_opts o = exchanges(0, false);

    o.client.exchange.think_ns = 100 * NS_PER_MS;
    o.client.exchange.is_endless = true;
    o.client_hold_ns = NS_PER_SEC;
    o.server.exchange.n = 1;
    o.server_closes = true;
    o.server_close = CLOSE_FIN;
    run(o);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    pair_fini(&p);
}

/* -- holds that end too early ---------------------------------------------------------------- */

/* Nothing, a segment each way, and what takes a stream; with TLS, too. */
Test(session, a_hold_that_the_server_cuts_short_is_not_closed_as_asked)
{
    static const uint64_t bytes[] = {0, 100, 20000};

    for (int i = 0; i < 6; i++) {
        struct pair_opts o = exchanges(1, i >= 3);

        o.client.exchange.send_bytes = o.client.exchange.expect_bytes = bytes[i % 3];
        o.server.exchange.send_bytes = o.server.exchange.after_bytes = bytes[i % 3];
        o.client_hold_ns = 10 * NS_PER_SEC;
        o.server_closes = true;
        o.server_close = CLOSE_FIN;
        o.server_hold_ns = i % 2 != 0 ? 20 * NS_PER_MS : 0;
        run(o);
        cr_assert(eq(u64, CLIENT_FAIL(&p, hold_cut_short), 1), "case %d", i);
        cr_assert(eq(u64, CLIENT_CTR(&p, failed), 1), "case %d", i);
        cr_assert(zero(u64, CLIENT_CTR(&p, closed)), "case %d", i);
        cr_assert(eq(u64, SERVER_CTR(&p, closed), 1), "case %d", i);
        cr_assert(zero(uint, pair_count_sent(&p, true, SEG_RST | SEG_ACK)), "case %d", i);
        pair_expects_all_given_back(&p);
        pair_fini(&p);
    }
}

Test(session, a_hold_that_the_server_resets_is_reset)
{
    struct pair_opts o = {.client_hold_ns = 10 * NS_PER_SEC,
                          .server_closes = true,
                          .server_close = CLOSE_RST,
                          .server_hold_ns = 20 * NS_PER_MS};

    o.duration_ns = 30 * NS_PER_US;
    run(o);
    cr_assert(eq(u64, CLIENT_FAIL(&p, reset), 1));
    pair_fini(&p);
}

Test(session, a_server_does_not_mind_who_ends_its_hold)
{
    struct pair_opts o = {
        .server_closes = true, .server_close = CLOSE_FIN, .server_hold_ns = 10 * NS_PER_SEC};

    o.duration_ns = 30 * NS_PER_US;
    run(o);
    pair_expects_clean(&p, 1);
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
    return n < 30 ? -1 : 1;
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
