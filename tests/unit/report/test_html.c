/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/html.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "report/html_rows.h"
#include "report/json.h"
#include "report/page.h"
#include "report/rows.h"
#include "results.h"

static struct sample s;
static struct fail f;

/* The page of @r; to be freed. */
static char *
page_of(const struct result *r, size_t *length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, length);

    cr_assert(zero(int, html_write(out, r, &f)), "%s", f.text);
    fclose(out);
    return text;
}

/* What the page's script is given. */
static json_t *
data_of(const char *page)
{
    static const char BEGIN[] = "id=\"data\">";
    const char *begin = strstr(page, BEGIN), *end;
    json_t *o;

    cr_assert(ne(ptr, (void *)begin, NULL));
    begin += strlen(BEGIN);
    end = strstr(begin, "</script>");
    o = json_loadb(begin, (size_t)(end - begin), JSON_REJECT_DUPLICATES, NULL);
    cr_assert(ne(ptr, o, NULL));
    return o;
}

static const json_t *
column(const json_t *data, const char *name)
{
    return json_object_get(json_object_get(json_object_get(data, "points"), "columns"), name);
}

static double
at(const json_t *column, size_t i)
{
    return json_number_value(json_array_get(column, i));
}

static void
setup(void)
{
    sample_init(&s);
    complete(&s);
    s.r.n_intervals = 0;
    for (int i = 1; i <= 3; i++) {
        struct result_interval row =
            report_result_interval(&s.r.cores[0].total, &s.r.cores[1].total, i);

        row.attempted = (uint64_t)i * 100;
        report_result_add_interval(&s.r, &row);
    }
}

Test(html, a_page_is_one_file_that_asks_for_nothing, .init = setup)
{
    size_t length;
    char *page = page_of(&s.r, &length);

    cr_assert(zero(int, strncmp(page, "<!DOCTYPE html>", 15)));
    cr_assert(ne(ptr, strstr(page, "default-src 'none'"), NULL));
    cr_assert(eq(ptr, strstr(page, "<script src"), NULL));
    cr_assert(eq(ptr, strstr(page, "<link"), NULL));
    cr_assert(eq(ptr, strstr(page, "sourceMappingURL"), NULL));
    cr_assert(ne(ptr, strstr(page, page_script), NULL));
    cr_assert(zero(int, strcmp(page + length - 8, "</html>\n")));
    free(page);
}

Test(html, its_figures_are_those_of_the_result, .init = setup)
{
    struct json_tree t = {0};
    json_t *root = json_result_tree(&t, &s.r), *data;
    size_t length;
    char *page = page_of(&s.r, &length);
    const json_t *result;

    data = data_of(page);
    result = json_object_get(data, "result");
    cr_assert(json_equal(json_object_get(root, "totals"), json_object_get(result, "totals")));
    cr_assert(json_equal(json_object_get(root, "latency"), json_object_get(result, "latency")));
    cr_assert(json_equal(json_object_get(root, "verdict"), json_object_get(result, "verdict")));
    cr_assert(eq(sz, json_array_size(column(data, "t_s")), 3));
    cr_assert(epsilon_eq(dbl, at(column(data, "attempted"), 2), 300, 1e-9));
    cr_assert(epsilon_eq(dbl, at(column(data, "latency.connect.p999_us"), 1), 50, 0.3));
    cr_assert(epsilon_eq(dbl, at(column(data, "asked"), 0), 100, 1e-6));
    cr_assert(eq(ptr, (void *)column(data, "tls_hps"), NULL)); /* nothing but 0 */
    json_decref(data);
    json_decref(root);
    free(page);
}

Test(html, a_result_that_was_read_makes_the_same_page, .init = setup)
{
    char path[RESULT_PATH_MAX], *before, *after = NULL;
    size_t n_before, n_after;
    json_t *root;
    FILE *out = open_memstream(&after, &n_after);

    before = page_of(&s.r, &n_before);
    write_result(&s.r, path);
    root = earlier_load(path, &f);
    unlink(path);
    cr_assert(zero(int, html_write_json(out, root, &f)), "%s", f.text);
    fclose(out);
    cr_assert(eq(sz, n_after, n_before));
    cr_assert(zero(int, memcmp(before, after, n_before)));
    json_decref(root);
    free(before);
    free(after);
}

