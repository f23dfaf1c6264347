/* SPDX-License-Identifier: BSD-3-Clause */
/* See latency.h. */
#include "report/latency.h"

unsigned
latency_rows(void)
{
    return LAT_COUNT;
}

struct stat_latency_name
latency_name(unsigned row)
{
    return stat_latency_names[row];
}

bool
latency_has_interval(unsigned row)
{
    return latency_name(row).interval == row;
}

const struct hist *
latency_interval(const struct stat_block *b, unsigned row, struct hist *scratch)
{
    bool is_copied = false;

    for (unsigned other = 0; other < latency_rows(); other++) {
        if (other == row || latency_name(other).interval != row || b->latency[other].count == 0)
            continue;
        if (!is_copied)
            *scratch = b->latency[row];
        is_copied = true;
        hist_merge(scratch, &b->latency[other]);
    }
    return is_copied ? scratch : &b->latency[row];
}
