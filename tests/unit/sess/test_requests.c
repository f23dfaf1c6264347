/* SPDX-License-Identifier: BSD-3-Clause */
/* Where requests come from: paced, counted, sent again. By HTTP/1.1 on a link in virtual time,
 * where a request takes a round trip of 200 us and the server's answer comes at once, unless said
 * otherwise. */
#include "pair_rig.h"
#include "proto/http_counters.h"
#include "proto/http_request.h"

static struct pair p;

static uint8_t request_bytes[512];
static struct http_request request[3]; /* one for each target */
static struct http_opts http = {.requests = request, .expect_first = 200, .expect_last = 399};

static void
set_up(void)
{
    struct http_request_opts r = {
        .method = "GET", .host = "198.19.0.1", .path = "/100", .fields = ""};

    http_request_make(&r, request_bytes, &request[0]);
    request[1] = request[2] = request[0];
    http.requests_per_conn = 0;
    http.pipeline = 1;
}

TestSuite(requests, .init = set_up, .timeout = 300);

static struct pair_opts
http_opts(void)
{
    return (struct pair_opts){
        .open_max = 4,
        .duration_ns = 100 * NS_PER_MS,
        .winds_down = true,
        .client.exchange = {.proto = proto_by_name("http1"),
                            .http = &http,
                            .is_endless = true,
                            .repeats = true},
        .server.exchange = {.proto = proto_by_name("http1"), .http = &http, .is_endless = true},
    };
}

static void
run(const struct pair_opts *o)
{
    pair_init(&p, o);
    pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(zero(u64, client_open(&p.client)));
    p.opts.step_ns = 10 * NS_PER_MS;
    pair_run(&p, 70 * NS_PER_SEC); /* TIME-WAIT */
    pair_expects_all_given_back(&p);
    cr_assert(zero(u32, p.client.core.requests.n_seeking));
    cr_assert(zero(u64, p.client.core.requests.n_under_way));
}

static const struct hist *
latency(enum stat_latency which)
{
    return &p.client_stat.now->latency[which];
}

/* -- paced ---------------------------------------------------------------------------------------
 */

Test(requests, paced_ones_begin_at_their_instants_whichever_connection_is_free)
{
    struct pair_opts o = http_opts();

    o.request_rate = 1000;
    run(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 100));
    cr_assert(eq(u64, SERVER_CTR(&p, responses), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 1)); /* it is free each time */
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, connections_busy), 1)); /* there was none yet */
    cr_assert(eq(u64, latency(LAT_lateness)->count, 99));
    cr_assert(le(u64, latency(LAT_lateness)->max_ns, 20 * NS_PER_US));
    cr_assert(eq(u64, latency(LAT_ttfb)->count, 100));
    cr_assert(eq(u64, latency(LAT_ttfb_service)->count, 100));
    cr_assert(le(u64, latency(LAT_ttfb_service)->max_ns, 260 * NS_PER_US));
    cr_assert(ge(u64, latency(LAT_ttfb)->max_ns, 400 * NS_PER_US)); /* the first, with the SYN */
    cr_assert(eq(u64, latency(LAT_ttfb_syn)->count, 1));
    pair_fini(&p);
}

/* 50 at the first rate, a pause of 10 ms, and 40 ms at the second. */
Test(requests, the_rate_of_paced_ones_can_be_changed)
{
    struct pair_opts o = http_opts();
    struct load_change pause, change;

    o.request_rate = 1000;
    pair_init(&p, &o);
    pause = load_change_milli(PAIR_START_NS + 50 * NS_PER_MS, (load_sum)50 << 64, 0);
    change = load_change_milli(PAIR_START_NS + 60 * NS_PER_MS,
                               load_change_sum(&pause, PAIR_START_NS + 60 * NS_PER_MS), 5000000);
    client_follow(&p.client, &pause);
    client_follow(&p.client, &change);
    pair_run(&p, 59 * NS_PER_MS);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 50));
    cr_assert(eq(u64, client_open(&p.client), 1)); /* it waits for more */
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 250));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 250));
    pair_fini(&p);
}

/* Statistics of two classes. */
static struct stats class_stats[2];

static void
two_classes(struct sess_class *k, bool is_client)
{
    for (unsigned i = 0; is_client && i < 2; i++) {
        stat_init(&class_stats[i], PAIR_START_NS);
        k[i].stat = &class_stats[i];
    }
}

