/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_tls.h. */
#include "report/text_tls.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/wrap.h"
#include "report/format.h"

/* The rest is one share more. */
static const unsigned NAMES_SHOWN = 4;

/* A line before it is broken: names and shares, or OpenSSL's words. */
struct text_line {
    size_t used;
    char text[1024];
};

static void
write_printable(FILE *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        fputc(*p >= ' ' && *p <= '~' ? *p : '?', out);
}

static const struct wrap names = {.indent = 15, .width = WRAP_TERMINAL};
static const struct wrap example = {.indent = 9, .hang = 2, .width = WRAP_TERMINAL};

/* Add to @text; what may come from another host becomes printable. */
__attribute__((format(printf, 2, 3))) static void
add(struct text_line *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(l->text + l->used, sizeof(l->text) - l->used, format, args);
    va_end(args);
    for (; l->text[l->used] != '\0'; l->used++)
        if (l->text[l->used] < ' ' || l->text[l->used] > '~')
            l->text[l->used] = '?';
}

static uint64_t
sum_of(const struct tls_rows *rows)
{
    uint64_t sum = rows->others;

    for (unsigned i = 0; i < rows->n; i++)
        sum += rows->rows[i].count;
    return sum;
}

/* The most frequent first; by name where that is the same. */
static int
compare_rows(const void *left, const void *right)
{
    const struct tls_row *a = left, *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void
sort_rows(struct tls_rows *rows)
{
    qsort(rows->rows, rows->n, sizeof(rows->rows[0]), compare_rows);
}

/* Whether all of @n handshakes have the same name, or none has any. */
static bool
is_uniform(const struct tls_rows *rows, uint64_t n)
{
    return sum_of(rows) == 0 || (rows->n == 1 && rows->rows[0].count == n);
}

static void
write_shares(FILE *out, const char *label, const struct tls_rows *rows, uint64_t n)
{
    struct tls_rows sorted = *rows;
    struct text_line l = {0};
    char buf[FORMAT_TEXT_MAX];
    uint64_t rest = sum_of(rows);

    if (rest == 0)
        return;
    sort_rows(&sorted);
    for (unsigned i = 0; i < sorted.n && i < NAMES_SHOWN; i++) {
        add(&l, "%s%s %s", i > 0 ? ", " : "", sorted.rows[i].name,
            format_share(sorted.rows[i].count, n, buf));
        rest -= sorted.rows[i].count;
    }
    if (rest > 0)
        add(&l, ", others %s", format_share(rest, n, buf));
    wrap_write(out, &names, l.text, fprintf(out, "  %-12s", label));
}

/* The names of all handshakes, on a line. */
static void
write_uniform(FILE *out, const struct tls_tally *t)
{
    struct text_line l = {0};

    for (size_t i = 0; i < n_tls_tally_names; i++) {
        const struct tls_rows *rows = tls_tally_rows(t, &tls_tally_names[i]);

        if (!tls_tally_names[i].is_agreed || sum_of(rows) == 0)
            continue;
        add(&l, "%s%s", l.used > 0 ? ", " : "", rows->rows[0].name);
    }
    wrap_write(out, &names, l.text, fprintf(out, "  %-12s", "all with"));
}

/* "517 bytes", "512 to 620 bytes". */
static void
add_spread(struct text_line *l, const struct tls_spread *s, const char *unit)
{
    char least[FORMAT_TEXT_MAX], most[FORMAT_TEXT_MAX];

    if (s->min == s->max)
        add(l, "%s %s%s", format_grouped(s->max, most), unit, s->max == 1 ? "" : "s");
    else
        add(l, "%s to %s %ss", format_grouped(s->min, least), format_grouped(s->max, most), unit);
}

/* What handshakes of a kind took of the wire. */
static void
write_sizes(FILE *out, const struct tls_tally *t, enum tls_kind kind)
{
    const struct tls_spread *s = t->sizes[kind];
    struct text_line l = {0};

    if (s[TLS_SIZE_sent_bytes].count == 0)
        return;
    add(&l, "sent ");
    add_spread(&l, &s[TLS_SIZE_sent_bytes], "byte");
    add(&l, " in ");
    add_spread(&l, &s[TLS_SIZE_sent_segments], "segment");
    add(&l, ", received ");
    add_spread(&l, &s[TLS_SIZE_received_bytes], "byte");
    add(&l, " in ");
    add_spread(&l, &s[TLS_SIZE_received_segments], "segment");
    wrap_write(out, &names, l.text, fprintf(out, "  %-12s", tls_kind_names[kind]));
}

static void
write_names(FILE *out, const struct result *r, uint64_t n)
{
    bool is_all = true;

    for (size_t i = 0; i < n_tls_tally_names; i++)
        if (tls_tally_names[i].is_agreed)
            is_all = is_all && is_uniform(tls_tally_rows(&r->tls, &tls_tally_names[i]), n);
    if (is_all) {
        write_uniform(out, &r->tls);
        return;
    }
    for (size_t i = 0; i < n_tls_tally_names; i++)
        if (tls_tally_names[i].is_agreed)
            write_shares(out, tls_tally_names[i].label,
                         tls_tally_rows(&r->tls, &tls_tally_names[i]), n);
}

void
text_tls_batches(FILE *out, const struct result *r)
{
    const char *before = "  together     ";

    for (enum lane_kind kind = 0; kind < LANE_KINDS; kind++) {
        const struct tls_spread *s = &r->tls.batches[kind];

        if (s->count == 0)
            continue;
        fprintf(out, "%s%.1f %s", before, tls_spread_mean(s), lane_kind_names[kind]);
        before = ", ";
    }
    if (before[0] == ',')
        fputs(", on average\n", out);
}

void
text_tls_agreed(FILE *out, const struct result *r)
{
    uint64_t n = sum_of(&r->tls.versions); /* every completed handshake has a version */

    if (n == 0)
        return;
    write_names(out, r, n);
    for (enum tls_kind kind = 0; kind < TLS_KINDS; kind++)
        write_sizes(out, &r->tls, kind);
}

void
text_tls_example(FILE *out, const struct result *r, enum stat_failure cause)
{
    for (int i = TLS_CAUSE_NONE + 1; i < TLS_CAUSES; i++)
        if (tls_cause_failures[i] == cause && r->tls.examples[i][0] != '\0') {
            struct text_line l = {0};

            add(&l, "OpenSSL: %s", r->tls.examples[i]);
            wrap_write(out, &example, l.text, 0);
        }
}

static void
write_counted(FILE *out, const char *label, const char *name, uint64_t n)
{
    char buf[FORMAT_TEXT_MAX];
    int room = 38 - (int)strlen(name);

    fprintf(out, "  %-9s ", label);
    write_printable(out, name);
    fprintf(out, " %*s\n", room > 0 ? room : 0, format_grouped(n, buf));
}

/* The first row brings the title with it. */
static void
write_table(FILE *out, const char **title, const char *label, const struct tls_rows *rows)
{
    struct tls_rows sorted = *rows;

    if (sum_of(rows) == 0)
        return;
    fputs(*title, out);
    *title = "";
    sort_rows(&sorted);
    for (unsigned i = 0; i < sorted.n; i++)
        write_counted(out, label, sorted.rows[i].name, sorted.rows[i].count);
    if (rows->others > 0)
        write_counted(out, label, "others", rows->others);
}

void
text_tls_alerts(FILE *out, const struct result *r)
{
    const char *title = "\nTLS alerts and certificates\n";

    for (size_t i = 0; i < n_tls_tally_names; i++)
        if (!tls_tally_names[i].is_agreed)
            write_table(out, &title, tls_tally_names[i].label,
                        tls_tally_rows(&r->tls, &tls_tally_names[i]));
}

void
text_tls_memory(FILE *out, const struct result *r)
{
    char buf[FORMAT_TEXT_MAX];

    if (r->tls.handshake_bytes == 0)
        return;
    fprintf(out, "  TLS takes %s a connection in handshake",
            format_bytes(r->tls.handshake_bytes, buf));
    if (r->tls.idle_bytes > 0)
        fprintf(out, ", %s idle", format_bytes(r->tls.idle_bytes, buf));
    fputc('\n', out);
}
