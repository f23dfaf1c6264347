/* SPDX-License-Identifier: BSD-3-Clause */
/* See counters.h. */
#include "stat/counters.h"

#include <stddef.h>

const struct stat_name stat_counter_names[CTR_COUNT] = {
#define X(counter, unit_text, text)                                                                \
    [CTR_##counter] = {.name = #counter, .unit = unit_text, .meaning = text},
    STAT_COUNTERS(X)
#undef X
};

const struct stat_name stat_failure_names[FAILURE_COUNT] = {
#define X(failure, text) [FAILURE_##failure] = {.name = #failure, .unit = NULL, .meaning = text},
    STAT_FAILURES(X)
#undef X
};

const struct stat_name stat_open_names[OPEN_COUNT] = {
#define X(state, text) [OPEN_##state] = {.name = #state, .unit = NULL, .meaning = text},
    STAT_OPENS(X)
#undef X
};

const struct stat_latency_name stat_latency_names[LAT_COUNT] = {
#define X(latency, interval_of, part_of, live_title, need_id, begin, end)                          \
    [LAT_##latency] = {.name = #latency,                                                           \
                       .interval = LAT_##interval_of,                                              \
                       .whole = LAT_##part_of,                                                     \
                       .live = live_title,                                                         \
                       .need = NEED_##need_id,                                                     \
                       .from = begin,                                                              \
                       .to = end},
    STAT_LATENCIES(X)
#undef X
};
