/* SPDX-License-Identifier: BSD-3-Clause */
/* A fuzzer's input, read from its beginning: what is not there any more reads as zero. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct bytes {
    const uint8_t *at, *end;
};

static inline bool
bytes_left(const struct bytes *b)
{
    return b->at < b->end;
}

static inline uint8_t
take8(struct bytes *b)
{
    return b->at < b->end ? *b->at++ : 0;
}

static inline uint16_t
take16(struct bytes *b)
{
    uint16_t high = take8(b);

    return (uint16_t)(high << 8 | take8(b));
}

/* A stretch of time in nanoseconds from one byte: none to ten hours, finer the shorter it is. */
static inline uint64_t
take_ns(struct bytes *b)
{
    uint8_t x = take8(b);

    return ((uint64_t)(x & 7) << (x >> 3)) * 2000;
}

/* What must not be: the reason, then the fuzzer's own report with the stack. */
#define must(condition, reason)                                                                    \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, (reason));                          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)
