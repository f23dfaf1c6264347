/* SPDX-License-Identifier: BSD-3-Clause */
/* What people see of a run while it goes on, between two looks at the workers: the live screen
 * (lib/ui), with its keys, or a line of status. Drawing takes what the workers have published
 * already, and asks nothing of them. Control thread. */
#pragma once

#include "app/run.h"

/** The workers are about to begin: have the screen where it is wanted. */
void run_ui_open(struct run *run);

/** Give the terminal back, and write what was to be said meanwhile. */
void run_ui_close(struct run *run);

/** Some tens of times a second: keys, and a picture when it is time. */
void run_ui_look(struct run *run);

/** A second has ended. */
void run_ui_second(struct run *run, const struct result_interval *second);

/** A trial of a search has. */
void run_ui_trial(struct run *run);

/** Others are about to write to standard output: have the ordinary screen for a moment. */
void run_ui_step_aside(struct run *run);
