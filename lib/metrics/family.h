/* SPDX-License-Identifier: BSD-3-Clause */
/* The one list of what is shown to those who watch a run: gauges of their own, then every counter,
 * failure cause and latency of the lists (stat/counters.h, proto/registry.h). A *family* is a name
 * with a meaning; its *points* are its values in a snapshot, told apart by labels. The forms
 * (exposition.h, otlp.h) and docs/METRICS.md come from it. Pure. */
#pragma once

#include "metrics/snapshot.h"

enum metrics_kind {
    METRICS_COUNTER,   /* only grows */
    METRICS_GAUGE,     /* goes up and down */
    METRICS_HISTOGRAM, /* of durations, bounds.h */
    METRICS_INFO,      /* its labels are what it says; 1 */
};

enum metrics_unit { METRICS_PLAIN, METRICS_SECONDS, METRICS_BYTES };

#define METRICS_NAME_MAX 96
#define METRICS_HELP_MAX 320

struct metrics_family {
    enum metrics_kind kind;
    enum metrics_unit unit;
    char name[METRICS_NAME_MAX]; /* "shakedown_rx_bytes"; a counter's without "_total" */
    char help[METRICS_HELP_MAX];
    const char *labels; /* their names, for docs: "core, role" */
    unsigned section, row;
};

/** How many there are: the same for every run. */
unsigned metrics_families(void);

/** Number @i < metrics_families(). */
void metrics_family(unsigned i, struct metrics_family *f);

/** "counter", ...; "", "seconds", ... */
extern const char *const metrics_kind_names[];
extern const char *const metrics_unit_names[];

#define METRICS_LABELS_MAX 3

struct metrics_label {
    const char *name, *value;
};

struct metrics_point {
    struct metrics_label labels[METRICS_LABELS_MAX];
    unsigned n_labels;
    uint64_t value; /* in units of 10^-decimals; a histogram has none */
    unsigned decimals;
    const struct metrics_latency *latency; /* of a histogram */
};

/** Call @see for each point of @f in @s, in an order that stays. */
void metrics_family_points(const struct metrics_family *f, const struct metrics_snapshot *s,
                           void (*see)(void *arg, const struct metrics_point *p), void *arg);
