/* SPDX-License-Identifier: BSD-3-Clause */
/* See html_rows.h. */
#include "report/html_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "conf/phases.h"
#include "report/interval.h"
#include "report/rows.h"

/* How several rows are one point. */
enum kind { KIND_LAST, KIND_SUM, KIND_MEAN, KIND_MOST };

struct html_column {
    char name[INTERVAL_NAME_MAX];
    enum kind kind;
    bool is_shown;
    bool is_count; /* of a latency: those behind it are of so many samples */
    unsigned decimals;
    bool has_any; /* that is not 0 */
    double value; /* of the point under way */
    unsigned n;   /* rows that have one */
    json_t *points;
};

static const char ASKED[] = "asked";

/* No run lasts longer, and none could be told in nanoseconds. */
static const double LAST_S = 1e9;

/* Counts that are rates, too, and what is rather read in the table of all of the run. */
static const char *const left_out[] = {"established",    "closed",           "rx_packets",
                                       "tx_packets",     "rx_payload_bytes", "tx_payload_bytes",
                                       "tls_handshakes", "responses",        "header_bps",
                                       "body_bps",       "header_bps_sent",  "body_bps_sent"};

static bool
is_latency(const struct html_column *c)
{
    return strncmp(c->name, "latency.", 8) == 0;
}

/* Of a latency that is part of another one. */
static bool
is_part(const struct html_column *c)
{
    const char *name = strchr(c->name, '.') + 1;
    size_t length = strcspn(name, ".");

    for (unsigned row = 0; row < latency_rows(); row++) {
        const struct stat_latency_name of = latency_name(row);

        if (of.whole != row && strlen(of.name) == length && memcmp(of.name, name, length) == 0)
            return true;
    }
    return false;
}

/* Of the parts of a latency the median and the 99th percentile are enough. */
static bool
is_shown(const struct html_column *c)
{
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
        if (strcmp(c->name, left_out[i]) == 0)
            return false;
    if (!is_latency(c))
        return true;
    if (is_part(c))
        return text_ends_with(c->name, ".p50_us") || text_ends_with(c->name, ".p99_us");
    return !text_ends_with(c->name, ".p95_us") && !text_ends_with(c->name, ".p9999_us");
}

static enum kind
kind_of(const struct html_column *c, bool is_count)
{
    if (strcmp(c->name, "t_s") == 0 || strcmp(c->name, "open") == 0)
        return KIND_LAST;
    if (strcmp(c->name, "longest_poll_ns") == 0 || (is_latency(c) && !is_count))
        return KIND_MOST;
    return is_count ? KIND_SUM : KIND_MEAN;
}

bool
html_rows_init(struct html_rows *h, size_t n_rows, const struct conf *conf, const json_t *changes)
{
    struct result_interval empty = {.has_role = {true, true}};
    unsigned n = interval_fields();

    *h = (struct html_rows){.conf = conf, .changes = changes};
    h->rows_per_point = (unsigned)((n_rows + HTML_POINTS_MAX - 1) / HTML_POINTS_MAX);
    h->rows_per_point += h->rows_per_point == 0;
    h->columns = calloc(n + 1, sizeof(h->columns[0]));
    if (h->columns == NULL)
        return false;
    h->n = n + 1;
    for (unsigned i = 0; i < n; i++) {
        struct html_column *c = &h->columns[i];
        struct interval_field f = interval_field(&empty, i);

        interval_name(i, c->name);
        c->kind = kind_of(c, f.is_count);
        c->is_shown = is_shown(c);
        c->is_count = f.is_count && is_latency(c);
        c->decimals = f.is_count ? 0 : f.decimals;
        c->points = json_array();
    }
    snprintf(h->columns[n].name, INTERVAL_NAME_MAX, ASKED);
    h->columns[n].kind = KIND_MEAN;
    h->columns[n].is_shown = conf != NULL;
    h->columns[n].decimals = 3;
    h->columns[n].points = json_array();
    return true;
}

void
html_rows_fini(struct html_rows *h)
{
    for (unsigned i = 0; i < h->n; i++)
        json_decref(h->columns[i].points);
    free(h->columns);
}

