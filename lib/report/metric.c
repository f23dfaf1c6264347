/* SPDX-License-Identifier: BSD-3-Clause */
/* See metric.h. */
#include "report/metric.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "report/format.h"
#include "report/rows.h"
#include "report/verdict.h"

static const char FAILURES[] = "failures.";

static const char *const part_names[METRIC_PARTS] = {
    [METRIC_MIN] = "min",
    [METRIC_MEAN] = "mean",
    [METRIC_MAX] = "max",
    [METRIC_SAMPLES] = "count",
};

/* The figures in an order of their own: those that need no more than a word, then the latencies,
 * part by part. */

static unsigned
parts_of_latency(void)
{
    return METRIC_PARTS + (unsigned)n_report_quantiles;
}

/* Those that are one of their kind. */
static const enum metric_kind single[] = {METRIC_OPEN, METRIC_BUSY, METRIC_ADHERENCE,
                                          METRIC_LIMITED_BY, METRIC_CONFIRMED};
enum { N_SINGLE = ARRAY_LEN(single) };

static unsigned
metrics(void)
{
    return counter_rows() + FAILURE_COUNT + N_SINGLE + (unsigned)n_report_rates +
           latency_rows() * parts_of_latency();
}

static struct metric
metric_at(unsigned i)
{
    if (i < counter_rows())
        return (struct metric){.kind = METRIC_COUNTER, .row = i};
    i -= counter_rows();
    if (i < FAILURE_COUNT)
        return (struct metric){.kind = METRIC_FAILURE, .row = i};
    i -= FAILURE_COUNT;
    if (i < N_SINGLE)
        return (struct metric){.kind = single[i]};
    i -= N_SINGLE;
    if (i < n_report_rates)
        return (struct metric){.kind = METRIC_RATE, .row = i};
    i -= (unsigned)n_report_rates;
    return (struct metric){
        .kind = METRIC_LATENCY, .row = i / parts_of_latency(), .part = i % parts_of_latency()};
}

/* "p99" of "p99_us", the JSON key. */
static int
quantile_len(unsigned quantile)
{
    return (int)strcspn(report_quantiles[quantile].name, "_");
}

static void
write_name(const struct metric *m, char *buf, size_t size)
{
    switch (m->kind) {
    case METRIC_COUNTER:
        snprintf(buf, size, "%s", counter_name(m->row).name);
        return;
    case METRIC_FAILURE:
        snprintf(buf, size, "%s%s", FAILURES, stat_failure_names[m->row].name);
        return;
    case METRIC_OPEN:
        snprintf(buf, size, "open");
        return;
    case METRIC_BUSY:
        snprintf(buf, size, "busy");
        return;
    case METRIC_CONFIRMED:
        snprintf(buf, size, "established_confirmed");
        return;
    case METRIC_LIMITED_BY:
        snprintf(buf, size, "limited_by");
        return;
    case METRIC_ADHERENCE:
        snprintf(buf, size, "schedule_adherence");
        return;
    case METRIC_RATE:
        snprintf(buf, size, "%s", report_rates[m->row].name);
        return;
    case METRIC_LATENCY:
        if (m->part < METRIC_PARTS)
            snprintf(buf, size, "%s.%s", latency_name(m->row).name, part_names[m->part]);
        else
            snprintf(buf, size, "%s.%.*s", latency_name(m->row).name,
                     quantile_len(m->part - METRIC_PARTS),
                     report_quantiles[m->part - METRIC_PARTS].name);
        return;
    }
}

bool
metric_find(const char *name, struct metric *m)
{
    char text[METRIC_NAME_MAX];

    for (unsigned i = 0; i < metrics(); i++) {
        *m = metric_at(i);
        write_name(m, text, sizeof(text));
        if (strcmp(text, name) == 0)
            return true;
    }
    return false;
}

