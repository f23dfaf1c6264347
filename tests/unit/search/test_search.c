/* SPDX-License-Identifier: BSD-3-Clause */
/* The search against simulated targets, in virtual time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <math.h>

#include "../bisection.h"
#include "base/rng.h"
#include "base/units.h"
#include "search/preset.h"
#include "search/search.h"

/* What a target does with a trial. */
struct target {
    double limit;       /* takes so much; the rest is lost */
    double buffer;      /* and so much once, before it begins to lose */
    double cliff;       /* beyond so much everything is lost; 0: there is none */
    double noise;       /* a trial in so many loses a thousandth; 0: none does */
    double hole, until; /* loads in between lose a tenth: loss inversion */
    double generator;   /* beyond so much the generator falls short; 0: never */
    struct rng rng;
};

static struct search s;

static double
loss_of(struct target *t, double load, double seconds)
{
    double lost = (load - t->limit) * seconds - t->buffer, share = 0;

    if (t->cliff > 0 && load > t->cliff)
        return 1;
    if (lost > 0)
        share = lost / (load * seconds);
    if (load > t->hole && load < t->until)
        share = fmax(share, 0.1);
    if (t->noise > 0 && (double)(rng_next(&t->rng) >> 11) / 9007199254740992.0 < 1 / t->noise)
        share = fmax(share, 0.001);
    return share;
}

/* @return the seconds that it took. */
static double
search_for(struct target *t, const struct search_goal *goals, unsigned n_goals, uint64_t min,
           uint64_t max)
{
    struct search_opts opts = {.n_goals = n_goals, .min = min, .max = max, .grain = 1};
    const struct search_trial *trial;
    double seconds = 0;

    for (unsigned i = 0; i < n_goals; i++)
        opts.goals[i] = goals[i];
    search_init(&s, &opts);
    while ((trial = search_next(&s)) != NULL) {
        double load = (double)trial->load, length = (double)trial->ns / NS_PER_SEC;
        struct search_outcome o = {.loss_ratio = loss_of(t, load, length),
                                   .is_generator = t->generator > 0 && load > t->generator};

        cr_assert(ge(u64, trial->load, min));
        cr_assert(le(u64, trial->load, max));
        seconds += length;
        search_add(&s, &o);
    }
    return seconds;
}

static const struct search_goal *
goals_of(const char *preset)
{
    return search_preset_by_name(preset)->goals;
}

static void
expects_regular(unsigned goal, double limit)
{
    struct search_result r = search_result_of(&s, goal);
    double width = s.opts.goals[goal].width;

    cr_assert(eq(uint, r.end, SEARCH_END_REGULAR));
    cr_assert(r.has_lower && r.has_upper);
    cr_assert(le(dbl, (double)r.lower, limit));
    cr_assert(ge(dbl, (double)r.upper, limit));
    cr_assert(le(dbl, (double)(r.upper - r.lower), width * (double)r.upper + 1));
}

/* -- a limit that is known ---------------------------------------------------------------- */

struct limit_row {
    double limit;
    uint64_t max;
};

