/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/fail.h"

Test(fail, status_and_text_are_kept_and_the_result_is_minus_one)
{
    struct fail f;

    cr_assert(eq(int, fail_set(&f, EXIT_USAGE, "--rate: '%s' is not a rate", "12q"), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(eq(str, f.text, "--rate: '12q' is not a rate"));
}

Test(fail, a_long_text_is_cut_and_ended)
{
    struct fail f;
    char text[2000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    fail_set(&f, EXIT_HOST, "%s", text);
    cr_assert(eq(sz, strlen(f.text), sizeof(f.text) - 1));
}

Test(fail, a_later_error_replaces_the_earlier)
{
    struct fail f;

    fail_set(&f, EXIT_USAGE, "first and longer");
    fail_set(&f, EXIT_HOST, "second");
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(eq(str, f.text, "second"));
}

Test(fail, exit_statuses_are_those_of_the_contract)
{
    cr_assert(eq(int, EXIT_RAN, 0));
    cr_assert(eq(int, EXIT_CRITERION, 1));
    cr_assert(eq(int, EXIT_USAGE, 2));
    cr_assert(eq(int, EXIT_HOST, 3));
    cr_assert(eq(int, EXIT_INTERRUPTED, 130));
}

Test(fail, a_command_stands_after_the_last_with)
{
    cr_assert(eq(str, (char *)fail_command("x is down; bring it up with: ip link set x up"),
                 "ip link set x up"));
    cr_assert(eq(str, (char *)fail_command("do it with: a, or with: b; c"), "b; c"));
    cr_assert(eq(ptr, (void *)fail_command("nothing mends it, with or without"), NULL));
}
