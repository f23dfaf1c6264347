/* SPDX-License-Identifier: BSD-3-Clause */
/* See child.h. */
#include "app/child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "conf/options.h"

/* Standard error, of the child. */
static const int CHILD_ERR = 2;

int
child_own_words(const struct child_option *options, size_t n, const char *word, const char *next)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(options[i].name);

        if (strncmp(word, options[i].name, length) != 0)
            continue;
        if (word[length] == '=')
            return 1;
        if (word[length] == '\0')
            return options[i].has_value && next != NULL ? 2 : 1;
    }
    return 0;
}

size_t
child_copy_words(const struct child_option *options, size_t n, char *const argv[],
                 const char *words[], size_t used, size_t max)
{
    const char *command = conf_command_names[CONF_RUN];
    bool has_command = false; /* options may stand before it, too */

    for (size_t i = 1; argv[i] != NULL && used < max - 1;) {
        int own = child_own_words(options, n, argv[i], argv[i + 1]);
        bool is_command = own == 0 && !has_command && strcmp(argv[i], command) == 0;

        has_command |= is_command;
        if (own == 0 && !is_command)
            words[used++] = argv[i];
        i += own > 0 ? (size_t)own : 1;
    }
    words[used] = NULL;
    return used;
}

sigset_t
child_signals(void)
{
    static const int list[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        sigaddset(&set, list[i]);
    return set;
}

int
child_begin(const struct child_opts *o, pid_t *pid)
{
    extern char **environ;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int err;

    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_setsigmask(&attr, o->mask);
    posix_spawnattr_setflags(
        &attr, (short)(POSIX_SPAWN_SETSIGMASK | (o->has_own_group ? POSIX_SPAWN_SETPGROUP : 0)));
    if (o->has_own_group)
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (o->out >= 0)
        posix_spawn_file_actions_adddup2(&files, o->out, STDOUT_FILENO);
    if (o->err >= 0)
        posix_spawn_file_actions_adddup2(&files, o->err, CHILD_ERR);
    err = posix_spawnp(pid, o->path, &files, &attr, (char *const *)o->words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return err;
}

/* @return its wait status */
static int
wait_for(pid_t pid)
{
    sigset_t set = child_signals();
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

/* @return as child_begin(), or the errno of @log */
static int
begin_logged(struct child_opts *o, const char *log, pid_t *pid)
{
    int fd = log != NULL ? open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1, err;

    if (log != NULL && fd < 0)
        return errno;
    o->out = o->err = fd;
    err = child_begin(o, pid);
    if (fd >= 0)
        close(fd);
    return err;
}

int
child_run(const char *path, const char *const words[], const char *log, struct fail *f)
{
    sigset_t set = child_signals(), before;
    struct child_opts opts = {.path = path, .words = words, .mask = &before};
    pid_t pid;
    int err, status;

    fflush(stdout);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    err = begin_logged(&opts, log, &pid);
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
