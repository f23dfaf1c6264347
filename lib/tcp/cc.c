/* SPDX-License-Identifier: BSD-3-Clause */
/* See cc.h: what the algorithms share. */
#include "tcp/cc.h"

#include "base/units.h"

uint32_t
cc_initial_window(uint32_t mss)
{
    return (uint32_t)u64_min(10 * (uint64_t)mss, u64_max(2 * (uint64_t)mss, 14600));
}

void
cc_begin(struct cc *c, const struct cc_now *now)
{
    *c = (struct cc){
        .cwnd = now->after_timeout ? now->mss : cc_initial_window(now->mss),
        .ssthresh = UINT32_MAX, /* RFC 5681 3.1: arbitrarily high */
    };
}

/* RFC 5681 3.1 counts at most one MSS an ACK, RFC 3465 2.3 at most two: made for receivers that
 * acknowledge every second segment. One that merges what arrives (GRO) acknowledges up to 64 KiB at
 * once, and slow start would hardly grow. RFC 9406 4.3 finds fault with small limits, too, and has
 * none where sending is paced. So all bytes count, as with Linux; the burst that an ACK sets off is
 * at most twice the one that it acknowledges.
 *
 * After a timeout an ACK that fills a hole covers what arrived long before and tells nothing of
 * the path now: one MSS (RFC 3465 2.3). */
uint32_t
cc_slow_start(struct cc *c, uint32_t acked, const struct cc_now *now)
{
    uint32_t grown;

    if (now->after_timeout)
        acked = (uint32_t)u64_min(acked, now->mss);
    if (c->cwnd >= c->ssthresh)
        return acked;

    grown = (uint32_t)u64_min(acked, c->ssthresh - c->cwnd);
    c->cwnd = (uint32_t)u64_min((uint64_t)c->cwnd + grown, CC_WINDOW_MAX);
    return acked - grown;
}

/* What is in flight may be more than the window: selectively acknowledged bytes are in it until the
 * gap before them is closed. A loss must not make the window larger for that, so it counts as full
 * at most. */
void
cc_reduce_ssthresh(struct cc *c, uint32_t tenths, const struct cc_now *now)
{
    uint64_t used = u64_min(now->flight, c->cwnd);

    c->ssthresh = (uint32_t)u64_max(used * tenths / 10, 2 * (uint64_t)now->mss);
}

void
cc_restart(struct cc *c, const struct cc_now *now)
{
    c->cwnd = (uint32_t)u64_min(c->cwnd, cc_initial_window(now->mss));
}

const struct cc_ops *const cc_algorithms[CC_ALGORITHMS] = {
    [CC_CUBIC] = &cc_cubic,
    [CC_NEWRENO] = &cc_newreno,
    [CC_FIXED] = &cc_fixed,
};
