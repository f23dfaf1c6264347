/* SPDX-License-Identifier: BSD-3-Clause */
/* Two groups of runs, figure by figure: how much of the first the second is, and whether that is
 * more than chance. A group of one run is compared by its intervals, which say nothing of what
 * differs from run to run. Control thread. */
#pragma once

#include "report/criteria.h"
#include "report/earlier.h"
#include "stat/ratio.h"

/* Of a hundred comparisons of the same thing, so many may show a difference that is chance, all
 * figures together (Bonferroni). */
#define COMPARE_CONFIDENCE  0.997
#define COMPARE_FIGURES_MAX 96
#define COMPARE_GROUPS_MAX  CONF_RESULTS_MAX

struct compare_group {
    struct earlier *const *list;
    unsigned n;
};

enum compare_finding {
    COMPARE_SAME, /* nothing beyond chance, and the interval is narrow */
    COMPARE_LESS, /* less, or more, beyond chance */
    COMPARE_MORE,
    COMPARE_CANNOT_TELL,
    COMPARE_FINDINGS
};

/* Where the values that vary are from. */
enum compare_basis { COMPARE_BY_RUNS, COMPARE_BY_INTERVALS };

struct compare_figure {
    char name[METRIC_NAME_MAX];
    struct metric metric;
    bool is_share;      /* of metric_whole() */
    double base, other; /* means over the runs, in the metric's unit, or 0 to 1 */
    struct ratio ratio;
    enum compare_finding finding;
};

/* @other compared with @base. */
struct comparison {
    unsigned base, other; /* groups */
    enum compare_basis basis;
    bool is_paired; /* the runs of both were made in turn */
    unsigned n;
    struct compare_figure figures[COMPARE_FIGURES_MAX];
    struct criteria criteria; /* judged */
};

/** "same", "less", "more", "cannot_tell"; "runs", "intervals". */
extern const char *const compare_finding_names[COMPARE_FINDINGS];
extern const char *const compare_basis_names[];

#define COMPARE_WHY_MAX 512

/**
 * Find what keeps runs from being compared: another load, the generator was the limit, a run that
 * was cut short.
 *
 * @param cursor  0 at first; how far the search has come
 * @return false: no more; true with @why set, a sentence without its end
 */
bool compare_objection(const struct compare_group *groups, unsigned n_groups, unsigned *cursor,
                       char why[static COMPARE_WHY_MAX]);

/** Choose the figures that runs have, and those that @criteria ask for: @c->figures of all
 * comparisons of @groups. @return how many */
unsigned compare_choose(struct comparison *c, const struct compare_group *groups, unsigned n_groups,
                        const struct criteria *criteria);

/** The figure of one run. @return whether it has it */
bool compare_value(const struct compare_figure *f, const struct earlier *e, double *value);

/** Compare group @c->other with @c->base by what was chosen, @n_compared figures in all. */
void compare_judge(struct comparison *c, const struct compare_group *groups, unsigned n_compared);

/** "5.0 % less", "the same". */
const char *compare_words(const struct compare_figure *figure, char buf[static COMPARE_WHY_MAX]);
