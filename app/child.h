/* SPDX-License-Identifier: BSD-3-Clause */
/* A process of ours that makes a run, from its start to its end: EAL cannot be started twice in
 * one. What a terminal sends it has, too; what somebody sends this process is passed on. */
#pragma once

#include "base/fail.h"

/* This program, as it runs. */
#define CHILD_SELF "/proc/self/exe"

/**
 * Run the program at @path with @words, which end with NULL, and wait for it.
 *
 * @param log  a file for what it says; NULL: it goes where what this process says goes
 * @return its exit status, EXIT_INTERRUPTED where a signal ended it before it listened; -1 with @f
 *         set (EXIT_HOST): there was none
 */
int child_run(const char *path, const char *const words[], const char *log, struct fail *f);
