/* SPDX-License-Identifier: BSD-3-Clause */
/* Serial-number arithmetic on 32-bit sequence numbers (RFC 9293 3.4, RFC 1982). Two numbers more
 * than 2^31 apart have no order; the window never lets that happen. Timestamps and wheel ticks
 * use the same arithmetic. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool
seq_lt(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline bool
seq_le(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) <= 0;
}

static inline bool
seq_gt(uint32_t a, uint32_t b)
{
    return seq_lt(b, a);
}

static inline bool
seq_ge(uint32_t a, uint32_t b)
{
    return seq_le(b, a);
}

/* Whether @x lies in the half-open range [@begin, @begin + @len). */
static inline bool
seq_in(uint32_t x, uint32_t begin, uint32_t len)
{
    return x - begin < len;
}
