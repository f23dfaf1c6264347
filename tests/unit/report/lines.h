/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of what was written for a terminal. */
#pragma once

#include <string.h>

/* Characters of the longest line of @text, which ends each with a line feed. */
static inline unsigned
longest_line(const char *text)
{
    unsigned most = 0;

    for (; *text != '\0'; text += strcspn(text, "\n") + 1)
        if (strcspn(text, "\n") > most)
            most = (unsigned)strcspn(text, "\n");
    return most;
}
