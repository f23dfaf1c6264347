/* SPDX-License-Identifier: BSD-3-Clause */
/* See family.h. */
#include "metrics/family.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "report/metric.h"
#include "report/rows.h"

#define PREFIX "shakedown_"

const char *const metrics_kind_names[] = {
    [METRICS_COUNTER] = "counter",
    [METRICS_GAUGE] = "gauge",
    [METRICS_HISTOGRAM] = "histogram",
    [METRICS_INFO] = "info",
};

const char *const metrics_unit_names[] = {
    [METRICS_PLAIN] = "",
    [METRICS_SECONDS] = "seconds",
    [METRICS_BYTES] = "bytes",
};

/* In this order. */
enum section {
    SECTION_OWN,
    SECTION_CORE_GAUGES,
    SECTION_COUNTERS,
    SECTION_FAILURES,
    SECTION_CLASS_OPEN,
    SECTION_CLASS_COUNTERS,
    SECTION_CLASS_FAILURES,
    SECTION_LATENCIES,
    SECTION_COUNT
};

/* Of the run as a whole. */
enum own { OWN_BUILD, OWN_START, OWN_TIME, OWN_INTERVALS, OWN_STAGE, OWN_RATE, OWN_COUNT };

/* Of each core. */
enum core_gauge { CORE_OPEN, CORE_LONGEST_POLL, CORE_GAUGES };

static const struct metrics_family own[OWN_COUNT] = {
    [OWN_BUILD] = {METRICS_INFO, METRICS_PLAIN, PREFIX "build",
                   "the program, and the libraries it runs with", "version, dpdk, openssl"},
    [OWN_START] = {METRICS_GAUGE, METRICS_SECONDS, PREFIX "start_time_seconds",
                   "when all counters were 0, in Unix time", ""},
    [OWN_TIME] = {METRICS_GAUGE, METRICS_SECONDS, PREFIX "run_time_seconds",
                  "from the start of the load to the end of the interval that the figures are of",
                  ""},
    [OWN_INTERVALS] = {METRICS_COUNTER, METRICS_PLAIN, PREFIX "intervals",
                       "intervals (output.sample) that are over", ""},
    [OWN_STAGE] = {METRICS_GAUGE, METRICS_PLAIN, PREFIX "phase",
                   "1 for the phase that the run is in, 0 for the others", "phase"},
    [OWN_RATE] = {METRICS_GAUGE, METRICS_PLAIN, PREFIX "asked_per_second",
                  "connections, or with load.request_rate requests, that are to begin per second "
                  "now; a closed loop has none",
                  ""},
};

static const struct metrics_family core_gauges[CORE_GAUGES] = {
    [CORE_OPEN] = {METRICS_GAUGE, METRICS_PLAIN, PREFIX "open_connections",
                   "connections open at the end of the interval", "core, role"},
    [CORE_LONGEST_POLL] = {METRICS_GAUGE, METRICS_SECONDS, PREFIX "longest_poll_seconds",
                           "the longest of the polls that long_polls counts", "core, role"},
};

/* -- names -------------------------------------------------------------------------------- */

/* The unit goes to the end, as Prometheus has it, and is a base unit: "link_down_ns" becomes
 * "link_down_seconds", "http_body_bytes_sent" becomes "http_body_sent_bytes". */
static void
name_after(struct metrics_family *f, const char *prefix, const char *key)
{
    static const char NS[] = "_ns", BYTES[] = "_bytes";
    size_t length = strlen(key);
    const char *bytes = strstr(key, BYTES);

    if (length > strlen(NS) && strcmp(key + length - strlen(NS), NS) == 0) {
        f->unit = METRICS_SECONDS;
        snprintf(f->name, sizeof(f->name), PREFIX "%s%.*s_seconds", prefix,
                 (int)(length - strlen(NS)), key);
    } else if (bytes != NULL) {
        f->unit = METRICS_BYTES;
        snprintf(f->name, sizeof(f->name), PREFIX "%s%.*s%s_bytes", prefix, (int)(bytes - key), key,
                 bytes + strlen(BYTES));
    } else {
        snprintf(f->name, sizeof(f->name), PREFIX "%s%s", prefix, key);
    }
}

static bool
is_of_class(enum metric_kind kind, unsigned row)
{
    struct metric m = {.kind = kind, .row = row};

    return metric_is_of_class(&m);
}

static unsigned
class_counters(void)
{
    unsigned n = 0;

    for (unsigned row = 0; row < counter_rows(); row++)
        n += is_of_class(METRIC_COUNTER, row);
    return n;
}

