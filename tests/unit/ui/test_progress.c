/* SPDX-License-Identifier: BSD-3-Clause */
#include "ui/progress.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static struct canvas c;
static char buf[PROGRESS_TEXT_MAX], row[CANVAS_ROW_TEXT];

static const char *
line(unsigned cols, struct progress p)
{
    struct canvas_area a;

    canvas_clear(&c, 1, cols, true);
    a = canvas_all(&c);
    progress_draw(&c, &a, 0, &p);
    return canvas_row(&c, 0, row);
}

Test(progress, it_says_what_is_known)
{
    static const struct {
        struct progress p;
        const char *text;
    } rows[] = {
        {{"draining, 12 open", 0.4, 18}, "draining, 12 open: 40 %, 18 s left"},
        {{"setting up tables", 0.999, -1}, "setting up tables: 99 %"},
        {{"looking for the next hops", -1, -1}, "looking for the next hops"},
        {{"waiting", -1, 0.5}, "waiting: 1 s left"},
        {{"running", 1.5, 0}, "running: 100 %, 0 s left"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert(eq(str, (char *)progress_text(&rows[i].p, buf), (char *)rows[i].text));
}

Test(progress, a_bar_stands_between_the_name_and_the_figures)
{
    cr_assert(eq(str, (char *)line(60, (struct progress){"running", 0.5, 9}),
                 "running                       [#######      ] 50 %, 9 s left"));
}

Test(progress, there_is_no_bar_without_a_share_or_without_room)
{
    cr_assert(eq(str, (char *)line(60, (struct progress){"serving", -1, -1}), "serving"));
    cr_assert(eq(str, (char *)line(44, (struct progress){"running", 0.5, 9}),
                 "running                       50 %, 9 s left"));
}
