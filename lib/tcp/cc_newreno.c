/* SPDX-License-Identifier: BSD-3-Clause */
/* NewReno's window: RFC 5681, avoidance by counting bytes (RFC 3465 2.1). See cc.h. */
#include "tcp/cc.h"

#include "base/units.h"

static void
newreno_init(struct cc *c, const struct cc_opts *opts, const struct cc_now *now)
{
    (void)opts;
    cc_begin(c, now);
}

/* One MSS a window: no ACK covers more than one. */
static void
newreno_acked(struct cc *c, uint32_t acked, const struct cc_now *now)
{
    uint64_t counted;

    acked = cc_slow_start(c, acked, now);
    if (acked == 0)
        return;

    counted = c->newreno.counted + u64_min(acked, c->cwnd);
    if (counted >= c->cwnd) {
        counted -= c->cwnd;
        c->cwnd = (uint32_t)u64_min((uint64_t)c->cwnd + now->mss, CC_WINDOW_MAX);
    }
    c->newreno.counted = (uint32_t)counted;
}

static void
newreno_lost(struct cc *c, const struct cc_now *now)
{
    cc_reduce_ssthresh(c, 5, now);
    c->cwnd = c->ssthresh;
    c->newreno.counted = 0;
}

static void
newreno_timed_out(struct cc *c, bool is_first, const struct cc_now *now)
{
    if (is_first)
        cc_reduce_ssthresh(c, 5, now);
    c->cwnd = now->mss;
    c->newreno.counted = 0;
}

static void
newreno_idled(struct cc *c, const struct cc_now *now)
{
    cc_restart(c, now);
    c->newreno.counted = 0;
}

const struct cc_ops cc_newreno = {
    .name = "newreno",
    .init = newreno_init,
    .acked = newreno_acked,
    .lost = newreno_lost,
    .timed_out = newreno_timed_out,
    .idled = newreno_idled,
};
