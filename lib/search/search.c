/* SPDX-License-Identifier: BSD-3-Clause */
/* See search.h. */
#include "search/search.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/units.h"

/* Trials become this many times longer from one stage to the next, at most: state that fills up is
 * seen in the middle ones, before the long ones. */
static const double STAGE_FACTOR = 8;

/* The grid is a little finer than the width, so that neighbours are within it in any arithmetic. */
static const double GRID_SHARE = 0.98;

/* The bounds at this moment, in places of the grid. */
struct range {
    bool has_lower, has_upper, has_wall;
    unsigned lower, upper;
    unsigned wall; /* the generator does not reach it */
};

/* -- the grid ----------------------------------------------------------------------------- */

/* Each load is less than the width below the next, and no two are the same. */
static void
make_grid(struct search *s, double ratio)
{
    const struct search_opts *o = &s->opts;
    uint64_t load = o->max;

    for (;;) {
        assert(s->n_places < SEARCH_PLACES_MAX);
        s->loads[s->n_places++] = load;
        if (load == o->min)
            break;
        load = u64_min(load - o->grain,
                       (uint64_t)ceil((double)load * ratio / (double)o->grain) * o->grain);
        load = u64_max(load, o->min);
    }
    for (unsigned i = 0; i < s->n_places / 2; i++) {
        load = s->loads[i];
        s->loads[i] = s->loads[s->n_places - 1 - i];
        s->loads[s->n_places - 1 - i] = load;
    }
}

static uint64_t
load_at(const struct search *s, unsigned place)
{
    return s->loads[place];
}

/* The largest place whose load is at most @load, 0 when there is none. */
static unsigned
place_below(const struct search *s, double load)
{
    unsigned low = 0, high = s->n_places - 1;

    while (low < high) {
        unsigned middle = high - (high - low) / 2;

        if ((double)load_at(s, middle) <= load)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static unsigned
place_of(const struct search *s, uint64_t load)
{
    return place_below(s, (double)load);
}

static bool
is_near(const struct search_focus *f, unsigned lower, unsigned upper)
{
    return upper - lower <= f->distance;
}

/* -- stages ------------------------------------------------------------------------------- */

unsigned
search_stages(const struct search_goal *g)
{
    double factor = (double)g->final_ns / (double)g->initial_ns;

    return factor <= 1 ? 1 : 1 + (unsigned)ceil(log(factor) / log(STAGE_FACTOR) - 1e-9);
}

/* In whole milliseconds, and geometrically from the initial to the final length. */
uint64_t
search_stage_ns(const struct search_goal *g, unsigned stage)
{
    unsigned n = search_stages(g);
    double factor = (double)g->final_ns / (double)g->initial_ns;
    double ns;

    if (stage + 1 >= n)
        return g->final_ns;
    ns = (double)g->initial_ns * pow(factor, (double)stage / (double)(n - 1));
    return stage == 0 ? g->initial_ns : (uint64_t)(ns / NS_PER_MS) * NS_PER_MS;
}

/* The goal as it would be if its trials were as long as those of the stage. */
static struct search_goal
goal_of_stage(const struct search_goal *g, unsigned stage)
{
    struct search_goal of = *g;

    of.final_ns = search_stage_ns(g, stage);
    if (of.final_ns < g->final_ns)
        of.sum_ns = (uint64_t)((double)g->sum_ns * (double)of.final_ns / (double)g->final_ns);
    return of;
}

/* -- what trials say ---------------------------------------------------------------------- */

static bool
is_high(const struct search_goal *g, const struct search_outcome *o)
{
    return o->is_judged ? o->is_broken : o->loss_ratio > g->loss_ratio;
}

bool
search_is_high(const struct search *s, unsigned goal, const struct search_trial *t)
{
    return is_high(&s->opts.goals[goal], &t->outcome);
}

static enum search_bound
bound_of(const struct search *s, const struct search_goal *g, uint64_t load)
{
    struct search_sums sums = {0};

    for (unsigned i = 0; i < s->n_trials; i++) {
        const struct search_trial *t = &s->trials[i];
        bool is_full = t->ns >= g->final_ns, high = is_high(g, &t->outcome);

        if (t->load != load || t->outcome.is_generator)
            continue;
        if (is_full)
            *(high ? &sums.full_high_ns : &sums.full_low_ns) += t->ns;
        else
            *(high ? &sums.short_high_ns : &sums.short_low_ns) += t->ns;
    }
    return search_classify(g, &sums);
}

enum search_bound
search_bound_of(const struct search *s, unsigned goal, uint64_t load)
{
    return bound_of(s, &s->opts.goals[goal], load);
}

/* Whether the generator has failed at @load as often in a row as it may. */
static bool
is_wall(const struct search *s, uint64_t load)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->n_trials; i++)
        if (s->trials[i].load == load)
            n = s->trials[i].outcome.is_generator ? n + 1 : 0;
    return n >= SEARCH_TRIES;
}

