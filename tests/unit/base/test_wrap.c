/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/wrap.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static void
assert_wrapped(struct wrap l, const char *head, const char *text, char *lines)
{
    char *written = NULL;
    size_t length;
    FILE *out = open_memstream(&written, &length);

    wrap_write(out, &l, text, fprintf(out, "%s", head));
    fclose(out);
    cr_assert(eq(str, written, lines));
    free(written);
}

Test(wrap, lines_end_where_a_word_ends)
{
    assert_wrapped((struct wrap){.width = 9}, "", "one two three", "one two\nthree\n");
    assert_wrapped((struct wrap){.width = 7}, "", "one two three", "one two\nthree\n");
    assert_wrapped((struct wrap){.width = 6}, "", "one two three", "one\ntwo\nthree\n");
}

Test(wrap, a_word_that_is_longer_than_a_line_is_not_broken)
{
    assert_wrapped((struct wrap){.width = 4}, "", "a longer b", "a\nlonger\nb\n");
}

Test(wrap, a_percent_sign_stays_with_its_number)
{
    assert_wrapped((struct wrap){.width = 9}, "", "a 10.00 %, b 5 %", "a\n10.00 %,\nb 5 %\n");
    assert_wrapped((struct wrap){.width = 5}, "", "in 10 s", "in\n10 s\n");
    assert_wrapped((struct wrap){.width = 5}, "", "in 10 s more", "in\n10 s\nmore\n");
    assert_wrapped((struct wrap){.width = 5}, "", "in 10 sea", "in 10\nsea\n");
}

Test(wrap, text_begins_at_the_indent_behind_a_head_or_below_a_long_one)
{
    struct wrap l = {.indent = 4, .width = 9};

    assert_wrapped(l, "ab", "one two", "ab  one\n    two\n");
    assert_wrapped(l, "abcd", "one two", "abcd\n    one\n    two\n");
}

Test(wrap, lines_after_the_first_may_hang_further_right)
{
    assert_wrapped((struct wrap){.indent = 1, .hang = 2, .width = 7}, "", "one two three",
                   " one\n   two\n   three\n");
}
