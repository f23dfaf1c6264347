/* SPDX-License-Identifier: BSD-3-Clause */
/* What a connection does with payload, without a peer: the script says what TCP reported, and moves
 * the numbers as it would have. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "sess/exchange.h"

/* Bytes written ahead of what is acknowledged. */
enum { AHEAD = 1 << 28 };

static struct stats stat;
static struct tcp_pools pools;
static struct tcp_params params;
static struct tcp_ctx ctx;
static struct tcp_conn c;
static struct exchange_opts opts;

static void
set_up(void)
{
    const struct tcp_pools_opts o = {.n_streams = 1, .stream_bytes = sizeof(struct carrier)};

    stat_init(&stat, 0);
    cr_assert(zero(int, tcp_pools_init(&pools, &o)));
    params = (struct tcp_params){
        .rcv_wnd = 65536, .data_timeout_us = 10000000, .cc = cc_algorithms[CC_CUBIC]};
    ctx = (struct tcp_ctx){.params = &params, .stat = &stat, .pools = &pools};
    tcp_ctx_set_now(&ctx, NS_PER_SEC);
    c = (struct tcp_conn){.snd_una = UINT32_MAX - 1000,
                          .snd_nxt = UINT32_MAX - 1000,
                          .rcv_nxt = 5000,
                          .peer_wnd = 65535,
                          .mss = 1460,
                          .rto_ms = 200,
                          .state = TCPS_ESTABLISHED};
    opts = (struct exchange_opts){0};
}

static void
tear_down(void)
{
    tcp_pools_fini(&pools);
}

TestSuite(exchange, .init = set_up, .fini = tear_down);

static enum exchange_verdict
established(void)
{
    return exchange_act(&c, &ctx, &opts, TCP_EV_ESTABLISHED);
}

static struct tcp_stream *
stream(void)
{
    return &((struct carrier *)slab_at(&pools.streams, tcp_stream_idx(&c)))->stream;
}

static enum exchange_verdict
comes(uint32_t n)
{
    ctx.delivered = n;
    c.rcv_nxt += n;
    stream()->unread += n;
    return exchange_act(&c, &ctx, &opts, TCP_EV_DATA);
}

static enum exchange_verdict
is_acknowledged(uint32_t n)
{
    ctx.acked = n;
    c.snd_una += n;
    c.snd_nxt = c.snd_una;
    stream()->progress_us = ctx.now_us;
    return exchange_act(&c, &ctx, &opts, TCP_EV_ACKED);
}

static void
passes(uint64_t ns)
{
    tcp_ctx_set_now(&ctx, ctx.now_ns + ns);
}

Test(exchange, who_neither_sends_nor_expects_has_no_plan)
{
    cr_assert(eq(int, established(), EXCHANGE_NOT_PLANNED));
    cr_assert(eq(int, comes(100), EXCHANGE_NOT_PLANNED));
    cr_assert(zero(u32, stream()->unread));
}

Test(exchange, who_sends_may_close_behind_it_and_is_done_when_it_is_acknowledged)
{
    opts.send_bytes = 1000;
    cr_assert(eq(int, established(), EXCHANGE_MAY_CLOSE));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), 1000));
    cr_assert(eq(int, is_acknowledged(999), EXCHANGE_MAY_CLOSE));
    cr_assert(eq(int, is_acknowledged(1), EXCHANGE_COMPLETE));
    cr_assert(eq(int, exchange_act(&c, &ctx, &opts, 0), EXCHANGE_MAY_CLOSE)); /* once */
}

Test(exchange, who_expects_waits_for_the_last_byte)
{
    opts.expect_bytes = 1000;
    cr_assert(eq(int, established(), EXCHANGE_GOES_ON));
    cr_assert(eq(int, comes(999), EXCHANGE_GOES_ON));
    cr_assert(eq(int, comes(1), EXCHANGE_COMPLETE));
}

Test(exchange, more_than_is_expected_is_enough)
{
    opts.expect_bytes = 1000;
    (void)established();
    cr_assert(eq(int, comes(1500), EXCHANGE_COMPLETE));
    cr_assert(eq(int, comes(1500), EXCHANGE_MAY_CLOSE));
}

Test(exchange, an_answer_is_written_when_the_request_is_complete)
{
    opts.send_bytes = 500;
    opts.after_bytes = 1000;
    cr_assert(eq(int, established(), EXCHANGE_GOES_ON));
    cr_assert(eq(int, comes(999), EXCHANGE_GOES_ON));
    cr_assert(zero(u32, tcp_unacked(&c, &ctx)));
    cr_assert(eq(int, comes(1), EXCHANGE_MAY_CLOSE));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), 500));
    cr_assert(eq(int, comes(1000), EXCHANGE_MAY_CLOSE));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), 500));
    cr_assert(eq(int, is_acknowledged(500), EXCHANGE_COMPLETE));
}

