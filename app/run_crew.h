/* SPDX-License-Identifier: BSD-3-Clause */
/* A run that several ranks make together (app/crew.h): what each does beside its own part of it.
 * Of a run that is this process's alone there is nothing to do in any of these. Control thread. */
#pragma once

#include "app/crew.h"
#include "app/run.h"

/** The clock is calibrated, and no worker runs yet: find out how the clocks stand. */
void run_crew_meet(struct run *run);

/** Often: see what the others say, and do it. */
void run_crew_look(struct run *run);

/** How long control may sleep, at most @ns. */
uint64_t run_crew_rest_ns(const struct run *run, uint64_t ns);

/** All workers of this process are ready: tell the others. @return whether the instant of the start
 * is known: run_crew_go_ns() */
bool run_crew_is_ready(struct run *run);
uint64_t run_crew_go_ns(const struct run *run);

/** Have the others change the rate at @at_ns, too. @return false: come again */
bool run_crew_tell_rate(struct run *run, uint64_t at_ns, uint64_t milli);

/** A second has ended here: people are shown that of all ranks. */
void run_crew_second(struct run *run, const struct result_interval *second);

/** All workers have returned: who this was, and how the clocks stood, is a part of the result. The
 * last rows are shown. */
void run_crew_gather(struct run *run);

/** The run is over, however it ended. @return 0; -1 with @f set: a rank was lost before the load
 * began */
int run_crew_end(struct run *run, struct fail *f);
