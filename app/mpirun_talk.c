/* SPDX-License-Identifier: BSD-3-Clause */
/* See mpirun_talk.h. */
#include "app/mpirun_talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/console.h"

static const char OURS[] = "shakedown: ", ERRORCODE[] = "with errorcode ";

void
mpirun_talk_line(struct mpirun_talk *t, const char *line)
{
    size_t used = strlen(t->rest);

    if (strncmp(line, OURS, strlen(OURS)) == 0) {
        t->has_spoken = true;
        fprintf(console_stream(), "%s\n", line);
        return;
    }
    if (strncmp(line, ERRORCODE, strlen(ERRORCODE)) == 0 && t->aborted_by == 0)
        t->aborted_by = (int)strtol(line + strlen(ERRORCODE), NULL, 10);
    if (line[0] != '\0' && strspn(line, "-") != strlen(line))
        snprintf(t->rest + used, sizeof(t->rest) - used, "%s%s", used > 0 ? "\n" : "", line);
}

static void
end_line(struct mpirun_talk *t)
{
    t->line[t->length] = '\0';
    t->length = 0;
    mpirun_talk_line(t, t->line);
}

bool
mpirun_talk_take(struct mpirun_talk *t, int fd)
{
    char text[4096];
    ssize_t n = read(fd, text, sizeof(text));

    for (ssize_t i = 0; i < n; i++) {
        if (text[i] == '\n' || t->length == sizeof(t->line) - 1)
            end_line(t);
        if (text[i] != '\n')
            t->line[t->length++] = text[i];
    }
    return n > 0 || (n < 0 && errno == EINTR);
}

void
mpirun_talk_end(struct mpirun_talk *t)
{
    if (t->length > 0)
        end_line(t);
}
