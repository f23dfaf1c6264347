/* SPDX-License-Identifier: BSD-3-Clause */
/* See signals.h. */
#include "app/signals.h"

#include <signal.h>

#include "base/timespec.h"

/* The last is what mpirun passes on to the processes that it has started, of all that may mean it.
 */
static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR2};

/* nohup starts a program with SIGHUP ignored: the terminal's end is not to be ours then. A shell
 * without job control does the same to SIGINT of what it starts with &, where an interruption that
 * is sent on purpose is meant all the same. */
static bool
is_ignored(int signum)
{
    struct sigaction action;

    return signum == SIGHUP && sigaction(signum, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

static sigset_t
ending_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(ending); i++)
        if (!is_ignored(ending[i]))
            sigaddset(&set, ending[i]);
    return set;
}

/* All that the control thread takes. */
static sigset_t
taken_signals(void)
{
    sigset_t set = ending_signals();

    sigaddset(&set, SIGUSR1);
    return set;
}

void
signals_ignore_pipes(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

void
signals_block(void)
{
    sigset_t set = taken_signals();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool
signals_are_pending(void)
{
    sigset_t set = ending_signals(), pending;

    if (sigpending(&pending) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(ending); i++)
        if (sigismember(&set, ending[i]) == 1 && sigismember(&pending, ending[i]) == 1)
            return true;
    return false;
}

enum signals_wish
signals_sleep(uint64_t ns)
{
    sigset_t set = taken_signals();
    struct timespec t = timespec_of_ns(ns);
    int signum = sigtimedwait(&set, NULL, &t);

    if (signum <= 0)
        return SIGNALS_NOTHING;
    return signum == SIGUSR1 ? SIGNALS_SNAPSHOT : SIGNALS_END;
}
