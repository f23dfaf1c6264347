/* SPDX-License-Identifier: BSD-3-Clause */
/* A terminal that shows canvases, and its keys; the only place that calls ncurses. Nothing waits
 * but for a terminal that takes some of a picture and then no more. Standard input and output; one
 * at a time; control thread. */
#pragma once

#include <stdbool.h>

#include "ui/canvas.h"

struct terminal {
    void *screen; /* ncurses's */
    bool has_ink, is_ascii;
    bool is_away;    /* others have it: it is to be taken back */
    char reset[256]; /* what gives it its ordinary look back */
    unsigned reset_bytes;
};

/** Whether a terminal of the type that TERM names can show a screen. */
bool terminal_can(void);

/** Whether the terminal at @fd is this process's to write to and read from. */
bool terminal_is_ours(int fd);

/** Take it. @has_ink: colours may be used. @return false: it cannot be had */
bool terminal_open(struct terminal *t, bool has_ink);

/** Give it back as it was. */
void terminal_close(struct terminal *t);

/** Have its ordinary screen for a moment, for others to write there; the next terminal_show() ends
 * that. */
void terminal_step_aside(struct terminal *t);

/** Its size, as it is now. */
void terminal_size(struct terminal *t, unsigned *rows, unsigned *cols);

/** Show @c, which has that size. @return false: not now, for it is not ours or takes nothing */
bool terminal_show(struct terminal *t, const struct canvas *c);

/** @return the next key, a character or one of enum screen_key; -1: there is none */
int terminal_key(struct terminal *t);
