/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's life: start it without a trace, stop it without one. Once in a process. What it writes goes
 * to a log, which the caller opens before and closes after it. */
#pragma once

#include "base/fail.h"
#include "io/eal_args.h"
#include "io/eal_log.h"
#include "io/traces.h"

/**
 * Start EAL. It shares no files with other processes, so it gets no directory for them; with
 * telemetry, which has a socket there, it has its usual one, and @t keeps where that is.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE for arguments that EAL cannot read, else EXIT_HOST),
 *         whose text ends with EAL's own last words; nothing is left to undo but @log
 */
int eal_start(struct eal_args *args, struct eal_log *log, struct traces *t, struct fail *f);

/** End EAL, whose ports are closed already. @is_shared: as in the arguments it was started with. */
void eal_stop(bool is_shared);

/** What names this process to others that attach to it. */
const char *eal_file_prefix(void);
