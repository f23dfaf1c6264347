/* SPDX-License-Identifier: BSD-3-Clause */
/* See text.h. */
#include "report/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/wrap.h"
#include "report/format.h"
#include "report/hints.h"
#include "report/ink.h"
#include "report/rows.h"
#include "report/search.h"
#include "report/sink.h"
#include "report/text_counts.h"
#include "report/text_course.h"
#include "report/text_criteria.h"
#include "report/text_half_open.h"
#include "report/text_headline.h"
#include "report/text_http.h"
#include "report/text_middle.h"
#include "report/text_ranks.h"
#include "report/text_run.h"
#include "report/text_tls.h"

static const struct wrap paragraph = {.indent = 2, .hang = 2, .width = WRAP_TERMINAL};
/* Behind a name and a number. */
static const struct wrap open_ones = {.indent = 33, .width = WRAP_TERMINAL};

/* Rates are of what is measured, counts of the whole run. */
static double
measured_rate(const struct result *r, enum stat_counter counter)
{
    const struct result *m = report_result_measured(r);

    return report_result_rate(m, m->totals.counters[counter]);
}

/* With what they wait for. */
static void
write_open(FILE *out, const struct result *r)
{
    char remark[OPEN_COUNT * (FORMAT_TEXT_MAX + 16)] = "", buf[FORMAT_TEXT_MAX];
    size_t len = 0;

    for (size_t i = 0; i < OPEN_COUNT; i++)
        if (r->totals.open_by[i] > 0)
            len += (size_t)snprintf(remark + len, sizeof(remark) - len, "%s%s %s",
                                    len > 0 ? ", " : "", format_grouped(r->totals.open_by[i], buf),
                                    stat_open_names[i].name);
    wrap_write(out, &open_ones, remark,
               fprintf(out, "  %-12s %15s", "open", format_grouped(r->totals.open, buf)));
}

/* A count that is 0 when all is well. */
static void
write_bad_count(FILE *out, const char *name, uint64_t n, bool has_ink)
{
    enum ink ink = n > 0 ? INK_RED : INK_PLAIN;
    char buf[FORMAT_TEXT_MAX];

    fprintf(out, "  %s%-12s %15s%s\n", ink_begin(has_ink, ink), name, format_grouped(n, buf),
            ink_end(has_ink, ink));
}

/* What the target's program is known to have had. */
static void
write_confirmed(FILE *out, const struct result *r)
{
    uint64_t n = report_result_confirmed(r);
    char cps[FORMAT_TEXT_MAX], of[FORMAT_TEXT_MAX], remark[3 * FORMAT_TEXT_MAX];

    if (!report_result_has_confirm(r))
        return;
    snprintf(remark, sizeof(remark), "%s, %s of them", format_rate(report_result_rate(r, n), cps),
             format_share(n, report_result_to_confirm(r), of));
    text_count(out, "confirmed", n, remark);
}

static void
write_totals(FILE *out, const struct result *r, bool has_ink)
{
    const uint64_t *c = r->totals.counters;
    char cps[FORMAT_TEXT_MAX], rx[FORMAT_TEXT_MAX], tx[FORMAT_TEXT_MAX], bits[FORMAT_TEXT_MAX],
        remark[3 * FORMAT_TEXT_MAX];

    fputs("\nconnections\n", out);
    text_count(out, "attempted", c[CTR_attempted], "");
    format_rate(measured_rate(r, CTR_established), cps);
    text_count(out, "established", c[CTR_established], cps);
    write_confirmed(out, r);
    text_count(out, "closed", c[CTR_closed], "");
    write_bad_count(out, "failed", c[CTR_failed], has_ink);
    write_open(out, r);

    fputs("\nframes\n", out);
    snprintf(remark, sizeof(remark), "%s, %s", format_rate(measured_rate(r, CTR_rx_packets), rx),
             format_bit_rate(8 * measured_rate(r, CTR_rx_bytes), bits));
    text_count(out, "received", c[CTR_rx_packets], remark);
    snprintf(remark, sizeof(remark), "%s, %s", format_rate(measured_rate(r, CTR_tx_packets), tx),
             format_bit_rate(8 * measured_rate(r, CTR_tx_bytes), bits));
    text_count(out, "sent", c[CTR_tx_packets], remark);
}

/* Requests that were answered as asked for. */
static void
write_good(FILE *out, const struct result *r)
{
    unsigned row = counter_row("http_good");
    char rate[FORMAT_TEXT_MAX], bits[FORMAT_TEXT_MAX], remark[3 * FORMAT_TEXT_MAX];

    if (!r->has_http || report_result_totals_role(r) != ROLE_CLIENT)
        return;
    snprintf(remark, sizeof(remark), "%s, goodput %s", format_rate(measured_rate(r, row), rate),
             format_bit_rate(8 * measured_rate(r, counter_row("http_good_body_bytes")), bits));
    text_count(out, "as asked for", r->totals.counters[row], remark);
}

