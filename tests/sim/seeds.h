/* SPDX-License-Identifier: BSD-3-Clause */
/* Which seeds a campaign runs with: [--seeds N] [--from S]. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seeds {
    uint64_t n, from;
};

/* Over what @s has. @return false: a word is not known, and @program's usage is on stderr. */
static inline bool
seeds_read(struct seeds *s, int argc, char **argv, const char *program)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seeds") == 0) {
            s->n = strtoull(argv[i + 1], NULL, 0);
        } else if (strcmp(argv[i], "--from") == 0) {
            s->from = strtoull(argv[i + 1], NULL, 0);
        } else {
            fprintf(stderr, "usage: %s [--seeds N] [--from S]\n", program);
            return false;
        }
    }
    return true;
}
