/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of a suite: which cases there are, which step of a case comes next, and how a case
 * ends, by what its steps have found. It starts nothing and reads no file. Pure. */
#pragma once

#include "suite/plan.h"

/* With as many sizes as a plan may have: 7.2, 7.3, 7.6 and 7.7 one for each, 7.4 and 7.8 two; and
 * the reference, 7.1, 7.5, 7.9, and RFC 3511's. */
#define SUITE_CASES_MAX    (8 * SUITE_SIZES_MAX + 7)
#define SUITE_STEPS_MAX    8
#define SUITE_NAME_MAX     48
#define SUITE_REASON_MAX   192
#define SUITE_END_WORD_MAX 24

/* A test with one object size; of 7.4 and 7.8 also with one or ten transactions a connection. */
struct suite_case {
    enum suite_id test;
    uint64_t bytes; /* SUITE_MIXED; 0: those of the mix */
    unsigned requests;
    int needs;                 /* the case from whose value its load follows; SUITE_NONE */
    bool is_throughput;        /* its objective is in bits per second */
    char name[SUITE_NAME_MAX]; /* "7.4-16k-ten": that of its files, too */
};

struct suite_cases {
    unsigned n;
    struct suite_case list[SUITE_CASES_MAX];
};

/* RFC 9411's steps: 1, 2, and 3, which is the search and a last iteration of full length. */
enum suite_stage { SUITE_INITIAL, SUITE_TARGET, SUITE_SEARCH, SUITE_FINAL, SUITE_STAGES };

extern const char *const suite_stage_names[SUITE_STAGES];

struct suite_step {
    enum suite_stage stage;
    unsigned attempt; /* at this stage, from 0 on */
    double load;      /* connections per second, or open at once; of a search the largest */
    double bps;       /* that the load is to come to, of a target that is a throughput; 0: none */
    double least;     /* of a search */
    double ramp_up_s; /* 0: the plan's */
    char name[SUITE_NAME_MAX + 16]; /* "7.2-1k-initial" */
};

/* What became of a step, see judge.h. */
struct suite_outcome {
    struct suite_step step;
    bool has_result;
    char why[SUITE_REASON_MAX]; /* there is none, or it does not count */
    char started_at[32];
    char limited_by[16]; /* the verdict's */
    double kpis[SUITE_KPI_COUNT];
    bool has_kpi[SUITE_KPI_COUNT];
    struct suite_judged {
        bool applies, has_value, holds;
        double value; /* a share */
    } criteria[SUITE_CRITERIA_COUNT];
    bool holds;                   /* all criteria */
    double bits;                  /* of a connection, frames both ways; 0: not known */
    bool has_bound;               /* of a search: */
    double bound;                 /* its relevant lower bound */
    char end[SUITE_END_WORD_MAX]; /* how it ended */
};

enum suite_end { SUITE_OPEN_END, SUITE_PASSED, SUITE_FAILED, SUITE_NOT_RUN };

struct suite_course {
    unsigned n;
    struct suite_outcome list[SUITE_STEPS_MAX];
    enum suite_end end;
    char why[SUITE_REASON_MAX]; /* failed, or not run */
    double target;              /* objective, in the unit of the case; 0: not known */
    double value;               /* SUITE_PASSED: what was found, in the same unit */
    int last;                   /* the step that tells it; SUITE_NONE */
};

struct suite {
    const struct suite_plan *plan;
    struct suite_cases cases;
    struct suite_course courses[SUITE_CASES_MAX];
};

/** Find the cases of @plan, which has to last as long as @s. */
void suite_init(struct suite *s, const struct suite_plan *plan);

/**
 * What is to be made next of case @i, those before it having ended.
 *
 * @return true with @step; false: it has ended, and so says its course
 */
bool suite_next(struct suite *s, unsigned i, struct suite_step *step);

/** A step of case @i has been made. */
void suite_add(struct suite *s, unsigned i, const struct suite_outcome *o);

/** Whether the case goes by a number of connections open at once. */
static inline bool
suite_is_capacity(const struct suite_case *c)
{
    return suite_tests[c->test].kind == SUITE_CAPACITY;
}

/** Bits of frames that a connection of @a is taken to come to, both ways. */
double suite_application_bits(const struct suite_application *a);

/** The unit of a case's objective: "bit/s", "/s", "". */
const char *suite_unit(const struct suite_case *c);

/** "1k", "mixed". @return @buf */
const char *suite_size_name(uint64_t bytes, char buf[static VALUE_TEXT_MAX]);
