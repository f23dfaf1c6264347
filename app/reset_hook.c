/* SPDX-License-Identifier: BSD-3-Clause */
/* See reset_hook.h. */
#include "app/reset_hook.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/console.h"
#include "base/units.h"

extern char **environ;

/* Of what a command says at most, while somebody has the terminal. */
enum { SAID_MAX = 2048 };

/* A group of its own, so that all of it can be ended; signals as any program has them, which are
 * blocked here; and the console, for standard error is the libraries' here, and standard output may
 * be a result. */
static int
spawn(pid_t *pid, const char *command, int out)
{
    char *const argv[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                          (char *)(uintptr_t)command, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    int err;

    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&files);
    for (int fd = STDOUT_FILENO; fd <= STDOUT_FILENO + 1; fd++)
        posix_spawn_file_actions_adddup2(&files, out, fd);
    err = posix_spawn(pid, "/bin/sh", &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return err;
}

/* Somebody has the terminal: what the command wrote is said now. */
static void
pass_on(struct reset_hook *h)
{
    char text[SAID_MAX + 1];
    ssize_t n;

    if (h->said <= 0)
        return;
    n = pread(h->said, text, SAID_MAX, 0);
    if (n > 0)
        fprintf(console_stream(), "%.*s%s", (int)n, text, text[n - 1] == '\n' ? "" : "\n");
    close(h->said);
    h->said = 0;
}

int
reset_hook_begin(struct reset_hook *h, const char *command, uint64_t now_ns, uint64_t ns,
                 struct fail *f)
{
    int err;

    h->said = console_is_diverted() ? memfd_create("said", MFD_CLOEXEC) : 0;
    err = spawn(&h->pid, command, h->said > 0 ? h->said : console_fd());
    h->until_ns = now_ns + ns;
    if (err == 0)
        return 0;
    h->pid = 0;
    pass_on(h);
    return fail_set(f, EXIT_HOST, "--search-reset: the shell cannot be run: %s", strerror(err));
}

int
reset_hook_look(struct reset_hook *h, uint64_t now_ns, struct fail *f)
{
    int status;

    if (h->pid == 0)
        return 0;
    if (waitpid(h->pid, &status, WNOHANG) == 0) {
        if (now_ns < h->until_ns)
            return 1;
        reset_hook_end(h);
        return fail_set(f, EXIT_HOST, "--search-reset: the command did not end in a minute");
    }
    h->pid = 0;
    pass_on(h);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFSIGNALED(status))
        return fail_set(f, EXIT_HOST, "--search-reset: the command was ended by signal %d",
                        WTERMSIG(status));
    return fail_set(f, EXIT_HOST, "--search-reset: the command ended with exit status %d",
                    WEXITSTATUS(status));
}

void
reset_hook_end(struct reset_hook *h)
{
    int status;

    if (h->pid == 0)
        return;
    kill(-h->pid, SIGKILL);
    waitpid(h->pid, &status, 0);
    h->pid = 0;
    pass_on(h);
}
