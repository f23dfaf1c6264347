/* SPDX-License-Identifier: BSD-3-Clause */
/* See earlier_json.h: counts, latencies, rows. */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/earlier_json.h"
#include "report/interval.h"
#include "report/json_tree.h"
#include "report/rows.h"

/* Beyond what a JSON integer holds counts are text. */
static uint64_t
count_of(const json_t *value)
{
    const char *digits = json_string_value(value);

    return digits != NULL ? strtoull(digits, NULL, 10) : (uint64_t)json_integer_value(value);
}

uint64_t
earlier_count(const json_t *o, const char *key)
{
    return count_of(json_object_get(o, key));
}

double
earlier_number(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

const char *
earlier_text(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

bool
earlier_flag(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

void
earlier_counts(struct stat_block *b, const json_t *o)
{
    const json_t *open_by = json_object_get(o, "open_by"), *causes = json_object_get(o, "failures");

    for (unsigned i = 0; i < counter_rows(); i++)
        b->counters[i] = earlier_count(o, counter_name(i).name);
    b->open = earlier_count(o, "open");
    for (unsigned i = 0; i < OPEN_COUNT; i++)
        b->open_by[i] = earlier_count(open_by, stat_open_names[i].name);
    b->longest_poll_ns = earlier_count(o, "longest_poll_ns");
    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        b->failures[i] = earlier_count(causes, stat_failure_names[i].name);
}

uint64_t
earlier_whole(double number)
{
    return number > 0 && number < 1e18 ? (uint64_t)(number + 0.5) : 0;
}

static uint64_t
ns_of(double us)
{
    return earlier_whole(us * 1000);
}

/* "LEAST:COUNT LEAST:COUNT ...". @return false: it is not of our buckets */
static bool
read_buckets(struct hist *h, const char *text)
{
    while (*text != '\0') {
        char *end;
        uint64_t low = strtoull(text, &end, 10), n;
        size_t idx = hist_index(low);

        if (end == text || *end != ':' || hist_low_ns(idx) != low)
            return false;
        n = strtoull(end + 1, &end, 10);
        h->buckets[idx] += n;
        h->count += n;
        text = end + (*end == ' ');
        if (*end != ' ' && *end != '\0')
            return false;
    }
    return true;
}

bool
earlier_hist(struct hist *h, const json_t *o)
{
    hist_init(h);
    if (!read_buckets(h, earlier_text(o, "distribution")) || h->count != earlier_count(o, "count"))
        return false;
    if (h->count == 0)
        return true;
    h->min_ns = ns_of(earlier_number(o, "min_us"));
    h->max_ns = ns_of(earlier_number(o, "max_us"));
    h->sum_ns = earlier_count(o, "sum_ns");
    if (json_object_get(o, "sum_ns") == NULL)
        h->sum_ns = earlier_whole(earlier_number(o, "mean_us") * 1000 * (double)h->count);
    return true;
}

bool
earlier_latencies(struct stat_block *b, const json_t *o)
{
    for (unsigned row = 0; row < latency_rows(); row++)
        if (!earlier_hist(&b->latency[row], json_object_get(o, latency_name(row).name)))
            return false;
    return true;
}

void
earlier_intervals(struct result *r, const json_t *rows)
{
    unsigned n = interval_fields();
    char(*paths)[INTERVAL_NAME_MAX] = calloc(n, sizeof(*paths));
    const json_t *row;
    size_t i;

    for (unsigned k = 0; paths != NULL && k < n; k++)
        interval_name(k, paths[k]);
    json_array_foreach(rows, i, row)
    {
        struct result_interval interval = {0};

        for (unsigned k = 0; paths != NULL && k < n; k++) {
            const json_t *value = tree_at_path(row, paths[k]);

            if (value != NULL)
                interval_set(&interval, k, count_of(value), json_number_value(value));
        }
        if (paths == NULL)
            r->intervals_omitted++;
        else
            report_result_add_interval(r, &interval);
    }
    free(paths);
}
