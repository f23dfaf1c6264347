/* SPDX-License-Identifier: BSD-3-Clause */
/* Which failures are of those that began late, or too soon after, for connections and requests. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "pair_rig.h"
#include "proto/http_counters.h"
#include "proto/http_request.h"

static struct pair p;

/* Neither side has its turn for so long. */
static void
stall(uint64_t ns)
{
    uint64_t step_ns = p.opts.step_ns;

    p.opts.step_ns = ns;
    pair_run(&p, 1);
    p.opts.step_ns = step_ns;
}

/* -- connections ----------------------------------------------------------------------------- */

static bool
drops_syns(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return (e->seg.flags & SEG_SYN) != 0;
}

static const struct pair_opts DEAF = {.rate = 2000,
                                      .open_max = 1000,
                                      .duration_ns = 100 * NS_PER_MS,
                                      .connect_timeout_ns = NS_PER_SEC};

Test(client_late, who_fails_without_a_late_start_before_has_failed_on_time)
{
    pair_init(&p, &DEAF);
    p.drops = drops_syns;
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 200));
    cr_assert(zero(u64, CLIENT_CTR(&p, late_starts)));
    cr_assert(zero(u64, CLIENT_CTR(&p, starts_after_late)));
    cr_assert(zero(u64, CLIENT_CTR(&p, late_failures)));
    pair_fini(&p);
}

/* 5 ms in which ten were due, and 20 ms behind them in which forty were; marks are of steps of a
 * millisecond. All fail, a second later. */
Test(client_late, who_was_late_or_came_soon_after_and_fails_is_told_from_the_others)
{
    pair_init(&p, &DEAF);
    p.drops = drops_syns;
    pair_run(&p, 30 * NS_PER_MS);
    stall(5 * NS_PER_MS);
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 200));
    cr_assert(ge(u64, CLIENT_CTR(&p, late_starts), 9));
    cr_assert(le(u64, CLIENT_CTR(&p, late_starts), 10));
    cr_assert(ge(u64, CLIENT_CTR(&p, starts_after_late), 40));
    cr_assert(le(u64, CLIENT_CTR(&p, starts_after_late), 43));
    cr_assert(ge(u64, CLIENT_CTR(&p, late_failures),
                 CLIENT_CTR(&p, late_starts) + CLIENT_CTR(&p, starts_after_late)));
    cr_assert(le(u64, CLIENT_CTR(&p, late_failures),
                 CLIENT_CTR(&p, late_starts) + CLIENT_CTR(&p, starts_after_late) + 3));
    pair_fini(&p);
}

/* 200 us late, which a target has settled after 4 ms: ten starts. */
Test(client_late, the_shorter_the_burst_the_sooner_it_is_over)
{
    pair_init(&p, &DEAF);
    p.drops = drops_syns;
    pair_run(&p, 29900 * NS_PER_US);
    stall(300 * NS_PER_US);
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, late_starts), 1));
    cr_assert(le(u64, CLIENT_CTR(&p, starts_after_late), 10));
    cr_assert(le(u64, CLIENT_CTR(&p, late_failures), 14));
    cr_assert(ge(u64, CLIENT_CTR(&p, late_failures), 1));
    pair_fini(&p);
}

/* The mark of another worker, whose burst the same target had. */
Test(client_late, who_fails_after_another_workers_late_start_is_told_too)
{
    pair_init(&p, &DEAF);
    p.drops = drops_syns;
    late_mark(&p.late, PAIR_START_NS + 10 * NS_PER_MS, PAIR_START_NS + 30 * NS_PER_MS);
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(eq(u64, CLIENT_CTR(&p, failed), 200));
    cr_assert(zero(u64, CLIENT_CTR(&p, late_starts)));
    cr_assert(ge(u64, CLIENT_CTR(&p, starts_after_late), 40));
    cr_assert(le(u64, CLIENT_CTR(&p, starts_after_late), 44));
    cr_assert(ge(u64, CLIENT_CTR(&p, late_failures), 40));
    cr_assert(le(u64, CLIENT_CTR(&p, late_failures), 44));
    pair_fini(&p);
}

Test(client_late, a_closed_loop_has_no_schedule_to_be_late_by)
{
    struct pair_opts o = DEAF;

    o.rate = 0;
    o.open_max = 10;
    pair_init(&p, &o);
    p.drops = drops_syns;
    stall(5 * NS_PER_MS);
    pair_run_out(&p, 10 * NS_PER_SEC);
    cr_assert(ge(u64, CLIENT_CTR(&p, failed), 10));
    cr_assert(zero(u64, CLIENT_CTR(&p, late_failures)));
    pair_fini(&p);
}

