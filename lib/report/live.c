/* SPDX-License-Identifier: BSD-3-Clause */
/* See live.h. */
#include "report/live.h"

#include <stdlib.h>

#include "report/format.h"
#include "report/sink.h"

/* About a screen. */
static const unsigned ROWS_PER_HEADER = 20;

static const char RED[] = "\x1b[31m";
static const char PLAIN[] = "\x1b[0m";

void
live_init(struct live *l, FILE *out, bool is_terminal)
{
    *l = (struct live){.out = out, .is_terminal = is_terminal};
}

void
live_expect(struct live *l, const struct conf *c)
{
    l->has_tls = conf_is_tls(c);
    for (unsigned i = 0; i < c->n_classes; i++) {
        const struct conf_class *k = &c->classes[i];

        l->has_rx_payload |= k->receive_bytes > 0 || k->answer_after > 0 || k->echo;
        l->has_tx_payload |= k->send_bytes > 0 || k->answer_bytes > 0 || k->echo;
    }
}

/* Columns only ever join; the names are due again when one has. */
static void
add_columns(struct live *l, const struct result_interval *i)
{
    bool rx_joins = i->rx_payload_bytes > 0 && !l->has_rx_payload;
    bool tx_joins = i->tx_payload_bytes > 0 && !l->has_tx_payload;

    if (rx_joins || tx_joins)
        l->n_rows = 0;
    l->has_rx_payload |= rx_joins;
    l->has_tx_payload |= tx_joins;
}

static void
write_names(const struct live *l, const struct result_interval *i)
{
    fprintf(l->out, "%9s %10s %12s %10s %10s %10s", "time", l->has_tls ? "tls hps" : "cps", "open",
            "failed", l->has_tls ? "conn p99" : "conn p50", l->has_tls ? "tls p99" : "conn p99");
    if (l->has_rx_payload)
        fprintf(l->out, " %11s", "rx payload");
    if (l->has_tx_payload)
        fprintf(l->out, " %11s", "tx payload");
    for (int role = 0; role < ROLE_COUNT; role++)
        if (i->has_role[role])
            fprintf(l->out, " %6s busy", result_role_names[role]);
    fputc('\n', l->out);
}

static const char *
p50_of(const struct result_latency *l, char buf[static FORMAT_TEXT_MAX])
{
    return l->count == 0 ? "-" : format_duration(l->p50_ns, buf);
}

static const char *
p99_of(const struct result_latency *l, char buf[static FORMAT_TEXT_MAX])
{
    return l->count == 0 ? "-" : format_duration(l->p99_ns, buf);
}

static void
write_failed(const struct live *l, uint64_t failed)
{
    bool is_red = l->is_terminal && failed > 0;
    char buf[FORMAT_TEXT_MAX];

    fprintf(l->out, " %s%10s%s", is_red ? RED : "", format_grouped(failed, buf),
            is_red ? PLAIN : "");
}

/* The median and the 99th percentile of connect; with TLS the latter of connect and of TLS. */
static void
write_latency(const struct live *l, const struct result_interval *i)
{
    const struct result_latency *connect = &i->latency[LAT_connect];
    char left[FORMAT_TEXT_MAX], right[FORMAT_TEXT_MAX];

    if (l->has_tls)
        fprintf(l->out, " %10s %10s", p99_of(connect, left), p99_of(&i->latency[LAT_tls], right));
    else
        fprintf(l->out, " %10s %10s", p50_of(connect, left), p99_of(connect, right));
}

static void
write_payload(const struct live *l, const struct result_interval *i)
{
    char buf[FORMAT_TEXT_MAX];

    if (l->has_rx_payload)
        fprintf(l->out, " %11s", format_bit_rate(i->rx_payload_bps, buf));
    if (l->has_tx_payload)
        fprintf(l->out, " %11s", format_bit_rate(i->tx_payload_bps, buf));
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
            format_rate(l->has_tls ? i->tls_hps : i->cps, rate), format_grouped(i->open, open));
    write_failed(l, i->failed);
    write_latency(l, i);
    write_payload(l, i);
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
