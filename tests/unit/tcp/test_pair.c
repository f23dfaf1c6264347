/* SPDX-License-Identifier: BSD-3-Clause */
/* Two ends that only know each other's segments: see pair.h. */
#include <stdlib.h>

#include "pair.h"
#include "rig.h"

#define BOTH_CLOSED (TCP_EV_ESTABLISHED | TCP_EV_PEER_CLOSED | TCP_EV_CLOSED)

static const uint64_t SEEDS = 4000;

static struct pair pair;

/* Who closes how on a link that does all right: what both see, and how many segments it takes. */
static const struct {
    const char *name;
    enum pair_close close[2];
    uint64_t hold_ms[2], linger_ms;
    bool is_crossed, piggyback;
    unsigned events[2], n_sent;
} rows[] = {
    {"client", {PAIR_FIN, PAIR_PEER}, {0, 0}, 0, false, true, {BOTH_CLOSED, BOTH_CLOSED}, 5},
    {"client, no piggyback",
     {PAIR_FIN, PAIR_PEER},
     {0, 0},
     0,
     false,
     false,
     {BOTH_CLOSED, BOTH_CLOSED},
     7},
    {"client, later",
     {PAIR_FIN, PAIR_PEER},
     {500, 0},
     300,
     false,
     true,
     {BOTH_CLOSED, BOTH_CLOSED},
     7},
    {"server", {PAIR_PEER, PAIR_FIN}, {0, 0}, 0, false, true, {BOTH_CLOSED, BOTH_CLOSED}, 6},
    {"server, no piggyback",
     {PAIR_PEER, PAIR_FIN},
     {0, 0},
     0,
     false,
     false,
     {BOTH_CLOSED, BOTH_CLOSED},
     7},
    {"both", {PAIR_FIN, PAIR_FIN}, {0, 0}, 0, false, true, {BOTH_CLOSED, BOTH_CLOSED}, 5},
    {"both, crossing",
     {PAIR_FIN, PAIR_FIN},
     {150, 100},
     0,
     false,
     true,
     {BOTH_CLOSED, BOTH_CLOSED},
     7},
    {"client resets",
     {PAIR_RST, PAIR_PEER},
     {0, 0},
     0,
     false,
     true,
     {TCP_EV_ESTABLISHED, TCP_EV_ESTABLISHED | TCP_EV_RESET},
     4},
    {"server resets",
     {PAIR_PEER, PAIR_RST},
     {0, 0},
     0,
     false,
     true,
     {TCP_EV_ESTABLISHED | TCP_EV_RESET, TCP_EV_ESTABLISHED},
     4},
    {"crossed open and close",
     {PAIR_FIN, PAIR_FIN},
     {150, 150},
     0,
     true,
     true,
     {BOTH_CLOSED, BOTH_CLOSED},
     10},
    {"crossed open, one closes",
     {PAIR_FIN, PAIR_PEER},
     {150, 0},
     0,
     true,
     false,
     {BOTH_CLOSED, BOTH_CLOSED},
     10},
};

Test(tcp_pair, each_way_to_close_takes_as_many_segments_as_it_must)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pair_opts o = {.start_ns = RIG_START_NS, .delay_ns = 100 * NS_PER_MS};

        for (int side = 0; side < 2; side++) {
            o.sides[side] = (struct pair_side_opts){
                .close = rows[i].close[side],
                .hold_ns = rows[i].hold_ms[side] * NS_PER_MS,
                .linger_ns = rows[i].linger_ms * NS_PER_MS,
                .opens_ns = side == 0 || rows[i].is_crossed ? 0 : TIME_NEVER,
                .tcp = {3000000, 3000000, rows[i].piggyback},
                .iss = side == 0 ? 0xffffffff : 0xfffffffe,
            };
        }
        pair_run(&pair, &o);
        cr_expect(eq(uint, pair.n_sent, rows[i].n_sent), "%s", rows[i].name);
        cr_expect(eq(uint, pair.sides[0].events, rows[i].events[0]), "%s", rows[i].name);
        cr_expect(eq(uint, pair.sides[1].events, rows[i].events[1]), "%s", rows[i].name);
        cr_expect(eq(u64, pair_retransmits(&pair), 0), "%s", rows[i].name);
    }
}

/* One of @n values, listed where they are used. */
#define one_of(rng, ...)                                                                           \
    (((const uint64_t[]){__VA_ARGS__})[rng_below((rng), sizeof((const uint64_t[]){__VA_ARGS__}) /  \
                                                            sizeof(uint64_t))])

