/* SPDX-License-Identifier: BSD-3-Clause */
/* See page.h: the page around the sections of the tests. */
#include "suite/page.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "report/json_tree.h"
#include "report/outfile.h"
#include "suite/page_parts.h"
#include "suite/progress.h"

static const char HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
static const char STYLE[] =
    "</title>\n<style>\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;color:#1c2330;background:#fff;font:14px/1.45 system-ui,sans-serif}\n"
    "main{max-width:1080px;margin:0 auto;padding:1.5rem 1rem 3rem}\n"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-bottom:.2rem;"
    "border-bottom:2px solid #2f6db5}h3{font-size:1rem;margin:1.2rem 0 .2rem}\n"
    "p{margin:.3rem 0}ul{margin:.3rem 0;padding-left:1.2rem}\n"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.25rem .6rem;border-bottom:1px solid #d9dee6;text-align:right;"
    "vertical-align:top}\n"
    "th{color:#5b6472;font-weight:600;border-bottom:1px solid #98a2b3}\n"
    "th:first-child,td:first-child,.words th,.words td{text-align:left}\n"
    "tr.mandatory td{font-weight:600}\n"
    ".faint{color:#5b6472}.good{color:#1a7f4b}.bad{color:#b3261e}.changed{color:#9a5b00}\n"
    ".badge{display:inline-block;font-weight:700;padding:.15rem .7rem;border:2px solid "
    "currentColor;border-radius:.4rem;margin:.6rem 0}\n"
    ".quick{background:#fff1d6;border:1px solid #d9a441;color:#6b4300;padding:.3rem .6rem;"
    "font-weight:600}\n"
    ".charts{display:grid;grid-template-columns:repeat(3,1fr);gap:.4rem}\n"
    ".chart{width:100%;border:1px solid #d9dee6;break-inside:avoid}\n"
    ".chart text{font:9px system-ui,sans-serif;fill:#5b6472}\n"
    ".chart .name{font-size:10.5px;font-weight:600;fill:#1c2330}\n"
    ".chart .grid{stroke:#e4e8ee;stroke-width:.8}\n"
    ".pairs td:first-child{width:40%}\n"
    "@media screen and (max-width:800px){.charts{grid-template-columns:1fr}}\n"
    "@media print{@page{margin:16mm 12mm}body{font-size:11px}main{padding:0;max-width:none}"
    "section{break-before:page}tr,.chart{break-inside:avoid}h2,h3{break-after:avoid}}\n"
    "@page{@bottom-right{content:counter(page);font:10px system-ui,sans-serif}}\n";
static const char STYLE_QUICK[] =
    "@page{@bottom-center{content:\"Quick look: times scaled down, no results of RFC 9411\";"
    "font:600 10px system-ui,sans-serif;color:#6b4300}}\n";
static const char BODY[] = "</style></head>\n<body><main>\n";

static const char *
word_of(const struct suite_course *course)
{
    static const char *const words[] = {[SUITE_OPEN_END] = "not made yet",
                                        [SUITE_PASSED] = "passed",
                                        [SUITE_FAILED] = "failed",
                                        [SUITE_NOT_RUN] = "not run"};

    return words[course->end];
}

bool
suite_has_passed(const struct suite *s)
{
    for (unsigned i = 0; i < s->cases.n; i++)
        if (s->courses[i].end != SUITE_PASSED)
            return false;
    return true;
}

/* -- head ----------------------------------------------------------------------------------- */

/* Cases that are not made yet, and such as stand for what the generator could. */
static unsigned
count_open(const struct suite *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->cases.n; i++) {
        const struct suite_outcome *o = part_telling(&s->courses[i]);

        n += s->courses[i].end == SUITE_OPEN_END || (o != NULL && part_is_ours(o));
    }
    return n;
}

/* A quick look does not get to be measured by the standard at all. */
static void
write_badge(FILE *out, const struct suite *s, const char *changes)
{
    bool is_complete = suite_has_passed(s);
    unsigned n_open = count_open(s);

    part_banner(out, s->plan);
    fprintf(out, "<p class=\"badge %s\">%s</p>\n", is_complete ? "good" : "bad",
            is_complete ? "all tests passed" : "not all tests passed");
    if (n_open > 0)
        fprintf(out,
                "<p class=\"bad\">%u cases are not made yet, or show the limit of the generator, "
                "not of the device.</p>\n",
                n_open);
    if (!s->plan->is_quick && changes[0] == '\0' && n_open == 0)
        fputs("<p>Tests, phases, object sizes and criteria are those of RFC 9411: compliant.</p>\n",
              out);
}

/* Date and time of the tests (6.1). ISO 8601 sorts as text. */
static void
write_dates(FILE *out, const struct suite *s)
{
    const char *first = NULL, *last = NULL;

    for (unsigned i = 0; i < s->cases.n; i++)
        for (unsigned k = 0; k < s->courses[i].n; k++) {
            const char *at = s->courses[i].list[k].started_at;

            if (at[0] == '\0')
                continue;
            first = first == NULL || strcmp(at, first) < 0 ? at : first;
            last = last == NULL || strcmp(at, last) > 0 ? at : last;
        }
    if (first == NULL)
        return;
    fputs("<p class=\"faint\">First run ", out);
    part_text(out, first);
    fputs(", last run ", out);
    part_text(out, last);
    fputs("</p>\n", out);
}

