/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything at random: path, parameters, scripts and clocks are drawn from the seed, several
 * connections follow each other, and nothing is expected but that every promise of sim_check.h
 * holds. One seed in four draws a path that loses nothing, on which more is promised. */
#pragma once

#include "sim.h"

/* Of all seeds. */
struct campaign_sums {
    uint64_t n_seeds, n_conns, n_failed; /* seeds that broke a promise */
    uint64_t n_ends[SIM_ENDS];
    uint64_t bytes, frames, events;
    uint64_t retransmits, fast_retransmits, timeouts, tail_probes, window_probes;
    uint64_t escaped; /* corrupted frames that TCP's checksum let pass */
};

/** What @seed draws. */
struct sim_opts campaign_draw(uint64_t seed);

/** Run @seed in @sim and add up. @return whether all held. */
bool campaign_run(struct sim *sim, uint64_t seed, const char *name, struct campaign_sums *sums);
