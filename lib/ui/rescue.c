/* SPDX-License-Identifier: BSD-3-Clause */
/* See rescue.h. */
#include "ui/rescue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/units.h"

/* A terminal that takes nothing for so long is left as it is. */
enum { PATIENCE_MS = 200 };

/* What ends the process at once; what ends it in order is control's. */
static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS, SIGXCPU};

/* For signals' handlers. */
static struct {
    int fd;
    struct termios modes;
    const char *_Atomic text;
    atomic_size_t bytes;
    struct sigaction before[ARRAY_LEN(fatal)], before_stop;
    bool has_atexit;
} saved;
static atomic_bool is_armed, was_stopped;

void
rescue_now(void)
{
    struct pollfd out = {.fd = saved.fd, .events = POLLOUT};
    const char *text = atomic_load(&saved.text);
    size_t bytes = text == NULL ? 0 : atomic_load(&saved.bytes);
    int error = errno;

    if (atomic_load(&is_armed)) {
        while (bytes > 0 && poll(&out, 1, PATIENCE_MS) == 1) {
            ssize_t n = write(saved.fd, text, bytes);

            if (n <= 0)
                break;
            text += n;
            bytes -= (size_t)n;
        }
        (void)tcsetattr(saved.fd, TCSANOW, &saved.modes);
    }
    errno = error;
}

/* A fault comes again when the handler returns, and meets what was there before; a signal that was
 * sent is sent again. */
static void
on_fatal(int signum, siginfo_t *info, void *context)
{
    (void)context;
    rescue_now();
    atomic_store(&is_armed, false);
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
        if (fatal[i] == signum)
            sigaction(signum, &saved.before[i], NULL);
    if (info->si_code <= 0 || info->si_code == SI_KERNEL)
        (void)raise(signum);
}

/* The shell has its terminal back while this process is stopped, which is what the signal does by
 * itself. */
static void
on_stop(int signum)
{
    struct sigaction ours;
    sigset_t set;
    int error = errno;

    rescue_now();
    sigaction(signum, &saved.before_stop, &ours);
    sigemptyset(&set);
    sigaddset(&set, signum);
    (void)raise(signum);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* it stops here, and goes on here */
    sigaction(signum, &ours, NULL);
    atomic_store(&was_stopped, true);
    errno = error;
}

/* A signal that was ignored, as a shell has it for what it starts in the background, stays so. */
static void
take(int signum, const struct sigaction *ours, struct sigaction *before)
{
    sigaction(signum, NULL, before);
    if (before->sa_handler != SIG_IGN)
        sigaction(signum, ours, NULL);
}

bool
rescue_begin(int fd)
{
    struct sigaction on_end = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigaction stop = {.sa_handler = on_stop, .sa_flags = SA_RESTART};

    if (tcgetattr(fd, &saved.modes) < 0)
        return false;
    saved.fd = fd;
    atomic_store(&saved.text, NULL);
    if (!saved.has_atexit)
        saved.has_atexit = atexit(rescue_now) == 0;
    atomic_store(&is_armed, true);
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
        take(fatal[i], &on_end, &saved.before[i]);
    take(SIGTSTP, &stop, &saved.before_stop);
    return true;
}

void
rescue_by(const char *text, size_t bytes)
{
    atomic_store(&saved.bytes, bytes);
    atomic_store(&saved.text, text);
}

void
rescue_end(void)
{
    if (!atomic_exchange(&is_armed, false))
        return;
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
        sigaction(fatal[i], &saved.before[i], NULL);
    sigaction(SIGTSTP, &saved.before_stop, NULL);
}

bool
rescue_was_stopped(void)
{
    return atomic_exchange(&was_stopped, false);
}
