/* SPDX-License-Identifier: BSD-3-Clause */
/* A run until its load begins. Control thread. */
#pragma once

#include "app/run.h"

/**
 * Workers were launched: wait until each has its memory, knows its neighbours and has shown that
 * its queue works; leave root on the way.
 *
 * @return 0, also after an interruption (result->interrupted), which makes all of them end; -1 with
 * @f when the run cannot begin, and all have ended
 */
int run_wait_ready(struct run *run, struct fail *f);

/** Agree with all of them on the instant of the start, and with other ranks where there are some.
 * @return false: it was given up before */
bool run_start(struct run *run);