static struct pair_opts
two_class_opts(uint64_t first, uint64_t second)
{
    struct pair_opts o = http_opts();

    o.n_classes = 2;
    o.n_targets[0] = 2;
    o.classes = two_classes;
    o.request_rate = first + second;
    o.request_shares[0] = first;
    o.request_shares[1] = second;
    return o;
}

static uint64_t
of_class(unsigned i, enum stat_counter counter)
{
    return class_stats[i].now->counters[counter];
}

Test(requests, each_class_has_its_own_pace_and_its_own_connections)
{
    struct pair_opts o = two_class_opts(250, 750);

    run(&o);
    cr_assert(eq(u64, of_class(0, CTR_responses), 25));
    cr_assert(eq(u64, of_class(1, CTR_responses), 75));
    cr_assert(eq(u64, of_class(0, CTR_attempted), 1));
    cr_assert(eq(u64, of_class(1, CTR_attempted), 1));
    cr_assert(eq(u64, of_class(0, CTR_connections_busy), 1)); /* there was none yet */
    cr_assert(le(u64, latency(LAT_lateness)->max_ns, 40 * NS_PER_US));
    pair_fini(&p);
}

Test(requests, a_pool_grows_by_the_connections_of_its_class)
{
    struct pair_opts o = two_class_opts(1000, 20000);

    o.open_max = 100;
    run(&o);
    cr_assert(eq(u64, of_class(0, CTR_responses), 100));
    cr_assert(eq(u64, of_class(1, CTR_responses), 2000));
    cr_assert(le(u64, of_class(0, CTR_attempted), 2));
    cr_assert(ge(u64, of_class(1, CTR_attempted), 4));
    cr_assert(zero(u64, CLIENT_CTR(&p, starts_dropped)));
    pair_fini(&p);
}

static bool
loses_first_class(const struct pair *pair, const struct pair_entry *e)
{
    (void)pair;
    return !e->by_client && e->seg.src_port == PAIR_PORT;
}

/* What waits for connections of one class is nothing that another's could take. */
Test(requests, a_class_whose_target_is_silent_holds_up_no_other)
{
    struct pair_opts o = two_class_opts(500, 500);

    o.connect_timeout_ns = 50 * NS_PER_MS;
    pair_init(&p, &o);
    p.drops = loses_first_class;
    pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(zero(u64, of_class(0, CTR_responses)));
    cr_assert(eq(u64, of_class(1, CTR_responses), 50));
    cr_assert(eq(u64, of_class(1, CTR_requests), 50));
    cr_assert(eq(u64, client_starts_dropped(&p.client), 50));
    cr_assert(zero(u64, client_open(&p.client)));
    pair_fini(&p);
}

/* As with one class: 50 at the first rate, a pause, and 200 at the second. */
Test(requests, of_a_rate_that_changes_classes_keep_their_shares)
{
    struct pair_opts o = two_class_opts(250, 750);
    struct load_change pause, change;

    pair_init(&p, &o);
    pause = load_change_milli(PAIR_START_NS + 50 * NS_PER_MS, (load_sum)50 << 64, 0);
    change = load_change_milli(PAIR_START_NS + 60 * NS_PER_MS,
                               load_change_sum(&pause, PAIR_START_NS + 60 * NS_PER_MS), 5000000);
    client_follow(&p.client, &pause);
    client_follow(&p.client, &change);
    pair_run_out(&p, NS_PER_SEC);
    cr_assert(ge(u64, of_class(0, CTR_responses), 62));
    cr_assert(le(u64, of_class(0, CTR_responses), 63));
    cr_assert(ge(u64, of_class(1, CTR_responses), 187));
    cr_assert(le(u64, of_class(1, CTR_responses), 188));
    pair_fini(&p);
}

Test(requests, the_pool_grows_as_needed)
{
    struct pair_opts o = http_opts();

    o.request_rate = 20000; /* four a round trip */
    o.open_max = 100;
    run(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 2000));
    cr_assert(zero(u64, CLIENT_CTR(&p, starts_dropped)));
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 4));
    cr_assert(le(u64, CLIENT_CTR(&p, attempted), 20));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)));
    cr_assert(zero(u64, CLIENT_CTR(&p, conn_limit_reached)));
    pair_fini(&p);
}

