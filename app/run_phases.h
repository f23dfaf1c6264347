/* SPDX-License-Identifier: BSD-3-Clause */
/* The phases of a run (conf/phases.h) as it goes on: waypoints around the one that is measured and
 * those that criteria are of, and the steps by which a closed loop's ramps rise and fall. Control
 * thread. */
#pragma once

#include "app/run.h"

/** Before the start. @return 0, or -1 with @f (EXIT_HOST): there is no memory; all the same to be
 * followed by run_phases_fini(). */
int run_phases_init(struct run *run, struct fail *f);

/** Give the memory of the windows back, which are no more used. */
void run_phases_fini(struct run *run);

/** The instant of the start is agreed on. */
void run_phases_begin(struct run *run);

/** Some tens of times a second: announce what comes next, shortly before it does. */
void run_phases_look(struct run *run);

/** All workers have returned: what was measured is a part of the result. */
void run_phases_gather(struct run *run);
