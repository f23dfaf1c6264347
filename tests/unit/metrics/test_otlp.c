/* SPDX-License-Identifier: BSD-3-Clause */
#include "metrics/otlp.h"

#include <jansson.h>

#include "metrics_rig.h"

static const struct otlp_resource from = {.host = "here", .instance = "1", .process_id = 77};

static json_t *whole;

/* What the sample's snapshot becomes. */
static json_t *
request(void)
{
    struct metrics_snapshot *s = snap();
    char *text = otlp_text(s, &from);

    whole = json_loads(text, 0, NULL);
    cr_assert_not_null(whole, "%s", text);
    free(text);
    metrics_snapshot_release(s);
    return json_array_get(json_object_get(whole, "resourceMetrics"), 0);
}

static json_t *
metric_of(json_t *resource, const char *name)
{
    json_t *scope = json_array_get(json_object_get(resource, "scopeMetrics"), 0), *metric;
    size_t i;

    json_array_foreach(json_object_get(scope, "metrics"), i,
                       metric) if (strcmp(json_string_value(json_object_get(metric, "name")),
                                          name) == 0) return metric;
    cr_assert(false, "no metric %s", name);
    return NULL;
}

static json_t *
point_of(json_t *metric, const char *kind, size_t i)
{
    return json_array_get(json_object_get(json_object_get(metric, kind), "dataPoints"), i);
}

static const char *
text_at(json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

Test(otlp, a_counter_is_a_cumulative_monotonic_sum)
{
    json_t *metric, *sum;

    sample_init(&sample);
    metric = metric_of(request(), "shakedown_attempted");
    sum = json_object_get(metric, "sum");
    cr_assert(eq(int, (int)json_integer_value(json_object_get(sum, "aggregationTemporality")), 2));
    cr_assert(eq(int, json_is_true(json_object_get(sum, "isMonotonic")), 1));
    cr_assert(eq(str, (char *)text_at(metric, "unit"), "1"));
    cr_assert(eq(str, (char *)text_at(point_of(metric, "sum", 0), "asInt"), "1000"));
    cr_assert(eq(str, (char *)text_at(point_of(metric, "sum", 1), "asInt"), "999"));
    cr_assert(eq(str, (char *)text_at(point_of(metric, "sum", 0), "startTimeUnixNano"),
                 "1700000000500000000"));
    cr_assert(eq(str, (char *)text_at(point_of(metric, "sum", 0), "timeUnixNano"),
                 "1700000010000000000"));
}

Test(otlp, a_histogram_has_a_bucket_more_than_bounds)
{
    json_t *p, *counts, *bounds;

    sample_init(&sample);
    p = point_of(metric_of(request(), "shakedown_connect_seconds"), "histogram", 0);
    counts = json_object_get(p, "bucketCounts");
    bounds = json_object_get(p, "explicitBounds");
    cr_assert(eq(sz, json_array_size(counts), BOUNDS_BUCKETS));
    cr_assert(eq(sz, json_array_size(bounds), BOUNDS_COUNT));
    cr_assert(eq(str, (char *)json_string_value(json_array_get(counts, 0)), "990"));
    cr_assert(eq(str, (char *)text_at(p, "count"), "998"));
    cr_assert(ieee_ulp_eq(dbl, json_real_value(json_array_get(bounds, 0)), 511e-9, 1));
    cr_assert(ieee_ulp_eq(dbl, json_real_value(json_object_get(p, "sum")), 598e-6, 1));
    cr_assert(ieee_ulp_eq(dbl, json_real_value(json_object_get(p, "min")), 200e-9, 1));
    cr_assert(ieee_ulp_eq(dbl, json_real_value(json_object_get(p, "max")), 50e-6, 1));
}

Test(otlp, units_are_base_units)
{
    json_t *resource, *busy, *bytes;

    sample_init(&sample);
    resource = request();
    busy = metric_of(resource, "shakedown_busy_seconds");
    bytes = metric_of(resource, "shakedown_rx_bytes");
    cr_assert(eq(str, (char *)text_at(busy, "unit"), "s"));
    cr_assert(ieee_ulp_eq(
        dbl, json_real_value(json_object_get(point_of(busy, "sum", 0), "asDouble")), 9, 1));
    cr_assert(eq(str, (char *)text_at(bytes, "unit"), "By"));
    cr_assert(eq(str, (char *)text_at(point_of(bytes, "sum", 0), "asInt"), "180000"));
}

Test(otlp, the_resource_says_who_sends)
{
    json_t *attributes, *a;
    size_t i, found = 0;

    sample_init(&sample);
    attributes = json_object_get(json_object_get(request(), "resource"), "attributes");
    json_array_foreach(attributes, i, a)
    {
        json_t *value = json_object_get(a, "value");

        found += strcmp(text_at(a, "key"), "service.name") == 0 &&
                 strcmp(text_at(value, "stringValue"), "shakedown") == 0;
        found += strcmp(text_at(a, "key"), "process.pid") == 0 &&
                 strcmp(text_at(value, "intValue"), "77") == 0;
    }
    cr_assert(eq(sz, found, 2));
}
