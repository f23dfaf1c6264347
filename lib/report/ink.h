/* SPDX-License-Identifier: BSD-3-Clause */
/* Colour for what matters: on a terminal that has it, and only where the user did not say no. */
#pragma once

#include <stdbool.h>

enum ink {
    INK_PLAIN,
    INK_RED,    /* connections failed */
    INK_YELLOW, /* figures are worth less than they look: this machine was late */
    INK_COUNT
};

/**
 * Whether to use it: on a terminal, unless NO_COLOR is set to anything (no-color.org) or TERM is
 * "dumb" or missing.
 *
 * @param no_color, term  from the environment; NULL: not set
 */
bool ink_is_wanted(bool is_terminal, const char *no_color, const char *term);

/** What begins @ink, and ends it; "" where @is_wanted is not set, and for INK_PLAIN. */
const char *ink_begin(bool is_wanted, enum ink ink);
const char *ink_end(bool is_wanted, enum ink ink);
