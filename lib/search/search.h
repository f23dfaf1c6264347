/* SPDX-License-Identifier: BSD-3-Clause */
/* The controller of a search for the largest load that a target bears: RFC 9971 (MLRsearch). It
 * says which trial comes next, is told what became of it, and ends with the bounds of each goal.
 *
 * Loads are the points of a grid from the largest down, each less than the goal's width apart, so
 * that the same target has the same answer, whatever way led to it. Trials are short first: where
 * the short ones end, longer ones begin, and those of a goal's final length mostly confirm. From
 * what a target took of a load that was too much follows where to go on; from there the distance
 * doubles until there is a bound on either side, and is halved then. Trials count for all goals.
 *
 * A trial in which the generator fell short says nothing of the target: it comes again, and a load
 * at which that happens SEARCH_TRIES times in a row is beyond what can be measured.
 *
 * Pure: no clock, no I/O, no memory but its own. */
#pragma once

#include "search/goal.h"

#define SEARCH_TRIALS_MAX 400
#define SEARCH_TRIES      3
#define SEARCH_PLACES_MAX 16384

struct search_opts {
    struct search_goal goals[SEARCH_GOALS_MAX];
    unsigned n_goals;  /* at least one */
    uint64_t min, max; /* loads, 0 < min <= max, in whatever unit */
    uint64_t grain;    /* loads are multiples of it; min and max, too */
};

/* Why a trial is made. */
enum search_step {
    SEARCH_STEP_MAX,     /* whether there is anything to search for */
    SEARCH_STEP_HINT,    /* as much as the target took of more */
    SEARCH_STEP_UP,      /* from the lower bound, twice as far each time */
    SEARCH_STEP_DOWN,    /* from the upper bound, the same */
    SEARCH_STEP_HALVE,   /* between the two */
    SEARCH_STEP_CONFIRM, /* what shorter trials said */
    SEARCH_STEP_REPEAT,  /* the load is undecided */
    SEARCH_STEP_AGAIN,   /* the generator fell short */
    SEARCH_STEPS
};

/* What became of a trial. */
struct search_outcome {
    double loss_ratio;
    bool is_judged;    /* by a criterion; else by the goals' loss ratios */
    bool is_broken;    /* and it did not hold */
    bool is_generator; /* the generator fell short */
};

struct search_trial {
    uint64_t load, ns;
    unsigned goal; /* for which it was made; it counts for all */
    enum search_step step;
    struct search_outcome outcome;
};

/* How the search for a goal has ended. */
enum search_end {
    SEARCH_END_REGULAR,   /* both bounds, no farther apart than the width */
    SEARCH_END_MAX,       /* the largest load is a lower bound: there may be more */
    SEARCH_END_MIN,       /* the smallest load is an upper bound: there may be less */
    SEARCH_END_GENERATOR, /* the generator is not fast enough for an upper bound */
    SEARCH_END_CUT_SHORT, /* the search was ended before, or had no trials left */
    SEARCH_ENDS
};

/* A Goal Result. */
struct search_result {
    enum search_end end;
    bool has_lower, has_upper;
    uint64_t lower, upper;         /* Relevant Lower, Upper Bound; without an upper one the largest
                                      lower bound stands in for the relevant one */
    double conditional_throughput; /* with has_lower */
};

struct search_focus {
    unsigned stage;    /* of trials of increasing length */
    uint64_t distance; /* bounds this far apart are close enough, in places of the grid */
    uint64_t stride;
    bool has_place; /* the last one that was tried in this stage */
    unsigned place;
    bool has_lower, has_upper; /* how the stage before has ended */
    unsigned lower, upper;
};

struct search {
    struct search_opts opts;
    uint64_t loads[SEARCH_PLACES_MAX]; /* the grid, the smallest first: n_places */
    unsigned n_places;
    struct search_focus focus[SEARCH_GOALS_MAX];
    struct search_trial trials[SEARCH_TRIALS_MAX];
    unsigned n_trials;
    bool is_under_way; /* trials[n_trials] is */
};

void search_init(struct search *s, const struct search_opts *opts);

/** @return the next trial, to be followed by search_add(); NULL when the search is over. */
const struct search_trial *search_next(struct search *s);

/** What became of the trial under way. */
void search_add(struct search *s, const struct search_outcome *outcome);

/** Whether a trial is of high loss by @goal. The generator's are not asked about. */
bool search_is_high(const struct search *s, unsigned goal, const struct search_trial *t);

/** What the trials so far say of @load. */
enum search_bound search_bound_of(const struct search *s, unsigned goal, uint64_t load);

/** What they come to, at any time. */
struct search_result search_result_of(const struct search *s, unsigned goal);

/** A goal's trials become longer in so many stages; how long they are in each. */
unsigned search_stages(const struct search_goal *g);
uint64_t search_stage_ns(const struct search_goal *g, unsigned stage);

/** Whether the grid for these has no more than SEARCH_PLACES_MAX places. */
bool search_fits(uint64_t min, uint64_t max, double width);