ParameterizedTestParameters(search, a_limit_is_found_to_the_width)
{
    static struct limit_row rows[] = {{50000, 200000},  {50000, 50001},     {199999, 200000},
                                      {123, 200000},    {20.5, 200000},     {1, 100},
                                      {777777, 800000}, {3123456, 4000000}, {7, 10000}};

    return cr_make_param_array(struct limit_row, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct limit_row *row, search, a_limit_is_found_to_the_width)
{
    for (unsigned i = 0; i < n_search_presets; i++) {
        struct target t = {.limit = row->limit};

        search_for(&t, search_presets[i].goals, 1, 1, row->max);
        expects_regular(0, row->limit);
        cr_assert(ge(dbl, search_result_of(&s, 0).conditional_throughput,
                     row->limit * (1 - s.opts.goals[0].width) - 1));
        cr_assert(le(uint, s.n_trials, 60));
    }
}

/* By way of a grid, not of what was measured. */
Test(search, whatever_is_known_of_it_the_same_limit_has_the_same_answer)
{
    struct target plain = {.limit = 43210}, buffered = {.limit = 43210, .buffer = 20},
                  cliff = {.limit = 43210, .cliff = 43210};
    struct search_result r;

    search_for(&plain, goals_of("rfc2544"), 1, 1, 200000);
    r = search_result_of(&s, 0);
    search_for(&buffered, goals_of("rfc2544"), 1, 1, 200000);
    cr_assert(eq(u64, search_result_of(&s, 0).lower, r.lower));
    search_for(&cliff, goals_of("rfc2544"), 1, 1, 200000);
    cr_assert(eq(u64, search_result_of(&s, 0).lower, r.lower));
    cr_assert(eq(u64, search_result_of(&s, 0).upper, r.upper));
}

Test(search, rfc2544_takes_a_third_of_a_bisections_time_or_less)
{
    const struct search_goal *g = goals_of("rfc2544");

    for (double limit = 1000; limit < 200000; limit *= 1.37) {
        struct target t = {.limit = limit};
        double seconds = search_for(&t, g, 1, 20, 200000);

        cr_assert(le(dbl, seconds, bisection_s(limit, 20, 200000, g) / 3));
    }
}

/* -- targets that are not so simple ------------------------------------------------------- */

/* Trials are short first, and so are those that the buffer would be enough for. */
Test(search, a_state_that_fills_up_is_found_by_the_long_trials)
{
    struct target t = {.limit = 50000, .buffer = 100000};

    cr_assert(le(dbl, search_for(&t, goals_of("rfc2544"), 1, 1, 200000), 600));
    expects_regular(0, 50000 + 100000 / 60.0);
    cr_assert(eq(u64, s.trials[s.n_trials - 1].ns, 60 * NS_PER_SEC));
}

Test(search, beyond_a_cliff_nothing_says_where_to_go_on)
{
    struct target t = {.limit = 1e9, .cliff = 3210};

    cr_assert(le(dbl, search_for(&t, goals_of("rfc2544"), 1, 1, 200000), 200));
    expects_regular(0, 3210);
}

/* Where a third of all trials lose something half of them may. */
Test(search, noise_is_borne_as_far_as_the_goal_says)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct target t = {.limit = 50000, .noise = 10, .rng = {.state = seed}};
        struct search_result r;

        search_for(&t, goals_of("tst009"), 1, 1, 200000);
        r = search_result_of(&s, 0);
        cr_assert(eq(uint, r.end, SEARCH_END_REGULAR), "seed %lu", seed);
        cr_assert(le(u64, r.lower, 50000), "seed %lu", seed);
        cr_assert(le(uint, s.n_trials, 100), "seed %lu", seed);
    }
}

/* Without it each loss is one too many, and the answer is the least that was seen to lose. */
Test(search, without_patience_noise_lowers_the_answer_and_the_search_ends)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct target t = {.limit = 50000, .noise = 5, .rng = {.state = seed}};
        struct search_result r;

        search_for(&t, goals_of("rfc2544"), 1, 1, 200000);
        r = search_result_of(&s, 0);
        cr_assert(lt(uint, s.n_trials, SEARCH_TRIALS_MAX), "seed %lu", seed);
        cr_assert(r.end == SEARCH_END_REGULAR || r.end == SEARCH_END_MIN, "seed %lu", seed);
        cr_assert(r.has_lower ? r.lower <= 50000 : true, "seed %lu", seed);
    }
}

/* RFC 9971, "Conservativeness and Relevant Bounds": the smallest upper bound is the one. */
Test(search, of_a_loss_inversion_the_smaller_load_counts)
{
    struct target t = {.limit = 1e9, .hole = 100000, .until = 199000};
    struct search_goal both[2] = {*goals_of("rfc2544"), *goals_of("rfc2544")};
    struct search_result r;

    both[1].loss_ratio = 0.2; /* sees no hole */
    search_for(&t, both, 2, 1, 200000);
    cr_assert(eq(uint, search_result_of(&s, 1).end, SEARCH_END_MAX));
    r = search_result_of(&s, 0);
    cr_assert(eq(uint, r.end, SEARCH_END_MAX)); /* where nobody looked below there was no loss */

    t.hole = 100000;
    t.until = 1e9;
    search_for(&t, both, 2, 1, 200000);
    expects_regular(0, 100000);
}

Test(search, a_smaller_upper_bound_hides_larger_lower_bounds)
{
    struct target t = {.limit = 150000, .hole = 60000, .until = 61000};
    struct search_goal g = *goals_of("quick");
    const struct search_trial *trial;
    struct search_result r;

    search_for(&t, &g, 1, 1, 200000);
    expects_regular(0, 150000);
    /* As another goal's trial would have been. */
    trial = &s.trials[s.n_trials];
    s.trials[s.n_trials++] = (struct search_trial){
        .load = s.loads[s.n_places / 2], .ns = 6 * NS_PER_SEC, .outcome = {.loss_ratio = 0.1}};
    r = search_result_of(&s, 0);
    cr_assert(eq(u64, r.upper, trial->load));
    cr_assert(not(r.has_lower));
    cr_assert(eq(uint, r.end, SEARCH_END_CUT_SHORT));
    cr_assert(search_next(&s) != NULL);
}

