/* SPDX-License-Identifier: BSD-3-Clause */
/* Those who watch a run while it goes on: Prometheus (--metrics), an OpenTelemetry collector
 * (--otlp) and DPDK's own tools (--eal --telemetry). Control puts a snapshot up once an interval;
 * all else happens in threads of their own, which know the snapshots and nothing of the run. */
#pragma once

#include "conf/conf.h"
#include "metrics/board.h"
#include "metrics/push.h"
#include "metrics/server.h"

struct monitor {
    const struct conf *conf;
    struct metrics_board board;
    struct metrics_server server;
    struct push *push;      /* NULL: nothing is pushed */
    bool is_on;             /* somebody may watch */
    bool has_telemetry;     /* DPDK's tools may ask */
    uint64_t began_unix_ns; /* all counters were 0 */
};

/** Nobody watches. */
void monitor_init(struct monitor *m);

/** Before a run of @conf, which lasts as long as @m: take the address that figures are served at.
 * @return 0, or -1 with @f (EXIT_HOST) */
int monitor_open(struct monitor *m, const struct conf *conf, struct fail *f);

/** Root is left, and the first snapshot is there: from now on others are answered.
 * @return 0, or -1 with @f (EXIT_HOST) */
int monitor_begin(struct monitor *m, const char *version, struct fail *f);

/** The newest figures, with facts that lack nothing but the two instants. Nothing is done where
 * nobody may watch. */
void monitor_show(struct monitor *m, const struct result *r, struct metrics_facts *facts);

/** The process is about to end: push what is there for the last time, in a bounded time, and answer
 * nobody any more. May be called twice. */
void monitor_close(struct monitor *m);
