/* SPDX-License-Identifier: BSD-3-Clause */
/* One error for the user, on its way from where it was found to main(), which prints it and exits.
 * Slow path only: a packet never makes one. The text is a whole sentence that names what was wrong,
 * where (the option, the device), and what is allowed or what mends it; no newline at its end. */
#pragma once

#include <stdarg.h>

/* What the process exits with; the numbers are part of the command line's contract. */
enum exit_status {
    EXIT_RAN = 0,           /* ran, every criterion held */
    EXIT_CRITERION = 1,     /* ran, a criterion failed */
    EXIT_USAGE = 2,         /* command line or scenario */
    EXIT_HOST = 3,          /* the host or the network is not ready */
    EXIT_INTERRUPTED = 130, /* ended by the user; the summary was still written */
};

struct fail {
    enum exit_status status;
    char text[1024]; /* cut, never overrun */
};

/**
 * Set @f and return -1, so that a function may end with `return fail_set(...)`.
 */
int fail_set(struct fail *f, enum exit_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));

/** The command that mends what @text complains of: all that stands after its last "with: ". NULL
 * where it names none. */
const char *fail_command(const char *text);
