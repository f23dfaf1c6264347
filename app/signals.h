/* SPDX-License-Identifier: BSD-3-Clause */
/* How the user ends a run: SIGINT, SIGTERM and SIGHUP (a terminal or an ssh session that is gone);
 * and asks how it goes: SIGUSR1. The control thread takes them while it sleeps. They must be
 * blocked in every thread before EAL starts any. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Ignore SIGPIPE and SIGXFSZ: that nobody reads standard output any more, that a file would grow
 * beyond what ulimit -f allows, or that the process behind a device has gone, is an error of the
 * call that wrote, and no end of the run. */
void signals_ignore_pipes(void);

/** Keep them for signals_sleep(); threads made later inherit it. SIGHUP stays ignored where it was
 * (nohup). */
void signals_block(void);

enum signals_wish {
    SIGNALS_NOTHING,
    SIGNALS_END,      /* the user wants to end the run */
    SIGNALS_SNAPSHOT, /* to see how it goes */
};

/** Whether an end waits to be taken: the user wants to end what goes on before the run. */
bool signals_are_pending(void);

/** Sleep for @ns. @return earlier when the user wants something */
enum signals_wish signals_sleep(uint64_t ns);
