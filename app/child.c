/* SPDX-License-Identifier: BSD-3-Clause */
/* See child.h. */
#include "app/child.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"

static sigset_t
signals_of_parent(void)
{
    static const int list[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        sigaddset(&set, list[i]);
    return set;
}

/* What a terminal sends the run has, too; what somebody sends this process is passed on. @return
 * its wait status */
static int
wait_for(pid_t pid)
{
    sigset_t set = signals_of_parent();
    siginfo_t info;
    int status;

    for (;;) {
        int signum = sigwaitinfo(&set, &info);

        if (signum > 0 && signum != SIGCHLD && info.si_code <= 0)
            kill(pid, signum);
        if (waitpid(pid, &status, signum > 0 ? WNOHANG : 0) == pid)
            return status;
    }
}

static int
spawn(const char *path, const char *const words[], const char *log, const sigset_t *mask,
      pid_t *pid)
{
    extern char **environ;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int err = 0;

    posix_spawn_file_actions_init(&files);
    if (log != NULL)
        err = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log,
                                               O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (log != NULL && err == 0)
        err = posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);

    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, mask);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    if (err == 0)
        err = posix_spawn(pid, path, &files, &attr, (char *const *)words, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return err;
}

int
child_run(const char *path, const char *const words[], const char *log, struct fail *f)
{
    sigset_t set = signals_of_parent(), before;
    pid_t pid;
    int err, status;

    fflush(stdout);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    err = spawn(path, words, log, &before, &pid);
    status = err == 0 ? wait_for(pid) : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (err != 0)
        return fail_set(f, EXIT_HOST, "%.300s: %s", words[0], strerror(err));
    if (WIFSIGNALED(status) && sigismember(&set, WTERMSIG(status)) == 1)
        return EXIT_INTERRUPTED; /* it had not begun to listen */
    if (!WIFEXITED(status))
        return fail_set(f, EXIT_HOST, "%.300s was ended by signal %d", words[0], WTERMSIG(status));
    return WEXITSTATUS(status);
}
