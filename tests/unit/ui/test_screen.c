/* SPDX-License-Identifier: BSD-3-Clause */
/* Screens as people see them, and what keys do to them. */
#include "ui/screen.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "a_view.h"

static struct canvas canvas;
static struct view view;
static char text[SCREEN_TEXT_MAX], row[CANVAS_ROW_TEXT];

/* What it looks like in so many rows and columns. */
static const char *
seen(unsigned rows, unsigned cols, const struct screen *s)
{
    canvas_clear(&canvas, rows, cols, false);
    screen_draw(&canvas, &view, s);
    return text_of(&canvas, text);
}

static bool
shows(const struct screen *s, const char *words)
{
    return strstr(seen(24, 80, s), words) != NULL;
}

Test(screen, all_of_a_run_fits_80_columns_and_24_rows)
{
    a_view(&view);
    cr_assert(
        eq(str, (char *)seen(24, 80, &(struct screen){0}),
           " shakedown run on loopback to tcp://198.19.0.1:80                        40.0 s\n"
           "running                       [█████████████                   ] 40 %, 60 s left\n"
           " Overview  Rate  Latency  Failures  Cores  Verdict\n"
           "Rate cps 1.99k/s  asked 2.00k/s  open 1,234  on time 99.95 %\n"
           "                                                ──▁▁▂▂▂▃▃▄▄▄▅▅▆▆▆▇▇█  to 2.00k/s\n"
           "                                                ████████████████████\n"
           "                            ████████████████████████████████████████\n"
           "      cps                   ████████████████████████████████████████\n"
           "Latency conn  p50 100 us  p99 500 us  p99.9 2.00 ms  max of the run 3.00 ms\n"
           "      p50                   ████████████████████████████████████████   to 100 us\n"
           "      p99                   ▃▄▅▆█▆▅▄▃▄▅▆█▆▅▄▃▄▅▆█▆▅▄▃▄▅▆█▆▅▄▃▄▅▆█▆▅▄  to 1.00 ms\n"
           "    p99.9                   █████ ██████████████████████████████████  to 2.00 ms\n"
           "\n"
           "Failed 210 of 60,000, 0.35 %\n"
           "  timeout                  200   95.24 %       20/s  no answer to the SYN\n"
           "  refused                   10    4.76 %        1/s  answered with RST\n"
           "Core  side   busy                         cps       late  off CPU  longest poll\n"
           "   1  client [█████████     ]  62 %   1.99k/s     12.0/s    0.1 %        800 us\n"
           "   2  server [██████████████]  97 %   1.99k/s          -    0.0 %             -\n"
           "Limit so far: target (responses)\n"
           "broken  failed < 0.1%  (0.35 %)\n"
           "* 200 of 60,000 connections had no answer\n"
           "\n"
           "p pause  + - rate  0-9 new rate  Tab panes  s stop  ? help\n"));
}

Test(screen, a_terminal_without_other_characters_has_the_same_in_ascii)
{
    a_view(&view);
    canvas_clear(&canvas, 24, 80, true);
    screen_draw(&canvas, &view, &(struct screen){0});
    cr_assert(
        eq(str, (char *)text_of(&canvas, text),
           " shakedown run on loopback to tcp://198.19.0.1:80                        40.0 s\n"
           "running                       [#############                   ] 40 %, 60 s left\n"
           " Overview  Rate  Latency  Failures  Cores  Verdict\n"
           "Rate cps 1.99k/s  asked 2.00k/s  open 1,234  on time 99.95 %\n"
           "                                                --.....:::::|||||###  to 2.00k/s\n"
           "                                                ####################\n"
           "                            ########################################\n"
           "      cps                   ########################################\n"
           "Latency conn  p50 100 us  p99 500 us  p99.9 2.00 ms  max of the run 3.00 ms\n"
           "      p50                   ########################################   to 100 us\n"
           "      p99                   ::||#||:::||#||:::||#||:::||#||:::||#||:  to 1.00 ms\n"
           "    p99.9                   ##### ##################################  to 2.00 ms\n"
           "\n"
           "Failed 210 of 60,000, 0.35 %\n"
           "  timeout                  200   95.24 %       20/s  no answer to the SYN\n"
           "  refused                   10    4.76 %        1/s  answered with RST\n"
           "Core  side   busy                         cps       late  off CPU  longest poll\n"
           "   1  client [#########     ]  62 %   1.99k/s     12.0/s    0.1 %        800 us\n"
           "   2  server [##############]  97 %   1.99k/s          -    0.0 %             -\n"
           "Limit so far: target (responses)\n"
           "broken  failed < 0.1%  (0.35 %)\n"
           "* 200 of 60,000 connections had no answer\n"
           "\n"
           "p pause  + - rate  0-9 new rate  Tab panes  s stop  ? help\n"));
}

