/* SPDX-License-Identifier: BSD-3-Clause */
/* See html.h. */
#include "report/html.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "report/earlier.h"
#include "report/html_rows.h"
#include "report/json.h"
#include "report/json_head.h"
#include "report/outfile.h"
#include "report/page.h"
#include "report/sink.h"
#include "report/text_compare.h"

/* Nothing may be fetched, whatever a result says. */
static const char HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>shakedown</title>\n<style>\n";
static const char BODY[] =
    "</style></head>\n<body><main id=\"report\"><noscript>This page draws its charts and tables by "
    "JavaScript, which is off here. The figures are in its source, as JSON.</noscript></main>\n"
    "<script type=\"application/json\" id=\"data\">";

/* What is shown of a core; the rest is in the result itself. */
static const char *const of_cores[] = {
    "lcore",     "role",        "busy",       "attempted",     "established", "closed",
    "failed",    "open",        "busy_polls", "rx_packets",    "tx_packets",  "tx_backpressure",
    "rx_missed", "tx_dropped",  "long_polls", "long_polls_ns", "off_cpu_ns",  "longest_poll_ns",
    "handoffs",  "late_starts", "tls_backlog"};

int
html_check(struct fail *f)
{
    if (page_charts_script[0] != '\0')
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "%s: this build of shakedown has no charts, since dygraphs was not there; "
                    "install libjs-dygraphs and build again, with: ./bootstrap build",
                    HTML_OPTION);
}

/* -- what the page is given ----------------------------------------------------------------- */

static json_t *
core_json(struct json_tree *t, const json_t *core)
{
    json_t *o = json_object();

    for (size_t i = 0; i < ARRAY_LEN(of_cores); i++) {
        json_t *value = json_object_get(core, of_cores[i]);

        if (value != NULL)
            tree_put(t, o, of_cores[i], json_incref(value));
    }
    return o;
}

/* A page has what it shows, not all of a long result. */
static void
cut(struct json_tree *t, json_t *root)
{
    json_t *cores = json_array(), *item, *latency;
    const char *name;
    size_t i;

    json_array_foreach(json_object_get(root, "cores"), i, item)
    {
        tree_append(t, cores, core_json(t, item));
    }
    tree_put(t, root, "cores", cores);
    json_object_del(root, "intervals");
    json_array_foreach(json_object_get(root, "classes"), i, item)
    {
        json_object_foreach(json_object_get(item, "latency"), name, latency)
        {
            json_object_del(latency, "distribution");
        }
    }
}

/* In a script element "</" would end it. @return 0; -1: the file did not take it */
static int
write_escaped(const char *text, size_t size, void *arg)
{
    FILE *out = arg;

    for (size_t i = 0; i < size; i++)
        if (text[i] == '<')
            fputs("\\u003c", out);
        else
            fputc(text[i], out);
    return ferror(out) != 0 ? -1 : 0;
}

/* Takes the reference of @data. */
static int
write_page(FILE *out, json_t *data, const struct json_tree *t, struct fail *f)
{
    bool is_good;

    fputs(HEAD, out);
    fputs(page_charts_style, out);
    fputs(page_style, out);
    fputs(BODY, out);
    is_good = !t->has_failed &&
              json_dump_callback(data, write_escaped, out, JSON_COMPACT | JSON_TREE_REALS) == 0;
    json_decref(data);
    fprintf(out, "</script>\n<script>%s</script>\n<script>%s</script>\n</body></html>\n",
            page_charts_script, page_script);
    if (!is_good && ferror(out) == 0)
        return fail_set(f, EXIT_HOST, "%s: not enough memory for the page", HTML_OPTION);
    if (ferror(out) != 0 || fflush(out) != 0)
        return fail_set(f, EXIT_HOST, "%s: the page could not be written: %s", HTML_OPTION,
                        strerror(errno));
    return 0;
}

static int
write_result(FILE *out, json_t *root, struct html_rows *rows, struct json_tree *t, struct fail *f)
{
    json_t *data = json_object();

    tree_put(t, data, "points", html_rows_json(rows, t));
    cut(t, root);
    tree_put(t, data, "result", json_incref(root));
    return write_page(out, data, t, f);
}

int
html_write_comparisons(FILE *out, const struct comparisons *all, struct fail *f)
{
    struct json_tree t = {0};
    json_t *data = json_object();

    tree_put(&t, data, "comparison", json_compare_tree(&t, all));
    return write_page(out, data, &t, f);
}

int
html_write(FILE *out, const struct result *r, struct fail *f)
{
    struct json_tree t = {0};
    json_t *root = json_result_tree(&t, r);
    struct html_rows rows;
    int err = -1;

    if (html_rows_init(&rows, r->n_intervals, r->conf, json_object_get(root, "rate_changes"))) {
        for (size_t i = 0; i < r->n_intervals; i++) {
            json_t *row = json_interval(&t, &r->intervals[i]);

            html_rows_add(&rows, &t, row);
            json_decref(row);
        }
        err = write_result(out, root, &rows, &t, f);
        html_rows_fini(&rows);
    } else {
        (void)fail_set(f, EXIT_HOST, "%s: not enough memory for the page", HTML_OPTION);
    }
    json_decref(root);
    return err;
}

int
html_write_json(FILE *out, json_t *root, struct fail *f)
{
    const json_t *list = json_object_get(root, "intervals"), *row;
    struct conf *conf = earlier_conf(root);
    struct json_tree t = {0};
    struct html_rows rows;
    size_t i;
    int err = -1;

    if (html_rows_init(&rows, json_array_size(list), conf, json_object_get(root, "rate_changes"))) {
        json_array_foreach(list, i, row)
        {
            html_rows_add(&rows, &t, row);
        }
        err = write_result(out, root, &rows, &t, f);
        html_rows_fini(&rows);
    } else {
        (void)fail_set(f, EXIT_HOST, "%s: not enough memory for the page", HTML_OPTION);
    }
    earlier_conf_free(conf);
    return err;
}

/* -- the sink; its state is the path -------------------------------------------------------- */

static int
sink_check(const struct conf *c, struct fail *f)
{
    (void)c;
    return html_check(f);
}

static int
sink_open(void **state, const struct sink_opts *o, struct fail *f)
{
    (void)f;
    *state = (void *)(uintptr_t)o->place;
    return 0;
}

static int
sink_end(void *state, const struct result *r, struct fail *f)
{
    return outfile_write(HTML_OPTION, state, html_write, r, f);
}

extern const struct report_sink sink_html;
const struct report_sink sink_html = {
    .name = "html",
    .help = "a page with charts for a browser",
    .option = HTML_OPTION,
    .check = sink_check,
    .open = sink_open,
    .end = sink_end,
};
