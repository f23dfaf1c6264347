/* SPDX-License-Identifier: BSD-3-Clause */
/* A search as users ask for it. */
#include "conf_rig.h"

#include "conf/options.h"
#include "conf/search.h"
#include "conf/search_goal.h"
#include "search/preset.h"

static struct conf_rig r;

static void
expect_refusal(const char *line, const char *begins)
{
    cr_expect(eq(int, rig_finish(&r, line), -1), "%s", line);
    cr_expect(eq(int, r.fail.status, EXIT_USAGE));
    cr_expect(zero(strncmp(r.fail.text, begins, strlen(begins))), "%s: %s", line, r.fail.text);
}

Test(search, presets_have_the_names_of_the_option)
{
    cr_assert(eq(str, (char *)conf_search_names[0], "none"));
    for (unsigned i = 0; i < n_search_presets; i++) {
        bool is_there = false;

        for (unsigned k = 1; conf_search_names[k] != NULL; k++)
            is_there |= strcmp(conf_search_names[k], search_presets[i].name) == 0;
        cr_expect(is_there, "%s", search_presets[i].name);
    }
    cr_assert(zero(ptr, (void *)conf_search_names[n_search_presets + 1]));
}

Test(search, without_one_there_is_none)
{
    cr_assert(eq(int, rig_finish(&r, "run --rate 10k"), 0), "%s", r.fail.text);
    cr_assert(zero(uint, r.conf.search.n_goals));
}

Test(search, the_rate_is_the_largest_load)
{
    cr_assert(eq(int, rig_finish(&r, "run --rate 10k --search rfc2544"), 0), "%s", r.fail.text);
    cr_assert(eq(uint, r.conf.search.n_goals, 1));
    cr_assert(eq(u64, r.conf.search.goals[0].final_ns, 60 * NS_PER_SEC));
    cr_assert(eq(u64, r.conf.search.max, 10000000));
    cr_assert(eq(u64, r.conf.search.min, 10000));
    cr_assert(eq(u64, r.conf.search.grain, 1000));
    cr_assert(eq(int, r.conf.search_on, SEARCH_ON_RATE));
}

Test(search, a_largest_load_is_a_rate_for_all_that_is_planned_by_it)
{
    cr_assert(eq(int, rig_finish(&r, "run --search quick --search-max 10k --search-min 2k"), 0),
              "%s", r.fail.text);
    cr_assert(eq(u64, r.conf.rate_milli, 10000000));
    cr_assert(eq(u64, r.conf.search.min, 2000000));
    cr_assert(conf_is_open_loop(&r.conf));
}

Test(search, it_is_on_what_has_a_value)
{
    cr_assert(eq(int, rig_finish(&r, "run --search quick --connections 500"), 0), "%s",
              r.fail.text);
    cr_assert(eq(int, r.conf.search_on, SEARCH_ON_CONNECTIONS));
    cr_assert(eq(u64, r.conf.search.max, 500));
    cr_assert(eq(u64, r.conf.search.min, 1));
    cr_assert(eq(u64, r.conf.search.grain, 1));
    cr_assert(not(conf_is_open_loop(&r.conf)));
    cr_assert(eq(int, rig_finish(&r, "run --search quick --request-rate 5k http://198.19.0.1/"), 0),
              "%s", r.fail.text);
    cr_assert(eq(int, r.conf.search_on, SEARCH_ON_REQUESTS));
    cr_assert(eq(u64, r.conf.search.max, 5000000));
}

Test(search, goals_of_ones_own)
{
    cr_assert(eq(int,
                 rig_finish(&r, "run --rate 10k "
                                "--search-goal final_trial_duration=10s,loss_ratio=0.1% "
                                "--search-goal final_trial_duration=2s,duration_sum=6s,"
                                "exceed_ratio=50%,width=1%,initial_trial_duration=500ms"),
                 0),
              "%s", r.fail.text);
    cr_assert(eq(uint, r.conf.search.n_goals, 2));
    cr_assert(eq(u64, r.conf.search.goals[0].sum_ns, 10 * NS_PER_SEC));
    cr_assert(eq(u64, r.conf.search.goals[0].initial_ns, NS_PER_SEC));
    cr_assert(ieee_ulp_eq(dbl, r.conf.search.goals[0].loss_ratio, 0.001, 4));
    cr_assert(eq(u64, r.conf.search.goals[1].sum_ns, 6 * NS_PER_SEC));
    cr_assert(ieee_ulp_eq(dbl, r.conf.search.goals[1].exceed_ratio, 0.5, 4));
    cr_assert(ieee_ulp_eq(dbl, r.conf.search.goals[1].width, 0.01, 4));
}

Test(search, what_does_not_fit_is_refused)
{
    expect_refusal("run --search quick", "--search: the largest load");
    expect_refusal("run --rate 10k --search quick --search-max 20k", "--search-max: ");
    expect_refusal("run --rate 10k --search quick --search-min 20k", "--search-min: ");
    expect_refusal("run --rate 10k --search-min 20", "--search-min: would be ignored");
    expect_refusal("run --rate 10k --search-pause 1s", "--search-pause: would be ignored");
    expect_refusal("run --rate 10k --search quick --search-goal final_trial_duration=1s",
                   "--search-goal: ");
    expect_refusal("run --rate 10k --search quick --search-on connections", "--search-on: ");
    expect_refusal("run --shape ramp:1k..2k/10s --search quick --search-max 2k", "--shape: ");
    expect_refusal("run --rate 10k --search quick --warm-up 1s", "--search: ");
    expect_refusal("run --rate 1M --search-min 1 "
                   "--search-goal final_trial_duration=1s,width=0.1%",
                   "--search-min: from there");
}

Test(search, a_goal_says_what_is_wrong_with_it)
{
    struct search_goal g;
    struct value_why why;

    cr_assert(eq(int, search_goal_parse("loss_ratio=1%", &g, &why), -1));
    cr_assert(strstr(why.text, "final_trial_duration") != NULL, "%s", why.text);
    cr_assert(eq(int, search_goal_parse("final_trial_duration=1s,los_ratio=1%", &g, &why), -1));
    cr_assert(strstr(why.text, "did you mean loss_ratio?") != NULL, "%s", why.text);
    cr_assert(eq(int, search_goal_parse("final_trial_duration=1ms", &g, &why), -1));
    cr_assert(eq(int, search_goal_parse("final_trial_duration=2s,duration_sum=1s", &g, &why), -1));
    cr_assert(eq(
        int, search_goal_parse("final_trial_duration=2s,initial_trial_duration=3s", &g, &why), -1));
    cr_assert(
        eq(int, search_goal_parse("final_trial_duration=2s,exceed_ratio=100%", &g, &why), -1));
    cr_assert(eq(int, search_goal_parse("final_trial_duration=2s,width=0%", &g, &why), -1));
    cr_assert(eq(int, search_goal_parse("final_trial_duration", &g, &why), -1));
    cr_assert(eq(int, search_goal_parse(" final_trial_duration = 2s , width=1%", &g, &why), 0),
              "%s", why.text);
}