/* -- several goals ------------------------------------------------------------------------ */

Test(search, several_goals_share_their_trials)
{
    struct target t = {.limit = 50000};
    struct search_goal both[2] = {*goals_of("rfc2544"), *goals_of("tst009")};
    double one = search_for(&t, both, 1, 1, 200000), two = search_for(&t, both, 2, 1, 200000);

    expects_regular(0, 50000);
    expects_regular(1, 50000);
    cr_assert(le(dbl, two, one + 140)); /* the upper bound of tst009 is two trials of a minute */
}

/* Half a percent of loss is a little more than the limit, and what is forwarded is the limit. */
Test(search, what_a_goal_with_loss_forwards_is_no_more_than_the_limit)
{
    struct target t = {.limit = 50000};
    struct search_goal g = *goals_of("rfc2544");

    g.loss_ratio = 0.005;
    search_for(&t, &g, 1, 1, 200000);
    expects_regular(0, 50000 / 0.995);
    cr_assert(le(dbl, search_result_of(&s, 0).conditional_throughput, 50000.001));
    cr_assert(ge(dbl, search_result_of(&s, 0).conditional_throughput, 50000 * 0.99));
}

Test(search, a_wider_goal_is_content_with_less)
{
    struct target t = {.limit = 50000};
    struct search_goal wide[2] = {*goals_of("quick"), *goals_of("quick")};

    wide[0].width = 0.05;
    search_for(&t, wide, 2, 1, 200000);
    expects_regular(0, 50000);
    expects_regular(1, 50000);
}

/* -- results that are not regular --------------------------------------------------------- */

Test(search, a_target_that_takes_all_is_a_trial_in_each_length)
{
    struct target t = {.limit = 1e9};
    struct search_result r;

    search_for(&t, goals_of("rfc2544"), 1, 1, 200000);
    r = search_result_of(&s, 0);
    cr_assert(eq(uint, r.end, SEARCH_END_MAX));
    cr_assert(r.has_lower);
    cr_assert(not(r.has_upper));
    cr_assert(eq(u64, r.lower, 200000));
    cr_assert(eq(uint, s.n_trials, search_stages(goals_of("rfc2544"))));
}

Test(search, a_target_that_takes_nothing_is_seen_at_the_smallest_load)
{
    struct target t = {.limit = 0};
    struct search_result r;

    search_for(&t, goals_of("rfc2544"), 1, 10, 200000);
    r = search_result_of(&s, 0);
    cr_assert(eq(uint, r.end, SEARCH_END_MIN));
    cr_assert(not(r.has_lower));
    cr_assert(eq(u64, r.upper, 10));
    cr_assert(le(uint, s.n_trials, 20));
}

Test(search, one_load_is_a_search_too)
{
    struct target t = {.limit = 100};

    search_for(&t, goals_of("quick"), 1, 50, 50);
    cr_assert(eq(uint, search_result_of(&s, 0).end, SEARCH_END_MAX));
    search_for(&t, goals_of("quick"), 1, 200, 200);
    cr_assert(eq(uint, search_result_of(&s, 0).end, SEARCH_END_MIN));
}

/* -- the generator ------------------------------------------------------------------------ */

Test(search, a_generator_that_is_too_slow_is_not_the_targets_limit)
{
    struct target t = {.limit = 1e9, .generator = 70000};
    struct search_result r;

    search_for(&t, goals_of("rfc2544"), 1, 1, 200000);
    r = search_result_of(&s, 0);
    cr_assert(eq(uint, r.end, SEARCH_END_GENERATOR));
    cr_assert(not(r.has_upper));
    cr_assert(le(u64, r.lower, 70000));
    cr_assert(ge(u64, r.lower, (uint64_t)(70000 * 0.995)));
    cr_assert(le(uint, s.n_trials, 60));
}

Test(search, below_the_generators_limit_the_targets_is_found)
{
    struct target t = {.limit = 50000, .generator = 70000};

    search_for(&t, goals_of("rfc2544"), 1, 1, 200000);
    expects_regular(0, 50000);
}

