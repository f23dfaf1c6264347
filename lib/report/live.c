/* SPDX-License-Identifier: BSD-3-Clause */
/* See live.h. */
#include "report/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/wrap.h"
#include "report/format.h"
#include "report/ink.h"
#include "report/rows.h"
#include "report/search.h"
#include "report/sink.h"

/* About a screen. */
static const unsigned ROWS_PER_HEADER = 20;

/* Time, rate, open and failed; then what each column of the others takes. */
enum { WIDTH_FIRST = 40, WIDTH_LATENCY = 9, WIDTH_BITS = 11, WIDTH_BUSY = 6, WIDTH_BUSY_BOTH = 9 };

static bool
is_of_bits(const struct report_rate *rate)
{
    return rate->live != NULL && rate->factor == 8;
}

void
live_init(struct live *l, FILE *out, bool is_terminal, bool has_ink)
{
    *l = (struct live){.out = out,
                       .is_terminal = is_terminal,
                       .has_ink = has_ink,
                       .latencies = {LAT_connect},
                       .n_latencies = 1};
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
    l->conf = conf_has_phases(c) ? c : NULL;
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

/* A latency alone has two columns: its median and its 99th percentile. */
static unsigned
n_latency_columns(const struct live *l)
{
    return l->n_latencies == 1 ? 2 : l->n_latencies;
}

/* The first column of latency for which there is room in a line. */
static unsigned
first_latency_column(const struct live *l, const struct result_interval *i)
{
    bool has_both = i->has_role[ROLE_CLIENT] && i->has_role[ROLE_SERVER];
    int room = WRAP_TERMINAL - WIDTH_FIRST - (has_both ? WIDTH_BUSY_BOTH : WIDTH_BUSY) -
               WIDTH_BITS * __builtin_popcount(l->columns);
    unsigned n = n_latency_columns(l), fit = room > 0 ? (unsigned)room / WIDTH_LATENCY : 0;

    return n > fit ? n - fit : 0;
}

static bool
is_median(const struct live *l, unsigned column)
{
    return l->n_latencies == 1 && column == 0;
}

/* The row of the latency that @column is of. */
static unsigned
latency_of(const struct live *l, unsigned column)
{
    return l->latencies[l->n_latencies == 1 ? 0 : column];
}

static void
write_latency_names(const struct live *l, const struct result_interval *i)
{
    char title[32];

    for (unsigned k = first_latency_column(l, i); k < n_latency_columns(l); k++) {
        snprintf(title, sizeof(title), "%s %s", latency_name(latency_of(l, k)).live,
                 is_median(l, k) ? "p50" : "p99");
        fprintf(l->out, " %8s", title);
    }
}

static void
write_names(const struct live *l, const struct result_interval *i)
{
    fprintf(l->out, "%9s %8s %11s %9s", "time", report_rates[l->rate].live, "open", "failed");
    write_latency_names(l, i);
    for (unsigned k = 0; k < n_report_rates; k++)
        if ((l->columns >> k & 1) != 0)
            fprintf(l->out, " %10s", report_rates[k].live);
    fputs(i->has_role[ROLE_CLIENT] && i->has_role[ROLE_SERVER] ? " busy c/s\n" : "  busy\n",
          l->out);
}

static void
write_failed(const struct live *l, uint64_t failed)
{
    enum ink ink = failed > 0 ? INK_RED : INK_PLAIN;
    char buf[FORMAT_TEXT_MAX];

    fprintf(l->out, " %s%9s%s", ink_begin(l->has_ink, ink), format_grouped(failed, buf),
            ink_end(l->has_ink, ink));
}

static void
write_latencies(const struct live *l, const struct result_interval *i)
{
    char buf[FORMAT_TEXT_MAX];

    for (unsigned k = first_latency_column(l, i); k < n_latency_columns(l); k++) {
        const struct result_latency *latency = &i->latency[latency_of(l, k)];
        uint64_t ns = latency->quantile_ns[is_median(l, k) ? QUANTILE_p50 : QUANTILE_p99];

        fprintf(l->out, " %8s", latency->count == 0 ? "-" : format_duration(ns, buf));
    }
}

/* "9.88 Gb/s". */
static void
write_bit_rates(const struct live *l, const struct result_interval *i)
{
    char buf[FORMAT_TEXT_MAX];

    for (unsigned k = 0; k < n_report_rates; k++)
        if ((l->columns >> k & 1) != 0) {
            format_bit_rate(report_interval_rate(i, &report_rates[k]), buf);
            fprintf(l->out, " %8.*s/s", (int)strcspn(buf, "b") + 1, buf);
        }
}

static void
write_busy(const struct live *l, const struct result_interval *i)
{
    char text[32];

    if (i->has_role[ROLE_CLIENT] && i->has_role[ROLE_SERVER])
        snprintf(text, sizeof(text), "%.0f/%.0f%%", 100 * i->busy[ROLE_CLIENT],
                 100 * i->busy[ROLE_SERVER]);
    else
        snprintf(text, sizeof(text), "%.0f%%",
                 100 * i->busy[i->has_role[ROLE_CLIENT] ? ROLE_CLIENT : ROLE_SERVER]);
    fprintf(l->out, " %*s\n", strchr(text, '/') != NULL ? 8 : 5, text);
}

/* A row is of the phase in whose time the middle of its second lies. */
static void
write_phase(struct live *l, const struct result_interval *i)
{
    uint64_t end_ns = (uint64_t)(i->t_s * 1000) * NS_PER_MS;
    enum conf_phase_id phase;

    if (l->conf == NULL)
        return;
    phase = conf_phase_at(l->conf, end_ns - u64_min(end_ns, NS_PER_SEC / 2));
    if (!l->has_phase || phase != l->phase)
        fprintf(l->out, "-- %s%s --\n", conf_phase_names[phase],
                phase == PHASE_SUSTAIN ? ", measured" : "");
    l->has_phase = true;
    l->phase = phase;
}

void
live_row(struct live *l, const struct result_interval *i)
{
    char rate[FORMAT_TEXT_MAX], open[FORMAT_TEXT_MAX];

    add_columns(l, i);
    write_phase(l, i);
    if (l->n_rows == 0)
        write_names(l, i);
    l->n_rows++;
    if (l->is_terminal && l->n_rows == ROWS_PER_HEADER)
        l->n_rows = 0;

    fprintf(l->out, "%7.1f s %8s %11s", i->t_s,
            format_rate(report_interval_rate(i, &report_rates[l->rate]), rate),
            format_grouped(i->open, open));
    write_failed(l, i->failed);
    write_latencies(l, i);
    write_bit_rates(l, i);
    write_busy(l, i);
    fflush(l->out);
}

static int
sink_open(void **state, const struct sink_opts *o, struct fail *f)
{
    struct live *l = malloc(sizeof(*l));

    if (l == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for the live line");
    live_init(l, o->is_quiet ? NULL : o->out, o->out_is_terminal, o->has_ink);
    live_expect(l, o->conf);
    *state = l;
    return 0;
}

static void
sink_second(void *state, const struct result_interval *i)
{
    const struct live *l = state;

    if (l->out != NULL)
        live_row(state, i);
}

static void
sink_trial(void *state, const struct result *r)
{
    const struct live *l = state;

    if (l->out != NULL)
        text_search_trial(l->out, r);
}

extern const struct report_sink sink_live;
const struct report_sink sink_live = {
    .name = "live",
    .help = "a line a second",
    .open = sink_open,
    .second = sink_second,
    .trial = sink_trial,
    .close = free,
};
