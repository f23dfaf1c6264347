/* SPDX-License-Identifier: BSD-3-Clause */
/* A screen of text in memory: cells of a character and an ink each. What is drawn beyond its edges
 * is cut off. It never touches a terminal (terminal.h), so that what a screen looks like can be
 * read from it. Owned by whoever made it; one thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

#define CANVAS_ROWS_MAX 200
#define CANVAS_COLS_MAX 500

/* What a cell is, rather than what it looks like: a terminal has colours or has not. */
enum ui_ink {
    UI_PLAIN,
    UI_STRONG,  /* titles and what is chosen */
    UI_FAINT,   /* beside the matter: scales, names of columns */
    UI_GOOD,    /* what was achieved, a criterion that holds */
    UI_WARNING, /* worth a look */
    UI_BAD,     /* failures */
    UI_BAR,     /* a line in reverse */
    UI_INKS
};

struct canvas_cell {
    wchar_t glyph;
    uint8_t ink; /* enum ui_ink */
};

struct canvas {
    unsigned rows, cols;
    bool is_ascii; /* the terminal shows no other characters */
    struct canvas_cell cells[CANVAS_ROWS_MAX][CANVAS_COLS_MAX];
};

/* A part of it, [row, row + rows) and [col, col + cols). */
struct canvas_area {
    unsigned row, col, rows, cols;
};

/** Make it blank, of that size, or the largest there is. */
void canvas_clear(struct canvas *c, unsigned rows, unsigned cols, bool is_ascii);

/** All of it. */
struct canvas_area canvas_all(const struct canvas *c);

void canvas_put(struct canvas *c, unsigned row, unsigned col, enum ui_ink ink, wchar_t glyph);

/** Write a line at column @col of @a's row @row; nothing beyond @a. @text: UTF-8, a column a
 * character; a control character is a "?", as are others where there is ASCII only. @return the
 * column behind it, of @a */
unsigned canvas_text(struct canvas *c, const struct canvas_area *a, unsigned row, unsigned col,
                     enum ui_ink ink, const char *text);
unsigned canvas_print(struct canvas *c, const struct canvas_area *a, unsigned row, unsigned col,
                      enum ui_ink ink, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/** The same with its end at the right edge of @a. @return the column at which it begins */
unsigned canvas_right(struct canvas *c, const struct canvas_area *a, unsigned row, enum ui_ink ink,
                      const char *text);

/** Write @text in lines that break where a word ends, those behind the first @hang further right,
 * from @a's row @row on. @return the row behind it, at most a->rows */
unsigned canvas_paragraph(struct canvas *c, const struct canvas_area *a, unsigned row,
                          unsigned hang, enum ui_ink ink, const char *text);

/** Give a line of @a the ink. */
void canvas_ink(struct canvas *c, const struct canvas_area *a, unsigned row, enum ui_ink ink);

/** @row as UTF-8 without blanks at its end. @return @buf */
#define CANVAS_ROW_TEXT (4 * CANVAS_COLS_MAX + 1)
const char *canvas_row(const struct canvas *c, unsigned row, char buf[static CANVAS_ROW_TEXT]);
