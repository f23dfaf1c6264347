/* SPDX-License-Identifier: BSD-3-Clause */
#include "ui/choice.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static const struct choice_facts able = {.out_is_terminal = true,
                                         .in_is_terminal = true,
                                         .is_foreground = true,
                                         .term = "xterm-256color",
                                         .is_known = true};

static const char *why;

Test(choice, a_terminal_that_can_do_it_has_a_screen)
{
    cr_assert(eq(int, choice_of(UI_AUTO, &able, &why), UI_TUI));
    cr_assert(eq(int, choice_of(UI_TUI, &able, &why), UI_TUI));
    cr_assert(zero(ptr, (void *)why));
}

Test(choice, what_is_asked_for_otherwise_is_had)
{
    cr_assert(eq(int, choice_of(UI_LINE, &able, &why), UI_LINE));
    cr_assert(eq(int, choice_of(UI_NONE, &able, &why), UI_NONE));
}

Test(choice, one_that_cannot_has_lines_and_who_asked_for_more_is_told_why)
{
    static const struct {
        struct choice_facts facts;
        const char *why;
    } rows[] = {
        {{.in_is_terminal = true, .is_foreground = true, .term = "xterm", .is_known = true},
         "what people read goes to no terminal"},
        {{.out_is_terminal = true, .is_foreground = true, .term = "xterm", .is_known = true},
         "standard input is no terminal, and keys come from there"},
        {{true, true, true, NULL, true}, "TERM is not set"},
        {{true, true, true, "", true}, "TERM is not set"},
        {{true, true, true, "dumb", true}, "TERM=dumb has no screen"},
        {{true, true, true, "nonesuch", false},
         "the terminal that TERM names is not known here, or cannot move its cursor"},
        {{true, true, false, "xterm", true},
         "the terminal is another process's, this one being in the background"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert(eq(int, choice_of(UI_AUTO, &rows[i].facts, &why), UI_LINE));
        cr_assert(zero(ptr, (void *)why));
        cr_assert(eq(int, choice_of(UI_TUI, &rows[i].facts, &why), UI_LINE));
        cr_assert(eq(str, (char *)why, (char *)rows[i].why));
    }
}
