/* SPDX-License-Identifier: BSD-3-Clause */
/* The round-trip time and the retransmission timeout of one connection that carries payload: RFC
 * 6298. Pure arithmetic on microseconds. Which samples are taken (Karn's rule) and the back-off are
 * the caller's business. */
#pragma once

#include <assert.h>
#include <stdint.h>

/* RFC 6298 2.4 asks for a floor of 1 s; Linux has 200 ms, and so do we: a generator that waits
 * longer than its peer would charge its own patience to the peer. */
#define RTT_RTO_MIN_US UINT32_C(200000)
#define RTT_RTO_MAX_US UINT32_C(60000000)

struct rtt {
    uint32_t srtt_us; /* 0: no sample yet */
    uint32_t rttvar_us;
    uint32_t rto_us; /* before back-off */
    uint32_t min_us; /* the least sample; UINT32_MAX: none */
};
static_assert(sizeof(struct rtt) == 16, "one for each connection that carries payload");

/** No sample yet: the timeout is @rto_us, cut to [RTT_RTO_MIN_US, RTT_RTO_MAX_US]. */
void rtt_init(struct rtt *r, uint32_t rto_us);

/** A segment that was sent once was acknowledged after @sample_us; 0 counts as 1. */
void rtt_sample(struct rtt *r, uint32_t sample_us);

/** The timeout doubled @backoff times, at most RTT_RTO_MAX_US. */
uint32_t rtt_backed_off_us(const struct rtt *r, unsigned backoff);
