/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/console.h"

#include <pty.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static char said[256];

static void
take(void *arg, const char *text, size_t bytes)
{
    strncat(arg, text, bytes);
}

/* Standard error becomes a terminal, or a pipe. @return what is written there comes from it */
static int
listen_to(bool is_terminal)
{
    int to[2];

    if (is_terminal)
        cr_assert(zero(int, openpty(&to[0], &to[1], NULL, NULL, NULL)));
    else
        cr_assert(zero(int, pipe(to)));
    dup2(to[1], STDERR_FILENO);
    console_take();
    return to[0];
}

/* What has come. */
static const char *
heard(int fd, char buf[static 1024])
{
    ssize_t n;

    dprintf(console_fd(), "$");
    for (size_t used = 0;; used += (size_t)n) {
        n = read(fd, buf + used, 1023 - used);
        cr_assert(lt(long, 0, n));
        buf[used + (size_t)n] = '\0';
        if (strchr(buf, '$') != NULL)
            break;
    }
    *strchr(buf, '$') = '\0';
    return buf;
}

#define BLANK_79 "                                                                               "

Test(console, a_status_line_is_replaced_and_goes_before_anything_else_is_printed)
{
    int fd = listen_to(true);
    char buf[1024];

    console_status("setting up: 1 %");
    fprintf(console_stream(), "note\n");
    cr_assert(eq(str, (char *)heard(fd, buf),
                 "\rsetting up: 1 %                                                                "
                 "\r\r" BLANK_79 "\rnote\r\n"));
    fprintf(console_stream(), "more\n");
    console_status("");
    cr_assert(eq(str, (char *)heard(fd, buf), "more\r\n"));
}

Test(console, what_is_no_terminal_has_no_status_line)
{
    int fd = listen_to(false);
    char buf[1024];

    console_status("setting up: 1 %");
    fprintf(console_stream(), "note\n");
    cr_assert(eq(str, (char *)heard(fd, buf), "note\n"));
}

Test(console, what_is_printed_while_it_is_diverted_is_given_to_the_taker)
{
    int fd = listen_to(true);
    char buf[1024];

    cr_assert(console_divert(take, said));
    fprintf(console_stream(), "note: %d\n", 1);
    console_status("never seen");
    console_undivert();
    fprintf(console_stream(), "more\n");
    cr_assert(eq(str, said, "note: 1\n"));
    cr_assert(eq(str, (char *)heard(fd, buf), "more\r\n"));
}

Test(console, a_stream_that_was_had_before_the_end_prints_where_it_belongs_then)
{
    int fd = listen_to(false);
    char buf[1024];
    FILE *held;

    cr_assert(console_divert(take, said));
    held = console_stream();
    console_undivert();
    fprintf(held, "late\n");
    cr_assert(eq(str, said, ""));
    cr_assert(eq(str, (char *)heard(fd, buf), "late\n"));
}
