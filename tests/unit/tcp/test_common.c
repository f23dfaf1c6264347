/* SPDX-License-Identifier: BSD-3-Clause */
/* For each transition that has a short way: it leads where the general one does, byte for byte, and
 * the same frames follow. Fields are random, some of them not as they are to be. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "../../inputs_agree.h"
#include "base/rng.h"
#include "wire/emit.h"

/* tcp_input() itself, and whether it left a segment to the general way. */
static bool went_general;
static unsigned note_general(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s);
#define tcp_input short_input
#define input_any note_general
unsigned short_input(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s);
#include "../../../lib/tcp/common.c"
#undef tcp_input
#undef input_any

static unsigned
note_general(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    went_general = true;
    return input_any(c, ctx, s);
}

enum { ROUNDS = 20000 };

static const struct transition {
    const char *name;
    enum tcp_state state;
    uint8_t flags;
    uint16_t payload_max; /* 0: none */
} transitions[] = {
    {"SYN-ACK in SYN-SENT", TCPS_SYN_SENT, SEG_SYN | SEG_ACK},
    {"ACK in SYN-RECEIVED", TCPS_SYN_RECEIVED, SEG_ACK},
    {"FIN in SYN-RECEIVED", TCPS_SYN_RECEIVED, SEG_FIN | SEG_ACK},
    {"ACK in ESTABLISHED", TCPS_ESTABLISHED, SEG_ACK},
    {"FIN in ESTABLISHED", TCPS_ESTABLISHED, SEG_FIN | SEG_ACK},
    {"payload in SYN-RECEIVED", TCPS_SYN_RECEIVED, SEG_ACK | SEG_PSH, 1460},
    {"payload in ESTABLISHED", TCPS_ESTABLISHED, SEG_ACK | SEG_PSH, 1460},
    {"ACK in FIN-WAIT-1", TCPS_FIN_WAIT_1, SEG_ACK},
    {"FIN in FIN-WAIT-1", TCPS_FIN_WAIT_1, SEG_FIN | SEG_ACK},
    {"ACK in LAST-ACK", TCPS_LAST_ACK, SEG_ACK},
};

static struct input_twin twin;
static struct stats stat;
static struct tcp_params params = {.connect_timeout_us = 3000000,
                                   .close_timeout_us = 3000000,
                                   .data_timeout_us = 10000000,
                                   .retries_max = 15,
                                   .rcv_wnd = 65536,
                                   .cc = &cc_cubic};
static struct tcp_pools pools;

static bool
one_in(struct rng *r, unsigned n)
{
    return rng_below(r, n) == 0;
}

static struct tcp_ctx
random_ctx(struct rng *r, bool has_pools)
{
    struct tcp_ctx ctx = {.params = &params, .stat = &stat, .pools = has_pools ? &pools : NULL};

    params.piggyback = one_in(r, 2);
    params.single = has_pools && one_in(r, 2);
    params.buffers_rx = has_pools && one_in(r, 2);
    ctx.is_whole = params.buffers_rx && one_in(r, 2);
    tcp_ctx_set_now(&ctx, rng_next(r) >> 1);
    return ctx;
}

/* In @state, with what may be in flight there. */
static struct tcp_conn
random_conn(struct rng *r, const struct tcp_ctx *ctx, enum tcp_state state)
{
    uint64_t a = rng_next(r), b = rng_next(r);
    bool has_single =
        params.single && state != TCPS_SYN_SENT && state != TCPS_SYN_RECEIVED && one_in(r, 4);
    struct tcp_conn c = {
        .snd_una = (uint32_t)a,
        .rcv_nxt = (uint32_t)(a >> 32),
        .ts_recent = (uint32_t)b,
        .rtx_base_us = ctx->now_us - (uint32_t)rng_below(r, one_in(r, 2) ? 2000 : 3000000),
        .rto_ms = (uint16_t)(200 + rng_below(r, 3000)),
        .mss = (uint16_t)(b >> 48),
        .state = (uint8_t)state,
        .options = (b >> 32) & TCP_OFFERED,
        .pending = one_in(r, 2) ? 0 : TCP_PENDING_ACK,
        .retries = one_in(r, 4) ? (uint8_t)rng_below(r, 4) : 0,
        .single_bytes = has_single ? (uint16_t)(1 + rng_below(r, 1000)) : 0,
        .app_flags = (uint8_t)(b >> 40),
        .snd_wscale = (uint8_t)rng_below(r, state == TCPS_SYN_SENT ? 2 : 15),
    };

    c.snd_nxt = c.snd_una + c.single_bytes + (state != TCPS_ESTABLISHED);
    return c;
}

