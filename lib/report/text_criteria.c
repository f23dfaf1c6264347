/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_criteria.h. */
#include "report/text_criteria.h"

#include "report/criteria.h"
#include "report/ink.h"

static void
write_one(FILE *out, const struct criterion *c, bool has_ink)
{
    enum ink ink = c->holds ? INK_PLAIN : INK_RED;
    char value[CRITERION_VALUE_MAX];

    fprintf(out, "  %s%-5s %-44s %s%s\n", ink_begin(has_ink, ink), c->holds ? "pass" : "FAIL",
            c->text, c->has_value ? criterion_format(c, c->value, value) : "no samples",
            ink_end(has_ink, ink));
}

void
text_criteria(FILE *out, const struct result *r, bool has_ink)
{
    if (r->criteria == NULL || r->criteria->n == 0)
        return;
    fputs("\ncriteria\n", out);
    for (unsigned i = 0; i < r->criteria->n; i++)
        write_one(out, &r->criteria->list[i], has_ink);
}
