/* SPDX-License-Identifier: BSD-3-Clause */
/* See console.h. */
#include "base/console.h"

#include <fcntl.h>
#include <unistd.h>

static FILE *taken;

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

FILE *
console_stream(void)
{
    return taken != NULL ? taken : stderr;
}

int
console_fd(void)
{
    return fileno(console_stream());
}
