/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's life: start it quietly, keep what it and its drivers complain about for the error message,
 * stop it without a trace. Once in a process. From eal_start() to eal_log_close() standard output
 * and standard error are not the caller's: nobody prints. */
#pragma once

#include <stdio.h>

#include "base/fail.h"
#include "io/eal_args.h"
#include "io/traces.h"

/* What EAL and drivers wrote since eal_start(). */
struct eal_log {
    FILE *file;               /* in memory; NULL when closed */
    int saved_out, saved_err; /* the streams that come back */
};

/**
 * Start EAL. What @t says is removed when it does not start, and its directory in any case.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE for arguments that EAL cannot read, else EXIT_HOST),
 *         whose text ends with EAL's own last words; nothing is left to undo
 */
int eal_start(struct eal_args *args, struct eal_log *log, struct traces *t, struct fail *f);

/** Give standard output and standard error back, to drivers too. May be called twice. */
void eal_log_close(struct eal_log *log);

/** Append the last lines of @log to @f's text: what the driver said about the failure. */
void eal_log_explain(struct eal_log *log, struct fail *f);

/** End EAL, whose ports are closed already. */
void eal_stop(void);
