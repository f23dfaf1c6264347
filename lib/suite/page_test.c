/* SPDX-License-Identifier: BSD-3-Clause */
/* See page_parts.h: the section of a test. */
#include <stdlib.h>
#include <string.h>

#include "suite/chart.h"
#include "suite/judge.h"
#include "suite/page_parts.h"
#include "suite/progress.h"

static const char *const end_words[] = {
    [SUITE_OPEN_END] = "not made yet",
    [SUITE_PASSED] = "passed",
    [SUITE_FAILED] = "failed",
    [SUITE_NOT_RUN] = "not run",
};
static const char *const end_classes[] = {[SUITE_OPEN_END] = "faint",
                                          [SUITE_PASSED] = "good",
                                          [SUITE_FAILED] = "bad",
                                          [SUITE_NOT_RUN] = "bad"};

const struct suite_outcome *
part_telling(const struct suite_course *course)
{
    for (unsigned k = course->n; k > 0; k--)
        if (course->list[k - 1].has_result && course->list[k - 1].step.stage != SUITE_SEARCH)
            return &course->list[k - 1];
    return NULL;
}

bool
part_is_ours(const struct suite_outcome *o)
{
    return strcmp(o->limited_by, "generator") == 0 && (o->step.stage == SUITE_FINAL || !o->holds);
}

/* -- charts --------------------------------------------------------------------------------- */

struct columns {
    size_t n;
    double *t, *first, *second;
};

static void
fill(struct columns *c, const json_t *rows, size_t begin, const char *latency, const char *first,
     const char *second)
{
    for (size_t i = 0; i < c->n; i++) {
        const json_t *row = json_array_get(rows, begin + i);

        c->t[i] = suite_row_value(row, NULL, "t_s");
        c->first[i] = suite_row_value(row, latency, first);
        c->second[i] = second != NULL ? suite_row_value(row, latency, second) : 0;
    }
}

static void
draw(FILE *out, const struct columns *c, const char *title, const char *unit, const char *first,
     const char *second)
{
    struct chart chart = {.title = title,
                          .unit = unit,
                          .n = c->n,
                          .t = c->t,
                          .lines = {{first, c->first}, {second, c->second}},
                          .n_lines = second != NULL ? 2 : 1};

    chart_write(out, &chart);
}

static bool
is_any(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] > 0)
            return true;
    return false;
}

void
part_charts(FILE *out, const json_t *result, const struct suite_case *c)
{
    const json_t *rows = json_object_get(result, "intervals");
    struct columns columns = {0};
    size_t begin, end;

    suite_rows(result, &begin, &end);
    columns.n = end - begin;
    columns.t = calloc(3 * columns.n + 1, sizeof(*columns.t));
    if (columns.t == NULL)
        return;
    columns.first = columns.t + columns.n;
    columns.second = columns.first + columns.n;
    fputs("<div class=\"charts\">\n", out);
    fill(&columns, rows, begin, NULL, "rx_bps", "tx_bps");
    draw(out, &columns, "Throughput", "bit/s", "received", "sent");
    fill(&columns, rows, begin, NULL, "tps", NULL);
    draw(out, &columns, "Transactions per second", "", NULL, NULL);
    fill(&columns, rows, begin, NULL, "cps", NULL);
    draw(out, &columns, "TCP connections per second", "", NULL, NULL);
    fill(&columns, rows, begin, NULL, "tls_hps", NULL);
    if (suite_tests[c->test].is_tls || is_any(columns.first, columns.n))
        draw(out, &columns, "TLS handshakes per second", "", NULL, NULL);
    fill(&columns, rows, begin, NULL, "open", NULL);
    draw(out, &columns, "Concurrent TCP connections", "", NULL, NULL);
    fill(&columns, rows, begin, "ttfb_syn", "p50_us", "max_us");
    draw(out, &columns, "TTFB from SYN", "ms", "median", "max");
    fill(&columns, rows, begin, "ttlb_syn", "p50_us", "max_us");
    draw(out, &columns, "TTLB from SYN", "ms", "median", "max");
    fputs("</div>\n", out);
    free(columns.t);
}

/* -- tables --------------------------------------------------------------------------------- */

static bool
is_of(const struct suite *s, unsigned i, enum suite_id test)
{
    return s->cases.list[i].test == test;
}

static void
write_heads(FILE *out, const struct suite *s, enum suite_id test, const char *first)
{
    char text[PART_VALUE_MAX];

    fputs("<table><thead><tr>", out);
    part_head(out, "%s", first);
    for (unsigned i = 0; i < s->cases.n; i++)
        if (is_of(s, i, test))
            part_head(out, "%s", part_case(&s->cases.list[i], text));
    fputs("</tr></thead><tbody>\n", out);
}

