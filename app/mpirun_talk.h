/* SPDX-License-Identifier: BSD-3-Clause */
/* What mpirun writes to its standard error: lines of the processes that it has started, which are
 * passed on, and lines of its own, which are kept for who has to know why it could not start them.
 * Control thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct mpirun_talk {
    bool has_spoken; /* a process has said something */
    int aborted_by;  /* the status with which one of them ended all; 0: none did */
    char rest[2048]; /* of what is neither, the beginning */
    char line[4096];
    size_t length;
};

/** Take what there is to be read. @return false: there will be no more */
bool mpirun_talk_take(struct mpirun_talk *t, int fd);

/** The last line may have no end. */
void mpirun_talk_end(struct mpirun_talk *t);

/** A line of it, without its end. */
void mpirun_talk_line(struct mpirun_talk *t, const char *line);