/* RFC 9971, "Relevant Upper Bound" and "Relevant Lower Bound". */
static struct range
range_of(const struct search *s, const struct search_goal *g)
{
    enum search_bound bounds[SEARCH_TRIALS_MAX];
    struct range r = {0};

    for (unsigned i = 0; i < s->n_trials; i++) {
        unsigned place = place_of(s, s->trials[i].load);

        bounds[i] = bound_of(s, g, s->trials[i].load);
        if (bounds[i] == SEARCH_UPPER && (!r.has_upper || place < r.upper)) {
            r.has_upper = true;
            r.upper = place;
        }
    }
    for (unsigned i = 0; i < s->n_trials; i++) {
        unsigned place = place_of(s, s->trials[i].load);

        if (bounds[i] == SEARCH_LOWER && (!r.has_upper || place < r.upper) &&
            (!r.has_lower || place > r.lower)) {
            r.has_lower = true;
            r.lower = place;
        }
    }
    for (unsigned i = 0; i < s->n_trials; i++) {
        unsigned place = place_of(s, s->trials[i].load);

        if (bounds[i] == SEARCH_UNDECIDED && is_wall(s, s->trials[i].load) &&
            (!r.has_lower || place > r.lower) && (!r.has_wall || place < r.wall)) {
            r.has_wall = true;
            r.wall = place;
        }
    }
    return r;
}

/* -- which trial comes next --------------------------------------------------------------- */

/* The smallest load that is too much, for whomever. */
static bool
top_of(const struct range *r, unsigned *top)
{
    if (!r->has_upper && !r->has_wall)
        return false;
    *top = r->has_upper ? r->upper : r->wall;
    if (r->has_wall && r->wall < *top)
        *top = r->wall;
    return true;
}

static bool
is_settled(const struct search *s, const struct search_focus *f, const struct range *r)
{
    unsigned top;

    if (!top_of(r, &top))
        return r->has_lower && r->lower == s->n_places - 1;
    return r->has_lower ? is_near(f, r->lower, top) : top == 0;
}

/* As much as the target took of the load at @place, where that says anything; else 0. */
static unsigned
hint_of(const struct search *s, const struct search_goal *g, unsigned place)
{
    uint64_t load = load_at(s, place);

    for (unsigned i = s->n_trials; i-- > 0;) {
        const struct search_outcome *o = &s->trials[i].outcome;

        if (s->trials[i].load == load && !o->is_generator && !o->is_judged && is_high(g, o))
            return place_below(s, (double)load * (1 - o->loss_ratio) / (1 - g->loss_ratio));
    }
    return 0;
}

static unsigned
stride_of(struct search_focus *f)
{
    uint64_t stride = f->stride;

    f->stride = u64_min(stride * 2, UINT32_MAX);
    return (unsigned)stride;
}

/* Nothing is known of lesser loads than @top. */
static unsigned
go_down(const struct search *s, const struct search_goal *g, struct search_focus *f, unsigned top,
        enum search_step *step)
{
    unsigned hint = hint_of(s, g, top), stride = stride_of(f);
    unsigned place = stride < top ? top - stride : 0;