Test(html, what_a_result_says_is_never_markup, .init = setup)
{
    size_t length;
    char *page;
    json_t *data;

    strcpy(s.r.host.cpu, "</script><script>alert(1)</script>");
    page = page_of(&s.r, &length);
    cr_assert(eq(ptr, strstr(page, "alert(1)</script>"), NULL));
    data = data_of(page);
    cr_assert(eq(str,
                 (char *)json_string_value(json_object_get(
                     json_object_get(json_object_get(data, "result"), "host"), "cpu")),
                 "</script><script>alert(1)</script>"));
    json_decref(data);
    free(page);
}

/* Each second of an hour, with all that there can be in it. */
static void
make_hour(void)
{
    s.r.n_intervals = 0;
    for (int i = 1; i <= 3600; i++) {
        struct result_interval row = {.t_s = i + 0.001234 * (i % 7), .has_role = {true, true}};

        row.attempted = 1000000 + (uint64_t)i;
        row.cps = row.rps = row.tps = 1e6 + i / 10.0;
        row.rx_bps = row.tx_bps = row.rx_payload_bps = 123456789.1 + i;
        row.busy[0] = row.busy[1] = 0.1234;
        for (unsigned k = 0; k < latency_rows(); k++) {
            row.latency[k].count = 1000000;
            row.latency[k].max_ns = 123456789;
            for (unsigned q = 0; q < QUANTILE_COUNT; q++)
                row.latency[k].quantile_ns[q] = 1234567 + (uint64_t)i * 1001 + q;
        }
        report_result_add_interval(&s.r, &row);
    }
}

Test(html, an_hour_has_less_than_two_megabytes_and_loses_no_peak, .init = setup)
{
    size_t length;
    char *page;
    json_t *data;

    make_hour();
    s.r.intervals[1234].latency[LAT_connect].max_ns = 999999999;
    for (uint64_t ns = 1; ns < NS_PER_SEC; ns = ns * 129 / 128 + 1)
        for (unsigned k = 0; k < latency_rows(); k++)
            hist_record(&s.r.totals.latency[k], ns);
    page = page_of(&s.r, &length);
    cr_assert(le(sz, length, 2000000), "%zu", length);
    data = data_of(page);
    cr_assert(eq(sz, json_array_size(column(data, "t_s")), 1800));
    cr_assert(epsilon_eq(dbl, at(column(data, "latency.connect.max_us"), 617), 999999.999, 1e-6));
    cr_assert(epsilon_eq(dbl, at(column(data, "attempted"), 0), 2000003, 1e-9));
    cr_assert(epsilon_eq(dbl, at(column(data, "cps"), 0), 1000000.15, 0.051));
    json_decref(data);
    free(page);
}

Test(html_rows, an_interval_without_samples_has_no_percentile)
{
    struct json_tree t = {0};
    struct result_interval row = {.t_s = 1};
    struct html_rows rows;
    json_t *o, *interval, *p50;
    bool is_null;

    cr_assert(html_rows_init(&rows, 2, NULL, NULL));
    interval = json_interval(&t, &row);
    html_rows_add(&rows, &t, interval);
    json_decref(interval);
    row.t_s = 2;
    row.latency[LAT_connect] = (struct result_latency){1, 5000, {5000}};
    interval = json_interval(&t, &row);
    html_rows_add(&rows, &t, interval);
    json_decref(interval);
    o = html_rows_json(&rows, &t);
    p50 = json_object_get(json_object_get(o, "columns"), "latency.connect.p50_us");
    is_null = json_is_null(json_array_get(p50, 0));
    cr_assert(is_null);
    cr_assert(epsilon_eq(dbl, at(p50, 1), 5, 1e-9));
    json_decref(o);
    html_rows_fini(&rows);
}
