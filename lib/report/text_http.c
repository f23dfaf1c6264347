/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_http.h. */
#include "report/text_http.h"

#include <inttypes.h>

#include "base/units.h"
#include "report/format.h"

/* Statuses listed, and lines and columns of an example. */
enum { ROWS_MAX = 16, LINES_MAX = 16, COLUMNS_MAX = 74 };

/* The most frequent status below @limit; of equals the lowest first. */
static unsigned
next_status(const struct http_tally *t, uint64_t limit_count, unsigned limit_status)
{
    unsigned best = 0;

    for (unsigned i = 1; i < HTTP_STATUSES; i++) {
        bool is_left =
            t->statuses[i] < limit_count || (t->statuses[i] == limit_count && i > limit_status);

        if (is_left && t->statuses[i] > t->statuses[best])
            best = i;
    }
    return best;
}

static uint64_t
all_of(const struct http_tally *t)
{
    uint64_t sum = 0;

    for (unsigned i = 1; i < HTTP_STATUSES; i++)
        sum += t->statuses[i];
    return sum;
}

void
text_http_statuses(FILE *out, const struct result *r)
{
    const struct http_tally *t = &r->http;
    uint64_t count = UINT64_MAX, sum = all_of(t), left = sum;
    char buf[FORMAT_TEXT_MAX], share[FORMAT_TEXT_MAX];
    unsigned status = 0;

    if (!r->has_http || sum == 0)
        return;
    fputs("\nHTTP statuses\n", out);
    for (unsigned n = 0; n < ROWS_MAX && (status = next_status(t, count, status)) != 0; n++) {
        count = t->statuses[status];
        left -= count;
        fprintf(out, "  %-12u %15s   %s\n", status, format_grouped(count, buf),
                format_share(count, sum, share));
    }
    if (left > 0)
        fprintf(out, "  %-12s %15s   %s\n", "others", format_grouped(left, buf),
                format_share(left, sum, share));
}

/* Lines of @text, each cut where the screen ends. @return lines that are left. */
static int
write_lines(FILE *out, const char *text, size_t len, int lines)
{
    for (size_t at = 0; at < len && lines > 0; lines--) {
        int column = 0;

        fputs("    ", out);
        for (; at < len && text[at] != '\n'; at++) {
            if (text[at] == '\r' && at + 1 < len && text[at + 1] == '\n')
                continue;
            if (column++ < COLUMNS_MAX)
                fputc(text[at] >= ' ' && text[at] < 0x7f ? text[at] : '?', out);
        }
        at++;
        fputs(column > COLUMNS_MAX ? "..\n" : "\n", out);
    }
    return lines;
}

void
text_http_examples(FILE *out, const struct result *r)
{
    const char *title = "\nthe first failed response of each kind\n";

    for (unsigned i = HTTP_FAILED_NOT + 1; r->has_http && i < HTTP_FAILURE_COUNT; i++) {
        const struct http_example *e = &r->http.examples[i];
        int lines;

        if (e->head_len == 0)
            continue;
        fprintf(out, "%s  %s\n", title, http_counters[http_failure_counters[i]].name);
        title = "";
        lines = write_lines(out, e->head, e->head_len, LINES_MAX);
        lines = write_lines(out, e->body, e->body_len, lines);
        if (e->is_cut || lines == 0)
            fputs("    ...\n", out);
    }
}