static void
write_changes(FILE *out, const char *changes)
{
    if (changes[0] == '\0')
        return;
    fputs("<h2>Otherwise than RFC 9411</h2>\n<ul>", out);
    while (*changes != '\0') {
        size_t length = strcspn(changes, "\n");
        char line[512];

        snprintf(line, sizeof(line), "%.*s", (int)length, changes);
        fputs("<li class=\"changed\">", out);
        part_text(out, line);
        fputs("</li>\n", out);
        changes += length + (changes[length] == '\n');
    }
    fputs("</ul>\n", out);
}

/* What the case is measured by. */
static void
write_found(FILE *out, const struct suite_case *c, const struct suite_course *course)
{
    const struct suite_outcome *o = course->last >= 0 ? &course->list[course->last] : NULL;
    char first[PART_VALUE_MAX], second[PART_VALUE_MAX];

    if (course->end != SUITE_PASSED || o == NULL)
        part_cell(out, "faint", "%s", course->why[0] != '\0' ? course->why : "none");
    else if (suite_tests[c->test].kind == SUITE_LATENCY)
        part_cell(out, "", "TTFB %s, TTLB %s on average",
                  part_kpi(SUITE_KPI_TTFB_MEAN, o->kpis[SUITE_KPI_TTFB_MEAN], first),
                  part_kpi(SUITE_KPI_TTLB_MEAN, o->kpis[SUITE_KPI_TTLB_MEAN], second));
    else
        part_cell(out, "", "%s", part_objective(c, course->value, first));
}