Test(requests, none_is_free_and_the_pool_may_not_grow_so_they_wait_and_that_counts)
{
    struct pair_opts o = http_opts();

    o.request_rate = 10000;
    o.open_max = 1; /* carries at most 5000 a second */
    run(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 1));
    cr_assert(ge(u64, CLIENT_CTR(&p, connections_busy), 400));
    cr_assert(lt(u64, 0, CLIENT_CTR(&p, conn_limit_reached)));
    cr_assert(ge(u64, latency(LAT_ttfb)->max_ns, 40 * NS_PER_MS));
    cr_assert(le(u64, latency(LAT_ttfb_service)->max_ns, 300 * NS_PER_US));
    cr_assert(le(u64, latency(LAT_lateness)->count, 1)); /* none was the generator's own */
    /* What could not begin is dropped, and nothing is lost sight of. */
    cr_assert(eq(u64, CLIENT_CTR(&p, requests) + client_starts_dropped(&p.client), 1000));
    pair_fini(&p);
}

/* Coordinated omission: a server that stalls keeps all connections, and the requests that fell due
 * meanwhile have waited for it, whether or not anybody could send them. */
Test(requests, a_stall_of_a_second_is_in_all_requests_that_were_due_in_it)
{
    struct pair_opts o = http_opts();
    uint64_t late = 0;

    o.request_rate = 1000;
    o.open_max = 16;
    o.duration_ns = 3 * NS_PER_SEC;
    o.delay_ns = 50 * NS_PER_US;
    o.step_ns = 50 * NS_PER_US;
    pair_init(&p, &o);
    pair_run(&p, NS_PER_SEC);
    p.opts.delay_ns = NS_PER_SEC; /* all that follows waits behind what is sent now */
    pair_run(&p, NS_PER_MS);
    p.opts.delay_ns = 50 * NS_PER_US;
    pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 3000));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 3000));
    for (double q = 0.0005; q < 1; q += 0.001)
        late += hist_quantile_ns(latency(LAT_ttfb), q) >= 100 * NS_PER_MS;
    cr_assert(ge(u64, late, 280), "%lu of 1000", (unsigned long)late); /* 0.9 s of 3 s */
    /* Requests are due evenly: of 3 s the share q of the shortest waits ends (1 - q) * 3 s before
     * the longest, which is the stall. */
    for (double q = 0.75; q < 0.995; q += 0.05) {
        double theory_ns = (double)NS_PER_SEC - 3 * (double)NS_PER_SEC * (1 - q);
        double seen_ns = (double)hist_quantile_ns(latency(LAT_ttfb), q);

        cr_assert(seen_ns > theory_ns - 20e6 && seen_ns < theory_ns + 20e6,
                  "quantile %.2f: %.0f ms, by theory %.0f ms", q, seen_ns / 1e6, theory_ns / 1e6);
    }
    cr_assert(ge(u64, latency(LAT_ttfb)->max_ns, 980 * NS_PER_MS));
    /* Seen from the connections a handful was slow. */
    cr_assert(lt(u64, hist_quantile_ns(latency(LAT_ttfb_service), 0.99), 10 * NS_PER_MS));
    cr_assert(ge(u64, CLIENT_CTR(&p, connections_busy), 900));
    pair_fini(&p);
}

Test(requests, a_connection_that_the_server_closes_is_replaced_when_it_is_needed)
{
    struct pair_opts o = http_opts();

    http.requests_per_conn = 10;
    o.request_rate = 1000;
    run(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 10));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), 10));
    cr_assert(zero(u64, CLIENT_CTR(&p, requests_raced)));
    pair_fini(&p);
}

Test(requests, a_connection_that_thinks_is_not_free)
{
    struct pair_opts o = http_opts();

    o.request_rate = 1000;
    o.open_max = 100;
    o.client.exchange.think_ns = 10 * NS_PER_MS - 500 * NS_PER_US;
    run(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 100));
    cr_assert(ge(u64, CLIENT_CTR(&p, attempted), 10));
    cr_assert(le(u64, CLIENT_CTR(&p, attempted), 12));
    pair_fini(&p);
}

