/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the path of a report leads: to a name in a folder, whether or not anything has it yet, or
 * to a descriptor that this process has open: "-", /dev/stdout, /dev/fd/63, and every other name of
 * the file that standard output or standard error goes to. What such a descriptor leads to is
 * another's, and there may be something in it: it is written to, never replaced. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* The descriptor by which the shell and /dev know the console. */
#define DESTINATION_CONSOLE 2

struct destination {
    int fd; /* -1: it is a name; else STDOUT_FILENO, DESTINATION_CONSOLE for the console's
               (base/console.h), or another one of the caller's */
    char name[PATH_MAX]; /* symbolic links of its last part followed */
    bool is_there;
    struct stat st; /* of what is there, else of the folder in which it would be */
};

/** @return 0, or an errno: why nothing can be there */
int destination_find(struct destination *d, const char *path);

/** Whether what is written to one would mix with what is written to the other, or replace it. Not
 * so where nothing is kept of it, as in /dev/null. */
bool destination_is_same(const struct destination *a, const struct destination *b);
