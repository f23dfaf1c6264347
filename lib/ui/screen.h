/* SPDX-License-Identifier: BSD-3-Clause */
/* The live screen as a whole: what is asked for and how far it has come, tabs, a pane or all of
 * them, and a line of keys; and what keys do to it. Pure: a view and a key in, a canvas and a wish
 * out. */
#pragma once

#include "ui/canvas.h"
#include "ui/view.h"

/* Fewer, and it says so instead. */
#define SCREEN_ROWS_MIN 16
#define SCREEN_COLS_MIN 60

#define SCREEN_TYPED_MAX 15

struct screen {
    unsigned pane;  /* of panes_of(); 0: all of them */
    bool is_paused; /* the view stands still */
    bool shows_help;
    char typed[SCREEN_TYPED_MAX + 1]; /* of a rate; "": none is being typed */
    char message[VIEW_LINE_MAX];      /* in the place of the keys until the next one; "": none */
};

void screen_draw(struct canvas *c, const struct view *v, const struct screen *s);

/* Beside characters. */
enum screen_key {
    SCREEN_KEY_ESCAPE = 27,
    SCREEN_KEY_ENTER = '\n',
    SCREEN_KEY_TAB = '\t',
    SCREEN_KEY_BACK_TAB = 0x110000, /* no character from here on */
    SCREEN_KEY_BACKSPACE,
    SCREEN_KEY_OTHER
};

enum screen_wish {
    SCREEN_WISH_NONE, /* but to be drawn again */
    SCREEN_WISH_FASTER,
    SCREEN_WISH_SLOWER,
    SCREEN_WISH_RATE, /* as @rate has it */
    SCREEN_WISH_STOP
};

/** Do what @key says, of a character or one of enum screen_key. @return what is to be done about
 * the run */
enum screen_wish screen_key(struct screen *s, const struct view *v, int key,
                            char rate[static SCREEN_TYPED_MAX + 1]);
