/* SPDX-License-Identifier: BSD-3-Clause */
/* Goodput of one transfer over a 100 Mbit/s bottleneck, by loss, round trip, buffer and algorithm:
 * a picture of what recovery and congestion control are worth, kept in grid.txt so that a change
 * to them shows what it does. Integers only, and one seed: the same on every machine. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/** Write the table, as grid.txt holds it. @return false: a promise of sim_check.h was broken. */
bool grid_write(FILE *out);
