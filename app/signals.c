/* SPDX-License-Identifier: BSD-3-Clause */
/* See signals.h. */
#include "app/signals.h"

#include <signal.h>
#include <time.h>

#include "base/units.h"

static sigset_t
ending_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void
signals_block(void)
{
    sigset_t set = ending_signals();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool
signals_are_pending(void)
{
    sigset_t pending;

    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

bool
signals_sleep(uint64_t ns)
{
    sigset_t set = ending_signals();
    struct timespec t = {.tv_sec = (time_t)(ns / NS_PER_SEC), .tv_nsec = (long)(ns % NS_PER_SEC)};

    return sigtimedwait(&set, NULL, &t) > 0;
}