/* Bytes of heads, or of bodies, by the counters' names. */
static void
write_bytes(FILE *out, const struct result *r, const char *what, const char *received,
            const char *sent)
{
    char bytes[FORMAT_TEXT_MAX], remark[2 * FORMAT_TEXT_MAX];

    snprintf(remark, sizeof(remark), "bytes received, %s sent",
             format_grouped(r->totals.counters[counter_row(sent)], bytes));
    text_count(out, what, r->totals.counters[counter_row(received)], remark);
}

static void
write_left(FILE *out, const struct result *r)
{
    uint64_t left = report_result_left(r);
    char of[FORMAT_TEXT_MAX], remark[2 * FORMAT_TEXT_MAX];

    snprintf(remark, sizeof(remark), "of the %s that -n asks for",
             format_grouped(r->conf->requests_total, of));
    if (left > 0)
        text_count(out, "not made", left, remark);
}

/* What became of them; what never happens is left out. */
static void
write_requests(FILE *out, const struct result *r, bool has_ink)
{
    const uint64_t *c = r->totals.counters;
    char buf[FORMAT_TEXT_MAX], remark[2 * FORMAT_TEXT_MAX];

    if (c[CTR_requests] == 0 && c[CTR_requests_raced] == 0 && report_result_left(r) == 0)
        return;
    fputs("\nrequests\n", out);
    write_left(out, r);
    if (c[CTR_requests] == 0 && c[CTR_requests_raced] == 0)
        return;
    text_count(out, "answered", c[CTR_responses],
               format_rate(measured_rate(r, CTR_responses), buf));
    write_good(out, r);
    write_bad_count(out, "lost", c[CTR_requests] - c[CTR_responses], has_ink);
    snprintf(remark, sizeof(remark), "of %s that met a close",
             format_grouped(c[CTR_requests_raced], buf));
    if (c[CTR_requests_raced] > 0)
        text_count(out, "sent again", c[CTR_requests_retried], remark);
    if (c[CTR_connections_busy] > 0)
        text_count(out, "waited", c[CTR_connections_busy], "for a connection that was free");
    if (!r->has_http)
        return;
    write_bytes(out, r, "heads", "http_header_bytes", "http_header_bytes_sent");
    write_bytes(out, r, "bodies", "http_body_bytes", "http_body_bytes_sent");
}

static void
write_payload(FILE *out, const struct result *r)
{
    const uint64_t *c = r->totals.counters;
    char buf[FORMAT_TEXT_MAX], remark[2 * FORMAT_TEXT_MAX];

    if (c[CTR_rx_payload_bytes] == 0 && c[CTR_tx_payload_bytes] == 0)
        return;
    fputs("\npayload\n", out);
    snprintf(remark, sizeof(remark), "bytes, %s",
             format_bit_rate(8 * measured_rate(r, CTR_rx_payload_bytes), buf));
    text_count(out, "received", c[CTR_rx_payload_bytes], remark);
    snprintf(remark, sizeof(remark), "bytes, %s",
             format_bit_rate(8 * measured_rate(r, CTR_tx_payload_bytes), buf));
    text_count(out, "sent", c[CTR_tx_payload_bytes], remark);
    snprintf(remark, sizeof(remark), "segments, %s of the frames sent",
             format_share(c[CTR_retransmits], c[CTR_tx_packets], buf));
    text_count(out, "retransmits", c[CTR_retransmits], remark);
}

static void
write_tls(FILE *out, const struct result *r)
{
    const uint64_t *c = r->totals.counters;
    char rate[FORMAT_TEXT_MAX], resumed[FORMAT_TEXT_MAX], remark[3 * FORMAT_TEXT_MAX];

    if (!r->has_tls)
        return;
    fputs("\nTLS\n", out);
    snprintf(remark, sizeof(remark), "%s, of them resumed %s",
             format_rate(measured_rate(r, CTR_tls_handshakes), rate),
             format_grouped(c[CTR_tls_resumed], resumed));
    text_count(out, "handshakes", c[CTR_tls_handshakes], remark);
    if (r->tls_provider != NULL && strcmp(r->tls_provider, "openssl") != 0)
        fprintf(out, "  %-12s %s\n", "computed by", r->tls_provider);
    text_tls_batches(out, r);
    text_tls_agreed(out, r);
}

