/* SPDX-License-Identifier: BSD-3-Clause */
#include "ui/chart.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static struct canvas c;
static char text[CANVAS_ROW_TEXT];

static const char *
row_of(unsigned row)
{
    return canvas_row(&c, row, text);
}

static struct canvas_area
blank(unsigned rows, unsigned cols, bool is_ascii)
{
    canvas_clear(&c, rows, cols, is_ascii);
    return canvas_all(&c);
}

Test(chart, the_newest_value_is_at_the_right_and_the_oldest_fall_off)
{
    struct canvas_area a = blank(1, 4, false);

    chart_columns(&c, &a, UI_PLAIN, (double[]){8, 4}, 2, 8);
    cr_assert(eq(str, (char *)row_of(0), "  \u2588\u2584"));
    a = blank(1, 2, false);
    chart_columns(&c, &a, UI_PLAIN, (double[]){8, 1, 2}, 3, 8);
    cr_assert(eq(str, (char *)row_of(0), "\u2581\u2582"));
}

Test(chart, what_is_more_than_nothing_shows_and_nothing_does_not)
{
    struct canvas_area a = blank(1, 4, false);

    chart_columns(&c, &a, UI_PLAIN, (double[]){0.001, 0, CHART_NONE, 9}, 4, 8);
    cr_assert(eq(str, (char *)row_of(0), "\u2581  \u2588"));
}

Test(chart, several_rows_are_filled_from_below)
{
    struct canvas_area a = blank(2, 3, false);

    chart_columns(&c, &a, UI_PLAIN, (double[]){16, 12, 4}, 3, 16);
    cr_assert(eq(str, (char *)row_of(0), "\u2588\u2584"));
    cr_assert(eq(str, (char *)row_of(1), "\u2588\u2588\u2584"));
}

Test(chart, a_line_is_seen_where_columns_leave_it_free)
{
    struct canvas_area a = blank(2, 2, false);

    chart_columns(&c, &a, UI_PLAIN, (double[]){16, 8}, 2, 16);
    chart_line(&c, &a, UI_PLAIN, (double[]){16, 16}, 2, 16);
    cr_assert(eq(str, (char *)row_of(0), "\u2588\u2500"));
}

Test(chart, without_a_scale_there_is_none)
{
    struct canvas_area a = blank(1, 2, false);

    chart_columns(&c, &a, UI_PLAIN, (double[]){1, 1}, 2, 0);
    chart_line(&c, &a, UI_PLAIN, (double[]){1, 1}, 2, 0);
    cr_assert(eq(str, (char *)row_of(0), ""));
}

Test(chart, ascii_has_fewer_heights)
{
    struct canvas_area a = blank(1, 9, true);

    chart_columns(&c, &a, UI_PLAIN, (double[]){1, 2, 3, 4, 5, 6, 7, 8, 0}, 9, 8);
    cr_assert(eq(str, (char *)row_of(0), "..::||##"));
}

Test(chart, a_bar_is_as_full_as_its_share)
{
    static const struct {
        double share;
        const char *bar;
    } rows[] = {{0, "[    ]"}, {0.5, "[##  ]"}, {1, "[####]"}, {7, "[####]"}, {-1, "[    ]"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct canvas_area a = blank(1, 6, true);

        chart_bar(&c, &a, 0, UI_PLAIN, rows[i].share);
        cr_assert(eq(str, (char *)row_of(0), (char *)rows[i].bar));
    }
}

Test(chart, its_scale_is_by_what_can_be_seen)
{
    cr_assert(eq(dbl, chart_max((double[]){100, 1, 2}, 3, 2), 2));
    cr_assert(eq(dbl, chart_max((double[]){100, 1, 2}, 3, 9), 100));
    cr_assert(eq(dbl, chart_max(NULL, 0, 9), 0));
}

Test(chart, charts_of_an_area_have_their_seconds_below_each_other)
{
    struct canvas_area a = blank(2, 30, false);
    struct canvas_area first = chart_frame(&c, &a, 0, 1, "p50", "1.00 ms");
    struct canvas_area second = chart_frame(&c, &a, 1, 1, "p99.9", "");

    cr_assert(eq(uint, first.col, second.col));
    cr_assert(eq(uint, first.cols, chart_cols(&a)));
    cr_assert(eq(str, (char *)row_of(0), "      p50           to 1.00 ms"));
    cr_assert(eq(str, (char *)row_of(1), "    p99.9"));
    cr_assert(eq(uint, chart_frame(&c, &a, 1, 2, "", "").rows, 0));
}
