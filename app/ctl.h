/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown ctl`: tell a run that goes on what to do, by its socket (app/ctl_socket.h). */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"

/** Send it, and print the answer to standard output. @return 0, or -1 with @f: EXIT_USAGE as the
 * run has it, EXIT_HOST where there is no run, or it does not answer */
int ctl_tell(const struct conf_ctl *ctl, struct fail *f);
