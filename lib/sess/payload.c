/* SPDX-License-Identifier: BSD-3-Clause */
/* See payload.h. */
#include "sess/payload.h"

#include <string.h>

#include "base/rng.h"

/* Any number would do; it never changes, so that two runs send the same. */
static const uint64_t SEED = 0x7368616b65646f77;

void
payload_init(struct payload *p, uint8_t *bytes)
{
    struct rng rng = {SEED};

    p->bytes = bytes;
    for (uint32_t i = 0; i < PAYLOAD_PERIOD; i += 8) {
        uint64_t word = htole64(rng_next(&rng));

        memcpy(bytes + i, &word, sizeof(word));
    }
    memcpy(bytes + PAYLOAD_PERIOD, bytes, PAYLOAD_SPAN_MAX);
    memset(bytes + PAYLOAD_PATTERN_BYTES, PROTO_FILLER_BYTE, PAYLOAD_SPAN_MAX);

    p->sums[0] = 0;
    for (uint32_t i = 0; i < PAYLOAD_PATTERN_BYTES / 2; i++) {
        uint16_t word;

        memcpy(&word, bytes + 2 * (size_t)i, sizeof(word));
        p->sums[i + 1] = p->sums[i] + word;
    }
}
