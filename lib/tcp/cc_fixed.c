/* SPDX-License-Identifier: BSD-3-Clause */
/* No congestion control: a constant window, whatever happens. For paths that are the tester's own.
 * See cc.h. */
#include "tcp/cc.h"

#include "base/units.h"

static void
fixed_init(struct cc *c, const struct cc_opts *opts, const struct cc_now *now)
{
    *c = (struct cc){
        .cwnd = (uint32_t)u64_min(u64_max(opts->fixed_window, now->mss), CC_WINDOW_MAX),
        .ssthresh = UINT32_MAX,
    };
}

static void
fixed_acked(struct cc *c, uint32_t acked, const struct cc_now *now)
{
    (void)c, (void)acked, (void)now;
}

static void
fixed_timed_out(struct cc *c, bool is_first, const struct cc_now *now)
{
    (void)c, (void)is_first, (void)now;
}

static void
fixed_stays(struct cc *c, const struct cc_now *now)
{
    (void)c, (void)now;
}

const struct cc_ops cc_fixed = {
    .name = "fixed",
    .init = fixed_init,
    .acked = fixed_acked,
    .lost = fixed_stays,
    .timed_out = fixed_timed_out,
    .idled = fixed_stays,
};
