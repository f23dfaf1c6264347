/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/habits.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "conf/options.h"

/* A guess that is refused in its turn would be worse than none. */
Test(habits, each_leads_to_an_option_that_is_there_or_says_what_to_do)
{
    const struct habit *h;

    for (size_t i = 0; (h = habit_at(i)) != NULL; i++) {
        bool is_word = h->option != NULL &&
                       (strcmp(h->option, "--help") == 0 || strcmp(h->option, "--version") == 0);

        cr_expect(option_by_name(h->typed) < 0, "%s is an option", h->typed);
        cr_expect(ne(int, h->option == NULL, h->instead == NULL), "%s", h->typed);
        if (h->option != NULL && !is_word)
            cr_expect(option_by_name(h->option) >= 0, "%s", h->option);
        cr_expect(eq(ptr, (void *)(uintptr_t)habit_find(h->typed), (void *)(uintptr_t)h), "%s",
                  h->typed);
    }
}

Test(habits, a_number_may_follow_a_letter_at_once)
{
    cr_assert(zero(int, strcmp(habit_find("-c100")->option, "--connections")));
    cr_assert(eq(ptr, (void *)(uintptr_t)habit_find("-connections"), NULL));
    cr_assert(eq(ptr, (void *)(uintptr_t)habit_find("-"), NULL));
    cr_assert(eq(ptr, (void *)(uintptr_t)habit_find("--"), NULL));
    cr_assert(eq(ptr, (void *)(uintptr_t)habit_find("--nonsense"), NULL));
}
