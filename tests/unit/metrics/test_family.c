/* SPDX-License-Identifier: BSD-3-Clause */
#include "metrics/family.h"

#include "metrics_rig.h"
#include "report/rows.h"

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);

    return n >= k && strcmp(text + n - k, end) == 0;
}

Test(family, names_are_unique_and_as_prometheus_has_them)
{
    for (unsigned i = 0; i < metrics_families(); i++) {
        struct metrics_family f, other;

        metrics_family(i, &f);
        cr_assert(zero(int, strncmp(f.name, "shakedown_", 10)), "%s", f.name);
        cr_assert(eq(sz, strspn(f.name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(f.name)),
                  "%s", f.name);
        cr_assert(f.unit != METRICS_SECONDS || ends_with(f.name, "_seconds"), "%s", f.name);
        cr_assert(f.unit != METRICS_BYTES || ends_with(f.name, "_bytes"), "%s", f.name);
        cr_assert(not(ends_with(f.name, "_ns")), "%s", f.name);
        cr_assert(not(ends_with(f.name, "_total")), "%s", f.name);
        cr_assert(f.help[0] != '\0' && strlen(f.help) < sizeof(f.help) - 1, "%s", f.name);
        for (unsigned k = 0; k < i; k++) {
            metrics_family(k, &other);
            cr_assert(ne(str, f.name, other.name));
        }
    }
}

static bool
is_there(const char *name, enum metrics_kind kind)
{
    struct metrics_family f;

    for (unsigned i = 0; i < metrics_families(); i++) {
        metrics_family(i, &f);
        if (strcmp(f.name, name) == 0)
            return f.kind == kind;
    }
    return false;
}

Test(family, every_counter_and_every_latency_is_there)
{
    for (unsigned row = 0; row < counter_rows(); row++) {
        char name[METRICS_NAME_MAX];
        const char *key = counter_name(row).name;

        if (strstr(key, "bytes") != NULL || ends_with(key, "_ns"))
            continue; /* below */
        snprintf(name, sizeof(name), "shakedown_%s", key);
        cr_assert(is_there(name, METRICS_COUNTER), "%s", name);
    }
    for (unsigned row = 0; row < latency_rows(); row++) {
        char name[METRICS_NAME_MAX];

        snprintf(name, sizeof(name), "shakedown_%s_seconds", latency_name(row).name);
        cr_assert(is_there(name, METRICS_HISTOGRAM), "%s", name);
    }
    cr_assert(is_there("shakedown_rx_payload_bytes", METRICS_COUNTER));
    cr_assert(is_there("shakedown_http_header_sent_bytes", METRICS_COUNTER));
    cr_assert(is_there("shakedown_link_down_seconds", METRICS_COUNTER));
    cr_assert(is_there("shakedown_failures", METRICS_COUNTER));
}

static void
add_value(void *arg, const struct metrics_point *p)
{
    *(uint64_t *)arg += p->value;
}

Test(family, points_of_counters_add_up_to_the_cores)
{
    struct metrics_snapshot *s;

    sample_init(&sample);
    for (unsigned i = 0; i < 2; i++)
        for (unsigned row = 0; row < counter_rows(); row++)
            sample.r.cores[i].total.counters[row] = 1000 * row + i;
    s = snap();
    for (unsigned i = 0, row = 0; i < metrics_families(); i++) {
        struct metrics_family f;
        uint64_t sum = 0;

        metrics_family(i, &f);
        if (f.kind != METRICS_COUNTER || strcmp(f.labels, "core, role") != 0)
            continue;
        metrics_family_points(&f, s, add_value, &sum);
        cr_assert(eq(u64, sum, 2000 * (uint64_t)row + 1), "%s", f.name);
        row++;
    }
    metrics_snapshot_release(s);
}
