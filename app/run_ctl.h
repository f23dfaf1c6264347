/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user tells a run by its socket (app/ctl_socket.h). Control thread. */
#pragma once

#include "app/run.h"

/** Some tens of times a second: take what was sent, do it, and answer. */
void run_ctl_look(struct run *run);
