/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_headline.h. */
#include "report/text_headline.h"

#include <math.h>

/* Rounded down: 100 % is all of them. */
static double
percent(const struct result_adherence *a)
{
    return floor(10000 * report_adherence_share(a)) / 100;
}

void
text_headline(FILE *out, const struct result *r)
{
    struct result_adherence a = report_result_adherence(r);

    if (a.due == 0)
        return;
    fprintf(out, "schedule adherence %.2f %%", percent(&a));
    if (r->worst_second.due > 0)
        fprintf(out, ", worst second %.2f %% (to %.1f s)", percent(&r->worst_second),
                r->worst_second_s);
    fputs("\n", out);
}
