/* SPDX-License-Identifier: BSD-3-Clause */
/* How a run is shown to people: what they asked for, as far as the terminal can do it. Pure. */
#pragma once

#include <stdbool.h>

#include "conf/conf.h"

struct choice_facts {
    bool out_is_terminal; /* text for people goes to standard output, and that is one */
    bool in_is_terminal;  /* the same one, from which keys come */
    bool is_foreground;   /* it is this process's, and not a shell's that goes on meanwhile */
    const char *term;     /* TERM; NULL: not set */
    bool is_known;        /* what moves its cursor and clears it is */
};

/**
 * @param[out] why  why the screen that was asked for is none, for a note; NULL: it is as asked for
 * @return one of UI_TUI, UI_LINE, UI_NONE
 */
enum conf_ui choice_of(enum conf_ui asked, const struct choice_facts *facts, const char **why);
