/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of a run's link, and of the process at its other end. Control thread. */
#pragma once

#include "app/run.h"

/** Whoever has come to the link, or back to it, may not know where our addresses are: have them
 * announced. */
void run_watch_link(struct run *run);

/** The load begins: from now on what becomes of the link is told. */
void run_begin_link(struct run *run);

/** Look whether the other process has left, and now and then at the link. */
void run_look_at_link(struct run *run);
