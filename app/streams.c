/* SPDX-License-Identifier: BSD-3-Clause */
/* See streams.h. */
#include "app/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
streams_take(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The lowest free number is the one; open for what its stream never does. */
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int
streams_flush(struct fail *f)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    if (errno == EPIPE) /* `--help | head`: who reads no further knows */
        return fail_set(f, EXIT_HOST, "%s", "");
    return fail_set(f, EXIT_HOST, "standard output did not take all of it: %s",
                    errno != 0 ? strerror(errno) : "an earlier line was lost");
}
