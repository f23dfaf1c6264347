/* SPDX-License-Identifier: BSD-3-Clause */
/* See eal_log.h. */
#include "io/eal_log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_log.h>

#include "base/console.h"
#include "base/units.h"

/* Enough for the complaint and what led to it; the bytes also hold the stack that a panic prints.
 */
enum { EXPLAIN_LINES = 4, EXPLAIN_BYTES = 4096 };

/* A driver may complain of each frame, a million times a second. What it writes between two polls,
 * beyond this, is counted and not kept. */
enum { PENDING_MAX = 256 << 10 };

/* For the signal's handler. */
static struct eal_log *open_log;
static struct sigaction action_before;

/* -- what comes --------------------------------------------------------------------------- */

static uint64_t
count_ends(const char *text, size_t len)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

/* DPDK's lines, from any thread; stdio has the stream locked. */
static ssize_t
write_line(void *cookie, const char *text, size_t len)
{
    struct eal_log *log = cookie;

    if (log->expected != NULL && memmem(text, len, log->expected, strlen(log->expected)) != NULL)
        return (ssize_t)len;
    if (atomic_fetch_add(&log->pending, len) > PENDING_MAX)
        atomic_fetch_add(&log->passed_over, count_ends(text, len));
    else if (write(log->fd, text, len) < 0)
        return 0;
    return (ssize_t)len;
}

static void
take(struct eal_log *log, const char *text, size_t len)
{
    if (log->first[0] == '\0') {
        size_t n = 0;

        while (n < len && text[n] != '\n')
            n++;
        snprintf(log->first, sizeof(log->first), "%.*s", (int)n, text);
    }
    log->lines += count_ends(text, len);
    log->in_line = text[len - 1] != '\n';
}

void
eal_log_poll(struct eal_log *log)
{
    char text[EXPLAIN_BYTES];
    ssize_t len;

    if (log->stream == NULL)
        return;
    while ((len = pread(log->fd, text, sizeof(text), log->taken)) > 0) {
        take(log, text, (size_t)len);
        if (log->is_wanted)
            fwrite(text, 1, (size_t)len, console_stream());
        log->taken += len;
    }
    atomic_store(&log->pending, 0);
    if (log->taken - EXPLAIN_BYTES > log->released &&
        fallocate(log->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, log->released,
                  log->taken - EXPLAIN_BYTES - log->released) == 0)
        log->released = log->taken - EXPLAIN_BYTES;
}

uint64_t
eal_log_lines(const struct eal_log *log)
{
    return log->lines + log->in_line + atomic_load(&log->passed_over);
}

/* -- the last words ----------------------------------------------------------------------- */

/* "3: /lib/librte_eal.so (rte_panic+0xbd) [7f...]" */
static bool
is_stack(const char *line)
{
    const char *p = line;

    while (isdigit((unsigned char)*p))
        p++;
    return p > line && p[0] == ':' && p[1] == ' ';
}

/* The same words come twice, the first time as "EAL: FATAL:" (22.11). */
static bool
is_said_again(const char *line, size_t len, const char *before)
{
    static const char fatal[] = "EAL: FATAL:";

    return strncmp(line, fatal, sizeof(fatal) - 1) == 0 || strncmp(line, before, len + 1) == 0;
}

/* Put a zero before each line of @text that says nothing, and at each end. @return where the last
 * EXPLAIN_LINES that say something begin: @n of them in @lines. */
static unsigned
find_lines(char *text, const char *lines[EXPLAIN_LINES])
{
    const char *before = "";
    unsigned n = 0;

    for (char *line = text, *end; *line != '\0'; line = end) {
        size_t len = strcspn(line, "\n");

        end = line + len + (line[len] != '\0');
        if (len == 0 || is_stack(line) || is_said_again(line, len, before))
            continue;
        before = line;
        if (n == EXPLAIN_LINES)
            memmove(lines, lines + 1, (EXPLAIN_LINES - 1) * sizeof(lines[0]));
        lines[n < EXPLAIN_LINES ? n++ : EXPLAIN_LINES - 1] = line;
    }
    return n;
}

/* Append the last lines to the @used bytes in @out. No memory is taken and no lock: a signal's
 * handler is one that calls. */
