/* SPDX-License-Identifier: BSD-3-Clause */
/* See otlp.h. The names of keys are those of opentelemetry/proto/metrics/v1/metrics.proto. */
#include "metrics/otlp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "report/json_tree.h"

/* All that a double keeps of a decimal number. */
#define REAL_DIGITS JSON_REAL_PRECISION(15)

/* AggregationTemporality */
enum { CUMULATIVE = 2 };

/* What a family's points are added to. */
struct maker {
    struct json_tree *tree;
    json_t *points;
    const struct metrics_family *family;
    const char *began, *taken; /* nanoseconds of Unix time */
};

static json_t *
whole(uint64_t n)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, n);
    return json_string(text);
}

static json_t *
seconds(uint64_t ns)
{
    return json_real((double)ns / (double)NS_PER_SEC);
}

/* A KeyValue with @value, a kind of AnyValue. */
static void
add_value(struct json_tree *t, json_t *list, const char *name, const char *kind, json_t *value)
{
    json_t *o = json_object(), *any = json_object();

    tree_put(t, any, kind, value);
    tree_put(t, o, "key", json_string(name));
    tree_put(t, o, "value", any);
    tree_append(t, list, o);
}

static void
add_text(struct json_tree *t, json_t *list, const char *name, const char *value)
{
    add_value(t, list, name, "stringValue", tree_text(value));
}

/* -- points ------------------------------------------------------------------------------- */

static json_t *
labels(struct json_tree *t, const struct metrics_point *p)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < p->n_labels; i++)
        add_text(t, a, p->labels[i].name, p->labels[i].value);
    return a;
}

static double
number(const struct metrics_point *p)
{
    double one = 1;

    for (unsigned i = 0; i < p->decimals; i++)
        one *= 10;
    return (double)p->value / one;
}

static void
put_value(struct json_tree *t, json_t *o, const struct metrics_point *p)
{
    if (p->decimals == 0)
        tree_put(t, o, "asInt", whole(p->value));
    else
        tree_put(t, o, "asDouble", json_real(number(p)));
}

static void
put_histogram(struct json_tree *t, json_t *o, const struct metrics_latency *l)
{
    json_t *counts = json_array(), *bounds = json_array();

    for (unsigned i = 0; i < BOUNDS_BUCKETS; i++)
        tree_append(t, counts, whole(l->buckets[i]));
    for (unsigned i = 0; i < BOUNDS_COUNT; i++)
        tree_append(t, bounds, seconds(bounds_ns(i)));
    tree_put(t, o, "count", whole(l->count));
    tree_put(t, o, "sum", seconds(l->sum_ns));
    if (l->count > 0) {
        tree_put(t, o, "min", seconds(l->min_ns));
        tree_put(t, o, "max", seconds(l->max_ns));
    }
    tree_put(t, o, "bucketCounts", counts);
    tree_put(t, o, "explicitBounds", bounds);
}

static void
add_point(void *arg, const struct metrics_point *p)
{
    struct maker *m = arg;
    json_t *o = json_object();

    tree_put(m->tree, o, "attributes", labels(m->tree, p));
    if (m->family->kind == METRICS_COUNTER || m->family->kind == METRICS_HISTOGRAM)
        tree_put(m->tree, o, "startTimeUnixNano", json_string(m->began));
    tree_put(m->tree, o, "timeUnixNano", json_string(m->taken));
    if (p->latency != NULL)
        put_histogram(m->tree, o, p->latency);
    else
        put_value(m->tree, o, p);
    tree_append(m->tree, m->points, o);
}

/* -- metrics ------------------------------------------------------------------------------ */

/* Of the Unified Code for Units of Measure. */
static const char *
unit_of(const struct metrics_family *f)
{
    static const char *const units[] = {
        [METRICS_PLAIN] = "1", [METRICS_SECONDS] = "s", [METRICS_BYTES] = "By"};

    return units[f->unit];
}

static json_t *
metric(struct maker *m)
{
    const struct metrics_family *f = m->family;
    json_t *o = json_object(), *data = json_object();
    char name[METRICS_NAME_MAX + 8];

    snprintf(name, sizeof(name), "%s%s", f->name, f->kind == METRICS_INFO ? "_info" : "");
    tree_put(m->tree, data, "dataPoints", m->points);
    tree_put(m->tree, o, "name", json_string(name));
    tree_put(m->tree, o, "description", tree_text(f->help));
    tree_put(m->tree, o, "unit", json_string(unit_of(f)));
    switch (f->kind) {
    case METRICS_COUNTER:
        tree_put(m->tree, data, "aggregationTemporality", json_integer(CUMULATIVE));
        tree_put(m->tree, data, "isMonotonic", json_true());
        tree_put(m->tree, o, "sum", data);
        break;
    case METRICS_HISTOGRAM:
        tree_put(m->tree, data, "aggregationTemporality", json_integer(CUMULATIVE));
        tree_put(m->tree, o, "histogram", data);
        break;
    case METRICS_GAUGE:
    case METRICS_INFO:
        tree_put(m->tree, o, "gauge", data);
        break;
    }
    return o;
}

static json_t *
metrics(struct json_tree *t, const struct metrics_snapshot *s)
{
    json_t *a = json_array();
    char began[24], taken[24];

    snprintf(began, sizeof(began), "%" PRIu64, s->began_unix_ns);
    snprintf(taken, sizeof(taken), "%" PRIu64, s->taken_unix_ns);
    for (unsigned i = 0; i < metrics_families(); i++) {
        struct metrics_family f;
        struct maker m = {t, json_array(), &f, began, taken};

        metrics_family(i, &f);
        metrics_family_points(&f, s, add_point, &m);
        if (json_array_size(m.points) > 0)
            tree_append(t, a, metric(&m));
        else
            json_decref(m.points);
    }
    return a;
}

static json_t *
resource(struct json_tree *t, const struct metrics_snapshot *s, const struct otlp_resource *from)
{
    json_t *o = json_object(), *a = json_array();

    add_text(t, a, "service.name", "shakedown");
    add_text(t, a, "service.version", s->version);
    add_text(t, a, "service.instance.id", from->instance);
    if (from->host[0] != '\0')
        add_text(t, a, "host.name", from->host);
    add_value(t, a, "process.pid", "intValue", whole(from->process_id));
    tree_put(t, o, "attributes", a);
    return o;
}

static json_t *
list_of(struct json_tree *t, json_t *only)
{
    json_t *a = json_array();

    tree_append(t, a, only);
    return a;
}

char *
otlp_text(const struct metrics_snapshot *s, const struct otlp_resource *from)
{
    struct json_tree t = {0};
    json_t *scope = json_object(), *of_scope = json_object(), *of_resource = json_object();
    json_t *request = json_object();
    char *text = NULL;

    tree_put(&t, scope, "name", json_string("shakedown"));
    tree_put(&t, scope, "version", tree_text(s->version));
    tree_put(&t, of_scope, "scope", scope);
    tree_put(&t, of_scope, "metrics", metrics(&t, s));
    tree_put(&t, of_resource, "resource", resource(&t, s, from));
    tree_put(&t, of_resource, "scopeMetrics", list_of(&t, of_scope));
    tree_put(&t, request, "resourceMetrics", list_of(&t, of_resource));
    if (!t.has_failed)
        text = json_dumps(request, JSON_COMPACT | REAL_DIGITS);
    json_decref(request);
    return text;
}
