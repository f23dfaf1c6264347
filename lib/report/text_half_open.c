/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_half_open.h. */
#include "report/text_half_open.h"

#include "report/format.h"
#include "report/text_counts.h"

/* Of the classes whose connections are left half open. */
static uint64_t
count_syns(const struct result *r)
{
    uint64_t n = 0;

    if (r->n_classes == 0)
        return r->totals.counters[CTR_attempted];
    for (unsigned i = 0; i < r->n_classes; i++)
        if (r->conf->classes[i].half_open_ns > 0)
            n += r->classes[i].total.counters[CTR_attempted];
    return n;
}

void
text_half_open(FILE *out, const struct result *r)
{
    const uint64_t *c = r->totals.counters;
    uint64_t syns = count_syns(r);
    char share[FORMAT_TEXT_MAX], remark[2 * FORMAT_TEXT_MAX];

    if (report_result_totals_role(r) != ROLE_CLIENT || !conf_has_half_open(r->conf))
        return;
    fputs("\nhalf open\n", out);
    text_count(out, "SYNs", syns, "");
    snprintf(remark, sizeof(remark), "by a SYN-ACK, %s",
             format_share(c[CTR_half_open_answered], syns, share));
    text_count(out, "answered", c[CTR_half_open_answered], remark);
    text_count(out, "kept", c[CTR_half_open_kept], "the target sent its SYN-ACK again");
    text_count(out, "cookies", c[CTR_half_open_cookies], "it did not: it keeps nothing of them");
    text_count(out, "repeats", c[CTR_half_open_repeats], "SYN-ACKs that came again");
    if (c[CTR_half_open_other] > 0)
        text_count(out, "other", c[CTR_half_open_other], "segments of earlier connections");
}
