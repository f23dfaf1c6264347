/* SPDX-License-Identifier: BSD-3-Clause */
/* How far a run has come, in words and as a share: its set-up, its load, the trials of a search,
 * its drain. Control thread. */
#pragma once

#include "app/run.h"
#include "ui/progress.h"

enum run_stage {
    RUN_SETS_UP,  /* workers take their memory */
    RUN_PREPARES, /* they look for their neighbours, fetch sessions, agree on the start */
    RUN_LOADS,
    RUN_SEARCHES,
    RUN_DRAINS
};

enum run_stage run_stage(const struct run *run);

/** Where it is now. */
void run_progress(const struct run *run, struct progress *p);

/** Begin to tell the memory that the workers take from what was there. */
void run_progress_begin(struct run *run);