static void
append_last_lines(const struct eal_log *log, char *out, size_t used, size_t size)
{
    const char *lines[EXPLAIN_LINES], *sep = "; DPDK said: ";
    char text[EXPLAIN_BYTES + 1];
    off_t end = lseek(log->fd, 0, SEEK_END);
    ssize_t len =
        pread(log->fd, text, EXPLAIN_BYTES, end > EXPLAIN_BYTES ? end - EXPLAIN_BYTES : 0);
    unsigned n;

    if (len <= 0)
        return;
    text[len] = '\0';
    n = find_lines(text, lines);
    for (unsigned i = 0; i < n && used < size; i++, sep = "; ")
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", sep,
                                 (int)strcspn(lines[i], "\n"), lines[i]);
}

void
eal_log_explain(struct eal_log *log, struct fail *f)
{
    if (log->stream != NULL)
        append_last_lines(log, f->text, strlen(f->text), sizeof(f->text));
}

/* EAL panics where it cannot go on. After its start the signal goes on to end the process. */
static void
on_abort(int signum)
{
    static const char begin[] = "shakedown: DPDK's EAL cannot start here";
    static const char later[] = "shakedown: the process is aborted";
    bool has_started = atomic_load(&open_log->has_started);
    char text[1024];

    strcpy(text, has_started ? later : begin);
    append_last_lines(open_log, text, strlen(text), sizeof(text) - 1);
    strcat(text, "\n");
    if (write(console_fd(), text, strlen(text)) < 0)
        _exit(EXIT_HOST);
    traces_remove(open_log->traces);
    if (!has_started)
        _exit(EXIT_HOST);
    (void)raise(signum); /* also where another process sent it, and no abort() goes on */
}

static void
catch_aborts(struct eal_log *log)
{
    struct sigaction action = {.sa_handler = on_abort, .sa_flags = (int)SA_RESETHAND};

    open_log = log;
    sigaction(SIGABRT, &action, &action_before);
}

/* -- open and close ------------------------------------------------------------------------ */

/* Sanitizers' own words are for whoever built them in. */
extern void __sanitizer_set_report_fd(void *fd) __attribute__((weak));

static void
report_to(int fd)
{
    if (__sanitizer_set_report_fd != NULL)
        __sanitizer_set_report_fd((void *)(intptr_t)fd);
}

static void
divert_streams(struct eal_log *log)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    fflush(stdout);
    fflush(stderr);
    log->saved_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    log->saved_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    dup2(log->fd, STDERR_FILENO);
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
open_memory(void)
{
    int fd = memfd_create("eal-log", MFD_CLOEXEC);

    if (fd >= 0)
        (void)fcntl(fd, F_SETFL, O_APPEND);
    return fd;
}

int
eal_log_open(struct eal_log *log, const struct traces *t, bool is_wanted, struct fail *f)
{
    static const cookie_io_functions_t functions = {.write = write_line};

    *log = (struct eal_log){.traces = t, .is_wanted = is_wanted};
    log->fd = open_memory();
    if (log->fd < 0)
        return fail_set(f, EXIT_HOST, "cannot make a log in memory: %s", strerror(errno));
    log->stream = fopencookie(log, "w", functions);
    if (log->stream == NULL) {
        close(log->fd);
        return fail_set(f, EXIT_HOST, "cannot make a log: not enough memory");
    }
    setvbuf(log->stream, NULL, _IONBF, 0);
    rte_openlog_stream(log->stream);
    divert_streams(log);
    report_to(console_fd());
    catch_aborts(log);
    return 0;
}

void
eal_log_started(struct eal_log *log)
{
    fflush(stdout);
    restore_stream(log->saved_out, STDOUT_FILENO);
    atomic_store(&log->has_started, true);
    eal_log_poll(log);
}

void
eal_log_close(struct eal_log *log)
{
    if (log->stream == NULL)
        return;
    eal_log_poll(log);
    if (!atomic_load(&log->has_started))
        restore_stream(log->saved_out, STDOUT_FILENO);
    sigaction(SIGABRT, &action_before, NULL);
    open_log = NULL;
    fflush(stderr);
    restore_stream(log->saved_err, STDERR_FILENO);
    report_to(STDERR_FILENO);
    rte_openlog_stream(NULL);
    fclose(log->stream);
    log->stream = NULL;
    close(log->fd);
}
