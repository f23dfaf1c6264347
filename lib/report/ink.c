/* SPDX-License-Identifier: BSD-3-Clause */
/* See ink.h. */
#include "report/ink.h"

#include <stddef.h>
#include <string.h>

/* ECMA-48 8.3.117, SGR. */
static const char *const begins[INK_COUNT] = {
    [INK_PLAIN] = "",
    [INK_RED] = "\x1b[31m",
    [INK_YELLOW] = "\x1b[33m",
};

bool
ink_is_wanted(bool is_terminal, const char *no_color, const char *term)
{
    return is_terminal && (no_color == NULL || no_color[0] == '\0') && term != NULL &&
           term[0] != '\0' && strcmp(term, "dumb") != 0;
}

const char *
ink_begin(bool is_wanted, enum ink ink)
{
    return is_wanted ? begins[ink] : "";
}

const char *
ink_end(bool is_wanted, enum ink ink)
{
    return is_wanted && ink != INK_PLAIN ? "\x1b[0m" : "";
}
