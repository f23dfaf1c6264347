/* SPDX-License-Identifier: BSD-3-Clause */
/* A report: a place where a run's rows and its result go, in a form of its own. To add one, write
 * one file with a struct report_sink, and one line in registry.c; an option for it is one line of
 * conf/options.h. Control thread; all of it is slow path. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/fail.h"
#include "conf/conf.h"
#include "report/result.h"

/* What a sink is opened with. */
struct sink_opts {
    const struct conf *conf; /* lasts as long as the sink */
    const char *place;       /* the value of the sink's option: a path, or "-"; NULL: it has none */
    FILE *out;               /* text for people goes there */
    bool out_is_terminal;
    bool has_ink;  /* it shows colour, and may (ink.h) */
    bool is_quiet; /* nothing for people before the end: they see it elsewhere, or do not want it */
};

struct report_sink {
    const char *name;
    const char *help;
    const char *option; /* wanted where this option of TYPE_TEXT has a value; NULL: always */

    /* All but open are optional, NULL: it has nothing to do then. */

    /** Before the run: whether it can do what @c asks for. That its place can be written to is seen
     * to already. @return 0, or -1 with @f (EXIT_USAGE). */
    int (*check)(const struct conf *c, struct fail *f);

    /** @return 0 with @state, which the calls below are given; -1 with @f (EXIT_HOST). */
    int (*open)(void **state, const struct sink_opts *o, struct fail *f);

    /** An interval has ended. It tells nobody when that could not be written. */
    void (*row)(void *state, const struct result_interval *i);

    /** A second has ended, for people to see; its last interval has been given before. */
    void (*second)(void *state, const struct result_interval *i);

    /** The rate is about to change. */
    void (*rate_change)(void *state, const struct result_rate_change *change);

    /** A trial of a search has ended: the last one of r->search. */
    void (*trial)(void *state, const struct result *r);

    /** The user wants to see what @r has so far. */
    void (*snapshot)(void *state, const struct result *r);

    /** The run has ended. @return 0, or -1 with @f (EXIT_HOST). */
    int (*end)(void *state, const struct result *r, struct fail *f);

    /** Give back what open() took, also after a run without end(). */
    void (*close)(void *state);
};
