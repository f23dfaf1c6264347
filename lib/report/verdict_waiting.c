/* SPDX-License-Identifier: BSD-3-Clause */
/* Signs that a target was slow: its answers took longer at the end, waited for each other, or did
 * not come for a while. What a pause of this machine explains is not counted. */
#include <stdio.h>

#include "base/units.h"
#include "report/format.h"
#include "report/verdict_signs.h"

/* A queue that grows: answers take so much longer at the end, or half of them than the fastest. */
static const double GROWS = 3, WAITS = 5;
static const uint64_t GROWS_NS = 5 * NS_PER_MS, WAITS_NS = NS_PER_MS;
static const double SLOW_SHARE = 0.5;
static const size_t INTERVALS_MIN = 4;

/* A target that stands still: so many answers of an interval took so much longer than the slowest
 * hundredth does as a rule. A long tail has that hundredth in each interval. */
static const double STILL = 5;
static const uint64_t STILL_NS = 100 * NS_PER_MS, STILL_ANSWERS = 10;
static const size_t STILL_INTERVALS_MIN = 3;

/* What the run waits for: the row of latency that goes furthest. */
static unsigned
main_latency(const struct result *r)
{
    static const unsigned rows[] = {LAT_ttlb_service, LAT_transfer, LAT_tls};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (r->totals.latency[rows[i]].count > 0)
            return rows[i];
    return LAT_connect;
}

/* What a start that was late adds to it; a service time counts from the request itself. */
static uint64_t
less_late_ns(unsigned row, uint64_t half_ns, uint64_t late_ns)
{
    return row == LAT_ttlb_service ? half_ns : half_ns - u64_min(half_ns, late_ns);
}

/* Half of the samples of @row in interval @i, without what was the generator's. */
static uint64_t
median_ns(const struct result_interval *i, unsigned row)
{
    return less_late_ns(row, i->latency[row].quantile_ns[QUANTILE_p50],
                        i->latency[LAT_lateness].quantile_ns[QUANTILE_p50]);
}

uint64_t
signs_longest_pause_ns(const struct result *r)
{
    uint64_t longest_ns = 0;

    for (unsigned i = 0; i < r->n_cores; i++)
        longest_ns = u64_max(longest_ns, r->cores[i].total.longest_poll_ns);
    return longest_ns;
}

/* Of the first @part intervals that have an answer, or the last among the first @n. */
static double
mean_median_ns(const struct result *r, unsigned row, size_t n, size_t part, bool is_end)
{
    double sum_ns = 0, weight = 0;
    size_t n_read = 0;

    for (size_t k = 0; k < n && n_read < part; k++) {
        const struct result_interval *i = &r->intervals[is_end ? n - 1 - k : k];
        double count = (double)i->latency[row].count;

        if (i->latency[row].count == 0)
            continue;
        sum_ns += count * (double)median_ns(i, row);
        weight += count;
        n_read++;
    }
    return weight > 0 ? sum_ns / weight : 0;
}

static void
read_growth(struct signs *s, const struct result *r, unsigned row)
{
    size_t n = r->n_intervals, n_answered = 0, part;
    double begin_ns, end_ns;
    char from[FORMAT_TEXT_MAX], to[FORMAT_TEXT_MAX];

    while (n > 0 && r->intervals[n - 1].attempted == 0) /* the drain */
        n--;
    for (size_t i = 0; i < n; i++)
        n_answered += r->intervals[i].latency[row].count > 0;
    part = n_answered / INTERVALS_MIN;
    begin_ns = mean_median_ns(r, row, n, part, false);
    end_ns = mean_median_ns(r, row, n, part, true);
    if (part == 0 || end_ns < GROWS * begin_ns || end_ns - begin_ns < (double)GROWS_NS ||
        end_ns - begin_ns < (double)signs_longest_pause_ns(r))
        return;
    signs_add(s, &(struct sign){LIMIT_TARGET, SIGN_SLOW, SLOW_SHARE, "capacity", ""},
              "half of the answers took more than %s at first and more than %s at the end",
              format_duration((uint64_t)begin_ns, from), format_duration((uint64_t)end_ns, to));
}

static void
read_waiting(struct signs *s, const struct result *r, unsigned row)
{
    const struct hist *h = &r->totals.latency[row];
    uint64_t late_ns = hist_quantile_ns(&r->totals.latency[LAT_lateness], 0.5);
    uint64_t half_ns = hist_quantile_ns(h, 0.5);
    char least[FORMAT_TEXT_MAX], half[FORMAT_TEXT_MAX];

    half_ns = less_late_ns(row, half_ns, late_ns);
    if (half_ns <= signs_longest_pause_ns(r))
        return;
    if (h->count == 0 || half_ns < WAITS_NS || (double)half_ns < WAITS * (double)h->min_ns)
        return;
    signs_add(s, &(struct sign){LIMIT_TARGET, SIGN_SLOW, SLOW_SHARE, "capacity", ""},
              "the fastest answer took %s, half of them more than %s: they waited for each other",
              format_duration(h->min_ns, least), format_duration(half_ns, half));
}

/* The slowest hundredth of the answers in an interval, as a rule. */
static uint64_t
usual_tail_ns(const struct result *r, unsigned row, size_t *n)
{
    struct hist tails;

    hist_init(&tails);
    for (size_t i = 0; i < r->n_intervals; i++)
        if (r->intervals[i].latency[row].count > 0)
            hist_record(&tails, r->intervals[i].latency[row].quantile_ns[QUANTILE_p99]);
    *n = tails.count;
    return tails.count > 0 ? hist_quantile_ns(&tails, 0.5) : 0;
}

/* How long answers of @l took that are more than chance, half of them or a tenth; 0: too few. */
static uint64_t
many_took_ns(const struct result_latency *l)
{
    if (l->count >= 10 * STILL_ANSWERS)
        return l->quantile_ns[QUANTILE_p90];
    return l->count >= 2 * STILL_ANSWERS ? l->quantile_ns[QUANTILE_p50] : 0;
}

static void
read_standstill(struct signs *s, const struct result *r, unsigned row)
{
    size_t n, n_still = 0, worst = 0;
    uint64_t usual_ns = usual_tail_ns(r, row, &n), most_ns = 0;
    uint64_t least_ns = usual_ns + u64_max(STILL_NS, 2 * signs_longest_pause_ns(r));
    struct sign sign = {LIMIT_TARGET, SIGN_SLOW, 0, "capacity", ""};
    char took[FORMAT_TEXT_MAX], usual[FORMAT_TEXT_MAX];

    for (size_t i = 0; n >= STILL_INTERVALS_MIN && i < r->n_intervals; i++) {
        uint64_t took_ns = many_took_ns(&r->intervals[i].latency[row]);

        if (took_ns < least_ns || (double)took_ns < STILL * (double)usual_ns)
            continue;
        n_still++;
        worst = took_ns > most_ns ? i : worst;
        most_ns = u64_max(most_ns, took_ns);
    }
    if (n_still == 0)
        return;
    sign.share = sign_share(n_still, n);
    signs_add(s, &sign,
              "many of the answers that came before %.1f s took %s or more, as a rule hardly one "
              "takes %s: the target stood still",
              r->intervals[worst].t_s, format_duration(most_ns, took),
              format_duration(usual_ns, usual));
}

void
signs_of_waiting(struct signs *s, const struct result *r)
{
    unsigned row = main_latency(r);

    read_growth(s, r, row);
    read_waiting(s, r, row);
    /* On a schedule: requests waited for a connection, too. */
    read_standstill(s, r, row == LAT_ttlb_service ? LAT_ttlb : row);
}
