/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/crew_rows.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct crew_rows rows;

static void
add(double t_s, uint64_t attempted)
{
    struct crew_row row = {.n_cores = {[ROLE_CLIENT] = 1},
                           .row = {.t_s = t_s, .attempted = attempted}};

    crew_rows_add(&rows, &row);
}

static void
expect(bool is_last, uint64_t attempted)
{
    struct result_interval row;

    cr_assert(crew_rows_next(&rows, 2, is_last, &row));
    cr_assert(eq(u64, row.attempted, attempted));
}

static void
expect_none(void)
{
    struct result_interval row;

    cr_assert(not(crew_rows_next(&rows, 2, false, &row)));
}

Test(crew_rows, a_second_is_shown_when_all_ranks_have_told_of_it)
{
    rows = (struct crew_rows){0};
    add(1.001, 10);
    expect_none();
    add(2.0, 100);
    add(0.998, 20);
    expect(false, 30);
    expect_none();
    add(1.999, 200);
    expect(false, 300);
}

Test(crew_rows, one_that_is_late_holds_up_the_others_for_a_while)
{
    rows = (struct crew_rows){0};
    for (int i = 1; i <= CREW_ROWS_MAX; i++)
        add(i, (uint64_t)i);
    expect(false, 1);
    expect_none();
    add(1, 1000); /* too late */
    expect_none();
    expect(true, 2);
    expect(true, 3);
}
