/* SPDX-License-Identifier: BSD-3-Clause */
/* See console.h. */
#include "base/console.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/wrap.h"

/* The last column stays free: a terminal may begin a new line there. */
enum { STATUS_WIDTH = WRAP_TERMINAL - 1 };

static FILE *taken;
static FILE *diverted; /* made once, and never closed: somebody may be printing */
static void *taker_arg;
static console_taker *_Atomic taker; /* NULL: it is not diverted */
static atomic_bool has_status;

static FILE *
own_stream(void)
{
    return taken != NULL ? taken : stderr;
}

void
console_take(void)
{
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

    taken = fd < 0 ? NULL : fdopen(fd, "w");
    if (taken != NULL)
        setvbuf(taken, NULL, _IONBF, 0);
    else if (fd >= 0)
        close(fd);
}

/* One call of stdio, so that a line is written at once. */
static void
write_status(const char *text)
{
    fprintf(own_stream(), "\r%-*.*s\r", STATUS_WIDTH, STATUS_WIDTH, text);
}

FILE *
console_stream(void)
{
    if (console_is_diverted())
        return diverted;
    if (atomic_exchange(&has_status, false))
        write_status("");
    return own_stream();
}

int
console_fd(void)
{
    return fileno(own_stream());
}

static ssize_t
give(void *cookie, const char *text, size_t bytes)
{
    console_taker *take = atomic_load(&taker);

    (void)cookie;
    if (take != NULL)
        take(taker_arg, text, bytes);
    else
        fwrite(text, 1, bytes, own_stream());
    return (ssize_t)bytes;
}

bool
console_divert(console_taker *take, void *arg)
{
    static const cookie_io_functions_t functions = {.write = give};

    console_status("");
    if (diverted == NULL)
        diverted = fopencookie(NULL, "w", functions);
    if (diverted == NULL)
        return false;
    setvbuf(diverted, NULL, _IONBF, 0);
    taker_arg = arg;
    atomic_store(&taker, take);
    return true;
}

bool
console_is_diverted(void)
{
    return atomic_load(&taker) != NULL;
}

void
console_undivert(void)
{
    atomic_store(&taker, NULL);
}

void
console_status(const char *text)
{
    bool had_status = atomic_exchange(&has_status, text[0] != '\0');

    if (console_is_diverted() || isatty(console_fd()) == 0)
        atomic_store(&has_status, false);
    else if (had_status || text[0] != '\0')
        write_status(text);
}
