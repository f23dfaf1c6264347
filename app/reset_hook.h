/* SPDX-License-Identifier: BSD-3-Clause */
/* A command of the user's that the shell runs beside a run: it is begun, and looked at now and
 * then. Control thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fail.h"

struct reset_hook {
    pid_t pid; /* 0: nothing runs */
    uint64_t until_ns;
    int said; /* where it writes while the console is diverted, for later; 0: to the console */
};

/** Have the shell run @command, what it writes goes to the console, at its end where that is
 * diverted (base/console.h), for @ns at most.
 * @return 0, or -1 with @f set (EXIT_HOST) */
int reset_hook_begin(struct reset_hook *h, const char *command, uint64_t now_ns, uint64_t ns,
                     struct fail *f);

/** @return 1: it still runs; 0: it is over, or never began; -1 with @f set (EXIT_HOST): it failed,
 * or took too long and was ended. */
int reset_hook_look(struct reset_hook *h, uint64_t now_ns, struct fail *f);

/** End it, if it runs. */
void reset_hook_end(struct reset_hook *h);
