/* SPDX-License-Identifier: BSD-3-Clause */
#include "ui/canvas.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct canvas c;
static char text[CANVAS_ROW_TEXT];

static const char *
row_of(unsigned row)
{
    return canvas_row(&c, row, text);
}

Test(canvas, a_new_one_is_blank)
{
    canvas_clear(&c, 2, 5, false);
    cr_assert(eq(str, (char *)row_of(0), ""));
    cr_assert(eq(str, (char *)row_of(1), ""));
}

Test(canvas, text_is_cut_off_at_the_edges_of_its_area)
{
    struct canvas_area a = {.row = 1, .col = 2, .rows = 1, .cols = 3};

    canvas_clear(&c, 3, 10, false);
    cr_assert(eq(uint, canvas_text(&c, &a, 0, 1, UI_PLAIN, "abcdef"), 3));
    canvas_text(&c, &a, 1, 0, UI_PLAIN, "below");
    cr_assert(eq(str, (char *)row_of(0), ""));
    cr_assert(eq(str, (char *)row_of(1), "   ab"));
    cr_assert(eq(str, (char *)row_of(2), ""));
}

Test(canvas, text_may_end_at_the_right_edge)
{
    struct canvas_area a = canvas_all((canvas_clear(&c, 1, 8, false), &c));

    cr_assert(eq(uint, canvas_right(&c, &a, 0, UI_PLAIN, "12 s"), 4));
    cr_assert(eq(str, (char *)row_of(0), "    12 s"));
    cr_assert(eq(uint, canvas_right(&c, &a, 0, UI_PLAIN, "longer than that"), 0));
    cr_assert(eq(str, (char *)row_of(0), "longer t"));
}

Test(canvas, a_character_of_several_bytes_is_a_column)
{
    struct canvas_area a = canvas_all((canvas_clear(&c, 1, 8, false), &c));

    cr_assert(eq(uint, canvas_text(&c, &a, 0, 0, UI_PLAIN, "a\u00e9\u2588z"), 4));
    cr_assert(eq(str, (char *)row_of(0), "a\u00e9\u2588z"));
    canvas_clear(&c, 1, 8, true);
    canvas_text(&c, &a, 0, 0, UI_PLAIN, "a\u00e9\u2588z");
    cr_assert(eq(str, (char *)row_of(0), "a??z"));
}

Test(canvas, nothing_that_moves_a_cursor_gets_in)
{
    struct canvas_area a = canvas_all((canvas_clear(&c, 1, 20, false), &c));

    canvas_text(&c, &a, 0, 0, UI_PLAIN, "a\x1b[31m\n\x80\xc2\x9b\xff");
    cr_assert(eq(str, (char *)row_of(0), "a?[31m????"));
}

Test(canvas, a_paragraph_breaks_where_a_word_ends_and_stays_in_its_area)
{
    struct canvas_area a = canvas_all((canvas_clear(&c, 3, 12, false), &c));

    cr_assert(eq(uint, canvas_paragraph(&c, &a, 0, 2, UI_PLAIN, "* one two three four"), 2));
    cr_assert(eq(str, (char *)row_of(0), "* one two"));
    cr_assert(eq(str, (char *)row_of(1), "  three four"));
    cr_assert(eq(uint, canvas_paragraph(&c, &a, 2, 0, UI_PLAIN, "five six seven eight"), 3));
    cr_assert(eq(str, (char *)row_of(2), "five six"));
}
