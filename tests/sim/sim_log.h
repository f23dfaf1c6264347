/* SPDX-License-Identifier: BSD-3-Clause */
/* The last things that happened in a simulation, kept as values and put into words only when they
 * are asked for. Numbers are relative: what a host sends counts from its own initial sequence
 * number, what it acknowledges from the other's, so that the first byte is 1 on both sides. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "wire/seg.h"

#ifndef SIM_LOG_LINES
#define SIM_LOG_LINES 100
#endif

struct sim_line {
    uint64_t ns; /* since the simulation's beginning */
    unsigned host;
    const char *verb; /* "sends", "hears", or what else it did */
    const char *state;
    uint64_t number; /* without a segment: what the verb is about */
    unsigned fate;   /* enum sim_fate */
    bool has_seg;
    struct seg seg; /* with relative numbers */
};

struct sim_log {
    struct sim_line lines[SIM_LOG_LINES];
    unsigned n; /* all there were */
};

/** A place for the next line. */
struct sim_line *sim_log_line(struct sim_log *log);

void sim_log_print(const struct sim_log *log, FILE *out);
