/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown run --hosts`: the run is made by processes on several machines, which Open MPI's
 * mpirun starts, and their results are merged here. This process has the terminal and takes the
 * signals. Control thread. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"

/** Whether @c asks for that. */
bool hosts_run_is_wanted(const struct conf *c);

/**
 * Make the run, whose command line is @argv.
 *
 * @return 0, or -1 with @f set: as a run's, or EXIT_HOST, a host was lost; its text is "" where
 *         somebody else has said it
 */
int hosts_run(const struct conf *c, char *const argv[], struct fail *f);
