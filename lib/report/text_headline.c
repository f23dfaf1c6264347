/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_headline.h. */
#include "report/text_headline.h"

#include <math.h>

#include "base/wrap.h"
#include "report/verdict.h"

static const struct wrap line = {.indent = 0, .hang = 2, .width = WRAP_TERMINAL};
static const struct wrap item = {.indent = 2, .hang = 2, .width = WRAP_TERMINAL};

/* Rounded down: 100 % is all of them. */
static double
percent(const struct result_adherence *a)
{
    return floor(10000 * report_adherence_share(a)) / 100;
}

struct headline {
    const struct result *r;
    const struct verdict *v;
};

static void
write_headline(FILE *out, const void *arg)
{
    const struct headline *h = arg;
    struct result_adherence a = report_result_adherence(h->r);

    fprintf(out, "limit: %s (%s)", verdict_limit_names[h->v->limited_by], h->v->part);
    if (a.due > 0)
        fprintf(out, "; schedule adherence %.2f %%", percent(&a));
    if (a.due > 0 && h->r->worst_second.due > 0)
        fprintf(out, ", worst second %.2f %% (to %.1f s)", percent(&h->r->worst_second),
                h->r->worst_second_s);
}

void
text_headline(FILE *out, const struct result *r)
{
    const struct result *m = report_result_measured(r);
    struct verdict v;

    verdict_decide(&v, m);
    if (v.is_decided)
        wrap_call(out, &line, write_headline, &(struct headline){m, &v});
}

static void
write_evidence(FILE *out, const void *arg)
{
    fprintf(out, "* %s", (const char *)arg);
}

void
text_evidence(FILE *out, const struct result *r)
{
    struct verdict v;

    verdict_decide(&v, report_result_measured(r));
    if (v.n_evidence > 0)
        fputs("\nwhat speaks for the limit, and against it\n", out);
    for (unsigned i = 0; i < v.n_evidence; i++)
        wrap_call(out, &item, write_evidence, v.evidence[i]);
}
