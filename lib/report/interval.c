/* SPDX-License-Identifier: BSD-3-Clause */
/* See interval.h. */
#include "report/interval.h"

#include <assert.h>
#include <stdio.h>

#include "report/rows.h"

/* What the @n-th field is: one of a kind, @at which place among those. */
enum kind { KIND_TIME, KIND_COUNTER, KIND_RATE, KIND_BUSY, KIND_LATENCY };

struct field_place {
    enum kind kind;
    unsigned at;
};

static unsigned
parts_of_latency(void)
{
    return (unsigned)n_report_quantiles + 2;
}

static unsigned
n_counters(void)
{
    return (unsigned)n_report_interval_counters + 2;
}

static unsigned
n_latencies(void)
{
    unsigned n = 0;

    for (unsigned row = 0; row < latency_rows(); row++)
        n += latency_has_interval(row);
    return n;
}

/* The row of the @n-th latency that intervals tell of. */
static unsigned
latency_at(unsigned n)
{
    unsigned row = 0;

    for (; !latency_has_interval(row) || n > 0; row++)
        n -= latency_has_interval(row);
    return row;
}

unsigned
interval_fields(void)
{
    return 1 + n_counters() + (unsigned)n_report_rates + ROLE_COUNT +
           n_latencies() * parts_of_latency();
}

static struct field_place
place_of(unsigned n)
{
    const unsigned sizes[] = {[KIND_TIME] = 1,
                              [KIND_COUNTER] = n_counters(),
                              [KIND_RATE] = (unsigned)n_report_rates,
                              [KIND_BUSY] = ROLE_COUNT};
    struct field_place p = {.at = n};

    assert(n < interval_fields());

    for (; p.kind < KIND_LATENCY && p.at >= sizes[p.kind]; p.kind++)
        p.at -= sizes[p.kind];
    return p;
}

/* -- names --------------------------------------------------------------------------------- */

/* A counter of the list, then the two gauges. */
static const char *
counter_name_at(unsigned n)
{
    if (n < n_report_interval_counters)
        return stat_counter_names[report_interval_counters[n].counter].name;
    return n == n_report_interval_counters ? "open" : "longest_poll_ns";
}

/* Of a latency: how many samples, the quantiles, the most. */
static const char *
part_name(unsigned part)
{
    if (part == 0)
        return "count";
    return part <= n_report_quantiles ? report_quantiles[part - 1].name : "max_us";
}

const char *
interval_name(unsigned n, char buf[static INTERVAL_NAME_MAX])
{
    struct field_place p = place_of(n);

    switch (p.kind) {
    case KIND_TIME:
        snprintf(buf, INTERVAL_NAME_MAX, "t_s");
        break;
    case KIND_COUNTER:
        snprintf(buf, INTERVAL_NAME_MAX, "%s", counter_name_at(p.at));
        break;
    case KIND_RATE:
        snprintf(buf, INTERVAL_NAME_MAX, "%s", report_rates[p.at].name);
        break;
    case KIND_BUSY:
        snprintf(buf, INTERVAL_NAME_MAX, "busy.%s", result_role_names[p.at]);
        break;
    case KIND_LATENCY:
        snprintf(buf, INTERVAL_NAME_MAX, "latency.%s.%s",
                 latency_name(latency_at(p.at / parts_of_latency())).name,
                 part_name(p.at % parts_of_latency()));
        break;
    }
    return buf;
}

/* -- values -------------------------------------------------------------------------------- */

static struct interval_field
count_of(uint64_t count)
{
    return (struct interval_field){.is_count = true, .count = count};
}

static struct interval_field
number_of(double number, unsigned decimals)
{
    return (struct interval_field){.number = number, .decimals = decimals};
}

static struct interval_field
counter_of(const struct result_interval *i, unsigned n)
{
    if (n < n_report_interval_counters)
        return count_of(*(const uint64_t *)((const char *)i + report_interval_counters[n].offset));
    return count_of(n == n_report_interval_counters ? i->open : i->longest_poll_ns);
}

static struct interval_field
busy_of(const struct result_interval *i, unsigned role)
{
    struct interval_field f = number_of(i->busy[role], 4);

    f.is_absent = !i->has_role[role];
    return f;
}

static struct interval_field
latency_of(const struct result_latency *l, unsigned part)
{
    uint64_t ns = part > n_report_quantiles ? l->max_ns : part > 0 ? l->quantile_ns[part - 1] : 0;
    struct interval_field f = part == 0 ? count_of(l->count) : number_of((double)ns / 1000, 3);

    f.is_empty = part > 0 && l->count == 0;
    return f;
}

struct interval_field
interval_field(const struct result_interval *i, unsigned n)
{
    struct field_place p = place_of(n);

    switch (p.kind) {
    case KIND_TIME:
        return number_of(i->t_s, 6);
    case KIND_COUNTER:
        return counter_of(i, p.at);
    case KIND_RATE:
        return number_of(report_interval_rate(i, &report_rates[p.at]), 1);
    case KIND_BUSY:
        return busy_of(i, p.at);
    case KIND_LATENCY:
        break;
    }
    return latency_of(&i->latency[latency_at(p.at / parts_of_latency())],
                      p.at % parts_of_latency());
}

static void
set_counter(struct result_interval *i, unsigned n, uint64_t count)
{
    if (n < n_report_interval_counters)
        *(uint64_t *)((char *)i + report_interval_counters[n].offset) = count;
    else if (n == n_report_interval_counters)
        i->open = count;
    else
        i->longest_poll_ns = count;
}

static void
set_latency(struct result_latency *l, unsigned part, uint64_t count, double number)
{
    uint64_t ns = number > 0 && number < 1e15 ? (uint64_t)(number * 1000 + 0.5) : 0;

    if (part == 0)
        l->count = count;
    else if (part <= n_report_quantiles)
        l->quantile_ns[part - 1] = ns;
    else
        l->max_ns = ns;
}

void
interval_set(struct result_interval *i, unsigned n, uint64_t count, double number)
{
    struct field_place p = place_of(n);

    switch (p.kind) {
    case KIND_TIME:
        i->t_s = number;
        return;
    case KIND_COUNTER:
        set_counter(i, p.at, count);
        return;
    case KIND_RATE:
        *(double *)((char *)i + report_rates[p.at].offset) = number;
        return;
    case KIND_BUSY:
        i->has_role[p.at] = true;
        i->busy[p.at] = number;
        return;
    case KIND_LATENCY:
        break;
    }
    set_latency(&i->latency[latency_at(p.at / parts_of_latency())], p.at % parts_of_latency(),
                count, number);
}