Test(requests, exchanges_of_payload_are_paced_too)
{
    struct pair_opts o = {
        .request_rate = 1000,
        .open_max = 4,
        .duration_ns = 100 * NS_PER_MS,
        .winds_down = true,
        .client.exchange = {.send_bytes = 1000, .expect_bytes = 2000, .is_endless = true},
        .server.exchange = {.send_bytes = 2000, .after_bytes = 1000, .is_endless = true}};

    run(&o);
    cr_assert(eq(u64, latency(LAT_transfer)->count, 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, tx_payload_bytes), 100000));
    cr_assert(eq(u64, CLIENT_CTR(&p, rx_payload_bytes), 200000));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)));
    pair_fini(&p);
}

/* -- counted -------------------------------------------------------------------------------------
 */

static void
run_counted(struct pair_opts *o, uint64_t n)
{
    o->requests_total = n;
    o->duration_ns = 10 * NS_PER_SEC;
    pair_init(&p, o);
    while (!client_is_spent(&p.client) && p.now_ns < PAIR_START_NS + o->duration_ns)
        pair_run(&p, o->step_ns != 0 ? o->step_ns : 20 * NS_PER_US);
    cr_assert(client_is_spent(&p.client));
    cr_assert(lt(u64, p.now_ns, PAIR_START_NS + o->duration_ns));
    client_stop_at(&p.client, p.now_ns);
    pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(zero(u64, client_starts_dropped(&p.client)));
    cr_assert(zero(u64, client_open(&p.client)));
}

static void
expect_counted(struct pair_opts *o, uint64_t n)
{
    run_counted(o, n);
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)));
}

Test(requests, so_many_in_all_over_kept_connections)
{
    struct pair_opts o = http_opts();

    expect_counted(&o, 1003);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 1003));
    cr_assert(eq(u64, SERVER_CTR(&p, responses), 1003));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 4));
    pair_fini(&p);
}

Test(requests, so_many_in_all_with_one_on_each_connection)
{
    struct pair_opts o = http_opts();

    o.client.exchange.is_endless = false;
    expect_counted(&o, 103);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 103));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 103));
    pair_fini(&p);
}

Test(requests, fewer_than_connections)
{
    struct pair_opts o = http_opts();

    o.open_max = 50;
    expect_counted(&o, 3);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 3));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 3));
    pair_fini(&p);
}

Test(requests, so_many_exchanges_of_one_segment_each_way)
{
    struct pair_opts o = {.open_max = 5,
                          .client.exchange = {.send_bytes = 1, .expect_bytes = 1},
                          .server.exchange = {.send_bytes = 1, .after_bytes = 1}};

    expect_counted(&o, 101);
    cr_assert(eq(u64, latency(LAT_transfer)->count, 101));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 101));
    pair_fini(&p);
}

Test(requests, so_many_that_are_paced)
{
    struct pair_opts o = http_opts();

    o.request_rate = 1000;
    expect_counted(&o, 250);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 250));
    pair_fini(&p);
}

Test(requests, so_many_with_a_rate_of_connections)
{
    struct pair_opts o = http_opts();

    o.client.exchange.is_endless = false;
    o.rate = 1000;
    expect_counted(&o, 100);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 100));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 100));
    pair_fini(&p);
}

/* -- again ---------------------------------------------------------------------------------------
 */

/* The server answers @n on a connection, and closes a while later, without a word: what is asked
 * meanwhile gets no answer. */
static struct pair_opts
closing_opts(uint32_t n)
{
    struct pair_opts o = http_opts();

    o.server.exchange.is_endless = false;
    o.server.exchange.n = n;
    o.server_closes = true;
    o.server_close = CLOSE_FIN;
    o.server_hold_ns = 500 * NS_PER_US;
    return o;
}

Test(requests, one_that_met_a_close_is_sent_again_on_a_new_connection)
{
    struct pair_opts o = closing_opts(2);

    o.open_max = 1;
    run(&o);
    cr_assert(lt(u64, 10, CLIENT_CTR(&p, requests_raced)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_retried), CLIENT_CTR(&p, requests_raced)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses)));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), SERVER_CTR(&p, responses)));
    cr_assert(eq(u64, CLIENT_CTR(&p, closed), CLIENT_CTR(&p, attempted)));
    /* Its time is that from when it first should have begun. */
    cr_assert(ge(u64, latency(LAT_ttfb)->max_ns, NS_PER_MS));
    pair_fini(&p);
}