/* "p99.9" of "p999_us". */
static const char *
quantile_title(size_t i, char buf[static FORMAT_TEXT_MAX])
{
    snprintf(buf, FORMAT_TEXT_MAX, "p%.6g", 100 * report_quantiles[i].quantile);
    return buf;
}

static void
write_latency_names(FILE *out, bool is_title)
{
    char buf[FORMAT_TEXT_MAX];

    fprintf(out, "%s%-14s", is_title ? "\n" : "", is_title ? "latency" : "");
    for (size_t i = 0; i < n_report_quantiles; i++)
        fprintf(out, " %8s", quantile_title(i, buf));
    fprintf(out, " %8s\n", "max");
}

/* The name as words; of a part of another one only what tells it from the others. */
static void
write_latency_row(FILE *out, unsigned row, const struct hist *h, enum ink ink, bool has_ink)
{
    const struct stat_latency_name name = latency_name(row);
    char buf[FORMAT_TEXT_MAX], words[64];

    if (name.whole == row)
        snprintf(words, sizeof(words), "%s", name.name);
    else
        snprintf(words, sizeof(words), "  %s",
                 name.name + strlen(latency_name(name.whole).name) + 1);
    for (char *p = words; *p != '\0'; p++)
        *p = *p == '_' ? ' ' : *p;
    fprintf(out, "  %s%-12s", ink_begin(has_ink, ink), words);
    for (size_t i = 0; i < n_report_quantiles; i++)
        fprintf(out, " %8s",
                format_duration(hist_quantile_ns(h, report_quantiles[i].quantile), buf));
    fprintf(out, " %8s%s\n", format_duration(h->max_ns, buf), ink_end(has_ink, ink));
}

/* Connections that began late make their own latency: it counts from when they should have. */
static enum ink
latency_ink(unsigned row, const struct hist *h)
{
    return row == LAT_lateness && hist_quantile_ns(h, 0.99) > NS_PER_MS ? INK_YELLOW : INK_PLAIN;
}

/* Rows without samples are left out, and the title with the last of them. @of is NULL, or the class
 * they are of. */
static void
write_latency_of(FILE *out, const char *of, const struct stat_block *b, bool has_ink)
{
    bool has_title = false;

    for (unsigned row = 0; row < latency_rows(); row++) {
        const struct hist *h = &b->latency[row];

        if (h->count == 0)
            continue;
        if (!has_title && of != NULL)
            fprintf(out, "\nlatency of class %s\n", of);
        if (!has_title)
            write_latency_names(out, of == NULL);
        has_title = true;
        write_latency_row(out, row, h, latency_ink(row, h), has_ink);
    }
}

static void
write_latency(FILE *out, const struct result *r, bool has_ink)
{
    write_latency_of(out, NULL, &report_result_measured(r)->totals, has_ink);
}

/* What they were attempts at ended in one of these. */
static void
write_ends(FILE *out, const struct stat_block *b)
{
    char closed[FORMAT_TEXT_MAX], failed[FORMAT_TEXT_MAX], open[FORMAT_TEXT_MAX];

    fprintf(out, " %13s %12s %11s", format_grouped(b->counters[CTR_closed], closed),
            format_grouped(b->counters[CTR_failed], failed), format_grouped(b->open, open));
}

static void
write_class(FILE *out, const struct result *r, unsigned i)
{
    const struct result *m = report_result_measured(r);
    const struct stat_block *b = &r->classes[i].total, *of = &m->classes[i].total;
    const struct result_class *class = &r->classes[i];
    char buf[FORMAT_TEXT_MAX];

    fprintf(out, "  %-20s", class->name);
    if (strlen(class->name) > 20)
        fprintf(out, "\n%22s", "");
    write_ends(out, b);
    fprintf(out, " %10s\n", format_rate(report_result_rate(m, of->counters[CTR_established]), buf));
}

static void
write_classes(FILE *out, const struct result *r, bool has_ink)
{
    if (r->n_classes == 0)
        return;
    fprintf(out, "\nclasses\n  %-20s %13s %12s %11s %10s\n", "name", "closed", "failed", "open",
            "cps");
    for (unsigned i = 0; i < r->n_classes; i++)
        write_class(out, r, i);
    for (unsigned i = 0; i < r->n_classes; i++)
        write_latency_of(out, r->classes[i].name, &report_result_measured(r)->classes[i].total,
                         has_ink);
}