/* -- what was asked for --------------------------------------------------------------------- */

/* The last change of the rate before @t_s; a negative one: there was none. */
static double
changed_rate(const struct html_rows *h, double t_s)
{
    const json_t *change;
    double rate = -1;
    size_t i;

    json_array_foreach(h->changes, i, change)
    {
        if (json_number_value(json_object_get(change, "t_s")) <= t_s)
            rate = json_number_value(json_object_get(change, "rate"));
    }
    return rate;
}

/* The mean between two instants; NAN: nothing was. */
static double
asked_rate(const struct html_rows *h, double from_s, double to_s)
{
    const struct conf *c = h->conf;
    const struct load_plan *p = c->request_load.n > 0 ? &c->request_load : &c->load;
    double changed = changed_rate(h, (from_s + to_s) / 2);
    double end_s = conf_load_ns(c) == TIME_NEVER ? to_s : (double)conf_load_ns(c) / 1e9;
    load_sum begin, end;

    if (p->n == 0 || to_s > LAST_S || to_s <= from_s || from_s >= end_s - 1e-3 ||
        c->search.n_goals > 0)
        return NAN;
    if (changed >= 0)
        return changed;
    to_s = fmin(to_s, end_s);
    begin = load_plan_sum(p, (uint64_t)(from_s * 1e9));
    end = load_plan_sum(p, (uint64_t)(to_s * 1e9));
    return ldexp((double)(end - begin), -64) / (to_s - from_s);
}

/* -- rows ----------------------------------------------------------------------------------- */

static void
add_value(struct html_column *c, double value)
{
    switch (c->kind) {
    case KIND_LAST:
        c->value = value;
        break;
    case KIND_SUM:
    case KIND_MEAN:
        c->value = c->n == 0 ? value : c->value + value;
        break;
    case KIND_MOST:
        c->value = c->n == 0 ? value : fmax(c->value, value);
        break;
    }
    c->n++;
}

static void
end_point(struct html_rows *h, struct json_tree *t)
{
    for (unsigned i = 0; i < h->n; i++) {
        struct html_column *c = &h->columns[i];
        double value = c->kind == KIND_MEAN && c->n > 0 ? c->value / c->n : c->value;

        if (!c->is_shown)
            continue;
        c->has_any |= c->n > 0 && value > 0;
        if (c->n == 0)
            tree_append(t, c->points, json_null());
        else if (c->decimals == 0)
            tree_append(t, c->points, json_integer((json_int_t)value));
        else
            tree_append(t, c->points, tree_number(value, c->decimals));
        c->n = 0;
    }
    h->n_pending = 0;
}

void
html_rows_add(struct html_rows *h, struct json_tree *t, const json_t *row)
{
    bool has_samples = true; /* of the latency whose columns these are */
    double t_s = json_number_value(json_object_get(row, "t_s")), asked;

    for (unsigned i = 0; i + 1 < h->n; i++) {
        struct html_column *c = &h->columns[i];
        const json_t *value;

        if (!c->is_shown)
            continue;
        value = tree_at_path(row, c->name);
        if (c->is_count)
            has_samples = json_number_value(value) > 0;
        if (value != NULL && (!is_latency(c) || c->is_count || has_samples))
            add_value(c, json_number_value(value));
    }
    asked = h->conf != NULL ? asked_rate(h, h->t_s, t_s) : NAN;
    if (!isnan(asked))
        add_value(&h->columns[h->n - 1], asked);
    h->t_s = t_s;
    if (++h->n_pending == h->rows_per_point)
        end_point(h, t);
}

json_t *
html_rows_json(struct html_rows *h, struct json_tree *t)
{
    json_t *o = json_object(), *columns = json_object();

    if (h->n_pending > 0)
        end_point(h, t);
    for (unsigned i = 0; i < h->n; i++) {
        struct html_column *c = &h->columns[i];

        if (c->is_shown && (c->has_any || strcmp(c->name, "t_s") == 0))
            tree_put(t, columns, c->name, json_incref(c->points));
    }
    tree_put(t, o, "rows_per_point", json_integer(h->rows_per_point));
    tree_put(t, o, "columns", columns);
    return o;
}
