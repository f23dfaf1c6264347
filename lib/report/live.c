/* SPDX-License-Identifier: BSD-3-Clause */
/* See live.h. */
#include "report/live.h"

#include <stdlib.h>

#include "report/format.h"
#include "report/rows.h"
#include "report/sink.h"

/* About a screen. */
static const unsigned ROWS_PER_HEADER = 20;

static const char RED[] = "\x1b[31m";
static const char PLAIN[] = "\x1b[0m";

static bool
is_of_bits(const struct report_rate *rate)
{
    return rate->live != NULL && rate->factor == 8;
}

void
live_init(struct live *l, FILE *out, bool is_terminal)
{
    *l = (struct live){
        .out = out, .is_terminal = is_terminal, .latencies = {LAT_connect}, .n_latencies = 1};
}

void
live_expect(struct live *l, const struct conf *c)
{
    for (unsigned i = 0; i < n_report_rates; i++) {
        const struct report_rate *rate = &report_rates[i];

        if (rate->live == NULL || !need_is_met(rate->need, c))
            continue;
        if (is_of_bits(rate))
            l->columns |= 1u << i;
        else
            l->rate = i;
    }
    l->n_latencies = 0;
    for (unsigned row = 0; row < latency_rows() && l->n_latencies < LIVE_LATENCIES_MAX; row++)
        if (latency_name(row).live != NULL && need_is_met(latency_name(row).need, c))
            l->latencies[l->n_latencies++] = row;
}

/* Columns only ever join; the names are due again when one has. */
static void
add_columns(struct live *l, const struct result_interval *i)
{
    unsigned columns = l->columns;

    for (unsigned k = 0; k < n_report_rates; k++)
        if (is_of_bits(&report_rates[k]) && report_interval_rate(i, &report_rates[k]) > 0)
            columns |= 1u << k;
    if (columns != l->columns)
        l->n_rows = 0;
    l->columns = columns;
}

static void
write_latency_names(const struct live *l)
{
    char title[32];

    for (unsigned i = 0; i < l->n_latencies; i++) {
        const char *live = latency_name(l->latencies[i]).live;

        if (l->n_latencies == 1) {
            snprintf(title, sizeof(title), "%s p50", live);
            fprintf(l->out, " %10s", title);
        }
        snprintf(title, sizeof(title), "%s p99", live);
        fprintf(l->out, " %10s", title);
    }
}

static void
write_names(const struct live *l, const struct result_interval *i)
{
    fprintf(l->out, "%9s %10s %12s %10s", "time", report_rates[l->rate].live, "open", "failed");
    write_latency_names(l);
    for (unsigned k = 0; k < n_report_rates; k++)
        if ((l->columns >> k & 1) != 0)
            fprintf(l->out, " %11s", report_rates[k].live);
    for (int role = 0; role < ROLE_COUNT; role++)
        if (i->has_role[role])
            fprintf(l->out, " %6s busy", result_role_names[role]);
    fputc('\n', l->out);
}

static void
write_failed(const struct live *l, uint64_t failed)
{
    bool is_red = l->is_terminal && failed > 0;
    char buf[FORMAT_TEXT_MAX];

    fprintf(l->out, " %s%10s%s", is_red ? RED : "", format_grouped(failed, buf),
            is_red ? PLAIN : "");
}

static void
write_duration(const struct live *l, uint64_t count, uint64_t ns)
{
    char buf[FORMAT_TEXT_MAX];

    fprintf(l->out, " %10s", count == 0 ? "-" : format_duration(ns, buf));
}

static void
write_latencies(const struct live *l, const struct result_interval *i)
{
    for (unsigned k = 0; k < l->n_latencies; k++) {
        const struct result_latency *latency = &i->latency[l->latencies[k]];

        if (l->n_latencies == 1)
            write_duration(l, latency->count, latency->p50_ns);
        write_duration(l, latency->count, latency->p99_ns);
    }
}

static void
write_bit_rates(const struct live *l, const struct result_interval *i)
{
    char buf[FORMAT_TEXT_MAX];

    for (unsigned k = 0; k < n_report_rates; k++)
        if ((l->columns >> k & 1) != 0)
            fprintf(l->out, " %11s",
                    format_bit_rate(report_interval_rate(i, &report_rates[k]), buf));
}

void
live_row(struct live *l, const struct result_interval *i)
{
    char rate[FORMAT_TEXT_MAX], open[FORMAT_TEXT_MAX];

    add_columns(l, i);
    if (l->n_rows == 0)
        write_names(l, i);
    l->n_rows++;
    if (l->is_terminal && l->n_rows == ROWS_PER_HEADER)
        l->n_rows = 0;

    fprintf(l->out, "%7.1f s %10s %12s", i->t_s,
            format_rate(report_interval_rate(i, &report_rates[l->rate]), rate),
            format_grouped(i->open, open));
    write_failed(l, i->failed);
    write_latencies(l, i);
    write_bit_rates(l, i);
    for (int role = 0; role < ROLE_COUNT; role++)
        if (i->has_role[role])
            fprintf(l->out, " %9.0f %%", 100 * i->busy[role]);
    fputc('\n', l->out);
    fflush(l->out);
}

static int
sink_open(void **state, const struct sink_opts *o, struct fail *f)
{
    struct live *l = malloc(sizeof(*l));

    if (l == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for the live line");
    live_init(l, o->out, o->out_is_terminal);
    live_expect(l, o->conf);
    *state = l;
    return 0;
}

static void
sink_row(void *state, const struct result_interval *i)
{
    live_row(state, i);
}

extern const struct report_sink sink_live;
const struct report_sink sink_live = {
    .name = "live",
    .help = "a line a second",
    .open = sink_open,
    .row = sink_row,
    .close = free,
};