/* One statement a draw: the order inside an initialiser is the compiler's. */
static void
draw_side(struct pair_side_opts *o, struct rng *rng)
{
    o->close = one_of(rng, PAIR_FIN, PAIR_FIN, PAIR_RST, PAIR_PEER);
    o->hold_ns = one_of(rng, 0, 0, 1, 50, 150, 3000) * NS_PER_MS;
    o->linger_ns = one_of(rng, 0, 0, 20, 2000) * NS_PER_MS;
    o->opens_ns = TIME_NEVER;
    o->tcp.connect_timeout_us = (uint32_t)one_of(rng, 500000, 3000000, 20000000);
    o->tcp.close_timeout_us = (uint32_t)one_of(rng, 500000, 3000000, 20000000);
    o->tcp.piggyback = rng_below(rng, 2);
    o->iss = (uint32_t)rng_next(rng);
    o->iss = (uint32_t)one_of(rng, 0xfffffffe, 0xffffffff, 0, o->iss);
    o->skew_ns = rng_below(rng, 10000 * NS_PER_SEC);
}

/* A link that only delays, one connection, and timeouts longer than the users take. */
static void
make_kind(struct pair_opts *o)
{
    o->jitter_ns = 0;
    o->loss_ppm = o->dup_ppm = 0;
    o->sides[0].reopens = 0;
    o->sides[1].opens_ns = TIME_NEVER;
    for (int i = 0; i < 2; i++)
        o->sides[i].tcp.connect_timeout_us = o->sides[i].tcp.close_timeout_us = 20000000;
}

static bool
is_kind(uint64_t seed)
{
    return seed % 8 == 0;
}

static struct pair_opts
draw_pair(uint64_t seed)
{
    struct pair_opts o = {.seed = seed};
    struct rng rng = {.state = seed};

    o.start_ns = rng_below(&rng, 10000 * NS_PER_SEC);
    o.delay_ns = one_of(&rng, 1, 10, 100, 600) * NS_PER_MS;
    o.jitter_ns = one_of(&rng, 0, 1, 100, 4000) * NS_PER_MS;
    o.loss_ppm = (uint32_t)one_of(&rng, 0, 0, 10000, 100000, 500000);
    o.dup_ppm = (uint32_t)one_of(&rng, 0, 0, 100000, 500000);
    draw_side(&o.sides[0], &rng);
    draw_side(&o.sides[1], &rng);
    o.sides[0].opens_ns = 0;
    if (rng_below(&rng, 4) == 0) /* both open, more or less at once */
        o.sides[1].opens_ns = rng_below(&rng, 2 * o.delay_ns);
    else
        o.sides[0].reopens = (unsigned)one_of(&rng, 0, 0, 1, 3);
    if (is_kind(seed))
        make_kind(&o);
    return o;
}

static void
runs_seed(uint64_t seed)
{
    static const unsigned odd = TCP_EV_OPEN_TIMEOUT | TCP_EV_CLOSE_TIMEOUT | TCP_EV_PEER_TIMEOUT |
                                TCP_EV_REFUSED | TCP_EV_ANSWER_RST;
    const struct pair_side *side = pair.sides;
    struct pair_opts o = draw_pair(seed);

    pair_run(&pair, &o);
    if (!is_kind(seed))
        return;
    pair_check(&pair, side[0].n_begun == 1 && side[1].n_begun == 1, "not just one connection");
    pair_check(&pair, (side[0].events & side[1].events & TCP_EV_ESTABLISHED) != 0, "no handshake");
    pair_check(&pair, ((side[0].events | side[1].events) & odd) == 0, "an odd end");
}

/* Held open while every other segment comes twice and late. */
Test(tcp_pair, acks_that_overtake_each_other_are_not_answered_without_end)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct pair_opts o = draw_pair(seed);

        make_kind(&o);
        o.delay_ns = 600 * NS_PER_MS;
        o.jitter_ns = 4000 * NS_PER_MS;
        o.dup_ppm = 500000;
        o.sides[0].close = o.sides[1].close = PAIR_PEER;
        pair_run(&pair, &o);
        pair_check(&pair, pair.n_sent < 40, "too many segments");
    }
}

Test(tcp_pair, every_connection_ends_once_whatever_the_link_does)
{
    const char *one = getenv("SHAKEDOWN_SEED");

    if (one != NULL) {
        runs_seed(strtoull(one, NULL, 0));
        return;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        runs_seed(seed);
}
