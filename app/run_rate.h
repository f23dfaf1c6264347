/* SPDX-License-Identifier: BSD-3-Clause */
/* The user has a run go on at another rate. Control thread. */
#pragma once

#include "app/run.h"

/** Whether it has a rate that can be changed now. @return 0; -1 with @f: why not */
int run_rate_may_change(const struct run *run, struct fail *f);

/** That, and read the rate as the user has written it. @return 0 with @milli, per thousand seconds;
 * -1 with @f set */
int run_rate_read(const struct run *run, const char *text, uint64_t *milli, struct fail *f);

/** The rate as of the last change, which may be about to come. */
uint64_t run_rate_milli(const struct run *run);

/** Have the load go on at the rate, which may change, from a moment on. @return false: another
 * change is under way, come again */
bool run_rate_change(struct run *run, uint64_t milli, struct result_rate_change *change);
