/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/ink.h"

#include <stddef.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(ink, it_is_for_a_terminal_that_has_colour_and_a_user_who_did_not_say_no)
{
    cr_expect(ink_is_wanted(true, NULL, "xterm-256color"));
    cr_expect(ink_is_wanted(true, "", "xterm"));
    cr_expect(not(ink_is_wanted(false, NULL, "xterm")));
    cr_expect(not(ink_is_wanted(true, "1", "xterm")));
    cr_expect(not(ink_is_wanted(true, NULL, "dumb")));
    cr_expect(not(ink_is_wanted(true, NULL, "")));
    cr_expect(not(ink_is_wanted(true, NULL, NULL)));
}

Test(ink, what_is_begun_is_ended_and_plain_text_is_neither)
{
    cr_expect(eq(str, (char *)(uintptr_t)ink_begin(true, INK_RED), "\x1b[31m"));
    cr_expect(eq(str, (char *)(uintptr_t)ink_end(true, INK_RED), "\x1b[0m"));
    cr_expect(eq(str, (char *)(uintptr_t)ink_begin(true, INK_PLAIN), ""));
    cr_expect(eq(str, (char *)(uintptr_t)ink_end(true, INK_PLAIN), ""));
    cr_expect(eq(str, (char *)(uintptr_t)ink_begin(false, INK_RED), ""));
    cr_expect(eq(str, (char *)(uintptr_t)ink_end(false, INK_RED), ""));
}