/* The row of the @n-th counter that classes have. */
static unsigned
class_counter(unsigned n)
{
    for (unsigned row = 0;; row++)
        if (is_of_class(METRIC_COUNTER, row) && n-- == 0)
            return row;
}

static unsigned
section_rows(enum section section)
{
    switch (section) {
    case SECTION_OWN:
        return OWN_COUNT;
    case SECTION_CORE_GAUGES:
        return CORE_GAUGES;
    case SECTION_COUNTERS:
        return counter_rows();
    case SECTION_FAILURES:
    case SECTION_CLASS_OPEN:
    case SECTION_CLASS_FAILURES:
        return 1;
    case SECTION_CLASS_COUNTERS:
        return class_counters();
    case SECTION_LATENCIES:
        return latency_rows();
    case SECTION_COUNT:
        break;
    }
    return 0;
}

unsigned
metrics_families(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < SECTION_COUNT; i++)
        n += section_rows((enum section)i);
    return n;
}

static void
describe_counter(struct metrics_family *f, unsigned row, bool is_class)
{
    f->kind = METRICS_COUNTER;
    f->row = row;
    f->labels = is_class ? "class" : "core, role";
    snprintf(f->help, sizeof(f->help), "%s", counter_name(row).meaning);
    name_after(f, is_class ? "class_" : "", counter_name(row).name);
}

static void
describe_latency(struct metrics_family *f, unsigned row)
{
    struct stat_latency_name l = latency_name(row);

    f->kind = METRICS_HISTOGRAM;
    f->unit = METRICS_SECONDS;
    f->row = row;
    f->labels = is_of_class(METRIC_LATENCY, row) ? "role, class" : "role";
    snprintf(f->help, sizeof(f->help), "time from: %s, to: %s", l.from, l.to);
    snprintf(f->name, sizeof(f->name), PREFIX "%s_seconds", l.name);
}

static void
describe_failures(struct metrics_family *f, bool is_class)
{
    f->kind = METRICS_COUNTER;
    f->labels = is_class ? "class, cause" : "core, role, cause";
    snprintf(f->name, sizeof(f->name), PREFIX "%sfailures", is_class ? "class_" : "");
    snprintf(f->help, sizeof(f->help), "connections that failed, by their cause");
}

static void
describe(struct metrics_family *f, enum section section, unsigned row)
{
    *f = (struct metrics_family){.section = section, .row = row};
    switch (section) {
    case SECTION_OWN:
        *f = own[row];
        break;
    case SECTION_CORE_GAUGES:
        *f = core_gauges[row];
        break;
    case SECTION_COUNTERS:
        describe_counter(f, row, false);
        break;
    case SECTION_FAILURES:
        describe_failures(f, false);
        break;
    case SECTION_CLASS_OPEN:
        *f = (struct metrics_family){METRICS_GAUGE, METRICS_PLAIN, PREFIX "class_open_connections",
                                     "connections of the class that are open", "class"};
        break;
    case SECTION_CLASS_COUNTERS:
        describe_counter(f, class_counter(row), true);
        break;
    case SECTION_CLASS_FAILURES:
        describe_failures(f, true);
        break;
    case SECTION_LATENCIES:
        describe_latency(f, row);
        break;
    case SECTION_COUNT:
        break;
    }
    f->section = section;
    if (section == SECTION_OWN || section == SECTION_CORE_GAUGES)
        f->row = row;
}

void
metrics_family(unsigned i, struct metrics_family *f)
{
    unsigned section = 0;

    assert(i < metrics_families());

    while (i >= section_rows((enum section)section))
        i -= section_rows((enum section)section++);
    describe(f, (enum section)section, i);
}

/* -- points ------------------------------------------------------------------------------- */

/* Where points go. */
struct sight {
    void (*see)(void *arg, const struct metrics_point *p);
    void *arg;
};

static void
add_label(struct metrics_point *p, const char *name, const char *value)
{
    p->labels[p->n_labels++] = (struct metrics_label){name, value == NULL ? "" : value};
}

static void
see_number(const struct sight *t, uint64_t value, unsigned decimals)
{
    struct metrics_point p = {.value = value, .decimals = decimals};

    t->see(t->arg, &p);
}

static void
see_build(const struct sight *t, const struct metrics_snapshot *s)
{
    struct metrics_point p = {.value = 1};

    add_label(&p, "version", s->version);
    add_label(&p, "dpdk", s->dpdk);
    add_label(&p, "openssl", s->openssl);
    t->see(t->arg, &p);
}

