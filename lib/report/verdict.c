/* SPDX-License-Identifier: BSD-3-Clause */
/* See verdict.h. */
#include "report/verdict.h"

#include <stdio.h>

#include "report/verdict_signs.h"

const char *const verdict_limit_names[LIMIT_COUNT + 1] = {
    [LIMIT_NONE] = "none",
    [LIMIT_TARGET] = "target",
    [LIMIT_GENERATOR] = "generator",
    [LIMIT_NETWORK] = "network",
};

/* From which share on something is more than chance, and spoils all that was measured. */
static const double MANY = 0.01, SOME = 0.0001, SPOILS = 0.1;
/* What is lost here explains failures of ten times as many: a FIN lost is a close and its timeout.
 */
static const double EXPLAINS = 0.1;

/* Beyond this machine: the network, where it has a sign of its own. */
static const struct sign *
find_beyond(const struct signs *s, unsigned kinds, double least)
{
    const struct sign *network = signs_find(s, LIMIT_NETWORK, kinds, least);

    return network != NULL ? network : signs_find(s, LIMIT_TARGET, kinds, least);
}

/* The first rule. */
static const struct sign *
find_lost_here(const struct signs *s)
{
    if ((double)s->n_lost_here < EXPLAINS * (double)s->n_failed)
        return NULL;
    return signs_find(s, LIMIT_GENERATOR, SIGN_BIT(SIGN_LOSS), SOME);
}

/* The sign that decides by the others; NULL: none. The rules are the header's. */
static const struct sign *
decide(const struct signs *s, bool has_time)
{
    const struct sign *sign = find_beyond(s, SIGN_BIT(SIGN_FAILURE), MANY);

    if (sign == NULL)
        sign = signs_find(s, LIMIT_GENERATOR, SIGN_BIT(SIGN_SHORT), SPOILS);
    if (sign == NULL && has_time)
        sign = find_beyond(s, SIGN_BIT(SIGN_SLOW), MANY);
    if (sign == NULL)
        sign = signs_find(s, LIMIT_GENERATOR, SIGN_BIT(SIGN_SHORT), MANY);
    if (sign == NULL)
        sign = find_beyond(s, SIGN_BIT(SIGN_FAILURE), SOME);
    if (sign == NULL)
        sign = find_beyond(s, SIGN_BIT(SIGN_SLOW) | SIGN_BIT(SIGN_SHORT), MANY);
    return sign;
}

static void
add_text(struct verdict *v, const struct sign *sign)
{
    if (v->n_evidence < VERDICT_EVIDENCE_MAX)
        snprintf(v->evidence[v->n_evidence++], VERDICT_TEXT_MAX, "%s", sign->text);
}

void
verdict_decide(struct verdict *v, const struct result *r)
{
    const struct sign *first;
    struct signs s = {0};

    *v = (struct verdict){0};
    v->is_decided = report_result_totals_role(r) == ROLE_CLIENT && r->n_cores > 0 &&
                    r->totals.counters[CTR_attempted] > 0;
    if (!v->is_decided)
        return;
    signs_of_target(&s, r);
    signs_of_generator(&s, r);
    first = find_lost_here(&s);
    v->is_lost_here = first != NULL;
    if (first == NULL)
        first = decide(&s, signs_has_time(r));
    v->limited_by = first == NULL ? LIMIT_NONE : first->side;
    snprintf(v->part, sizeof(v->part), "%s", first == NULL ? "offered load" : first->part);
    if (first != NULL)
        add_text(v, first);
    for (unsigned i = 0; i < s.n; i++)
        if (&s.list[i] != first)
            add_text(v, &s.list[i]);
}