    *step = SEARCH_STEP_DOWN;
    if (hint == 0 || hint >= place)
        return place;
    *step = SEARCH_STEP_HINT;
    return hint;
}

/* Nothing is known of larger loads than @lower. */
static unsigned
go_up(const struct search *s, struct search_focus *f, unsigned lower, enum search_step *step)
{
    unsigned stride = stride_of(f), last = s->n_places - 1;

    *step = SEARCH_STEP_UP;
    return stride < last - lower ? lower + stride : last;
}

/* Away from the bound that was found last, while it is likely the better one. */
static unsigned
go_between(struct search_focus *f, unsigned lower, unsigned top, enum search_step *step)
{
    unsigned gap = top - lower;

    if (f->stride < (gap + 1) / 2 && f->has_place && f->place == lower) {
        *step = SEARCH_STEP_UP;
        return lower + stride_of(f);
    }
    if (f->stride < (gap + 1) / 2 && f->has_place && f->place == top) {
        *step = SEARCH_STEP_DOWN;
        return top - stride_of(f);
    }
    *step = SEARCH_STEP_HALVE;
    return lower + gap / 2;
}

/* Whether @place is one that the bounds leave open. */
static bool
is_open(const struct search *s, const struct range *r, unsigned place)
{
    unsigned top;

    if (!top_of(r, &top))
        top = s->n_places;
    return place < top && (!r->has_lower || place > r->lower);
}

static unsigned
choose_place(const struct search *s, const struct search_goal *g, struct search_focus *f,
             const struct range *r, enum search_step *step)
{
    bool has_top;
    unsigned top = 0;

    if (f->has_place && is_open(s, r, f->place)) { /* still undecided */
        const struct search_trial *last = &s->trials[s->n_trials - 1];

        *step = last->outcome.is_generator ? SEARCH_STEP_AGAIN : SEARCH_STEP_REPEAT;
        return f->place;
    }
    *step = SEARCH_STEP_CONFIRM;
    if (f->has_lower && is_open(s, r, f->lower))
        return f->lower;
    if (f->has_upper && is_open(s, r, f->upper))
        return f->upper;
    has_top = top_of(r, &top);
    if (!has_top && !r->has_lower) {
        *step = SEARCH_STEP_MAX;
        return s->n_places - 1;
    }
    if (!has_top)
        return go_up(s, f, r->lower, step);
    if (!r->has_lower)
        return go_down(s, g, f, top, step);
    return go_between(f, r->lower, top, step);
}

/* Go on with longer trials as often as the bounds by those of this stage are close enough. @return
 * whether the goal is reached. */
static bool
settle(struct search *s, unsigned goal, struct search_goal *g, struct range *r)
{
    const struct search_goal *whole = &s->opts.goals[goal];
    struct search_focus *f = &s->focus[goal];

    for (;;) {
        *g = goal_of_stage(whole, f->stage);
        *r = range_of(s, g);
        if (!is_settled(s, f, r))
            return false;
        if (f->stage + 1 >= search_stages(whole))
            return true;
        f->stage++;
        f->stride = f->distance;
        f->has_place = false;
        f->has_lower = r->has_lower;
        f->lower = r->lower;
        f->has_upper = r->has_upper;
        f->upper = r->upper;
    }
}

/* The goal whose trials are shortest goes first: what they say may spare others. @return n_goals
 * when all are reached. */
static unsigned
choose_goal(struct search *s, struct search_goal *g, struct range *r)
{
    unsigned chosen = s->opts.n_goals;

    for (unsigned i = 0; i < s->opts.n_goals; i++) {
        struct search_goal goal;
        struct range range;

        if (settle(s, i, &goal, &range) ||
            (chosen < s->opts.n_goals && goal.final_ns >= g->final_ns))
            continue;
        chosen = i;
        *g = goal;
        *r = range;
    }
    return chosen;
}

/* -- the search --------------------------------------------------------------------------- */

