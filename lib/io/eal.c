/* SPDX-License-Identifier: BSD-3-Clause */
/* See eal.h. */
#include "io/eal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

/* Enough for the complaint and what led to it. */
enum { EXPLAIN_LINES = 4, EXPLAIN_BYTES = 2048 };

/* EAL makes a directory for files that other processes share with it. We share none, so it gets one
 * of our own, which is gone before the first packet: a killed process leaves nothing. @return
 * RUNTIME_DIRECTORY as it was, or NULL. */
static char *
make_runtime_dir(struct traces *t)
{
    const char *old = getenv("RUNTIME_DIRECTORY");
    char *saved = old == NULL ? NULL : strdup(old);

    strcpy(t->runtime_dir, "/tmp/shakedown-XXXXXX");
    if (mkdtemp(t->runtime_dir) == NULL)
        t->runtime_dir[0] = '\0'; /* EAL goes on without a directory when it shares nothing */
    setenv("RUNTIME_DIRECTORY", t->runtime_dir[0] != '\0' ? t->runtime_dir : "/dev/null", 1);
    return saved;
}

static void
restore_runtime_dir(char *saved)
{
    if (saved == NULL)
        unsetenv("RUNTIME_DIRECTORY");
    else
        setenv("RUNTIME_DIRECTORY", saved, 1);
    free(saved);
}

/* Standard error goes to the log, because EAL writes its last words there and drivers' libraries
 * whatever they like; standard output nowhere, because it holds EAL's usage. */
static void
divert_streams(struct eal_log *log)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    fflush(stdout);
    fflush(stderr);
    log->saved_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    log->saved_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(fileno(log->file), STDERR_FILENO);
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        close(nowhere);
    }
}

static void
restore_stream(int saved, int fd)
{
    if (saved < 0) { /* it was closed */
        close(fd);
        return;
    }
    dup2(saved, fd);
    close(saved);
}

static int
log_open(struct eal_log *log, struct fail *f)
{
    int fd = memfd_create("eal-log", MFD_CLOEXEC);

    log->file = fd < 0 ? NULL : fdopen(fd, "a+");
    if (log->file == NULL) {
        int err = errno;

        if (fd >= 0)
            close(fd);
        return fail_set(f, EXIT_HOST, "cannot make a log in memory: %s", strerror(err));
    }
    setvbuf(log->file, NULL, _IONBF, 0);
    rte_openlog_stream(log->file);
    divert_streams(log);
    return 0;
}

void
eal_log_close(struct eal_log *log)
{
    if (log->file == NULL)
        return;
    fflush(stdout);
    fflush(stderr);
    restore_stream(log->saved_out, STDOUT_FILENO);
    restore_stream(log->saved_err, STDERR_FILENO);
    rte_openlog_stream(NULL);
    fclose(log->file);
    log->file = NULL;
}

/* Where the last EXPLAIN_LINES lines of @text begin. */
static const char *
last_lines(const char *text)
{
    const char *p = text + strlen(text);

    for (unsigned lines = 0; p > text; p--) {
        if (p[-1] == '\n' && ++lines > EXPLAIN_LINES)
            break;
    }
    return p;
}

void
eal_log_explain(struct eal_log *log, struct fail *f)
{
    static const char fatal[] = "EAL: FATAL:"; /* the same words come as "EAL:" too */
    const char *before = "";
    char text[EXPLAIN_BYTES + 1];
    size_t used = strlen(f->text);
    const char *line;
    off_t end;
    ssize_t len;

    if (log->file == NULL)
        return;
    end = lseek(fileno(log->file), 0, SEEK_END);
    len = pread(fileno(log->file), text, EXPLAIN_BYTES,
                end > EXPLAIN_BYTES ? end - EXPLAIN_BYTES : 0);
    if (len <= 0)
        return;
    text[len] = '\0';
    line = last_lines(text);
    for (const char *sep = "; DPDK said: "; *line != '\0' && used < sizeof(f->text); sep = "; ") {
        size_t n = strcspn(line, "\n");

        if (n > 0 && strncmp(line, fatal, sizeof(fatal) - 1) != 0 &&
            strncmp(line, before, n + 1) != 0)
            used += (size_t)snprintf(f->text + used, sizeof(f->text) - used, "%s%.*s", sep, (int)n,
                                     line);
        before = line;
        line += n + (line[n] != '\0');
    }
}

/* While it lasts, another thread may take the traces away. */
static int
init_eal(struct eal_args *args, struct traces *t)
{
    char *saved = make_runtime_dir(t);
    int ret;

    atomic_store_explicit(&t->is_set, true, memory_order_release);
    ret = rte_eal_init(args->argc, args->argv);
    restore_runtime_dir(saved);
    return ret;
}

int
eal_start(struct eal_args *args, struct eal_log *log, struct traces *t, struct fail *f)
{
    int ret, err;

    if (log_open(log, f) < 0)
        return -1;
    ret = init_eal(args, t);
    err = rte_errno;
    traces_remove_runtime_dir(t);
    if (ret >= 0)
        return 0;
    traces_remove(t);
    /* What EAL calls invalid is the user's: the device's arguments or --eal. */
    if (err == EINVAL)
        fail_set(f, EXIT_USAGE, "--device or --eal: DPDK refuses an argument");
    else
        fail_set(f, EXIT_HOST, "DPDK's EAL does not start: %s", rte_strerror(err));
    eal_log_explain(log, f);
    eal_log_close(log);
    return -1;
}

void
eal_stop(void)
{
    (void)rte_eal_cleanup(); /* it fails only for a secondary process */
}
