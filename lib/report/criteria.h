/* SPDX-License-Identifier: BSD-3-Clause */
/* What has to be true of a run for it to pass:
 *
 *     failed < 0.001%, connect.p99 < 2ms, cps > 199k
 *
 * Each is a figure (report/metric.h), a comparison and a number: a count, a rate, a time, or a
 * percentage of the connections attempted, for exchanges of the requests. Before it may stand whose
 * figure it is, the name of a traffic class, and of when, a phase of the load:
 * pages.ttfb.p99 < 5ms, ramp_up.failed = 0, pages.ramp_up.failed = 0. Without a phase it is of what
 * is measured. One with "abort" behind it, or "abort after 5s", ends the load as soon as it does
 * not hold: of what is measured, or of the phase, by then, each second, from that time on. Control
 * thread. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"
#include "conf/phases.h"
#include "report/metric.h"

#define CRITERIA_MAX       CONF_CRITERIA_MAX
#define CRITERION_TEXT_MAX 128

/* Of a comparison: the ratio to what is compared with, and the ends of its interval. */
enum criterion_of {
    CRITERION_OF_RUN,
    CRITERION_OF_RATIO,
    CRITERION_OF_RATIO_LOW,
    CRITERION_OF_RATIO_HIGH
};

struct criterion {
    char text[CRITERION_TEXT_MAX]; /* as the user wrote it, without blanks around it; of a class's
                                      own list with its name before it */
    int class_idx;                 /* whose figure it is; -1: the run's */
    enum conf_phase_id phase;      /* when; PHASE_COUNT: while it is measured */
    struct metric metric;
    enum criterion_of of;
    enum criterion_op { OP_LESS, OP_AT_MOST, OP_GREATER, OP_AT_LEAST, OP_EQUAL, OP_OTHER } op;
    double limit;  /* in the metric's unit; a share: 0 to 1 */
    bool is_share; /* of metric_whole() */
    bool aborts;   /* the load, when it does not hold after abort_after_ns of its phase */
    uint64_t abort_after_ns;
    bool has_aborted; /* so it has; value is as it was then */
    /* -- criteria_judge() ----------------------------------------------------------------- */
    bool has_value; /* else there is none, and it does not hold */
    double value;
    bool holds;
};

struct criteria {
    unsigned n;
    struct criterion list[CRITERIA_MAX];
};

/** Read @text, "" for none. @return 0, or -1 with @f set (EXIT_USAGE). */
int criteria_parse(struct criteria *c, const char *text, struct fail *f);

/** The same for a comparison: all of them are ratios, cps.ratio > 0.97. */
int criteria_parse_ratios(struct criteria *c, const char *text, struct fail *f);

/** Read those of a scenario: the run's, which may name its classes, and each class's own.
 * @return the same; @f points at its place */
int criteria_read(struct criteria *c, const struct conf *conf, struct fail *f);

/** Whether any is of @phase, of PHASE_COUNT: of what is measured; with @aborts one that ends the
 * load. */
bool criteria_have_phase(const struct criteria *c, enum conf_phase_id phase, bool aborts);

/** Of @phase, of which @r is what there was so far, in @measured_ns: find one that ends the load.
 * @return it, which does not hold any more whatever comes; NULL: there is none */
const struct criterion *criteria_abort(struct criteria *c, enum conf_phase_id phase,
                                       const struct result *r, uint64_t measured_ns);

/** Find out which hold for @r, a run, or a part of one that is measured, whose totals are complete.
 * @return how many do not. */
unsigned criteria_judge(struct criteria *c, const struct result *r);

/** The same where @value_of has the values. It returns false where there is none. */
typedef bool criterion_value(const void *arg, const struct criterion *c, double *value);
unsigned criteria_judge_by(struct criteria *c, criterion_value *value_of, const void *arg);

/** "count", "per_second", "ns", "ratio", or "share" of 0 to 1: what the value and the limit are. */
const char *criterion_unit(const struct criterion *c);

/** @c's value or limit, as people read it: "1.2 ms", "0.001 %", "199,000". Returns @buf. */
#define CRITERION_VALUE_MAX 48
const char *criterion_format(const struct criterion *c, double value,
                             char buf[static CRITERION_VALUE_MAX]);
