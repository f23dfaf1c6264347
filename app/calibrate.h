/* SPDX-License-Identifier: BSD-3-Clause */
/* The frequency of the time-stamp counter, measured against CLOCK_MONOTONIC. What DPDK reports is
 * rounded to 10 MHz where the CPU does not tell (AMD, most virtual machines): 0.15 % off on a 2596
 * MHz machine, more than a rate is allowed to be. */
#pragma once

#include <stdint.h>

#include "time/clock.h"

/* One instant on both clocks. */
struct clock_sample {
    uint64_t tsc, ns;
};

/** Read both clocks, as close to each other as a few tries allow. */
struct clock_sample clock_sample(void);

/**
 * Set @c from the time passed since @begin; sleeps until that is 200 ms, so that the error is below
 * one in a million.
 */
void calibrate_clock(struct clock *c, const struct clock_sample *begin);
