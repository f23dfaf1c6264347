/* SPDX-License-Identifier: BSD-3-Clause */
/* What a run shows to those who watch it (app/monitor.h). Control thread. */
#pragma once

#include "app/run.h"

/** Before anything is sent, at the start, and then at the end of each interval: show what has been
 * counted so far. */
void run_monitor_show(struct run *run);

/** All workers have returned, and the result is complete. */
void run_monitor_show_end(struct run *run);
