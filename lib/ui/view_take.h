/* SPDX-License-Identifier: BSD-3-Clause */
/* From a run that goes on to what the live screen shows of it (view.h). What a result has in sum
 * becomes figures of the last second by what it had a second before. Pure. */
#pragma once

#include "report/result.h"
#include "ui/view.h"

/* What a core, or a class, had in sum. */
struct view_sum {
    uint64_t busy_ns, idle_ns, off_cpu_ns, done, late;
};

struct view_taker {
    const struct result *r;                 /* the run's, as it is going to be */
    unsigned rate;                          /* of report_rates: what is shown */
    unsigned latencies[VIEW_LATENCIES_MAX]; /* their rows */
    struct view_sum cores[VIEW_CORES_MAX], classes[VIEW_CLASSES_MAX];
    uint64_t failures[FAILURE_COUNT];
};

/* What there is at the end of a second. */
struct view_facts {
    const struct result_interval *second;
    double second_s;                 /* how long it was */
    double asked;                    /* starts per second; negative: no rate is asked for */
    const struct result *measured;   /* what is measured so far, in sum; NULL: nothing is yet */
    const struct criteria *criteria; /* of it; NULL: they are of something else */
};

/** A view of nothing yet. @r has its cores, classes and conf, and lasts. */
void view_take_init(struct view_taker *t, struct view *v, const struct result *r);

/** A second has ended: what @t's result has in sum of cores and classes is up to date. */
void view_take_second(struct view_taker *t, struct view *v, const struct view_facts *facts);

/** What has become of the search. */
void view_take_search(struct view *v, const struct result *r);

/** The program has something to say, a line. */
void view_take_message(struct view *v, const char *text);
