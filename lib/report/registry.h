/* SPDX-License-Identifier: BSD-3-Clause */
/* The reports there are, and those of them that a run wants, which are driven together. */
#pragma once

#include <stddef.h>

#include "report/sink.h"

#define REPORT_SINKS_MAX 16

extern const struct report_sink *const report_sinks[];
extern const size_t n_report_sinks;

/* The sinks that are open. */
struct report {
    struct report_open_sink {
        const struct report_sink *sink;
        void *state;
    } open[REPORT_SINKS_MAX];
    size_t n;
    bool is_quiet; /* the caller's to set before report_open(): sink.h has it */
};

/**
 * Before anything is sent: see whether those of the @n sinks (<= REPORT_SINKS_MAX) that @c wants
 * can be written, each to a place of its own (clash.h).
 *
 * @return 0, or -1 with @f set (EXIT_USAGE)
 */
int report_check(const struct report_sink *const *sinks, size_t n, const struct conf *c,
                 struct fail *f);

/** Where text for people goes: standard output, or the console where a report has that for itself.
 */
FILE *report_people(const struct report_sink *const *sinks, size_t n, const struct conf *c);

/**
 * Open those of the @n sinks (<= REPORT_SINKS_MAX) that @c wants. Text for people goes to standard
 * output, or to standard error where a sink's place is "-".
 *
 * @param c  has to last until report_close()
 * @return 0, or -1 with @f set and nothing left open
 */
int report_open(struct report *rp, const struct report_sink *const *sinks, size_t n,
                const struct conf *c, struct fail *f);

/** Give each sink the row of an interval, or of a second: the same, unless output.sample is less.
 */
void report_row(struct report *rp, const struct result_interval *i);
void report_second(struct report *rp, const struct result_interval *second);

/** Tell each sink that the rate is about to change. */
void report_rate_change(struct report *rp, const struct result_rate_change *change);

/** Give each sink the last trial of a search. */
void report_trial(struct report *rp, const struct result *r);

/** Give each sink what the result has so far. */
void report_snapshot(struct report *rp, const struct result *r);

/**
 * Give each sink the result, in the registry's order.
 *
 * @return 0, or -1 with @f as the last one set it that failed; the others have theirs all the same
 */
int report_end(struct report *rp, const struct result *r, struct fail *f);

/** Close what is open; nothing for a zeroed @rp. */
void report_close(struct report *rp);