Test(screen, with_few_rows_each_pane_has_its_line_and_the_first_ones_have_more)
{
    a_view(&view);
    cr_assert(eq(str, (char *)seen(16, 60, &(struct screen){0}),
                 " shakedown run on loopback to tcp://198.19.0.1:80    40.0 s\n"
                 "running                       [█████       ] 40 %, 60 s left\n"
                 " Overview  Rate  Latency  Failures  Cores  Verdict\n"
                 "Rate cps 1.99k/s  asked 2.00k/s  open 1,234  on time 99.95 %\n"
                 "                            ▂▂▃▃▃▄▄▄▄▅▅▅▆▆▆▇▇▇▇█  to 2.00k/s\n"
                 "          ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄████████████████████\n"
                 "      cps ██████████████████████████████████████\n"
                 "Latency conn  p50 100 us  p99 500 us  p99.9 2.00 ms  max of\n"
                 "      p50 ██████████████████████████████████████   to 100 us\n"
                 "      p99 ▅▆█▆▅▄▃▄▅▆█▆▅▄▃▄▅▆█▆▅▄▃▄▅▆█▆▅▄▃▄▅▆█▆▅▄  to 1.00 ms\n"
                 "    p99.9 ███ ██████████████████████████████████  to 2.00 ms\n"
                 "Failed 210 of 60,000, 0.35 %\n"
                 "  timeout                  200   95.24 %       20/s  no answ\n"
                 "Core  side   busy         cps       late  off CPU  longest p\n"
                 "Limit so far: target (responses)\n"
                 "p pause  + - rate  0-9 new rate  Tab panes  s stop  ? help\n"));
}

Test(screen, a_pane_has_the_screen_for_itself)
{
    a_view(&view);
    cr_assert(
        eq(str, (char *)seen(24, 80, &(struct screen){.pane = 3}),
           " shakedown run on loopback to tcp://198.19.0.1:80                        40.0 s\n"
           "running                       [█████████████                   ] 40 %, 60 s left\n"
           " Overview  Rate  Latency  Failures  Cores  Verdict\n"
           "Failed 210 of 60,000, 0.35 %\n"
           "                                                          ██████████       to 21\n"
           "                                                          ██████████\n"
           "                                                          ██████████\n"
           "                                                          ██████████\n"
           "                                                          ██████████\n"
           "                                                          ██████████\n"
           "                                                          ██████████\n"
           " a second                                                 ██████████\n"
           "  timeout                  200   95.24 %       20/s  no answer to the SYN\n"
           "  refused                   10    4.76 %        1/s  answered with RST\n"
           "\n"
           "\n"
           "\n"
           "\n"
           "\n"
           "\n"
           "\n"
           "\n"
           "\n"
           "p pause  + - rate  0-9 new rate  Tab panes  s stop  ? help\n"));
}

Test(screen, a_terminal_that_is_too_small_is_told_how_large_it_has_to_be)
{
    a_view(&view);
    cr_assert(eq(str, (char *)seen(3, 40, &(struct screen){0}),
                 "This terminal has 40 columns and 3 rows;\n"
                 "the live screen takes at least 60 and\n"
                 "16.\n"));
    cr_assert(not(zero(ptr, strstr(seen(15, 200, &(struct screen){0}), "at least 60 and 16"))));
    cr_assert(not(zero(ptr, strstr(seen(50, 59, &(struct screen){0}), "at least 60 and"))));
}

Test(screen, any_size_can_be_drawn)
{
    struct screen s = {0};

    a_view(&view);
    for (unsigned rows = 1; rows <= 60; rows++)
        for (unsigned cols = 1; cols <= 260; cols += 3)
            for (s.pane = 0; s.pane < 8; s.pane++)
                seen(rows, cols, &s);
    canvas_clear(&canvas, 100000, 100000, false);
    screen_draw(&canvas, &view, &s);
    cr_assert(eq(uint, canvas.rows, CANVAS_ROWS_MAX));
}