const char *
metric_nearest(const char *name, char *buf, size_t size)
{
    const char *found = NULL;

    for (unsigned i = 0; i < metrics(); i++) {
        struct metric m = metric_at(i);
        char text[METRIC_NAME_MAX];
        const char *both[] = {text, found};

        write_name(&m, text, sizeof(text));
        if (suggest_nearest(name, both, found == NULL ? 1 : 2) == text) {
            snprintf(buf, size, "%s", text);
            found = buf;
        }
    }
    return found;
}

const char *
metric_name(const struct metric *m, char buf[static METRIC_NAME_MAX])
{
    write_name(m, buf, METRIC_NAME_MAX);
    return buf;
}

const char *
metric_format(const struct metric *m, double value, char buf[static METRIC_TEXT_MAX])
{
    char text[FORMAT_TEXT_MAX];

    switch (metric_unit(m)) {
    case METRIC_UNIT_WORD:
        snprintf(buf, METRIC_TEXT_MAX, "%s", verdict_limit_names[(unsigned)value]);
        break;
    case METRIC_UNIT_SHARE:
        snprintf(buf, METRIC_TEXT_MAX, "%.4g %%", 100 * value);
        break;
    case METRIC_UNIT_NS:
        snprintf(buf, METRIC_TEXT_MAX, "%s", format_duration((uint64_t)value, text));
        break;
    case METRIC_UNIT_PER_SEC:
        snprintf(buf, METRIC_TEXT_MAX, "%s", format_rate(value, text));
        break;
    case METRIC_UNIT_BITS_PER_SEC:
        snprintf(buf, METRIC_TEXT_MAX, "%s", format_bit_rate(value, text));
        break;
    case METRIC_UNIT_COUNT:
        snprintf(buf, METRIC_TEXT_MAX, "%s", format_grouped((uint64_t)value, text));
        break;
    }
    return buf;
}

const char *
metric_unit_name(enum metric_unit unit)
{
    static const char *const names[] = {[METRIC_UNIT_COUNT] = "count",
                                        [METRIC_UNIT_PER_SEC] = "per_second",
                                        [METRIC_UNIT_BITS_PER_SEC] = "per_second",
                                        [METRIC_UNIT_NS] = "ns",
                                        [METRIC_UNIT_SHARE] = "share",
                                        [METRIC_UNIT_WORD] = "word"};

    return names[unit];
}

enum metric_unit
metric_unit(const struct metric *m)
{
    switch (m->kind) {
    case METRIC_COUNTER:
    case METRIC_FAILURE:
    case METRIC_OPEN:
    case METRIC_CONFIRMED:
        return METRIC_UNIT_COUNT;
    case METRIC_RATE:
        return report_rates[m->row].factor == 8 ? METRIC_UNIT_BITS_PER_SEC : METRIC_UNIT_PER_SEC;
    case METRIC_BUSY:
    case METRIC_ADHERENCE:
        return METRIC_UNIT_SHARE;
    case METRIC_LIMITED_BY:
        return METRIC_UNIT_WORD;
    case METRIC_LATENCY:
        break;
    }
    return m->part == METRIC_SAMPLES ? METRIC_UNIT_COUNT : METRIC_UNIT_NS;
}

static bool
latency_value(const struct metric *m, const struct hist *h, double *value)
{
    if (m->part == METRIC_SAMPLES) {
        *value = (double)h->count;
        return true;
    }
    if (h->count == 0)
        return false;
    switch (m->part) {
    case METRIC_MIN:
        *value = (double)h->min_ns;
        return true;
    case METRIC_MEAN:
        *value = hist_mean_ns(h);
        return true;
    case METRIC_MAX:
        *value = (double)h->max_ns;
        return true;
    default:
        *value = (double)hist_quantile_ns(h, report_quantiles[m->part - METRIC_PARTS].quantile);
        return true;
    }
}

static double
busiest(const struct result *r)
{
    double most = 0;

    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].role == report_result_totals_role(r) &&
            report_busy(&r->cores[i].total) > most)
            most = report_busy(&r->cores[i].total);
    return most;
}

