/* SPDX-License-Identifier: BSD-3-Clause */
/* DPDK and a library under it are played by rte_log() and by writes to descriptor 2. */
#include "io_rig.h"

#include <signal.h>
#include <sys/wait.h>

#include <rte_log.h>

#include "base/console.h"
#include "io/eal_log.h"

static struct eal_log log_;
static struct traces traces;

static void
open_log(bool is_wanted)
{
    struct fail f;

    cr_assert(eq(int, eal_log_open(&log_, &traces, is_wanted, &f), 0), "%s", f.text);
}

static void
driver_says(const char *text)
{
    rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "%s", text);
}

static void
library_says(const char *text)
{
    cr_assert(eq(int, (int)write(STDERR_FILENO, text, strlen(text)), (int)strlen(text)));
}

/* What comes to @saved, a copy of the descriptor @fd, which it becomes again. */
static FILE *
divert(int fd, int *saved)
{
    FILE *file = tmpfile();

    *saved = dup(fd);
    dup2(fileno(file), fd);
    return file;
}

static void
restore(int fd, int saved)
{
    dup2(saved, fd);
    close(saved);
}

static off_t
length(FILE *file)
{
    return lseek(fileno(file), 0, SEEK_END);
}

Test(eal_log, nothing_reaches_standard_error_from_open_to_close)
{
    int saved;
    FILE *user = divert(STDERR_FILENO, &saved);

    open_log(false);
    driver_says("first\n");
    eal_log_started(&log_);
    driver_says("second\n");
    library_says("third\n");
    fprintf(stderr, "fourth\n");
    eal_log_poll(&log_);
    library_says("fifth\n");
    cr_expect(eq(u64, eal_log_lines(&log_), 4));
    eal_log_close(&log_);
    library_says("mine\n");
    restore(STDERR_FILENO, saved);
    cr_assert(eq(int, (int)length(user), 5));
    cr_assert(eq(str, log_.first, "first"));
    cr_assert(eq(u64, eal_log_lines(&log_), 5));
}

Test(eal_log, who_asked_for_the_lines_gets_them)
{
    int saved;
    FILE *user = divert(STDERR_FILENO, &saved);

    console_take();
    open_log(true);
    driver_says("first\n");
    eal_log_poll(&log_);
    cr_expect(eq(int, (int)length(user), 6));
    library_says("second\n");
    eal_log_close(&log_);
    restore(STDERR_FILENO, saved);
    cr_assert(eq(int, (int)length(user), 13));
}

Test(eal_log, a_line_for_each_of_a_million_frames_is_counted_and_not_kept)
{
    struct stat st;

    open_log(false);
    eal_log_started(&log_);
    for (unsigned poll = 0; poll < 10; poll++) {
        for (unsigned i = 0; i < 100000; i++)
            driver_says("net_pcap: send: Message too long, and much more about it\n");
        eal_log_poll(&log_);
        fstat(log_.fd, &st);
        cr_expect(lt(i64, (int64_t)st.st_blocks * 512, 1 << 20));
    }
    eal_log_close(&log_);
    cr_assert(eq(u64, eal_log_lines(&log_), 1000000));
    cr_assert(eq(str, log_.first, "net_pcap: send: Message too long, and much more about it"));
}

Test(eal_log, the_last_lines_explain_a_failure_but_for_the_stack_and_what_is_said_again)
{
    struct fail f;

    open_log(false);
    for (unsigned i = 0; i < 1000; i++)
        driver_says("long ago\n");
    eal_log_poll(&log_);
    driver_says("EAL: FATAL: Cannot do it\nEAL: Cannot do it\n");
    library_says("PANIC in rte_eal_init():\nCannot create pipe\n"
                 "0: /lib/librte_eal.so.23 (rte_dump_stack+0x3d) [7f0cf967732d]\n"
                 "11: ./shakedown (main+0x1) [55b339891179]\n");
    fail_set(&f, EXIT_HOST, "no");
    eal_log_explain(&log_, &f);
    eal_log_close(&log_);
    cr_assert(eq(str, f.text,
                 "no; DPDK said: long ago; EAL: Cannot do it; PANIC in rte_eal_init():; "
                 "Cannot create pipe"));
}

Test(eal_log, nothing_said_explains_nothing)
{
    struct fail f;

    open_log(false);
    fail_set(&f, EXIT_HOST, "no");
    eal_log_explain(&log_, &f);
    eal_log_close(&log_);
    eal_log_explain(&log_, &f);
    cr_assert(eq(str, f.text, "no"));
}

/* @return what a child that aborts writes to its user; its wait status. */
static int
abort_in_child(bool has_started, char *text, size_t size)
{
    int ends[2], status;
    ssize_t len;
    pid_t child;

    cr_assert(eq(int, pipe(ends), 0));
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        console_take();
        open_log(false);
        if (has_started)
            eal_log_started(&log_);
        library_says("PANIC in somewhere():\nno more of it\n0: /lib/x [1]\n");
        abort();
    }
    close(ends[1]);
    len = read(ends[0], text, size - 1);
    text[len > 0 ? len : 0] = '\0';
    close(ends[0]);
    cr_assert(eq(int, waitpid(child, &status, 0), child));
    return status;
}

Test(eal_log, a_panic_at_the_start_is_an_error_with_its_words)
{
    char text[1024];
    int status = abort_in_child(false, text, sizeof(text));

    cr_assert(eq(int, WIFEXITED(status), 1));
    cr_assert(eq(int, WEXITSTATUS(status), EXIT_HOST));
    cr_assert(eq(str, text,
                 "shakedown: DPDK's EAL cannot start here; DPDK said: PANIC in "
                 "somewhere():; no more of it\n"));
}

Test(eal_log, a_panic_later_ends_the_process_with_its_words)
{
    char text[1024];
    int status = abort_in_child(true, text, sizeof(text));

    cr_assert(eq(int, WIFSIGNALED(status), 1));
    cr_assert(eq(int, WTERMSIG(status), SIGABRT));
    cr_assert(eq(str, text,
                 "shakedown: the process is aborted; DPDK said: PANIC in somewhere():; no "
                 "more of it\n"));
}
