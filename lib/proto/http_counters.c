/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_counters.h. */
#include "proto/http_counters.h"

const struct proto_counter http_counters[HTTP_COUNTS] = {
#define X(name, help) {"http_" #name, help},
    HTTP_COUNTERS(X)
#undef X
};

void
http_count_forgotten(uint64_t n, uint64_t *counters)
{
    counters[HTTP_COUNT_closed_early] += n;
}
