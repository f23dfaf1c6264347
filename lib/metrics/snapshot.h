/* SPDX-License-Identifier: BSD-3-Clause */
/* A run's figures at the end of an interval, for those who watch it from other threads: a copy that
 * never changes, whose owners are counted. Control makes one from its result once an interval;
 * nobody who reads it touches a worker, or what control goes on writing. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "metrics/bounds.h"
#include "report/result.h"

/* Where a run is. The phases of a load come from conf/phases.h. */
enum metrics_stage {
    METRICS_STARTING, /* neighbours are looked for, queues proven */
    METRICS_INIT,
    METRICS_RAMP_UP,
    METRICS_WARM_UP,
    METRICS_SUSTAIN, /* all of the load, where it has no phases */
    METRICS_RAMP_DOWN,
    METRICS_DRAIN,
    METRICS_OVER, /* the figures are the result's */
    METRICS_STAGES
};

extern const char *const metrics_stage_names[METRICS_STAGES];

struct metrics_counts {
    uint64_t counters[STAT_COUNTERS_MAX]; /* by row (report/rows.h) */
    uint64_t failures[FAILURE_COUNT];
    uint64_t open;
    uint64_t longest_poll_ns;
};

struct metrics_core {
    unsigned lcore;
    enum role role;
    struct metrics_counts counts;
};

struct metrics_class {
    const char *name; /* borrowed from conf */
    struct metrics_counts counts;
};

struct metrics_latency {
    uint64_t count, sum_ns, min_ns, max_ns; /* min_ns UINT64_MAX, max_ns 0: no sample */
    uint64_t quantile_ns[QUANTILE_COUNT];
    uint64_t buckets[BOUNDS_BUCKETS];
};

/* Latencies of the side that totals are of: by row. */
struct metrics_latencies {
    struct metrics_latency rows[STAT_LATENCIES_MAX];
};

struct metrics_snapshot {
    atomic_uint owners;
    const char *version, *dpdk, *openssl; /* of constants; NULL: not known */
    uint64_t began_unix_ns;               /* when all counters were 0 */
    uint64_t taken_unix_ns;
    double run_s; /* from the start of the load to the end of the last interval */
    uint64_t intervals;
    enum metrics_stage stage;
    bool has_rate;                       /* an open loop: */
    uint64_t rate_milli;                 /* starts asked for per thousand seconds, now */
    bool needs[NEED_COUNT];              /* what the run has (report/rows.h) */
    enum role role;                      /* that latencies and classes are of */
    struct metrics_core *cores;          /* n_cores */
    struct metrics_class *classes;       /* n_classes, none where the run has one class */
    struct metrics_latencies *latencies; /* of the run, then of each class */
    unsigned n_cores, n_classes;
};

/* What a result does not say. */
struct metrics_facts {
    uint64_t began_unix_ns, taken_unix_ns;
    double run_s;
    enum metrics_stage stage;
    bool has_rate;
    uint64_t rate_milli;
    /* While it runs, counts that a result gets in the end; 0 then. */
    uint64_t link_downs, link_down_ns; /* of the first core */
    uint64_t rx_missed[2];             /* by port; port p's stand with core p * n_queues */
    unsigned n_ports, n_queues;
};

/** Copy what @r has so far. @return with one owner; NULL: there is no memory */
struct metrics_snapshot *metrics_snapshot_make(const struct result *r,
                                               const struct metrics_facts *f);

/** One owner more, or fewer; the last one's call frees it. Any thread. */
struct metrics_snapshot *metrics_snapshot_take(struct metrics_snapshot *s);
void metrics_snapshot_release(struct metrics_snapshot *s);
