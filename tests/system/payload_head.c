/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the first bytes of what every connection of shakedown sends to standard output, for the
 * system tests to compare with what a kernel received.
 *
 *     payload_head BYTES */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sess/payload.h"

static struct payload payload;
static uint8_t bytes[PAYLOAD_BYTES];

int
main(int argc, char *argv[])
{
    uint64_t left;

    if (argc != 2) {
        fprintf(stderr, "usage: %s BYTES\n", argv[0]);
        return 2;
    }
    left = strtoull(argv[1], NULL, 10);
    payload_init(&payload, bytes);
    while (left > 0) {
        size_t n = left < PAYLOAD_PERIOD ? (size_t)left : PAYLOAD_PERIOD;

        if (fwrite(bytes, 1, n, stdout) != n) {
            perror("standard output");
            return 1;
        }
        left -= n;
    }
    return 0;
}
