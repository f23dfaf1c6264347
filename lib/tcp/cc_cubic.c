/* SPDX-License-Identifier: BSD-3-Clause */
/* CUBIC: RFC 9438, section numbers are its. Slow start is Reno's, without HyStart++. See cc.h.
 *
 * The RFC counts segments and seconds; here windows are bytes and time is milliseconds, all
 * integers, so that a run is the same on every machine:
 *
 *   W_cubic(t) = C * (t - K)^3 + W_max        C = 0.4 segments/s^3, beta = 0.7
 */
#include "tcp/cc.h"

#include "base/units.h"

static const uint32_t BETA_TENTHS = 7; /* 4.6 */

/* (1 + beta) / 2 of 4.7 and 3 * (1 - beta) / (1 + beta) of 4.3. */
static const uint64_t CONVERGE_NUM = 17, CONVERGE_DEN = 20;
static const uint64_t ALPHA_NUM = 9, ALPHA_DEN = 17;

/* The window is at its bound that long after K, with segments of 22 bytes and more, and up to here
 * nothing overflows. (Before K it is -K at most, which W_max bounds.) */
static const int64_t T_MINUS_K_MAX_MS = 500000;

/* The clock counts modulo 71 minutes: half of that is the oldest that can be told. */
static const uint32_t EPOCH_MAX_US = UINT32_C(1) << 31;

/* While the window is the limit, acknowledgements come at least once a round trip. What is later
 * than two was a pause, unless it is as short as a host that is busy elsewhere makes them. */
static const uint64_t PAUSE_MIN_US = 10000;

/* The cube root of @x < 2^63, rounded down. */
static uint32_t
cube_root(uint64_t x)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 20; bit > 0; bit >>= 1) {
        uint64_t next = root | bit;

        if (next * next * next <= x)
            root = next;
    }
    return (uint32_t)root;
}

/* 4.2: K = cbrt((W_max - cwnd_epoch) / C), here cbrt(segments * 2.5 * 10^9) ms. */
static uint32_t
time_to_regain_ms(uint32_t bytes, uint32_t mss)
{
    return cube_root(bytes * UINT64_C(2500000000) / mss); /* < 2^30 * 2^32 */
}

/* 4.2: W_cubic(@t_us) in bytes, below zero too. The cube of milliseconds / 2500 is C * (t - K)^3 in
 * millionths of a segment. */
static int64_t
w_cubic(const struct cc *c, uint64_t t_us, uint32_t mss)
{
    int64_t t_minus_k_ms = (int64_t)(t_us / 1000) - c->cubic.k_ms;

    if (t_minus_k_ms > T_MINUS_K_MAX_MS)
        t_minus_k_ms = T_MINUS_K_MAX_MS;
    return c->cubic.w_max +
           t_minus_k_ms * t_minus_k_ms * t_minus_k_ms / 2500 * (int64_t)mss / 1000000;
}

/* A stage of congestion avoidance begins (4.2). Where there is no W_max to return to, the window is
 * taken for it and K is 0 (4.8, 4.10). */
static void
begin_epoch(struct cc *c, const struct cc_now *now)
{
    if (c->cubic.w_max < c->cwnd)
        c->cubic.w_max = c->cwnd;
    c->cubic.k_ms = time_to_regain_ms(c->cubic.w_max - c->cwnd, now->mss);
    c->cubic.w_est = c->cwnd;
    c->cubic.w_est_counted = 0;
    c->cubic.epoch_us = now->now_us;
    c->cubic.acked_us = now->now_us;
    c->cubic.has_epoch = true;
}

/* 4.2: t is without the time in which the window did not grow because it was not the limit. */
static void
leave_out_pause(struct cc *c, const struct cc_now *now)
{
    uint32_t pause_us = now->now_us - c->cubic.acked_us;

    if (pause_us > u64_max(2 * (uint64_t)now->srtt_us, PAUSE_MIN_US))
        c->cubic.epoch_us += pause_us;
    c->cubic.acked_us = now->now_us;
}

/* t, beginning a stage of avoidance where there is none, or one too old to be told from a new one.
 */
