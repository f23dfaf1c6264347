/* SPDX-License-Identifier: BSD-3-Clause */
/* What connections send when nobody cares what: one constant block of pseudo-random bytes, repeated
 * for ever, the same for all connections and in every run. A byte's place in the stream tells its
 * value, so nothing is kept for a retransmission; the checksum of any stretch comes from partial
 * sums, so the bytes need not even be read. Filled once, then read by all workers. */
#pragma once

#include <stdint.h>

#include "proto/filler.h"
#include "wire/csum.h"

#define PAYLOAD_PERIOD   65536u /* bytes until it repeats */
#define PAYLOAD_SPAN_MAX 65536u /* the longest stretch handed out */

/* The block, and behind it as many bytes of filler (proto/filler.h) as a segment may have. */
#define PAYLOAD_PATTERN_BYTES (PAYLOAD_PERIOD + PAYLOAD_SPAN_MAX)
#define PAYLOAD_BYTES         (PAYLOAD_PATTERN_BYTES + PAYLOAD_SPAN_MAX)

struct payload {
    const uint8_t *bytes;                         /* PAYLOAD_BYTES of them; the caller's */
    uint32_t sums[PAYLOAD_PATTERN_BYTES / 2 + 1]; /* [i]: of the first i 16-bit words */
};

/** Write the constant bytes to @bytes (PAYLOAD_BYTES), which the caller keeps as long as @p. */
void payload_init(struct payload *p, uint8_t *bytes);

/* The bytes from @offset of a stream on, at most PAYLOAD_SPAN_MAX of them in one piece. */
static inline const uint8_t *
payload_at(const struct payload *p, uint32_t offset)
{
    return p->bytes + offset % PAYLOAD_PERIOD;
}

/* PAYLOAD_SPAN_MAX bytes of filler. */
static inline const uint8_t *
payload_filler(const struct payload *p)
{
    return p->bytes + PAYLOAD_PATTERN_BYTES;
}

/* csum_partial() of @len bytes of filler. */
static inline uint64_t
payload_filler_sum(uint32_t len)
{
    uint64_t sum = (uint64_t)(len / 2) * (PROTO_FILLER_BYTE << 8 | PROTO_FILLER_BYTE);

    return len % 2 != 0 ? sum + htole16(PROTO_FILLER_BYTE) : sum;
}

/* csum_partial() of @len bytes (<= PAYLOAD_SPAN_MAX) from @offset on. */
static inline uint64_t
payload_sum(const struct payload *p, uint32_t offset, uint32_t len)
{
    uint32_t first = offset % PAYLOAD_PERIOD, end = first + len;
    uint64_t sum;

    if (first % 2 != 0)
        return csum_partial(p->bytes + first, len, 0);
    sum = p->sums[end / 2] - p->sums[first / 2];
    return end % 2 != 0 ? sum + htole16(p->bytes[end - 1]) : sum;
}
