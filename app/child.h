/* SPDX-License-Identifier: BSD-3-Clause */
/* Other processes of ours, which do what this one was asked for: their words, made of the command
 * line that this one was given, and how they begin. Control thread. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/fail.h"

/* This program, as it runs. */
#define CHILD_SELF "/proc/self/exe"

/* What of it is this process's alone. */
struct child_option {
    const char *name; /* "--json" */
    bool has_value;
};

/** How many words of a command line, from @word on, are one of the @n @options; 0: none. */
int child_own_words(const struct child_option *options, size_t n, const char *word,
                    const char *next);

/** Copy the words of @argv that are none of @options to @words, which has @used of @max already,
 * without the program and without "run". @return how many there are then; NULL ends them */
size_t child_copy_words(const struct child_option *options, size_t n, char *const argv[],
                        const char *words[], size_t used, size_t max);

/** Signals that end a child, or say that one has ended: to be blocked before it is started. */
sigset_t child_signals(void);

struct child_opts {
    const char *path;         /* of the program; without "/": looked for as a shell does */
    const char *const *words; /* NULL ends them */
    const sigset_t *mask;     /* of signals that it has blocked */
    bool has_own_group; /* what a terminal sends this process it does not get; it reads nothing */
    int out, err;       /* descriptors for its standard output and error; -1: those of this one */
};

/** @return 0 with @pid, or an errno */
int child_begin(const struct child_opts *o, pid_t *pid);

/**
 * Run the program at @path with @words, which end with NULL, and wait for it. What a terminal sends
 * it has, too; what somebody sends this process is passed on.
 *
 * @param log  a file for what it says; NULL: it goes where what this process says goes
 * @return its exit status, EXIT_INTERRUPTED where a signal ended it before it listened; -1 with @f
 *         set (EXIT_HOST): there was none
 */
int child_run(const char *path, const char *const words[], const char *log, struct fail *f);