static uint32_t
time_in_epoch_us(struct cc *c, const struct cc_now *now)
{
    if (c->cubic.has_epoch) {
        leave_out_pause(c, now);
        if (now->now_us - c->cubic.epoch_us < EPOCH_MAX_US)
            return now->now_us - c->cubic.epoch_us;
        c->cubic.w_max = 0;
    }
    begin_epoch(c, now);
    return 0;
}

/* 4.3: what Reno would have with beta = 0.7, and with Reno's own pace when it has made up for the
 * smaller reduction. */
static void
grow_w_est(struct cc *c, uint32_t acked, uint32_t mss)
{
    uint64_t counted = (uint64_t)acked * mss;

    if (c->cubic.w_est < c->cubic.w_prior)
        counted = counted * ALPHA_NUM / ALPHA_DEN;
    counted += c->cubic.w_est_counted;
    c->cubic.w_est = (uint32_t)u64_min(c->cubic.w_est + counted / c->cwnd, CC_WINDOW_MAX);
    c->cubic.w_est_counted = (uint32_t)(counted % c->cwnd);
}

/* 4.4 and 4.5: a whole window acknowledged brings cwnd to where W_cubic is one round trip later, at
 * most half as large again. */
static uint64_t
towards_target(struct cc *c, uint32_t acked, uint32_t t_us, const struct cc_now *now)
{
    int64_t w = w_cubic(c, (uint64_t)t_us + now->srtt_us, now->mss);
    uint64_t product, fraction;

    if (w <= c->cwnd)
        return c->cwnd;
    product = u64_min((uint64_t)w - c->cwnd, c->cwnd / 2) * acked;
    /* A large window grows by a few bytes an ACK: what is cut off would be much of it. */
    fraction = c->cubic.fraction + (product % c->cwnd << 16) / c->cwnd;
    c->cubic.fraction = (uint16_t)fraction;
    return c->cwnd + product / c->cwnd + (fraction >> 16);
}

static void
avoid_congestion(struct cc *c, uint32_t acked, const struct cc_now *now)
{
    uint32_t t_us = time_in_epoch_us(c, now);
    uint64_t grown;

    acked = (uint32_t)u64_min(acked, c->cwnd);
    grow_w_est(c, acked, now->mss);
    if (w_cubic(c, t_us, now->mss) < c->cubic.w_est) /* 4.3: the Reno-friendly region */
        grown = u64_max(c->cwnd, c->cubic.w_est);
    else
        grown = towards_target(c, acked, t_us, now);
    c->cwnd = (uint32_t)u64_min(grown, CC_WINDOW_MAX);
}

static void
cubic_init(struct cc *c, const struct cc_opts *opts, const struct cc_now *now)
{
    (void)opts;
    cc_begin(c, now);
}

static void
cubic_acked(struct cc *c, uint32_t acked, const struct cc_now *now)
{
    acked = cc_slow_start(c, acked, now);
    if (acked > 0)
        avoid_congestion(c, acked, now);
}

static void
cubic_lost(struct cc *c, const struct cc_now *now)
{
    if (c->cwnd < c->cubic.w_max) /* 4.7: somebody else needs room */
        c->cubic.w_max = (uint32_t)(c->cwnd * CONVERGE_NUM / CONVERGE_DEN);
    else
        c->cubic.w_max = c->cwnd;
    c->cubic.w_prior = c->cwnd;
    c->cubic.has_epoch = false;
    cc_reduce_ssthresh(c, BETA_TENTHS, now);
    c->cwnd = c->ssthresh;
}

static void
cubic_timed_out(struct cc *c, bool is_first, const struct cc_now *now) /* 4.8 */
{
    if (is_first) {
        c->cubic.w_prior = c->cwnd;
        cc_reduce_ssthresh(c, BETA_TENTHS, now);
    }
    c->cubic.w_max = 0;
    c->cubic.has_epoch = false;
    c->cwnd = now->mss;
}

static void
cubic_idled(struct cc *c, const struct cc_now *now)
{
    cc_restart(c, now);
    c->cubic.has_epoch = false;
}

const struct cc_ops cc_cubic = {
    .name = "cubic",
    .init = cubic_init,
    .acked = cubic_acked,
    .lost = cubic_lost,
    .timed_out = cubic_timed_out,
    .idled = cubic_idled,
};
