/* SPDX-License-Identifier: BSD-3-Clause */
/* A connection record is one cache line, in an array. Modules below sess know only the part that is
 * theirs (a timer, a node of the table, the TCP state) and its place in the first record; the
 * array's stride is this constant. Records are named by their 32-bit index. */
#pragma once

#include <stdint.h>

#define RECORD_BYTES 64
#define RECORD_NONE  UINT32_MAX
#define RECORDS_MAX  (UINT32_C(1) << 30)

/* The part of record @idx whose twin in record 0 is @first. */
static inline void *
record_part(void *first, uint32_t idx)
{
    return (char *)first + (uint64_t)idx * RECORD_BYTES;
}
