/* SPDX-License-Identifier: BSD-3-Clause */
/* See outcome.h. */
#include "report/outcome.h"

#include "base/units.h"
#include "report/criteria.h"
#include "report/search.h"

/* Of a search criteria are of its trials, and there are none here. */
static int
check_criteria(const struct result *r, struct fail *f)
{
    const struct criteria *c = r->criteria;
    unsigned n_broken = 0;

    for (unsigned i = 0; c != NULL && i < c->n; i++)
        n_broken += !c->list[i].holds;
    if (n_broken == 0)
        return 0;
    return fail_set(f, EXIT_CRITERION, "%u of %u criteria %s not hold", n_broken, c->n,
                    n_broken == 1 ? "does" : "do");
}

static int
check_any_worked(const struct result *r, struct fail *f)
{
    return report_result_has_failed(r) ? fail_set(f, EXIT_CRITERION, "every connection failed") : 0;
}

static int
check_found(const struct result *r, struct fail *f)
{
    return r->search != NULL ? search_check_found(r, f) : 0;
}

/* What stands before others is why those are so. */
static int (*const checks[])(const struct result *r, struct fail *f) = {
    report_result_check_identity, check_criteria, report_result_check_alive, check_any_worked,
    report_result_check_begun,    check_found,
};
static_assert(ARRAY_LEN(checks) == OUTCOME_REASONS_MAX, "a reason each");

int
outcome_check(const struct result *r, struct fail *f)
{
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (checks[i](r, f) < 0)
            return -1;
    return 0;
}

unsigned
outcome_reasons(const struct result *r, struct fail reasons[static OUTCOME_REASONS_MAX])
{
    unsigned n = 0;

    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        n += checks[i](r, &reasons[n]) < 0;
    return n;
}
