/* SPDX-License-Identifier: BSD-3-Clause */
/* See rtt.h. Section numbers are RFC 6298. */
#include "tcp/rtt.h"

#include <assert.h>

#include "base/units.h"

static uint32_t
clamp_rto(uint64_t us)
{
    return (uint32_t)u64_min(u64_max(us, RTT_RTO_MIN_US), RTT_RTO_MAX_US);
}

/* @old plus 1/@divisor of what @sample is off by. Rounded away from @old, or the average of equal
 * samples would stay short of them by up to @divisor - 1: a third of a round trip of 20 us. */
static uint32_t
moved_towards(uint32_t old, uint32_t sample, uint32_t divisor)
{
    if (sample >= old)
        return old + (uint32_t)(((uint64_t)(sample - old) + divisor - 1) / divisor);
    return old - (uint32_t)(((uint64_t)(old - sample) + divisor - 1) / divisor);
}

void
rtt_init(struct rtt *r, uint32_t rto_us)
{
    *r = (struct rtt){.rto_us = clamp_rto(rto_us), .min_us = UINT32_MAX};
}

void
rtt_sample(struct rtt *r, uint32_t sample_us)
{
    if (sample_us == 0)
        sample_us = 1; /* keeps srtt_us == 0 meaning "no sample" */

    if (r->srtt_us == 0) { /* 2.2 */
        r->srtt_us = sample_us;
        r->rttvar_us = sample_us / 2;
    } else { /* 2.3: the variation first, it uses the old srtt */
        uint32_t error_us =
            sample_us > r->srtt_us ? sample_us - r->srtt_us : r->srtt_us - sample_us;

        r->rttvar_us = moved_towards(r->rttvar_us, error_us, 4);
        r->srtt_us = moved_towards(r->srtt_us, sample_us, 8);
    }
    r->rto_us = rtt_rto_us(r->srtt_us, r->rttvar_us);
    if (sample_us < r->min_us)
        r->min_us = sample_us;

    assert(r->srtt_us > 0);
}

/* With the least timeout in G's place as Linux has it: on a steady path of 300 ms nothing else
 * would bear an ACK that the peer puts off. */
uint32_t
rtt_rto_us(uint32_t srtt_us, uint32_t rttvar_us)
{
    return clamp_rto(srtt_us + u64_max(RTT_RTO_MIN_US, (uint64_t)rttvar_us * 4));
}

uint32_t
rtt_backed_off_us(uint32_t rto_us, unsigned backoff)
{
    return clamp_rto((uint64_t)rto_us << u64_min(backoff, RTT_BACKOFF_MAX));
}