Test(screen, cores_without_room_are_counted)
{
    a_view(&view);
    view.n_cores = 40;
    for (unsigned i = 2; i < 40; i++)
        view.cores[i] = (struct view_core){.lcore = i + 1, .role = ROLE_SERVER};
    seen(24, 80, &(struct screen){.pane = 4});
    cr_assert(
        eq(str, (char *)canvas_row(&canvas, 21, row),
           "  18  server [              ]   0 %       0/s          -    0.0 %             -"));
    cr_assert(eq(str, (char *)canvas_row(&canvas, 22, row), "      and 22 more"));
}

Test(screen, classes_have_a_pane_where_there_are_several)
{
    a_view(&view);
    cr_assert(not(shows(&(struct screen){0}, "Classes")));
    view.n_classes = 1;
    view.classes[0] = (struct view_class){.name = "pages",
                                          .per_s = 950,
                                          .open = 7,
                                          .failed = 3,
                                          .latency = "ttfb",
                                          .p99_ns = 34500000};
    seen(24, 80, &(struct screen){.pane = 5});
    cr_assert(eq(str, (char *)canvas_row(&canvas, 3, row),
                 "Class                        cps        open    failed   p99"));
    cr_assert(eq(str, (char *)canvas_row(&canvas, 4, row),
                 "  pages                    950/s           7         3   ttfb 34.5 ms"));
}

Test(screen, a_search_shows_its_bounds_and_the_last_trials_and_keeps_the_rate_to_itself)
{
    a_view(&view);
    view.search.is_there = true;
    view.may_change_rate = false;
    view.search.n_bounds = 1;
    strcpy(view.search.bounds[0], "  goal 1, loss 0 %: lower bound 3,000, upper bound 5,000");
    view.search.n_trials = 30;
    for (unsigned i = 0; i < 30; i++)
        snprintf(view.search.trials[i], VIEW_LINE_MAX, "  %4u  trial", i + 1);
    seen(24, 80, &(struct screen){.pane = 5});
    cr_assert(eq(str, (char *)canvas_row(&canvas, 4, row),
                 "  goal 1, loss 0 %: lower bound 3,000, upper bound 5,000"));
    cr_assert(eq(str, (char *)canvas_row(&canvas, 5, row), "    13  trial"));
    cr_assert(eq(str, (char *)canvas_row(&canvas, 22, row), "    30  trial"));
    cr_assert(eq(str, (char *)canvas_row(&canvas, 23, row), "p pause  Tab panes  s stop  ? help"));
}

Test(screen, a_server_has_no_rate_to_keep_to_and_cannot_tell_the_limit)
{
    a_view(&view);
    view.is_server = true;
    view.has_verdict = view.may_change_rate = false;
    view.asked = view.on_time = -1;
    seen(24, 80, &(struct screen){0});
    cr_assert(eq(str, (char *)canvas_row(&canvas, 3, row), "Rate cps 1.99k/s  open 1,234"));
    cr_assert(shows(&(struct screen){0}, "Limit so far: a server cannot tell"));
}

Test(screen, before_the_first_second_there_is_nothing_but_how_far_it_has_come)
{
    memset(&view, 0, sizeof(view));
    view.t_s = view.asked = view.on_time = -1;
    view.progress = (struct progress){.what = "setting up tables", .share = 0.5, .left_s = -1};
    seen(24, 80, &(struct screen){0});
    cr_assert(eq(
        str, (char *)canvas_row(&canvas, 1, row),
        "setting up tables             "
        "[\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588"
        "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588                     ] 50 %"));
    cr_assert(shows(&(struct screen){0}, "Limit so far: too early to tell"));
}

Test(screen, hints_stand_under_their_title_or_not_at_all)
{
    a_view(&view);
    view.n_hints = 1;
    strcpy(view.hints[0].text, "Use a lower --rate.");
    cr_assert(not(shows(&(struct screen){.pane = 0}, "lower --rate")));
    cr_assert(shows(&(struct screen){.pane = 5}, "What may help\n* Use a lower --rate.\n"));
}

