/* SPDX-License-Identifier: BSD-3-Clause */
/* What the live screen shows of a run, as figures and words of its own: nothing in it leads to
 * anything that changes, so a view that is kept stands still. Filled in by view_take.h, drawn by
 * screen.h. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/role.h"
#include "report/criteria.h"
#include "report/format.h"
#include "report/verdict.h"
#include "ui/canvas.h"
#include "ui/progress.h"

#define VIEW_SECONDS_MAX   CANVAS_COLS_MAX
#define VIEW_LATENCIES_MAX 4
#define VIEW_RATES_MAX     6
#define VIEW_CAUSES_MAX    24
#define VIEW_CORES_MAX     128
#define VIEW_CLASSES_MAX   16
#define VIEW_HINTS_MAX     6
#define VIEW_TRIALS_MAX    64
#define VIEW_MESSAGES_MAX  16
#define VIEW_NAME_MAX      32
#define VIEW_LINE_MAX      200
#define VIEW_TEXT_MAX      800

/* Of a latency over time. */
enum view_quantile { VIEW_P50, VIEW_P99, VIEW_P999, VIEW_QUANTILES };

extern const char *const view_quantile_names[VIEW_QUANTILES];

/* A figure for each second, the newest last; CHART_NONE (chart.h) where there is none. */
struct view_history {
    unsigned n;
    double achieved[VIEW_SECONDS_MAX], asked[VIEW_SECONDS_MAX]; /* per second */
    double failed[VIEW_SECONDS_MAX];
    double latency_ns[VIEW_LATENCIES_MAX][VIEW_QUANTILES][VIEW_SECONDS_MAX];
};

struct view_latency {
    char name[VIEW_NAME_MAX], from[VIEW_LINE_MAX], to[VIEW_LINE_MAX];
    uint64_t max_ns; /* of the whole run */
};

struct view_rate {
    char name[VIEW_NAME_MAX], text[FORMAT_TEXT_MAX]; /* "rx payload", "9.88 Gbit/s" */
};

struct view_cause {
    const char *name, *meaning; /* of the list of failures */
    uint64_t n, last;           /* of the whole run, of the last second */
};

/* Of the last second, where nothing else is said. */
struct view_core {
    unsigned lcore;
    enum role role;
    double busy;              /* 0 to 1 */
    double per_s;             /* of what the view's rate counts */
    double late_s;            /* starts per second that were late; a server has none */
    double off_cpu;           /* share of the time */
    uint64_t longest_poll_ns; /* of the whole run */
};

struct view_class {
    char name[VIEW_NAME_MAX];
    double per_s;
    uint64_t open, failed, attempted; /* of the whole run */
    char latency[VIEW_NAME_MAX];      /* which p99_ns is of; "": there is none */
    uint64_t p99_ns;                  /* of the whole run */
};

struct view_criterion {
    char text[CRITERION_TEXT_MAX], value[CRITERION_VALUE_MAX];
    bool has_value, holds;
};

struct view_hint {
    char text[VIEW_TEXT_MAX];
};

struct view_search {
    bool is_there;
    unsigned n_bounds, n_trials;
    char bounds[VIEW_TRIALS_MAX][VIEW_LINE_MAX]; /* lines about each goal */
    char trials[VIEW_TRIALS_MAX][VIEW_LINE_MAX]; /* the last ones */
};

struct view {
    char title[VIEW_LINE_MAX];
    struct progress progress;
    double t_s; /* since the load began; negative: it has not */

    char rate_name[VIEW_NAME_MAX]; /* "cps" */
    bool is_server;
    bool may_change_rate;
    bool has_second;        /* the figures of a second are there */
    double achieved, asked; /* asked < 0: there is no rate to keep to */
    double on_time;         /* share of the starts of the whole run; negative: no schedule */
    uint64_t open, failed, attempted;
    unsigned n_rates;
    struct view_rate rates[VIEW_RATES_MAX]; /* the others */

    struct view_history history;
    unsigned n_latencies;
    struct view_latency latencies[VIEW_LATENCIES_MAX]; /* the topmost last */
    unsigned n_causes;
    struct view_cause causes[VIEW_CAUSES_MAX]; /* those that there were, the most frequent first */
    unsigned n_cores;
    struct view_core cores[VIEW_CORES_MAX];
    unsigned n_classes;
    struct view_class classes[VIEW_CLASSES_MAX];
    bool has_verdict;
    struct verdict verdict;
    unsigned n_criteria;
    struct view_criterion criteria[CRITERIA_MAX];
    unsigned n_hints;
    struct view_hint hints[VIEW_HINTS_MAX];
    struct view_search search;
    unsigned n_messages;
    char messages[VIEW_MESSAGES_MAX][VIEW_TEXT_MAX]; /* the newest last */
};