Test(requests, so_many_in_all_are_so_many_answered_ones)
{
    struct pair_opts o = closing_opts(2);

    o.open_max = 1;
    expect_counted(&o, 101);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 101));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 101));
    cr_assert(eq(u64, SERVER_CTR(&p, responses), 101));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_retried), CLIENT_CTR(&p, requests_raced)));
    pair_fini(&p);
}

/* A server that closes one connection closes others, too: kept ones do not take what is sent again.
 */
Test(requests, connections_that_are_about_to_be_closed_are_not_given_what_met_a_close)
{
    struct pair_opts o = closing_opts(2);

    o.open_max = 8;
    run(&o);
    cr_assert(lt(u64, 100, CLIENT_CTR(&p, requests_raced)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_retried), CLIENT_CTR(&p, requests_raced)));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses)));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), SERVER_CTR(&p, responses)));
    pair_fini(&p);
}

Test(requests, what_may_not_be_repeated_is_lost)
{
    struct pair_opts o = closing_opts(2);

    o.open_max = 1;
    o.client.exchange.repeats = false;
    run(&o);
    cr_assert(lt(u64, 10, CLIENT_FAIL(&p, unanswered)));
    cr_assert(zero(u64, CLIENT_CTR(&p, requests_retried)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_raced), CLIENT_FAIL(&p, unanswered)));
    cr_assert(
        eq(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses) + CLIENT_FAIL(&p, unanswered)));
    pair_fini(&p);
}

/* With several targets it goes to the one that it was for. */
Test(requests, it_is_sent_again_to_its_own_target)
{
    struct pair_opts o = closing_opts(2);

    o.n_targets[0] = 3;
    o.open_max = 6;
    run(&o);
    cr_assert(lt(u64, 10, CLIENT_CTR(&p, requests_retried)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_raced),
                 CLIENT_CTR(&p, requests_retried) + CLIENT_FAIL(&p, unanswered)));
    cr_assert(
        eq(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses) + CLIENT_FAIL(&p, unanswered)));
    pair_fini(&p);
}

Test(requests, paced_ones_that_met_a_close_are_sent_again)
{
    struct pair_opts o = closing_opts(5);

    o.request_rate = 2000; /* the sixth is under way in the server's last 500 us */
    o.open_max = 2;
    run(&o);
    cr_assert(lt(u64, 0, CLIENT_CTR(&p, requests_retried)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 200));
    cr_assert(
        eq(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses) + CLIENT_FAIL(&p, unanswered)));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), SERVER_CTR(&p, responses)));
    pair_fini(&p);
}

static bool
drops_syns_after_the_first(const struct pair *q, const struct pair_entry *e)
{
    return e->by_client && (e->seg.flags & SEG_SYN) != 0 && CLIENT_CTR(q, established) > 0;
}

/* So its fate is known, too, when nothing will come of it any more. */
Test(requests, one_that_no_connection_comes_for_again_is_lost)
{
    struct pair_opts o = closing_opts(2);

    o.open_max = 1;
    pair_init(&p, &o);
    p.drops = drops_syns_after_the_first;
    pair_run_out(&p, 120 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_raced), 1));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 2));
    client_forget_requests(&p.client);
    client_forget_requests(&p.client);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 3));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 2));
    cr_assert(eq(u64, p.client_stat.now->counters[CTR_COUNT + HTTP_COUNT_closed_early], 1));
    cr_assert(zero(u32, p.client.core.requests.n_again));
    pair_fini(&p);
}

/* The server answers one on each connection, the client has two: the second meets the close, and a
 * connection that begins for its sake has no second one of its own. */
Test(requests, what_is_sent_again_after_the_load_brings_no_further_requests)
{
    struct pair_opts o = closing_opts(1);
    uint64_t attempted;

    o.open_max = 1;
    o.client.exchange.is_endless = false;
    o.client.exchange.n = 2;
    o.duration_ns = 20 * NS_PER_MS;
    pair_init(&p, &o);
    pair_run(&p, o.duration_ns);
    attempted = CLIENT_CTR(&p, attempted);
    cr_assert(lt(u64, 5, CLIENT_CTR(&p, requests_raced)));
    pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(le(u64, CLIENT_CTR(&p, attempted), attempted + 2));
    cr_assert(zero(u32, p.client.core.requests.n_again));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses)));
    pair_fini(&p);
}