/* The one that is expected in @c's state. */
static struct seg
expected_seg(struct rng *r, const struct tcp_conn *c, const struct transition *t)
{
    static const uint8_t payload[1460];
    uint64_t a = rng_next(r);

    return (struct seg){
        .payload = payload,
        .seq = c->state == TCPS_SYN_SENT ? (uint32_t)a : c->rcv_nxt,
        .ack = c->snd_nxt,
        .ts_val = c->ts_recent + (uint32_t)rng_below(r, 3),
        .ts_ecr = (uint32_t)(a >> 32),
        .window = (uint16_t)(a >> 16),
        .flags = t->flags,
        .payload_len = t->payload_max == 0 ? 0 : (uint16_t)(1 + rng_below(r, t->payload_max)),
        .options = one_in(r, 4) ? (a >> 48) & 0xf : SEG_OPT_TS | c->options,
        .wscale = (uint8_t)rng_below(r, 15),
        .mss = (uint16_t)(a >> 24),
    };
}

/* The same with something else, now and then. */
static struct seg
odd_seg(struct rng *r, const struct tcp_conn *c, const struct transition *t)
{
    struct seg s = expected_seg(r, c, t);

    if (one_in(r, 6))
        s.seq += (uint32_t)rng_below(r, 5) - 2;
    if (one_in(r, 6))
        s.ack += (uint32_t)rng_below(r, 5) - 2;
    if (one_in(r, 6))
        s.ts_val = c->ts_recent - (uint32_t)rng_below(r, 2);
    if (one_in(r, 6))
        s.flags = (uint8_t)rng_below(r, 0x40);
    if (one_in(r, 6))
        s.payload_len = (uint16_t)rng_below(r, 3);
    return s;
}

/* What the connection sends now, as frames. */
static unsigned
write_frames(struct tcp_conn c, const struct tcp_ctx *ctx, uint8_t out[4][EMIT_FRAME_MAX])
{
    static const struct emit_opts opts = {.vlan = -1, .mtu = 1500, .wscale = TCP_RCV_WSCALE};
    static const struct emit_path path = {.local = {.lo = 0xc6120001},
                                          .remote = {.lo = 0xc6120002}};
    struct emit emit;
    struct seg s = {0};
    unsigned n = 0;

    emit_init(&emit, &opts);
    memset(out, 0, 4 * EMIT_FRAME_MAX);
    while (n < 4 && tcp_output_bare(&c, ctx, &s))
        emit_tcp(&emit, &path, &s, 0, out[n++]);
    return n;
}

static void
expect_the_same(struct tcp_conn *c, struct tcp_ctx *ctx, const struct seg *s)
{
    static uint8_t out[2][4][EMIT_FRAME_MAX];
    uint64_t before[STAT_COUNTERS_MAX];
    unsigned events, n[2];

    memcpy(before, stat.now->counters, sizeof(before));
    input_twin_hears(&twin, c, ctx, s);
    went_general = false;
    events = short_input(c, ctx, s);
    cr_assert(input_twin_agrees(&twin, c, ctx, events, before));
    if (!tcp_has_stream(c)) {
        n[0] = write_frames(*c, ctx, out[0]);
        n[1] = write_frames(twin.conn, &twin.ctx, out[1]);
        cr_assert(eq(uint, n[0], n[1]));
        cr_assert(memcmp(out[0], out[1], sizeof(out[0])) == 0);
        return;
    }
    c->state = TCPS_CLOSED;
    c->pending = 0;
    tcp_release(c, ctx);
}

static void
begin(void)
{
    static const struct tcp_pools_opts opts = {.n_streams = 2,
                                               .stream_bytes = sizeof(struct tcp_stream)};

    stat_init(&stat, 0);
    stat_init(&twin.stat, 0);
    cr_assert(eq(int, tcp_pools_init(&pools, &opts), 0));
}

static void
end(void)
{
    tcp_pools_fini(&pools);
}

TestSuite(tcp_common, .init = begin, .fini = end);

Test(tcp_common, a_segment_that_is_expected_takes_the_short_way_and_gives_the_same_connection)
{
    struct rng r = {.state = 1};

    for (unsigned t = 0; t < ARRAY_LEN(transitions); t++) {
        for (unsigned i = 0; i < ROUNDS; i++) {
            struct tcp_ctx ctx = random_ctx(&r, i % 2 == 0);
            struct tcp_conn c = random_conn(&r, &ctx, transitions[t].state);
            struct seg s = expected_seg(&r, &c, &transitions[t]);
            bool is_common =
                c.single_bytes == 0 &&
                (s.payload_len == 0 || (ctx.pools != NULL && single_may_receive(&c, &ctx, &s)));

            expect_the_same(&c, &ctx, &s);
            cr_assert(not(is_common && went_general), "%s, round %u", transitions[t].name, i);
        }
    }
}

Test(tcp_common, a_segment_that_is_not_quite_as_expected_gives_the_same_connection)
{
    struct rng r = {.state = 2};

    for (unsigned t = 0; t < ARRAY_LEN(transitions); t++) {
        for (unsigned i = 0; i < ROUNDS; i++) {
            struct tcp_ctx ctx = random_ctx(&r, i % 2 == 0);
            struct tcp_conn c = random_conn(&r, &ctx, transitions[t].state);
            struct seg s = odd_seg(&r, &c, &transitions[t]);

            expect_the_same(&c, &ctx, &s);
        }
    }
}