bool
search_fits(uint64_t min, uint64_t max, double width)
{
    return log((double)max / (double)min) / -log(1 - width * GRID_SHARE) < SEARCH_PLACES_MAX / 2.0;
}

void
search_init(struct search *s, const struct search_opts *opts)
{
    double width = 1, ratio;

    assert(opts->n_goals > 0 && opts->n_goals <= SEARCH_GOALS_MAX);
    assert(opts->min > 0 && opts->min <= opts->max && opts->grain > 0);

    *s = (struct search){.opts = *opts};
    for (unsigned i = 0; i < opts->n_goals; i++)
        width = fmin(width, opts->goals[i].width);
    ratio = 1 - width * GRID_SHARE;
    make_grid(s, ratio);
    for (unsigned i = 0; i < opts->n_goals; i++) {
        double places = log(1 - opts->goals[i].width) / log(ratio);

        s->focus[i].distance = s->focus[i].stride = places < 1 ? 1 : (uint64_t)places;
    }
}

const struct search_trial *
search_next(struct search *s)
{
    struct search_goal g = {0};
    struct range r = {0};
    struct search_trial *t;
    unsigned goal;

    assert(!s->is_under_way);

    if (s->n_trials == SEARCH_TRIALS_MAX)
        return NULL;
    goal = choose_goal(s, &g, &r);
    if (goal == s->opts.n_goals)
        return NULL;
    t = &s->trials[s->n_trials];
    *t = (struct search_trial){.ns = g.final_ns, .goal = goal};
    s->focus[goal].place = choose_place(s, &g, &s->focus[goal], &r, &t->step);
    s->focus[goal].has_place = true;
    t->load = load_at(s, s->focus[goal].place);
    s->is_under_way = true;
    return t;
}

void
search_add(struct search *s, const struct search_outcome *outcome)
{
    assert(s->is_under_way);

    s->trials[s->n_trials++].outcome = *outcome;
    s->is_under_way = false;
}

/* -- results ------------------------------------------------------------------------------ */

static int
compare_parts(const void *a, const void *b)
{
    const struct search_part *x = a, *y = b;

    return (x->loss_ratio > y->loss_ratio) - (x->loss_ratio < y->loss_ratio);
}

static double
conditional_throughput(const struct search *s, const struct search_goal *g, uint64_t load)
{
    struct search_part parts[SEARCH_TRIALS_MAX];
    unsigned n = 0;

    for (unsigned i = 0; i < s->n_trials; i++) {
        const struct search_trial *t = &s->trials[i];

        if (t->load == load && t->ns >= g->final_ns && !t->outcome.is_generator)
            parts[n++] = (struct search_part){t->outcome.loss_ratio, t->ns};
    }
    qsort(parts, n, sizeof(parts[0]), compare_parts);
    return (double)load * search_conditional_share(g, parts, n);
}

static enum search_end
end_of(const struct search *s, unsigned goal, const struct range *r)
{
    const struct search_focus *f = &s->focus[goal];

    if (!is_settled(s, f, r) || f->stage + 1 < search_stages(&s->opts.goals[goal]))
        return SEARCH_END_CUT_SHORT;
    if (r->has_lower && r->has_upper && is_near(f, r->lower, r->upper))
        return SEARCH_END_REGULAR;
    if (r->has_wall)
        return SEARCH_END_GENERATOR;
    return r->has_upper ? SEARCH_END_MIN : SEARCH_END_MAX;
}

struct search_result
search_result_of(const struct search *s, unsigned goal)
{
    const struct search_goal *g = &s->opts.goals[goal];
    struct range r = range_of(s, g);
    struct search_result result = {
        .end = end_of(s, goal, &r), .has_lower = r.has_lower, .has_upper = r.has_upper};

    if (r.has_lower) {
        result.lower = load_at(s, r.lower);
        result.conditional_throughput = conditional_throughput(s, g, result.lower);
    }
    if (r.has_upper)
        result.upper = load_at(s, r.upper);
    return result;
}