static void
see_stages(const struct sight *t, const struct metrics_snapshot *s)
{
    for (unsigned i = 0; i < METRICS_STAGES; i++) {
        struct metrics_point p = {.value = s->stage == (enum metrics_stage)i};

        add_label(&p, "phase", metrics_stage_names[i]);
        t->see(t->arg, &p);
    }
}

static void
see_own(const struct sight *t, enum own which, const struct metrics_snapshot *s)
{
    switch (which) {
    case OWN_BUILD:
        see_build(t, s);
        break;
    case OWN_START:
        see_number(t, s->began_unix_ns, 9);
        break;
    case OWN_TIME:
        see_number(t, (uint64_t)(s->run_s * (double)NS_PER_SEC), 9);
        break;
    case OWN_INTERVALS:
        see_number(t, s->intervals, 0);
        break;
    case OWN_STAGE:
        see_stages(t, s);
        break;
    case OWN_RATE:
        if (s->has_rate)
            see_number(t, s->rate_milli, 3);
        break;
    case OWN_COUNT:
        break;
    }
}

static uint64_t
value_of(const struct metrics_family *f, const struct metrics_counts *c)
{
    if (f->section == SECTION_COUNTERS || f->section == SECTION_CLASS_COUNTERS)
        return c->counters[f->row];
    return f->section == SECTION_CORE_GAUGES && f->row == CORE_LONGEST_POLL ? c->longest_poll_ns
                                                                            : c->open;
}

/* What @c has of @f: a point, or one of each cause. @p has the labels of its owner. */
static void
see_counts(const struct sight *t, const struct metrics_family *f, struct metrics_point *p,
           const struct metrics_counts *c)
{
    unsigned n_labels = p->n_labels;

    p->decimals = f->unit == METRICS_SECONDS ? 9 : 0;
    if (f->section != SECTION_FAILURES && f->section != SECTION_CLASS_FAILURES) {
        p->value = value_of(f, c);
        t->see(t->arg, p);
        return;
    }
    for (unsigned i = 0; i < FAILURE_COUNT; i++) {
        p->n_labels = n_labels;
        p->value = c->failures[i];
        add_label(p, "cause", stat_failure_names[i].name);
        t->see(t->arg, p);
    }
}

static void
see_cores(const struct sight *t, const struct metrics_family *f, const struct metrics_snapshot *s)
{
    for (unsigned i = 0; i < s->n_cores; i++) {
        struct metrics_point p = {0};
        char lcore[16];

        snprintf(lcore, sizeof(lcore), "%u", s->cores[i].lcore);
        add_label(&p, "core", lcore);
        add_label(&p, "role", result_role_names[s->cores[i].role]);
        see_counts(t, f, &p, &s->cores[i].counts);
    }
}

static void
see_classes(const struct sight *t, const struct metrics_family *f, const struct metrics_snapshot *s)
{
    for (unsigned i = 0; i < s->n_classes; i++) {
        struct metrics_point p = {0};

        add_label(&p, "class", s->classes[i].name);
        see_counts(t, f, &p, &s->classes[i].counts);
    }
}

/* Of the run, or of its classes where there are several. */
static void
see_latency(const struct sight *t, unsigned row, const struct metrics_snapshot *s)
{
    bool has_classes = s->n_classes > 0 && is_of_class(METRIC_LATENCY, row);

    if (!s->needs[latency_name(row).need] && s->latencies[0].rows[row].count == 0)
        return;
    for (unsigned i = has_classes; i <= (has_classes ? s->n_classes : 0); i++) {
        struct metrics_point p = {.latency = &s->latencies[i].rows[row]};

        add_label(&p, "role", result_role_names[s->role]);
        if (has_classes)
            add_label(&p, "class", s->classes[i - 1].name);
        t->see(t->arg, &p);
    }
}

void
metrics_family_points(const struct metrics_family *f, const struct metrics_snapshot *s,
                      void (*see)(void *arg, const struct metrics_point *p), void *arg)
{
    struct sight t = {see, arg};

    switch ((enum section)f->section) {
    case SECTION_OWN:
        see_own(&t, (enum own)f->row, s);
        break;
    case SECTION_CORE_GAUGES:
    case SECTION_COUNTERS:
    case SECTION_FAILURES:
        see_cores(&t, f, s);
        break;
    case SECTION_CLASS_OPEN:
    case SECTION_CLASS_COUNTERS:
    case SECTION_CLASS_FAILURES:
        see_classes(&t, f, s);
        break;
    case SECTION_LATENCIES:
        see_latency(&t, f->row, s);
        break;
    case SECTION_COUNT:
        break;
    }
}