/* Counters that are counted by class; the others belong to the port, the load, or a core. */
static const enum stat_counter of_class[] = {CTR_attempted,
                                             CTR_closed,
                                             CTR_failed,
                                             CTR_established,
                                             CTR_tls_handshakes,
                                             CTR_tls_resumed,
                                             CTR_tls_resume_due,
                                             CTR_tls_resume_offered,
                                             CTR_tls_truncated,
                                             CTR_tls_rx_bytes,
                                             CTR_tls_tx_bytes,
                                             CTR_requests,
                                             CTR_responses,
                                             CTR_requests_raced,
                                             CTR_requests_unprocessed,
                                             CTR_requests_retried,
                                             CTR_half_open_answered,
                                             CTR_half_open_kept,
                                             CTR_half_open_cookies,
                                             CTR_half_open_repeats,
                                             CTR_half_open_other};

static bool
is_counter_of_class(unsigned row)
{
    for (size_t i = 0; i < ARRAY_LEN(of_class); i++)
        if ((unsigned)of_class[i] == row)
            return true;
    return false;
}

bool
metric_is_of_class(const struct metric *m)
{
    switch (m->kind) {
    case METRIC_COUNTER:
        return is_counter_of_class(m->row);
    case METRIC_RATE:
        return is_counter_of_class((unsigned)report_rates[m->row].counter);
    case METRIC_LATENCY:
        return m->row != LAT_lateness;
    case METRIC_FAILURE:
    case METRIC_OPEN:
        return true;
    case METRIC_BUSY:
    case METRIC_CONFIRMED:
    case METRIC_ADHERENCE:
    case METRIC_LIMITED_BY:
        return false;
    }
    return false;
}

bool
metric_value(const struct metric *m, const struct result *r, double *value)
{
    return metric_value_of(m, r, -1, value);
}

bool
metric_value_of(const struct metric *m, const struct result *r, int class_idx, double *value)
{
    const struct stat_block *b =
        class_idx >= 0 && r->n_classes > 0 ? &r->classes[class_idx].total : &r->totals;
    struct result_adherence a;
    struct verdict v;

    switch (m->kind) {
    case METRIC_COUNTER:
        *value = (double)b->counters[m->row];
        return true;
    case METRIC_FAILURE:
        *value = (double)b->failures[m->row];
        return true;
    case METRIC_OPEN:
        *value = (double)b->open;
        return true;
    case METRIC_RATE:
        *value = report_result_rate_of(r, &report_rates[m->row], b);
        return true;
    case METRIC_BUSY:
        *value = busiest(r);
        return true;
    case METRIC_CONFIRMED:
        *value = (double)report_result_confirmed(r);
        return report_result_has_confirm(r);
    case METRIC_LIMITED_BY:
        verdict_decide(&v, r);
        *value = v.limited_by;
        return v.is_decided;
    case METRIC_ADHERENCE:
        a = report_result_adherence(r);
        *value = report_adherence_share(&a);
        return a.due > 0;
    case METRIC_LATENCY:
        break;
    }
    return latency_value(m, &b->latency[m->row], value);
}

/* What a request comes to, once. */
static bool
is_of_requests(const char *name)
{
    static const char *const names[] = {
        "http_good",         "http_unexpected_status", "http_wrong_body",  "http_truncated",
        "http_closed_early", "http_timeouts",          "http_bad_messages"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool
metric_whole(const struct metric *m, struct metric *whole)
{
    const char *unit = "";

    *whole = (struct metric){.kind = METRIC_COUNTER, .row = CTR_attempted};
    if (m->kind == METRIC_FAILURE || m->kind == METRIC_OPEN || m->kind == METRIC_CONFIRMED)
        return true;
    if (m->kind == METRIC_COUNTER)
        unit = counter_name(m->row).unit;
    if (strcmp(unit, "connections") == 0)
        return true;
    whole->row = CTR_requests;
    return strcmp(unit, "exchanges") == 0 ||
           (m->kind == METRIC_COUNTER && is_of_requests(counter_name(m->row).name));
}
