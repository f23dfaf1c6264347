/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_ranks.h. */
#include "report/text_ranks.h"

#include "base/units.h"
#include "report/format.h"

/* Of the side that totals are of. */
static struct stat_block
sum_of(const struct result *r, unsigned place)
{
    enum role role = report_result_totals_role(r);
    struct stat_block sum;

    stat_block_clear(&sum, TIME_NEVER);
    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].rank == place + 1 && r->cores[i].role == role)
            stat_block_merge(&sum, &r->cores[i].total, true);
    return sum;
}

static void
write_clock(FILE *out, const struct result_rank *rank)
{
    if (!rank->has_clock) {
        fputs("  the others' clocks are against this one's\n", out);
        return;
    }
    fprintf(out, "  %+.1f us within %.1f us", -rank->begin.offset_us, rank->begin.uncertainty_us);
    if (rank->has_drift)
        fprintf(out, ", drift %+.2f ppm within %.2f ppm", -rank->drift_ppm,
                rank->drift_uncertainty_ppm);
    fputc('\n', out);
}

static void
write_rank(FILE *out, const struct result *r, unsigned place)
{
    const struct result_rank *rank = &r->ranks[place];
    struct stat_block sum = sum_of(r, place);
    char closed[FORMAT_TEXT_MAX], failed[FORMAT_TEXT_MAX];

    fprintf(out, "  %-16s %4u %4.0f %% %13s %12s", rank->host, rank->rank, 100 * report_busy(&sum),
            format_grouped(sum.counters[CTR_closed], closed),
            format_grouped(sum.counters[CTR_failed], failed));
    write_clock(out, rank);
}

void
text_ranks(FILE *out, const struct result *r)
{
    if (r->n_ranks == 0)
        return;
    fprintf(out, "\nhosts\n  %-16s %4s %6s %13s %12s  %s\n", "host", "rank", "busy", "closed",
            "failed", "clock");
    for (unsigned i = 0; i < r->n_ranks; i++)
        write_rank(out, r, i);
    if (r->lost.has_happened)
        fprintf(out, "  %-16s %4u  lost; what it did is not in this result\n", r->lost.host,
                r->lost.rank);
}