/* -- requests -------------------------------------------------------------------------------- */

static uint8_t request_bytes[512];
static struct http_request request;
static struct http_opts http = {
    .requests = &request, .expect_first = 200, .expect_last = 399, .expect_bytes = HTTP_ANY_LENGTH};

/* 2000 a second on few connections, @pipeline at once on each. */
static struct pair_opts
paced_opts(unsigned pipeline)
{
    struct http_request_opts r = {
        .method = "GET", .host = "198.19.0.1", .path = "/100", .fields = ""};
    struct pair_exchange exchange = {
        .proto = proto_by_name("http1"), .http = &http, .is_endless = true};
    struct pair_opts o = {.open_max = 40,
                          .request_rate = 2000,
                          .duration_ns = 100 * NS_PER_MS,
                          .winds_down = true,
                          .client.exchange = exchange,
                          .server.exchange = exchange};

    http_request_make(&r, request_bytes, &request);
    http.pipeline = (uint16_t)pipeline;
    http.expect_first = 200;
    o.client.exchange.stall_us = 300000;
    o.client.data_timeout_ns = 300 * NS_PER_MS;
    return o;
}

static void
run_with_a_stall(const struct pair_opts *o)
{
    pair_init(&p, o);
    pair_run(&p, 30300 * NS_PER_US); /* nothing is under way */
    cr_assert(zero(u64, CLIENT_CTR(&p, late_starts)));
    stall(5 * NS_PER_MS);
    pair_run_out(&p, 60 * NS_PER_SEC);
}

/* Of those due in 25 ms: ten late ones, of which a connection was free for one, and forty after
 * them. */
static void
expects_a_quarter(uint64_t late)
{
    cr_assert(ge(u64, late, 49), "%ju", late);
    cr_assert(le(u64, late, 55), "%ju", late);
}

ParameterizedTestParameters(client_late, answers_that_are_wrong_are_told_by_when_they_were_due)
{
    static unsigned pipelines[] = {1, 8};

    return cr_make_param_array(unsigned, pipelines, 2);
}

ParameterizedTest(unsigned *pipeline, client_late,
                  answers_that_are_wrong_are_told_by_when_they_were_due)
{
    struct pair_opts o = paced_opts(*pipeline);

    http.expect_first = 201;
    run_with_a_stall(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 200));
    cr_assert(eq(u64, p.client_stat.now->counters[CTR_COUNT + HTTP_COUNT_unexpected_status], 200));
    cr_assert(ge(u64, CLIENT_CTR(&p, late_starts), 1));
    expects_a_quarter(CLIENT_CTR(&p, late_failures));
    pair_fini(&p);
}

Test(client_late, answers_that_are_right_are_no_failures)
{
    struct pair_opts o = paced_opts(1);

    run_with_a_stall(&o);
    cr_assert(eq(u64, CLIENT_CTR(&p, responses), 200));
    cr_assert(ge(u64, CLIENT_CTR(&p, starts_after_late), 35));
    cr_assert(le(u64, CLIENT_CTR(&p, starts_after_late), 44));
    cr_assert(zero(u64, CLIENT_CTR(&p, late_failures)));
    pair_fini(&p);
}

static bool
drops_answers(const struct pair *q, const struct pair_entry *e)
{
    (void)q;
    return !e->by_client && e->seg.payload_len > 0;
}

ParameterizedTestParameters(client_late, requests_that_are_lost_are_told_by_when_they_were_due)
{
    static unsigned pipelines[] = {1, 8};

    return cr_make_param_array(unsigned, pipelines, 2);
}

/* None is answered, so each takes a connection, or a place on one, for itself. */
ParameterizedTest(unsigned *pipeline, client_late,
                  requests_that_are_lost_are_told_by_when_they_were_due)
{
    struct pair_opts o = paced_opts(*pipeline);

    o.open_max = 400;
    pair_init(&p, &o);
    p.drops = drops_answers;
    late_mark(&p.late, PAIR_START_NS + 10 * NS_PER_MS, PAIR_START_NS + 35 * NS_PER_MS);
    pair_run_out(&p, 60 * NS_PER_SEC);
    cr_assert(zero(u64, CLIENT_CTR(&p, responses)));
    cr_assert(eq(u64, CLIENT_CTR(&p, requests), 200));
    expects_a_quarter(CLIENT_CTR(&p, late_failures));
    pair_fini(&p);
}
