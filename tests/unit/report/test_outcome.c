/* SPDX-License-Identifier: BSD-3-Clause */
/* report/outcome.h: whether a run passed. */
#include "report/outcome.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "report/criteria.h"
#include "report/search.h"
#include "sample.h"

static struct sample s;
static struct fail f;

/* What the exit status says is what whoever reads the result is told. */
static void
assert_failed(const char *text)
{
    struct fail reasons[OUTCOME_REASONS_MAX];

    cr_assert(eq(int, outcome_check(&s.r, &f), -1));
    cr_assert(eq(int, f.status, EXIT_CRITERION));
    cr_assert(ne(ptr, strstr(f.text, text), NULL), "%s", f.text);
    cr_assert(lt(uint, 0, outcome_reasons(&s.r, reasons)));
    cr_assert(eq(str, reasons[0].text, f.text));
}

Test(outcome, a_run_passes_of_which_nothing_is_wrong)
{
    struct fail reasons[OUTCOME_REASONS_MAX];

    sample_init(&s);
    cr_assert(zero(int, outcome_check(&s.r, &f)));
    cr_assert(zero(uint, outcome_reasons(&s.r, reasons)));
}

Test(outcome, accounts_that_do_not_add_up_fail)
{
    sample_init(&s);
    s.r.cores[0].total.failures[FAILURE_timeout]--;
    assert_failed("ACCOUNTING ERROR");
}

Test(outcome, a_criterion_that_does_not_hold_fails)
{
    struct criteria c = {.n = 3, .list = {{.holds = true}, {.holds = true}, {.holds = true}}};

    sample_init(&s);
    s.r.criteria = &c;
    cr_assert(zero(int, outcome_check(&s.r, &f)));
    c.list[1].holds = false;
    assert_failed("1 of 3 criteria does not hold");
    c.list[2].holds = false;
    assert_failed("2 of 3 criteria do not hold");
}

Test(outcome, a_target_that_fell_silent_fails)
{
    sample_init(&s);
    s.r.dead_man.has_fired = true;
    assert_failed("the target fell silent");
}

Test(outcome, a_run_all_of_whose_connections_failed_fails)
{
    struct stat_block *b;

    sample_init(&s);
    b = &s.r.cores[0].total;
    b->counters[CTR_failed] = b->counters[CTR_attempted];
    b->counters[CTR_closed] = 0;
    b->open = 0;
    memset(b->open_by, 0, sizeof(b->open_by));
    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        b->failures[i] = i == FAILURE_timeout ? b->counters[CTR_failed] : 0;
    report_result_sum(&s.r);
    assert_failed("every connection failed");
}

Test(outcome, a_run_that_began_nothing_fails)
{
    sample_init(&s);
    memset(&s.r.cores[0].total, 0, sizeof(s.r.cores[0].total));
    report_result_sum(&s.r);
    assert_failed("not one connection began");
}

Test(outcome, a_search_one_of_whose_goals_has_no_lower_bound_fails)
{
    static struct result_search found;

    sample_init(&s);
    s.r.search = &found;
    found.search.opts.n_goals = 1;
    assert_failed("goal 1 of the search has no lower bound");
}

/* What comes later in the list is for whoever reads all of it. */
Test(outcome, all_reasons_are_told_the_first_of_them_first)
{
    struct fail reasons[OUTCOME_REASONS_MAX];
    struct criteria c = {.n = 1};

    sample_init(&s);
    s.r.criteria = &c;
    s.r.dead_man.has_fired = true;
    cr_assert(eq(uint, outcome_reasons(&s.r, reasons), 2));
    cr_assert(eq(str, reasons[0].text, "1 of 1 criteria does not hold"));
    cr_assert(ne(ptr, strstr(reasons[1].text, "silent"), NULL));
}
