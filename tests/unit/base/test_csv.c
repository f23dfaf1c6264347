/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/csv.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

static struct csv csv;
static struct csv_fault fault;
static char *bytes; /* of their own, so that a byte too many is seen */

/* @return as csv_read() */
static int
read_text(const char *text)
{
    free(bytes);
    bytes = malloc(strlen(text) + 1);
    memcpy(bytes, text, strlen(text));
    return csv_read(&csv, bytes, strlen(text), &fault);
}

static const char *
field(uint32_t row, uint32_t column)
{
    static char text[64];
    struct csv_field f = csv_field(&csv, row, column);

    memcpy(text, csv.bytes + f.at, f.len);
    text[f.len] = '\0';
    return text;
}

Test(csv, the_first_line_names_the_columns)
{
    cr_assert(zero(int, read_text("user,id\nann,1\nbob,22\n")));
    cr_assert(eq(u32, csv.n_columns, 2));
    cr_assert(eq(u32, csv.n_rows, 2));
    cr_assert(eq(int, csv_column(&csv, "id", 2), 1));
    cr_assert(eq(int, csv_column(&csv, "i", 1), -1));
    cr_assert(eq(str, (char *)field(1, 0), "bob"));
    cr_assert(eq(str, (char *)field(1, 1), "22"));
}

Test(csv, quoted_fields_hold_commas_line_breaks_and_quotes)
{
    cr_assert(
        zero(int, read_text("a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",\"\"\r\n")));
    cr_assert(eq(u32, csv.n_rows, 2));
    cr_assert(eq(str, (char *)field(0, 0), "x, y"));
    cr_assert(eq(str, (char *)field(0, 1), "say \"hi\""));
    cr_assert(eq(str, (char *)field(1, 0), "two\nlines"));
    cr_assert(eq(str, (char *)field(1, 1), ""));
}

Test(csv, the_last_line_needs_no_end_and_empty_ones_and_a_mark_are_skipped)
{
    cr_assert(zero(int, read_text("\xef\xbb\xbf\n\na\n\n1\n\r\n2")));
    cr_assert(eq(u32, csv.n_rows, 2));
    cr_assert(eq(int, csv_column(&csv, "a", 1), 0));
    cr_assert(eq(str, (char *)field(1, 0), "2"));
}

Test(csv, empty_fields_are_fields)
{
    cr_assert(zero(int, read_text("a,b,c\n,,\n1,,3\n")));
    cr_assert(eq(str, (char *)field(0, 2), ""));
    cr_assert(eq(str, (char *)field(1, 2), "3"));
}

Test(csv, many_rows_find_room)
{
    static char text[40000] = "n\n";

    for (int i = 0; i < 5000; i++)
        strcat(text + strlen(text), i % 2 ? "odd\n" : "even\n");
    cr_assert(zero(int, read_text(text)));
    cr_assert(eq(u32, csv.n_rows, 5000));
    cr_assert(eq(str, (char *)field(4999, 0), "odd"));
    csv_fini(&csv);
}

Test(csv, what_is_not_of_that_form_is_refused_with_its_line)
{
    static const struct {
        const char *text;
        uint32_t line;
    } rows[] = {
        {"", 1},         {"\n\n", 3},        {"a,b\n", 2},       {"a,b\n1,2\n3\n", 3},
        {"a\n1,2\n", 2}, {"a\n\"open\n", 3}, {"a\n\"x\"y\n", 2}, {"a\n1\n2\n\"", 4},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(int, read_text(rows[i].text), -1), "%s", rows[i].text);
        cr_assert(eq(u32, fault.line, rows[i].line), "%s: %s", rows[i].text, fault.what);
        cr_assert(eq(ptr, csv.fields, NULL));
    }
}
