/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/live.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const struct result_interval busy_second = {
    .t_s = 3.04,
    .established = 3420000,
    .open = 1024,
    .cps = 3420000,
    .has_role = {true, true},
    .busy = {0.971, 0.88},
    .connect_count = 10,
    .connect_p50_ns = 812000,
    .connect_p99_ns = 1200000,
};

/* What @n rows of @i look like; the caller frees it. */
static char *
rows(const struct result_interval *i, unsigned n, bool is_terminal)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct live l;

    live_init(&l, out, is_terminal);
    for (unsigned k = 0; k < n; k++)
        live_row(&l, i);
    fclose(out);
    return text;
}

static unsigned
count_of(const char *text, const char *word)
{
    unsigned n = 0;

    for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
        n++;
    return n;
}

#define NAMES_BOTH                                                                                 \
    "     time        cps         open     failed   conn p50   conn p99 client busy server busy\n"
#define NAMES_SERVER                                                                               \
    "     time        cps         open     failed   conn p50   conn p99 server busy\n"

Test(live, columns_stand_under_their_names)
{
    char *text = rows(&busy_second, 2, false);

    cr_assert(eq(str, text,
                 NAMES_BOTH "    3.0 s    3.42M/s        1,024          0     812 us    1.20 ms    "
                            "    97 %        88 %\n"
                            "    3.0 s    3.42M/s        1,024          0     812 us    1.20 ms    "
                            "    97 %        88 %\n"));
    free(text);
}

Test(live, a_run_with_one_side_has_one_busy_column_and_no_latency_is_a_dash)
{
    struct result_interval i = {
        .t_s = 12, .open = 12345678, .has_role = {false, true}, .busy = {0, 1}};
    char *text = rows(&i, 1, false);

    cr_assert(
        eq(str, text,
           NAMES_SERVER
           "   12.0 s        0/s   12,345,678          0          -          -       100 %\n"));
    free(text);
}

Test(live, failures_are_red_on_a_terminal_and_plain_elsewhere)
{
    struct result_interval i = busy_second;
    char *text;

    i.failed = 1500;
    text = rows(&i, 1, true);
    cr_assert(eq(str, text,
                 NAMES_BOTH
                 "    3.0 s    3.42M/s        1,024 \x1b[31m     1,500\x1b[0m     812 us    "
                 "1.20 ms        97 %        88 %\n"));
    free(text);
    text = rows(&i, 1, false);
    cr_assert(eq(ptr, strchr(text, '\x1b'), NULL));
    free(text);
}

Test(live, nothing_is_red_while_nothing_fails)
{
    char *text = rows(&busy_second, 3, true);

    cr_assert(eq(ptr, strchr(text, '\x1b'), NULL));
    free(text);
}

Test(live, names_come_again_on_a_terminal_and_once_in_a_file)
{
    char *text = rows(&busy_second, 41, true);

    cr_assert(eq(u32, count_of(text, "conn p50"), 3));
    free(text);
    text = rows(&busy_second, 41, false);
    cr_assert(eq(u32, count_of(text, "conn p50"), 1));
    cr_assert(eq(u32, count_of(text, "\n"), 42));
    free(text);
}

Test(live, a_closed_terminal_does_not_end_the_run)
{
    FILE *out = fopen("/dev/full", "w");
    struct live l;

    live_init(&l, out, true);
    live_row(&l, &busy_second);
    live_row(&l, &busy_second);
    cr_assert(eq(u32, l.n_rows, 2));
    fclose(out);
}
