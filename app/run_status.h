/* SPDX-License-Identifier: BSD-3-Clause */
/* What takes longer than a second, where a line a second is shown and says nothing of it: the
 * set-up, the trials of a search, the drain. A line at the bottom of the terminal (base/console.h),
 * and nothing where the console is none. Control thread. */
#pragma once

#include <stdint.h>

struct run;

struct run_status {
    unsigned stage;    /* enum run_stage, */
    uint64_t since_ns; /* from here on; 0: not yet */
    uint64_t next_ns;  /* when to say it again */
};

/** Often: say it when it is time to. */
void run_status_look(struct run *run);
