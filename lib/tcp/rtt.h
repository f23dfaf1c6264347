/* SPDX-License-Identifier: BSD-3-Clause */
/* The round-trip time and the retransmission timeout of one connection that carries payload: RFC
 * 6298, whose sections are cited by number alone. Pure arithmetic on microseconds. Which samples
 * are taken (Karn's rule) and the back-off are the caller's business. */
#pragma once

#include <assert.h>
#include <stdint.h>

/* RFC 6298 2.4 asks for a floor of 1 s; Linux has 200 ms, and so do we: a generator that waits
 * longer than its peer would charge its own patience to the peer. 2.5 lets an implementation bound
 * it at 60 s or more. */
#define RTT_RTO_MIN_US UINT32_C(200000)
#define RTT_RTO_MAX_US UINT32_C(60000000)

/* 2^9 times the least timeout is beyond the largest already: no more doublings are counted. */
#define RTT_BACKOFF_MAX 9

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

/** 2.2 and 2.3: the timeout for a smoothed round trip @srtt_us and its variation, in
 * [RTT_RTO_MIN_US, RTT_RTO_MAX_US]. A connection without a stream has one sample R, that of its
 * handshake: SRTT = R, RTTVAR = R/2. */
uint32_t rtt_rto_us(uint32_t srtt_us, uint32_t rttvar_us);

/** 5.5: the timeout @rto_us doubled @backoff times, in the same bounds. */
uint32_t rtt_backed_off_us(uint32_t rto_us, unsigned backoff);