Test(screen, messages_have_a_pane_with_the_newest_first)
{
    a_view(&view);
    cr_assert(not(shows(&(struct screen){0}, "Messages")));
    view.n_messages = 2;
    strcpy(view.messages[0], "shakedown: note: the first");
    strcpy(view.messages[1], "shakedown: warning: the second");
    cr_assert(shows(&(struct screen){.pane = 6}, "Messages\nshakedown: warning: the second\n"
                                                 "shakedown: note: the first\n"));
}

/* -- keys ---------------------------------------------------------------------------------- */

static struct screen screen;
static char rate[SCREEN_TYPED_MAX + 1];

static enum screen_wish
press(int key)
{
    return screen_key(&screen, &view, key, rate);
}

static enum screen_wish
press_all(const char *keys)
{
    enum screen_wish wish = SCREEN_WISH_NONE;

    for (; *keys != '\0'; keys++)
        wish = press(*keys);
    return wish;
}

TestSuite(keys);

Test(keys, tab_goes_round_the_panes_that_there_are)
{
    a_view(&view);
    press('\t');
    cr_assert(eq(uint, screen.pane, 1));
    press_all("\t\t\t\t");
    cr_assert(eq(uint, screen.pane, 5));
    press('\t');
    cr_assert(eq(uint, screen.pane, 0));
    press(SCREEN_KEY_BACK_TAB);
    cr_assert(eq(uint, screen.pane, 5));
}

Test(keys, a_number_and_enter_is_a_rate)
{
    a_view(&view);
    cr_assert(eq(int, press_all("1.5k"), SCREEN_WISH_NONE));
    cr_assert(shows(&screen, "New rate: 1.5k_"));
    cr_assert(eq(int, press(SCREEN_KEY_ENTER), SCREEN_WISH_RATE));
    cr_assert(eq(str, rate, "1.5k"));
    cr_assert(eq(str, screen.typed, ""));
}

Test(keys, a_number_is_mended_by_backspace_and_left_by_escape)
{
    a_view(&view);
    press_all("29");
    press(SCREEN_KEY_BACKSPACE);
    press_all("0k");
    cr_assert(eq(str, screen.typed, "20k"));
    cr_assert(eq(int, press(SCREEN_KEY_ESCAPE), SCREEN_WISH_NONE));
    cr_assert(eq(str, screen.typed, ""));
    press('7');
    press(SCREEN_KEY_BACKSPACE);
    cr_assert(eq(int, press(SCREEN_KEY_ENTER), SCREEN_WISH_NONE));
}

Test(keys, a_number_that_is_too_long_is_cut_and_other_keys_are_none_of_it)
{
    a_view(&view);
    press_all("12345678901234567890qsp+-");
    cr_assert(eq(str, screen.typed, "123456789012345"));
    cr_assert(not(screen.is_paused));
}

Test(keys, a_unit_begins_no_number)
{
    a_view(&view);
    press_all("kM.");
    cr_assert(eq(str, screen.typed, ""));
}

Test(keys, plus_minus_and_stop_are_wishes)
{
    a_view(&view);
    cr_assert(eq(int, press('+'), SCREEN_WISH_FASTER));
    cr_assert(eq(int, press('-'), SCREEN_WISH_SLOWER));
    cr_assert(eq(int, press('s'), SCREEN_WISH_STOP));
    cr_assert(eq(int, press('q'), SCREEN_WISH_STOP));
    cr_assert(eq(int, press(SCREEN_KEY_OTHER), SCREEN_WISH_NONE));
}

Test(keys, p_pauses_the_view_and_goes_on)
{
    a_view(&view);
    press('p');
    cr_assert(shows(&screen, "PAUSED at 40.0 s"));
    press('p');
    cr_assert(not(shows(&screen, "PAUSED")));
}

Test(keys, help_stays_until_the_next_key)
{
    a_view(&view);
    press('?');
    cr_assert(shows(&screen, "Shift-Tab"));
    press('?');
    cr_assert(not(shows(&screen, "Shift-Tab")));
    press('?');
    press('\t');
    cr_assert(not(shows(&screen, "Shift-Tab")));
}

Test(keys, a_message_stays_until_the_next_key)
{
    a_view(&view);
    strcpy(screen.message, "20k/s from 3.1 s on");
    cr_assert(shows(&screen, "\n20k/s from 3.1 s on\n"));
    press(SCREEN_KEY_OTHER);
    cr_assert(shows(&screen, "\np pause  + - rate  0-9 new rate  Tab panes  s stop  ? help\n"));
}