static void
write_core(FILE *out, const struct result *r, const struct result_core *core)
{
    const struct stat_block *b = &core->total;

    fprintf(out, "  %5u  %-6s %4.0f %%", core->lcore, result_role_names[core->role],
            100 * report_busy(b));
    write_ends(out, b);
    fprintf(out, " %8.3f %8.3f", report_result_rate(r, b->counters[CTR_rx_packets]) / 1e6,
            report_result_rate(r, b->counters[CTR_tx_packets]) / 1e6);
    if (core->rank > 0)
        fprintf(out, "  %s (rank %u)", r->ranks[core->rank - 1].host,
                r->ranks[core->rank - 1].rank);
    fputc('\n', out);
}

static void
write_cores(FILE *out, const struct result *r)
{
    fprintf(out, "\ncores\n  %5s  %-6s %6s %13s %12s %11s %8s %8s\n", "lcore", "role", "busy",
            "closed", "failed", "open", "rx Mpps", "tx Mpps");
    for (unsigned i = 0; i < r->n_cores; i++)
        write_core(out, r, &r->cores[i]);
}

static void
write_steering(FILE *out, const struct result *r)
{
    char text[STEERING_TEXT_MAX];

    if (steering_mode_of(&r->steering) == STEERING_NONE)
        return;
    fputs("\nqueues\n", out);
    wrap_write(out, &paragraph, steering_text(&r->steering, text), 0);
}

static void
write_records(FILE *out, const void *arg)
{
    const struct result *r = arg;
    char buf[FORMAT_TEXT_MAX];

    fprintf(out, "%s records of %.0f bytes", format_grouped(r->records, buf),
            r->bytes_per_connection[ROLE_CLIENT]);
    if (r->bytes_per_connection[ROLE_SERVER] > 0)
        fprintf(out, "; the server takes %.0f bytes a connection",
                r->bytes_per_connection[ROLE_SERVER]);
    if (r->bytes_per_stream > 0)
        fprintf(out, "; payload takes %" PRIu64 " more while it is carried", r->bytes_per_stream);
}

static void
write_memory(FILE *out, const struct result *r)
{
    if (r->records == 0 && r->tls.handshake_bytes == 0)
        return;
    fputs("\nmemory\n", out);
    if (r->records > 0)
        wrap_call(out, &paragraph, write_records, r);
    text_tls_memory(out, r);
}

static void
write_hints(FILE *out, const struct result *r)
{
    hints_write(out, r);
}

/* In this order; each writes nothing where it has nothing to say. Those that mark what matters are
 * told whether there is colour to do it with. */
static const struct {
    void (*plain)(FILE *out, const struct result *r);
    void (*inked)(FILE *out, const struct result *r, bool has_ink);
} sections[] = {
    {.plain = text_headline},      {.plain = text_search},    {.plain = text_run},
    {.plain = text_course},        {.inked = text_criteria},  {.inked = write_totals},
    {.plain = text_half_open},     {.inked = write_requests}, {.plain = text_middle},
    {.plain = write_payload},      {.plain = write_tls},      {.inked = write_latency},
    {.inked = write_classes},      {.plain = text_ranks},     {.plain = write_cores},
    {.plain = write_steering},     {.plain = write_memory},   {.plain = text_failures},
    {.plain = text_http_statuses}, {.plain = text_protocols}, {.plain = text_http_examples},
    {.inked = text_notable},       {.plain = text_evidence},  {.plain = write_hints},
};

int
text_write(FILE *out, const struct result *r, bool has_ink, struct fail *f)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (sections[i].plain != NULL)
            sections[i].plain(out, r);
        else
            sections[i].inked(out, r, has_ink);
    if (fflush(out) != 0 || ferror(out))
        return fail_set(f, EXIT_HOST, "the summary could not be written: %s", strerror(errno));
    return 0;
}

static int
sink_open(void **state, const struct sink_opts *o, struct fail *f)
{
    struct sink_opts *copy = malloc(sizeof(*copy));

    if (copy == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for the summary");
    *copy = *o;
    *state = copy;
    return 0;
}

static void
sink_snapshot(void *state, const struct result *r)
{
    const struct sink_opts *o = state;
    struct fail f;

    fprintf(o->out, "\n-- snapshot after %.1f s --\n", r->duration_s);
    (void)text_write(o->out, r, o->has_ink, &f);
    fputs("-- the run goes on --\n\n", o->out);
    fflush(o->out);
}

static int
sink_end(void *state, const struct result *r, struct fail *f)
{
    const struct sink_opts *o = state;

    return text_write(o->out, r, o->has_ink, f);
}

extern const struct report_sink sink_text;
const struct report_sink sink_text = {
    .name = "text",
    .help = "the summary, for people",
    .open = sink_open,
    .snapshot = sink_snapshot,
    .end = sink_end,
    .close = free,
};