/* -- pipelined ------------------------------------------------------------------------------------
 */

Test(requests, pipelined_ones_share_segments_and_each_has_times_of_its_own)
{
    struct pair_opts o = http_opts();
    uint64_t n;

    http.pipeline = 8;
    o.open_max = 1;
    o.duration_ns = 10 * NS_PER_MS;
    run(&o);
    n = CLIENT_CTR(&p, requests);
    cr_assert(ge(u64, n, 8 * 45)); /* a round trip takes 200 us */
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), n));
    cr_assert(eq(u64, SERVER_CTR(&p, responses), n));
    cr_assert(eq(u64, latency(LAT_ttfb)->count, n));
    cr_assert(eq(u64, latency(LAT_ttlb)->count, n));
    cr_assert(eq(u64, latency(LAT_ttfb_syn)->count, 1));
    cr_assert(le(u64, latency(LAT_ttlb)->max_ns, 300 * NS_PER_US));
    cr_assert(lt(u64, 4 * SERVER_CTR(&p, tx_packets), n)); /* many answers in a segment */
    pair_fini(&p);
}

/* The sixth to the eighth are due while others are under way on the only connection. */
Test(requests, paced_ones_are_pipelined_when_they_are_due)
{
    struct pair_opts o = http_opts();

    http.pipeline = 8;
    o.request_rate = 20000; /* four a round trip */
    o.open_max = 1;
    run(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 2000));
    cr_assert(eq(u64, CLIENT_CTR(&p, attempted), 1));
    cr_assert(eq(u64, latency(LAT_ttfb_service)->count, 2000));
    cr_assert(le(u64, latency(LAT_ttfb_service)->max_ns, 300 * NS_PER_US));
    pair_fini(&p);
}

/* Eight are under way when the server says with its tenth answer that it closes. */
Test(requests, pipelined_ones_behind_the_last_answer_are_sent_again_once)
{
    struct pair_opts o = http_opts();

    http.requests_per_conn = 10;
    http.pipeline = 8;
    run(&o);
    cr_assert(lt(u64, 100, CLIENT_CTR(&p, requests_raced)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_retried), CLIENT_CTR(&p, requests_raced)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), CLIENT_CTR(&p, responses)));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), SERVER_CTR(&p, responses)));
    cr_assert(zero(u64, CLIENT_CTR(&p, failed)));
    pair_fini(&p);
}

Test(requests, so_many_pipelined_ones_in_all_are_so_many_answered_ones)
{
    struct pair_opts o = http_opts();

    http.requests_per_conn = 10;
    http.pipeline = 8;
    expect_counted(&o, 1003);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 1003));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 1003));
    cr_assert(eq(u64, SERVER_CTR(&p, responses), 1003));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_retried), CLIENT_CTR(&p, requests_raced)));
    pair_fini(&p);
}

/* It answers three of eight on each connection: those that meet a second close are lost, and told.
 */
Test(requests, none_is_sent_again_twice)
{
    struct pair_opts o = http_opts();
    uint64_t lost;

    http.requests_per_conn = 3;
    http.pipeline = 8;
    o.open_max = 1;
    run_counted(&o, 200);
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 200));
    lost = CLIENT_CTR(&p, requests) - CLIENT_CTR(&p, responses);
    cr_assert(lt(u64, 0, lost));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests_raced), CLIENT_CTR(&p, requests_retried) + lost));
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), CLIENT_FAIL(&p, unanswered)));
    cr_assert(lt(u64, 0, CLIENT_FAIL(&p, unanswered)));
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), SERVER_CTR(&p, responses)));
    pair_fini(&p);
}

Test(requests, pipelined_ones_that_may_not_be_repeated_are_lost)
{
    struct pair_opts o = http_opts();

    http.requests_per_conn = 10;
    http.pipeline = 8;
    o.client.exchange.repeats = false;
    run(&o);
    cr_assert(zero(u64, CLIENT_CTR(&p, requests_retried)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests),
                 CLIENT_CTR(&p, responses) + CLIENT_CTR(&p, requests_raced)));
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), CLIENT_FAIL(&p, unanswered)));
    pair_fini(&p);
}