/* It comes again, and what it lost is not charged to the target. */
Test(search, a_trial_in_which_the_generator_fell_short_is_made_again)
{
    struct search_opts opts = {
        .goals = {*goals_of("rfc2544")}, .n_goals = 1, .min = 1, .max = 1000, .grain = 1};
    const struct search_trial *t;

    search_init(&s, &opts);
    t = search_next(&s);
    cr_assert(eq(u64, t->load, 1000));
    search_add(&s, &(struct search_outcome){.loss_ratio = 1, .is_generator = true});
    t = search_next(&s);
    cr_assert(eq(u64, t->load, 1000));
    cr_assert(eq(uint, t->step, SEARCH_STEP_AGAIN));
    search_add(&s, &(struct search_outcome){.loss_ratio = 0});
    cr_assert(eq(uint, search_bound_of(&s, 0, 1000), SEARCH_UNDECIDED));
    t = search_next(&s);
    cr_assert(eq(u64, t->load, 1000));
    cr_assert(ge(u64, t->ns, 7 * NS_PER_SEC));
}

Test(search, a_generator_that_never_keeps_up_ends_the_search)
{
    struct target t = {.limit = 1e9, .generator = 0.5};
    struct search_result r;

    search_for(&t, goals_of("rfc2544"), 1, 10, 200000);
    r = search_result_of(&s, 0);
    cr_assert(eq(uint, r.end, SEARCH_END_GENERATOR));
    cr_assert(not(r.has_lower));
    cr_assert(not(r.has_upper));
    cr_assert(le(uint, s.n_trials, 60));
}

/* -- the form of it ----------------------------------------------------------------------- */

/* What was lost says nothing then; only whether the criterion held does. */
Test(search, a_criterion_takes_the_place_of_loss)
{
    struct search_opts opts = {
        .goals = {*goals_of("quick")}, .n_goals = 1, .min = 1, .max = 100000, .grain = 1};
    const struct search_trial *t;

    search_init(&s, &opts);
    while ((t = search_next(&s)) != NULL)
        search_add(&s, &(struct search_outcome){
                           .loss_ratio = 0.3, .is_judged = true, .is_broken = t->load > 43210});
    expects_regular(0, 43210);
}

Test(search, an_end_in_the_middle_leaves_what_is_known)
{
    struct target t = {.limit = 50000};
    struct search_opts opts = {
        .goals = {*goals_of("rfc2544")}, .n_goals = 1, .min = 1, .max = 200000, .grain = 1};
    struct search_result r;

    search_init(&s, &opts);
    for (unsigned i = 0; i < 3; i++) {
        const struct search_trial *trial = search_next(&s);

        search_add(&s, &(struct search_outcome){.loss_ratio = loss_of(&t, (double)trial->load, 1)});
    }
    (void)search_next(&s); /* under way */
    r = search_result_of(&s, 0);
    cr_assert(eq(uint, r.end, SEARCH_END_CUT_SHORT));
    cr_assert(r.has_upper);
    cr_assert(ge(u64, r.upper, 50000));
}

Test(search, loads_are_multiples_of_the_grain_and_none_is_there_twice)
{
    struct search_opts opts = {
        .goals = {*goals_of("quick")}, .n_goals = 1, .min = 1000, .max = 2000000, .grain = 1000};

    search_init(&s, &opts);
    cr_assert(eq(u64, s.loads[0], 1000));
    cr_assert(eq(u64, s.loads[s.n_places - 1], 2000000));
    for (unsigned i = 1; i < s.n_places; i++) {
        cr_assert(lt(u64, s.loads[i - 1], s.loads[i]));
        cr_assert(zero(u64, s.loads[i] % 1000));
        cr_assert(s.loads[i] - s.loads[i - 1] <= 1000 ||
                  (double)(s.loads[i] - s.loads[i - 1]) <= 0.005 * (double)s.loads[i]);
    }
}

Test(search, trials_become_longer_by_steps)
{
    const struct search_goal *g = goals_of("rfc2544");

    cr_assert(eq(uint, search_stages(g), 3));
    cr_assert(eq(u64, search_stage_ns(g, 0), NS_PER_SEC));
    cr_assert(eq(u64, search_stage_ns(g, 1), 7745 * NS_PER_MS));
    cr_assert(eq(u64, search_stage_ns(g, 2), 60 * NS_PER_SEC));
}