static void
write_kpis(FILE *out, const struct suite *s, enum suite_id test)
{
    char text[PART_VALUE_MAX];

    write_heads(out, s, test, "Over the sustain phase");
    for (int k = 0; k < SUITE_KPI_COUNT; k++) {
        bool is_mandatory = (suite_tests[test].mandatory & 1U << k) != 0;

        if (k == SUITE_KPI_HPS && !suite_tests[test].is_tls && test != SUITE_7_1)
            continue;
        fprintf(out, "<tr%s>", is_mandatory ? " class=\"mandatory\"" : "");
        part_cell(out, "", "%s", suite_kpis[k].title);
        for (unsigned i = 0; i < s->cases.n; i++) {
            const struct suite_outcome *o = part_telling(&s->courses[i]);

            if (!is_of(s, i, test))
                continue;
            if (o != NULL && o->has_kpi[k])
                part_cell(out, "", "%s", part_kpi((enum suite_kpi)k, o->kpis[k], text));
            else
                part_cell(out, "faint", "none");
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

static void
write_judged(FILE *out, const struct suite_outcome *o, int which)
{
    const struct suite_judged *j = o != NULL ? &o->criteria[which] : NULL;
    char text[PART_VALUE_MAX];

    if (j == NULL || !j->has_value)
        part_cell(out, "faint", "no value");
    else
        part_cell(out, j->holds ? "good" : "bad", "%s %s", part_share(j->value, text),
                  j->holds ? "pass" : "FAIL");
}

static void
write_criteria(FILE *out, const struct suite *s, enum suite_id test)
{
    char limit[PART_VALUE_MAX];

    write_heads(out, s, test, "Validation criterion");
    for (int k = 0; k < SUITE_CRITERIA_COUNT; k++) {
        bool is_changed = s->plan->limit_ppm[k] != suite_criteria[k].limit_ppm;

        if ((suite_tests[test].criteria & 1U << k) == 0)
            continue;
        fputs("<tr>", out);
        part_cell(out, is_changed ? "changed" : "", "%s < %s%s", suite_criteria[k].meaning,
                  part_share(s->plan->limit_ppm[k] / 1e6, limit), is_changed ? " (changed)" : "");
        for (unsigned i = 0; i < s->cases.n; i++)
            if (is_of(s, i, test))
                write_judged(out, part_telling(&s->courses[i]), k);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

static void
write_step(FILE *out, const struct suite_case *c, const struct suite_outcome *o)
{
    char number[CHART_TEXT_MAX], text[PART_VALUE_MAX];

    fputs("<tr>", out);
    part_cell(out, "", "%s", o->step.name);
    part_cell(out, "", "%s%s", chart_number(o->step.load, number),
              suite_is_capacity(c) ? " connections" : " connections/s");
    if (!o->has_result)
        part_cell(out, "bad", "%s", o->why);
    else if (o->step.stage == SUITE_SEARCH && o->has_bound)
        part_cell(out, "", "lower bound %s, %s", chart_number(o->bound, number), o->end);
    else if (o->step.stage == SUITE_SEARCH)
        part_cell(out, "bad", "no lower bound, %s", o->end);
    else
        part_cell(out, o->holds ? "good" : "bad", "%s, %s%s",
                  part_objective(c,
                                 suite_is_capacity(c) ? o->kpis[SUITE_KPI_CONCURRENT]
                                 : c->is_throughput   ? o->kpis[SUITE_KPI_THROUGHPUT]
                                                      : o->kpis[SUITE_KPI_CPS],
                                 text),
                  o->holds ? "all criteria hold" : "not all criteria hold",
                  part_is_ours(o) ? "; the generator was the limit" : "");
    part_cell(out, "", "%s", o->started_at);
    fprintf(out,
            "<td><a href=\"raw/%s.json\">result</a> <a href=\"raw/%s.scenario.json\">scenario"
            "</a></td></tr>\n",
            o->step.name, o->step.name);
}

static void
write_steps(FILE *out, const struct suite *s, enum suite_id test)
{
    fputs(
        "<table class=\"words\"><thead><tr><th>Iteration</th><th>Load asked for</th><th>Found</th>"
        "<th>Began</th><th>Raw</th></tr></thead><tbody>\n",
        out);
    for (unsigned i = 0; i < s->cases.n; i++)
        for (unsigned k = 0; is_of(s, i, test) && k < s->courses[i].n; k++)
            write_step(out, &s->cases.list[i], &s->courses[i].list[k]);
    fputs("</tbody></table>\n", out);
}

static void
write_cases(FILE *out, const struct suite *s, enum suite_id test, const char *folder)
{
    char text[PART_VALUE_MAX];

    for (unsigned i = 0; i < s->cases.n; i++) {
        const struct suite_course *course = &s->courses[i];
        const struct suite_outcome *o = part_telling(course);
        json_t *result = NULL;

        if (!is_of(s, i, test))
            continue;
        fputs("<div class=\"case\"><h3>", out);
        part_text(out, part_case(&s->cases.list[i], text));
        fprintf(out, " <span class=\"%s\">%s</span></h3>", end_classes[course->end],
                end_words[course->end]);
        if (course->why[0] != '\0') {
            fputs("<p class=\"bad\">", out);
            part_text(out, course->why);
            fputs("</p>\n", out);
        }
        if (o != NULL)
            result = suite_raw_result(folder, &o->step);
        if (result != NULL) {
            fprintf(out, "<p class=\"faint\">%s, over the sustain phase</p>\n", o->step.name);
            part_charts(out, result, &s->cases.list[i]);
        }
        json_decref(result);
        fputs("</div>\n", out);
    }
}

void
part_test(FILE *out, const struct suite *s, enum suite_id test, const char *folder)
{
    fprintf(out, "<section id=\"t%s\"><h2>%s %s</h2>\n", suite_tests[test].id,
            test >= SUITE_7_1 && test <= SUITE_7_9 ? suite_tests[test].id : "",
            suite_tests[test].title);
    part_banner(out, s->plan);
    write_kpis(out, s, test);
    write_criteria(out, s, test);
    write_steps(out, s, test);
    write_cases(out, s, test, folder);
    fputs("</section>\n", out);
}
