/* SPDX-License-Identifier: BSD-3-Clause */
/* See page_parts.h: what they have in common. */
#include "suite/page_parts.h"

#include <math.h>
#include <stdarg.h>

#include "report/format.h"
#include "suite/chart.h"

void
part_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else
            fputc(*text, out);
}

void
part_cell(FILE *out, const char *class, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    fprintf(out, "<td%s%s%s>", class[0] != '\0' ? " class=\"" : "", class,
            class[0] != '\0' ? "\"" : "");
    part_text(out, text);
    fputs("</td>", out);
}

void
part_head(FILE *out, const char *fmt, ...)
{
    char text[256];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    fputs("<th>", out);
    part_text(out, text);
    fputs("</th>", out);
}

static const char *
bits(double bps, char buf[static PART_VALUE_MAX])
{
    char kbit[FORMAT_TEXT_MAX];

    snprintf(buf, PART_VALUE_MAX, "%.2f Gbit/s (%s kbit/s)", bps / 1e9,
             format_grouped((uint64_t)(bps / 1000 + 0.5), kbit));
    return buf;
}

static const char *
count(double value, const char *unit, char buf[static PART_VALUE_MAX])
{
    char text[FORMAT_TEXT_MAX];

    if (value < 100 && value != floor(value))
        snprintf(buf, PART_VALUE_MAX, "%.2f%s", value, unit);
    else
        snprintf(buf, PART_VALUE_MAX, "%s%s", format_grouped((uint64_t)(value + 0.5), text), unit);
    return buf;
}

const char *
part_kpi(enum suite_kpi kpi, double value, char buf[static PART_VALUE_MAX])
{
    if (kpi == SUITE_KPI_THROUGHPUT)
        return bits(value, buf);
    if (kpi < SUITE_KPI_TTFB_MIN)
        return count(value, suite_kpis[kpi].unit, buf);
    snprintf(buf, PART_VALUE_MAX, "%.3f ms", value);
    return buf;
}

const char *
part_objective(const struct suite_case *c, double value, char buf[static PART_VALUE_MAX])
{
    return c->is_throughput ? bits(value, buf) : count(value, suite_unit(c), buf);
}

const char *
part_share(double share, char buf[static PART_VALUE_MAX])
{
    snprintf(buf, PART_VALUE_MAX, "%.*g %%", share > 0 && share < 0.01 ? 2 : 3, 100 * share);
    return buf;
}

const char *
part_case(const struct suite_case *c, char buf[static PART_VALUE_MAX])
{
    char size[VALUE_TEXT_MAX];

    if (c->bytes == 0)
        snprintf(buf, PART_VALUE_MAX, "traffic mix");
    else
        snprintf(buf, PART_VALUE_MAX, "%s%s%s", suite_size_name(c->bytes, size),
                 c->bytes == SUITE_MIXED ? " objects" : "B object",
                 suite_tests[c->test].kind != SUITE_LATENCY ? ""
                 : c->requests == 1                         ? ", 1 a connection"
                                                            : ", 10 a connection");
    return buf;
}

void
part_banner(FILE *out, const struct suite_plan *p)
{
    if (p->is_quick)
        fputs("<p class=\"quick\">Quick look: all times are scaled down. These are no results of "
              "RFC 9411.</p>\n",
              out);
}