static void
write_summary(FILE *out, const struct suite *s)
{
    char text[PART_VALUE_MAX];

    fputs("<h2>Summary</h2>\n<table class=\"words\"><thead><tr><th>Test</th><th>Object</th>"
          "<th>Target</th><th>Found</th><th>Verdict</th></tr></thead><tbody>\n",
          out);
    for (unsigned i = 0; i < s->cases.n; i++) {
        const struct suite_case *c = &s->cases.list[i];
        const struct suite_course *course = &s->courses[i];

        fprintf(out, "<tr><td><a href=\"#t%s\">", suite_tests[c->test].id);
        if (c->test >= SUITE_7_1 && c->test <= SUITE_7_9)
            fprintf(out, "%s ", suite_tests[c->test].id);
        part_text(out, suite_tests[c->test].title);
        fputs("</a></td>", out);
        part_cell(out, "", "%s", part_case(c, text));
        part_cell(out, "", "%s", course->target > 0 ? part_objective(c, course->target, text) : "");
        write_found(out, c, course);
        part_cell(out, course->end == SUITE_PASSED ? "good" : "bad", "%s", word_of(course));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

/* -- testbed -------------------------------------------------------------------------------- */

static void
write_row(FILE *out, const char *key, const char *value)
{
    fputs("<tr>", out);
    part_cell(out, "", "%s", key);
    part_cell(out, "", "%s", value);
    fputs("</tr>\n", out);
}

static void
write_pairs(FILE *out, const char *title, const struct suite_pairs *pairs)
{
    fprintf(out, "<h3>%s</h3>\n<table class=\"words pairs\"><tbody>\n", title);
    for (unsigned i = 0; i < pairs->n; i++)
        write_row(out, pairs->list[i].key, pairs->list[i].value);
    if (pairs->n == 0)
        write_row(out, "description", "the plan has none");
}

/* The first result that there is. */
static json_t *
any_result(const struct suite *s, const char *folder)
{
    for (unsigned i = 0; i < s->cases.n; i++)
        for (unsigned k = 0; k < s->courses[i].n; k++)
            if (s->courses[i].list[k].has_result)
                return suite_raw_result(folder, &s->courses[i].list[k].step);
    return NULL;
}

static void
write_fact(FILE *out, const json_t *result, const char *title, const char *path)
{
    const char *text = json_string_value(tree_at_path(result, path));

    if (text != NULL && text[0] != '\0')
        write_row(out, title, text);
}

static void
write_families(FILE *out, const struct suite_plan *p)
{
    unsigned families =
        suite_urls_families(&p->sides[0].urls) | suite_urls_families(&p->sides[1].urls);
    char v4[PART_VALUE_MAX], v6[PART_VALUE_MAX], text[2 * PART_VALUE_MAX + 32];

    if (p->ipv6_ppm == SUITE_AS_TARGETS) {
        write_row(out, "IPv4 and IPv6",
                  families == SUITE_BOTH ? "as many connections to each URL"
                  : families == SUITE_V6 ? "IPv6 only"
                                         : "IPv4 only");
        return;
    }
    snprintf(text, sizeof(text), "%s IPv4, %s IPv6, of the connections",
             part_share(1 - p->ipv6_ppm / 1e6, v4), part_share(p->ipv6_ppm / 1e6, v6));
    write_row(out, "IPv4 and IPv6", text);
}

static void
write_tester(FILE *out, const struct suite *s, const char *folder, const char *version)
{
    json_t *result = any_result(s, folder);

    write_pairs(out, "Test equipment", &s->plan->tester);
    write_row(out, "shakedown", version);
    write_fact(out, result, "DPDK", "tool.dpdk");
    write_fact(out, result, "OpenSSL", "tool.openssl");
    write_fact(out, result, "CPU", "host.cpu");
    write_fact(out, result, "kernel", "host.kernel");
    write_fact(out, result, "device", "host.device");
    write_fact(out, result, "driver", "host.driver");
    write_fact(out, result, "congestion control", "scenario.tcp.congestion");
    if (s->plan->ciphers != NULL) {
        write_row(out, "ciphers", s->plan->ciphers->name);
        write_row(out, "key of the server's certificate", s->plan->ciphers->key);
    }
    write_families(out, s->plan);
    write_row(out, "throughput is of", "layer 2, both ways: frames without FCS and preamble");
    fputs("</tbody></table>\n", out);
    json_decref(result);
}

static void
write_phases(FILE *out, const struct suite_plan *p)
{
    const struct {
        const char *name;
        uint64_t ns;
    } rows[] = {{"init", p->init_ns},
                {"ramp up (7.5, 7.9: as the rate of 7.2, 7.6 asks)", p->ramp_up_ns},
                {"sustain", p->sustain_ns},
                {"ramp down", p->ramp_down_ns},
                {"final trial of a search (RFC 9971)", p->trial_ns}};

    fputs("<h3>Traffic load profile (4.3.4)</h3>\n<table class=\"words pairs\"><tbody>\n", out);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[VALUE_TEXT_MAX];

        write_row(out, rows[i].name, value_format_duration(rows[i].ns, text));
    }
    fputs("</tbody></table>\n", out);
}

static void
write_mix(FILE *out, const struct suite_plan *p)
{
    if (!p->has_test[SUITE_7_1])
        return;
    fputs("<h3>Traffic mix (7.1): ", out);
    part_text(out, p->mix_name != NULL ? p->mix_name : "without a name");
    fputs("</h3>\n<table class=\"words\"><thead><tr><th>Application</th><th>Protocol</th>"
          "<th>Share of the traffic</th><th>Objects</th><th>Transactions a connection</th></tr>"
          "</thead><tbody>\n",
          out);
    for (unsigned i = 0; i < p->n_applications; i++) {
        const struct suite_application *a = &p->applications[i];
        char share[PART_VALUE_MAX], sizes[256] = "", size[VALUE_TEXT_MAX];

        for (unsigned k = 0; k < a->sizes.n; k++)
            snprintf(sizes + strlen(sizes), sizeof(sizes) - strlen(sizes), "%s%s",
                     k > 0 ? ", " : "", suite_size_name(a->sizes.list[k], size));
        fputs("<tr>", out);
        part_cell(out, "", "%s", a->name);
        part_cell(out, "", "%s", a->is_tls ? "HTTPS" : "HTTP");
        part_cell(out, "", "%s", part_share(a->share_ppm / 1e6, share));
        part_cell(out, "", "%s", sizes);
        part_cell(out, "", "%u", (unsigned)a->requests);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

/* -- the whole ------------------------------------------------------------------------------ */

static void
write_all(FILE *out, const struct suite *s, const char *folder, const char *version)
{
    char changes[SUITE_WHY_MAX];

    (void)suite_plan_changes(s->plan, changes);
    fputs(HEAD, out);
    part_text(out, s->plan->title);
    fputs(STYLE, out);
    if (s->plan->is_quick)
        fputs(STYLE_QUICK, out);
    fputs(BODY, out);
    fputs("<h1>", out);
    part_text(out, s->plan->title);
    fputs("</h1>\n<p class=\"faint\">Benchmarking methodology for network security device "
          "performance, RFC 9411</p>\n",
          out);
    write_dates(out, s);
    write_badge(out, s, changes);
    write_summary(out, s);
    write_changes(out, changes);
    fputs("<section><h2>Testbed</h2>\n", out);
    part_banner(out, s->plan);
    write_pairs(out, "Device under test", &s->plan->dut);
    write_row(out, "security effectiveness (4.2.1)",
              s->plan->security != NULL ? s->plan->security : "the plan says nothing of it");
    fputs("</tbody></table>\n", out);
    write_tester(out, s, folder, version);
    write_phases(out, s->plan);
    write_mix(out, s->plan);
    fputs("</section>\n", out);
    for (int i = 0; i < SUITE_TESTS; i++)
        if (s->plan->has_test[i])
            part_test(out, s, (enum suite_id)i, folder);
    fputs("</main></body></html>\n", out);
}

int
suite_page_write(const struct suite *s, const char *folder, const char *version, struct fail *f)
{
    struct outfile file;
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%.3000s/%s", folder, SUITE_PAGE);
    if (outfile_begin(&file, "--folder", path, true, f) < 0)
        return -1;
    write_all(file.out, s, folder, version);
    return outfile_end(&file, f);
}
