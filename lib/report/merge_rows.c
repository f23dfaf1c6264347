/* SPDX-License-Identifier: BSD-3-Clause */
/* See merge_rows.h. */
#include "report/merge_rows.h"

#include "base/units.h"
#include "report/rows.h"

static void
merge_latency(struct result_latency *into, const struct result_latency *from)
{
    into->count += from->count;
    into->max_ns = u64_max(into->max_ns, from->max_ns);
    for (unsigned i = 0; i < QUANTILE_COUNT; i++)
        into->quantile_ns[i] = u64_max(into->quantile_ns[i], from->quantile_ns[i]);
}

void
merge_interval(struct result_interval *into, const unsigned n_into[ROLE_COUNT],
               const struct result_interval *from, const unsigned n_from[ROLE_COUNT])
{
    into->t_s = into->t_s > from->t_s ? into->t_s : from->t_s;
#define X(name) into->name += from->name;
    RESULT_INTERVAL_COUNTERS(X)
#undef X
    into->open += from->open;
    into->longest_poll_ns = u64_max(into->longest_poll_ns, from->longest_poll_ns);
#define X(name, live, need, counter, factor, meaning) into->name += from->name;
    RESULT_RATES(X, X)
#undef X
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        unsigned n = n_into[role] + n_from[role];

        into->has_role[role] |= from->has_role[role];
        if (n > 0)
            into->busy[role] =
                (into->busy[role] * n_into[role] + from->busy[role] * n_from[role]) / n;
    }
    for (unsigned row = 0; row < latency_rows(); row++)
        merge_latency(&into->latency[row], &from->latency[row]);
}

static void
count_cores(const struct result *r, unsigned n[ROLE_COUNT])
{
    for (unsigned i = 0; i < r->n_cores; i++)
        n[r->cores[i].role]++;
}

/* Which interval the next row of @r is: by its end, in samples, and behind the one before it. */
static uint64_t
next_of(const struct result *r, size_t row, uint64_t last, uint64_t sample_ns)
{
    double samples = r->intervals[row].t_s * 1e9 / (double)sample_ns;
    uint64_t at = samples < 1e15 ? (uint64_t)(samples + 0.5) : 0;

    return u64_max(at, last + 1);
}

void
merge_rows(struct result *r, struct earlier *const list[], unsigned n)
{
    size_t next[CONF_RESULTS_MAX] = {0};
    uint64_t last[CONF_RESULTS_MAX] = {0};

    for (;;) {
        unsigned n_sum[ROLE_COUNT] = {0};
        struct result_interval sum = {0};
        uint64_t first = TIME_NEVER;

        for (unsigned i = 0; i < n; i++)
            if (next[i] < list[i]->result.n_intervals)
                first = u64_min(
                    first, next_of(&list[i]->result, next[i], last[i], list[i]->conf.sample_ns));
        if (first == TIME_NEVER)
            return;
        for (unsigned i = 0; i < n; i++) {
            const struct result *from = &list[i]->result;
            unsigned n_from[ROLE_COUNT] = {0};

            if (next[i] == from->n_intervals ||
                next_of(from, next[i], last[i], list[i]->conf.sample_ns) != first)
                continue;
            count_cores(from, n_from);
            merge_interval(&sum, n_sum, &from->intervals[next[i]++], n_from);
            last[i] = first;
            for (enum role role = 0; role < ROLE_COUNT; role++)
                n_sum[role] += n_from[role];
        }
        report_result_add_interval(r, &sum);
    }
}
