/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of a result by name, for those who ask for one: every counter, cause of failure, rate and
 * latency of the lists (stat/counters.h, proto/registry.h, report/result.h). Control thread. */
#pragma once

#include <stdbool.h>

#include "report/result.h"

enum metric_kind {
    METRIC_COUNTER,    /* "retransmits": of the side that totals are of */
    METRIC_FAILURE,    /* "failures.timeout" */
    METRIC_OPEN,       /* "open": at the end */
    METRIC_RATE,       /* "cps": per second of the run */
    METRIC_LATENCY,    /* "connect.p99", also .min .mean .max and .count; in ns */
    METRIC_CONFIRMED,  /* "established_confirmed", with confirm */
    METRIC_LIMITED_BY, /* "limited_by": enum verdict_limit */
    METRIC_ADHERENCE,  /* "schedule_adherence": share of starts that were on time; 0 to 1 */
    METRIC_BUSY,       /* "busy": of the core that had the most to do, of that side; 0 to 1 */
};

/* What a latency is asked for beside its quantiles. */
enum metric_part { METRIC_MIN, METRIC_MEAN, METRIC_MAX, METRIC_SAMPLES, METRIC_PARTS };

struct metric {
    enum metric_kind kind;
    unsigned row;  /* of counters, causes, rates or latencies */
    unsigned part; /* of a latency: enum metric_part, then the quantiles */
};

/* What a figure is a number of. */
enum metric_unit {
    METRIC_UNIT_COUNT,
    METRIC_UNIT_PER_SEC,
    METRIC_UNIT_BITS_PER_SEC,
    METRIC_UNIT_NS,
    METRIC_UNIT_SHARE, /* 0 to 1 */
    METRIC_UNIT_WORD,  /* of verdict_limit_names */
};

/** @return whether there is a figure called @name. */
bool metric_find(const char *name, struct metric *m);

/** The name most like @name, NULL: none is like it. In @buf, which is also returned. */
const char *metric_nearest(const char *name, char *buf, size_t size);

enum metric_unit metric_unit(const struct metric *m);

/** As JSON has it: "per_second". */
const char *metric_unit_name(enum metric_unit unit);

/** @return whether the run has it: a latency without samples has no quantile. */
bool metric_value(const struct metric *m, const struct result *r, double *value);

/** The same of class @class_idx, where it is a figure of classes; -1: of the run. */
bool metric_value_of(const struct metric *m, const struct result *r, int class_idx, double *value);

/** A value of it as people read it: "1.2 ms", "199,000". Returns @buf. */
#define METRIC_TEXT_MAX 48
const char *metric_format(const struct metric *m, double value, char buf[static METRIC_TEXT_MAX]);

/** Its name, as metric_find() takes it. Returns @buf. */
#define METRIC_NAME_MAX 96
const char *metric_name(const struct metric *m, char buf[static METRIC_NAME_MAX]);

/** Whether each traffic class has it: connections, exchanges, handshakes, payload, latencies. */
bool metric_is_of_class(const struct metric *m);

/**
 * What a share of it is of: attempted, for what counts connections and causes of failure; requests,
 * for what counts exchanges, and for what becomes of an HTTP request.
 *
 * @return false: a share of it says nothing
 */
bool metric_whole(const struct metric *m, struct metric *whole);