Test(exchange, no_more_is_written_ahead_than_serial_numbers_bear)
{
    opts.send_bytes = 3 * (uint64_t)AHEAD + 77;
    cr_assert(eq(int, established(), EXCHANGE_GOES_ON));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), AHEAD));
    cr_assert(eq(int, is_acknowledged(AHEAD - 1000), EXCHANGE_GOES_ON));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), AHEAD));
    cr_assert(eq(int, is_acknowledged(AHEAD), EXCHANGE_GOES_ON));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), AHEAD));
    cr_assert(eq(int, is_acknowledged(1000 + 77), EXCHANGE_MAY_CLOSE));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), AHEAD));
    cr_assert(eq(int, is_acknowledged(AHEAD), EXCHANGE_COMPLETE));
}

Test(exchange, an_echo_consumes_what_the_peer_has_acknowledged_and_goes_on_until_it_closes)
{
    opts.echo = true;
    cr_assert(eq(int, established(), EXCHANGE_GOES_ON));
    cr_assert(eq(int, comes(300), EXCHANGE_GOES_ON));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), 300));
    cr_assert(eq(u32, stream()->unread, 300));
    cr_assert(eq(int, is_acknowledged(200), EXCHANGE_GOES_ON));
    cr_assert(eq(u32, stream()->unread, 100));
    c.state = TCPS_CLOSE_WAIT;
    cr_assert(eq(int, comes(10), EXCHANGE_MAY_CLOSE));
    cr_assert(eq(u32, tcp_unacked(&c, &ctx), 110));
}

Test(exchange, a_peer_that_closes_too_early_has_cut_it_short)
{
    opts.expect_bytes = 1000;
    (void)established();
    c.state = TCPS_CLOSE_WAIT;
    cr_assert(eq(int, comes(999), EXCHANGE_TRUNCATED));
}

Test(exchange, a_request_that_ends_too_early_has_no_answer_and_is_no_failure)
{
    opts.send_bytes = 500;
    opts.after_bytes = 1000;
    (void)established();
    c.state = TCPS_CLOSE_WAIT;
    cr_assert(eq(int, comes(999), EXCHANGE_MAY_CLOSE));
    cr_assert(zero(u32, tcp_unacked(&c, &ctx)));
}

Test(exchange, without_memory_it_says_so)
{
    struct tcp_conn other = c;

    opts.send_bytes = 500;
    (void)established();
    cr_assert(eq(int, exchange_act(&other, &ctx, &opts, TCP_EV_ESTABLISHED), EXCHANGE_NO_MEMORY));
    tcp_release(&c, &ctx);
    cr_assert(eq(int, exchange_act(&other, &ctx, &opts, TCP_EV_ESTABLISHED), EXCHANGE_MAY_CLOSE));
}

/* Borrowed after the exchange was done: nothing of it begins anew. */
Test(exchange, a_stream_that_comes_later_only_discards)
{
    opts.send_bytes = 500;
    opts.expect_bytes = 1000;
    cr_assert(tcp_attach_stream(&c, &ctx));
    cr_assert(eq(int, comes(100), EXCHANGE_NOT_PLANNED));
    cr_assert(zero(u32, tcp_unacked(&c, &ctx)));
    cr_assert(zero(u32, stream()->unread));
    cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), TIME_NEVER));
}

/* -- patience ------------------------------------------------------------------------------- */

Test(exchange, patience_runs_from_the_last_byte_that_came)
{
    opts.expect_bytes = 1000;
    opts.stall_us = 3000;
    (void)established();
    cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), NS_PER_SEC + 3 * NS_PER_MS));
    passes(2 * NS_PER_MS);
    (void)comes(10);
    cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), NS_PER_SEC + 5 * NS_PER_MS));
    passes(3 * NS_PER_MS - 1);
    cr_assert(not(exchange_is_stalled(&c, &ctx, &opts)));
    passes(1);
    cr_assert(exchange_is_stalled(&c, &ctx, &opts));
}

/* However late it is asked for, and at whatever part of a microsecond. */
Test(exchange, the_deadline_is_the_same_each_time)
{
    opts.expect_bytes = 1000;
    opts.stall_us = 3000;
    (void)established();
    for (int i = 0; i < 50; i++) {
        passes(123457);
        cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), NS_PER_SEC + 3 * NS_PER_MS));
    }
    cr_assert(exchange_is_stalled(&c, &ctx, &opts));
}

Test(exchange, nobody_is_stalled_who_has_not_heard_all_yet_or_expects_nothing_more)
{
    opts.expect_bytes = 1000;
    opts.send_bytes = 500;
    opts.stall_us = 3000;
    (void)established();
    cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), TIME_NEVER));
    passes(2 * NS_PER_MS);
    (void)is_acknowledged(500);
    cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), NS_PER_SEC + 5 * NS_PER_MS));
    (void)comes(1000);
    cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), TIME_NEVER));
}

Test(exchange, without_a_bound_patience_is_endless)
{
    opts.expect_bytes = 1000;
    (void)established();
    cr_assert(eq(u64, exchange_deadline_ns(&c, &ctx, &opts), TIME_NEVER));
    cr_assert(not(exchange_is_stalled(&c, &ctx, &opts)));
}
