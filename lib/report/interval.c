/* SPDX-License-Identifier: BSD-3-Clause */
/* See interval.h. */
#include "report/interval.h"

#include <assert.h>
#include <stdio.h>

#include "report/rows.h"

static void
set_count(struct interval_field *f, const char *name, uint64_t count)
{
    snprintf(f->name, sizeof(f->name), "%s", name);
    f->is_count = true;
    f->count = count;
}

static void
set_number(struct interval_field *f, const char *name, double number, unsigned decimals)
{
    snprintf(f->name, sizeof(f->name), "%s", name);
    f->number = number;
    f->decimals = decimals;
}

/* A counter of the list, then the two gauges. */
static void
set_counter(struct interval_field *f, const struct result_interval *i, unsigned n)
{
    const struct report_interval_counter *c = &report_interval_counters[n];

    if (n < n_report_interval_counters)
        set_count(f, stat_counter_names[c->counter].name,
                  *(const uint64_t *)((const char *)i + c->offset));
    else if (n == n_report_interval_counters)
        set_count(f, "open", i->open);
    else
        set_count(f, "longest_poll_ns", i->longest_poll_ns);
}

static void
set_busy(struct interval_field *f, const struct result_interval *i, unsigned role)
{
    char name[INTERVAL_NAME_MAX];

    snprintf(name, sizeof(name), "busy.%s", result_role_names[role]);
    set_number(f, name, i->busy[role], 4);
    f->is_absent = !i->has_role[role];
}

/* Part @n of a latency: how many samples, the quantiles, the most. */
static void
set_latency(struct interval_field *f, const struct result_interval *i, unsigned row, unsigned n)
{
    const struct result_latency *l = &i->latency[row];
    const char *part = n == 0                    ? "count"
                       : n <= n_report_quantiles ? report_quantiles[n - 1].name
                                                 : "max_us";
    uint64_t ns = n > n_report_quantiles ? l->max_ns : n > 0 ? l->quantile_ns[n - 1] : 0;
    char name[INTERVAL_NAME_MAX];

    snprintf(name, sizeof(name), "latency.%s.%s", latency_name(row).name, part);
    if (n == 0)
        set_count(f, name, l->count);
    else
        set_number(f, name, (double)ns / 1000, 3);
    f->is_empty = n > 0 && l->count == 0;
}

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

struct interval_field
interval_field(const struct result_interval *i, unsigned n)
{
    struct interval_field f = {0};

    assert(n < interval_fields());

    if (n == 0) {
        set_number(&f, "t_s", i->t_s, 6);
        return f;
    }
    n -= 1;
    if (n < n_counters()) {
        set_counter(&f, i, n);
        return f;
    }
    n -= n_counters();
    if (n < n_report_rates) {
        set_number(&f, report_rates[n].name, report_interval_rate(i, &report_rates[n]), 1);
        return f;
    }
    n -= (unsigned)n_report_rates;
    if (n < ROLE_COUNT) {
        set_busy(&f, i, n);
        return f;
    }
    n -= ROLE_COUNT;
    set_latency(&f, i, latency_at(n / parts_of_latency()), n % parts_of_latency());
    return f;
}
