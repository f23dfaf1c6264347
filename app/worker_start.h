/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker from its memory to the start of the load: it waits for the others, looks for its
 * neighbours, shows that its queue works and fetches sessions, as the schedule says. */
#pragma once

#include "app/worker.h"

/** @return false on quit, or when it cannot go on: its progress says why. */
bool worker_start(struct worker *w);
