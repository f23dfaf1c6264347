/* SPDX-License-Identifier: BSD-3-Clause */
/* See canvas.h. */
#include "ui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/wrap.h"

enum { LINE_MAX_BYTES = 1024 };

void
canvas_clear(struct canvas *c, unsigned rows, unsigned cols, bool is_ascii)
{
    c->rows = rows < CANVAS_ROWS_MAX ? rows : CANVAS_ROWS_MAX;
    c->cols = cols < CANVAS_COLS_MAX ? cols : CANVAS_COLS_MAX;
    c->is_ascii = is_ascii;
    for (unsigned row = 0; row < c->rows; row++)
        for (unsigned col = 0; col < c->cols; col++)
            c->cells[row][col] = (struct canvas_cell){.glyph = L' ', .ink = UI_PLAIN};
}

struct canvas_area
canvas_all(const struct canvas *c)
{
    return (struct canvas_area){.rows = c->rows, .cols = c->cols};
}

void
canvas_put(struct canvas *c, unsigned row, unsigned col, enum ui_ink ink, wchar_t glyph)
{
    if (row < c->rows && col < c->cols)
        c->cells[row][col] = (struct canvas_cell){.glyph = glyph, .ink = (uint8_t)ink};
}

/* The length of the character at @text, and the character; what is no UTF-8 is taken as a byte. */
static unsigned
read_char(const char *text, wchar_t *glyph)
{
    unsigned char first = (unsigned char)text[0];
    unsigned n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    uint32_t code = n == 1 ? first : first & (0x7fU >> n);

    for (unsigned i = 1; i < n; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) {
            *glyph = L'?';
            return 1;
        }
        code = code << 6 | ((unsigned char)text[i] & 0x3fU);
    }
    *glyph = code < ' ' || (code >= 0x7f && code < 0xa0) ? L'?' : (wchar_t)code;
    return n;
}

static unsigned
count_chars(const char *text)
{
    unsigned n = 0;
    wchar_t glyph;

    while (*text != '\0') {
        text += read_char(text, &glyph);
        n++;
    }
    return n;
}

unsigned
canvas_text(struct canvas *c, const struct canvas_area *a, unsigned row, unsigned col,
            enum ui_ink ink, const char *text)
{
    wchar_t glyph;

    for (; *text != '\0' && row < a->rows && col < a->cols; col++) {
        text += read_char(text, &glyph);
        if (c->is_ascii && glyph >= 0x80)
            glyph = L'?';
        canvas_put(c, a->row + row, a->col + col, ink, glyph);
    }
    return col;
}

unsigned
canvas_print(struct canvas *c, const struct canvas_area *a, unsigned row, unsigned col,
             enum ui_ink ink, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return canvas_text(c, a, row, col, ink, text);
}

unsigned
canvas_right(struct canvas *c, const struct canvas_area *a, unsigned row, enum ui_ink ink,
             const char *text)
{
    unsigned n = count_chars(text), col = n < a->cols ? a->cols - n : 0;

    canvas_text(c, a, row, col, ink, text);
    return col;
}

/* The lines, one after the other, which the caller frees; NULL without memory. */
static char *
wrapped(const char *text, unsigned hang, unsigned width)
{
    struct wrap w = {.indent = 0, .hang = (int)hang, .width = (int)width};
    char *lines = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&lines, &bytes);

    if (out == NULL)
        return NULL;
    wrap_write(out, &w, text, 0);
    if (fclose(out) == 0)
        return lines;
    free(lines);
    return NULL;
}

unsigned
canvas_paragraph(struct canvas *c, const struct canvas_area *a, unsigned row, unsigned hang,
                 enum ui_ink ink, const char *text)
{
    char *lines = wrapped(text, hang, a->cols), *next;

    if (lines == NULL)
        return row;
    for (char *line = lines; *line != '\0' && row < a->rows; line = next, row++) {
        size_t bytes = strcspn(line, "\n");

        next = line + bytes + (line[bytes] != '\0');
        line[bytes] = '\0';
        canvas_text(c, a, row, 0, ink, line);
    }
    free(lines);
    return row;
}

void
canvas_ink(struct canvas *c, const struct canvas_area *a, unsigned row, enum ui_ink ink)
{
    for (unsigned col = 0; row < a->rows && col < a->cols; col++)
        if (a->row + row < c->rows && a->col + col < c->cols)
            c->cells[a->row + row][a->col + col].ink = (uint8_t)ink;
}

static unsigned
write_char(char *to, wchar_t glyph)
{
    uint32_t code = (uint32_t)glyph;

    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | (code >> 12 & 0xf));
    to[1] = (char)(0x80 | (code >> 6 & 0x3f));
    to[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

const char *
canvas_row(const struct canvas *c, unsigned row, char buf[static CANVAS_ROW_TEXT])
{
    unsigned used = 0, end = 0;

    for (unsigned col = 0; row < c->rows && col < c->cols; col++) {
        used += write_char(buf + used, c->cells[row][col].glyph);
        if (c->cells[row][col].glyph != L' ')
            end = used;
    }
    buf[end] = '\0';
    return buf;
}
