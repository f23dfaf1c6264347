/* SPDX-License-Identifier: BSD-3-Clause */
/* Criteria that end a run (report/criteria.h). Control thread. */
#pragma once

#include "app/run.h"

/** A second has ended: see whether one of them does not hold, and stop the load then. */
void run_abort_look(struct run *run);
