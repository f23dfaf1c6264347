/* SPDX-License-Identifier: BSD-3-Clause */
/* Text for people, broken into lines where a word ends. Pure but for the file that is written. */
#pragma once

#include <stdio.h>

/* What a terminal shows in a line. */
#define WRAP_TERMINAL 80

/* Lines of text that begin at column @indent, all but the first @hang further right, and end before
 * @width, where a word allows it. */
struct wrap {
    int indent, hang, width;
};

/** Write @text and a line's end, the cursor being at column @at. Where that is not left of the
 * indent, and not the beginning of a line, a new line is begun. */
void wrap_write(FILE *out, const struct wrap *l, const char *text, int at);

/** The same of what @write writes, from the beginning of a line; nothing without memory. */
void wrap_call(FILE *out, const struct wrap *l, void (*write)(FILE *out, const void *arg),
               const void *arg);
