/* SPDX-License-Identifier: BSD-3-Clause */
/* See load.h. */
#include "load/load.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

static void
look_up(struct load *l)
{
    uint64_t ns = load_plan_instant(l->plan, &l->at, l->next_n);

    l->next_ns = ns < TIME_NEVER - l->start_ns ? l->start_ns + ns : TIME_NEVER;
}

static void
advance_by(struct load *l, double ns)
{
    ns += l->carry_ns;
    if (ns >= (double)(TIME_NEVER - l->next_ns)) {
        l->next_ns = TIME_NEVER;
        return;
    }
    l->next_ns += (uint64_t)ns;
    l->carry_ns = ns - (double)(uint64_t)ns;
}

/* The time to the next start is exponentially distributed, whatever came before. */
static void
step_by_chance(struct load *l)
{
    double share = (double)(rng_next(&l->rng) >> 11) * 0x1p-53; /* [0, 1) */

    advance_by(l, -log1p(-share) * l->mean_ns);
}

/* Between two starts of this worker, on average. */
static double
mean_ns(const struct load *l, const struct load_change *c)
{
    return c->rate == 0 ? INFINITY : (double)c->per_ns / (double)c->rate * l->n_workers;
}

static void
init_by_chance(struct load *l, const struct load_change *first, uint64_t seed, unsigned worker)
{
    struct rng of_worker = {.state = seed ^ (uint64_t)(worker + 1) << 32};

    l->mode = LOAD_POISSON;
    l->rng.state = rng_next(&of_worker);
    l->mean_ns = mean_ns(l, first);
    step_by_chance(l);
}

/* From the next start on it is one rate. */
static void
become_even(struct load *l, const struct load_change *c)
{
    l->mode = LOAD_EVEN;
    l->interval_ns = l->interval_frac = 0;
    l->next_ns = load_change_instant(c, l->next_n, &l->next_frac);
    if (c->rate > 0)
        l->interval_ns = load_change_interval(c, l->n_workers, &l->interval_frac);
}

/* The plan's first rate, as a change from nothing. */
static struct load_change
first_rate(const struct load_plan *plan, uint64_t start_ns)
{
    return (struct load_change){.at_ns = start_ns,
                                .rate = plan->seg[0].rate_from,
                                .per_ns = plan->per_ns != 0 ? plan->per_ns : NS_PER_SEC};
}

void
load_init(struct load *l, const struct load_plan *plan, unsigned worker, unsigned n_workers,
          uint64_t start_ns)
{
    struct load_change first;

    assert(worker < n_workers);
    assert(plan == NULL || load_plan_is_valid(plan));

    *l = (struct load){.next_ns = start_ns,
                       .stop_ns = TIME_NEVER,
                       .n_workers = n_workers,
                       .next_n = worker,
                       .start_ns = start_ns};
    if (plan == NULL || plan->n == 0)
        return;
    first = first_rate(plan, start_ns);
    if (load_plan_is_even(plan)) {
        become_even(l, &first);
        return;
    }
    if (plan->is_random) {
        init_by_chance(l, &first, plan->seed, worker);
        return;
    }
    l->mode = LOAD_PIECEWISE;
    l->plan = plan;
    look_up(l);
}

/* What is left of the time to the next start grows or shrinks with the mean: it is as random as
 * before. */
static void
change_by_chance(struct load *l, const struct load_change *c)
{
    bool had_rate = l->mean_ns != INFINITY;
    double left = ((double)(l->next_ns - c->at_ns) + l->carry_ns) / l->mean_ns;

    l->mean_ns = mean_ns(l, c);
    l->next_ns = c->rate > 0 ? c->at_ns : TIME_NEVER;
    l->carry_ns = 0;
    if (c->rate > 0 && had_rate)
        advance_by(l, left * l->mean_ns);
    else if (c->rate > 0)
        step_by_chance(l);
}

/* Whether the next start comes after @c. */
static bool
is_past(const struct load *l, const struct load_change *c)
{
    return l->mode == LOAD_POISSON ? l->next_ns >= c->at_ns
                                   : (load_sum)l->next_n << 64 >= c->before;
}

/* Let the changes that come before the next start take effect. */
static void
settle(struct load *l)
{
    unsigned n = 0;

    for (; n < l->n_changes && is_past(l, &l->changes[n]); n++) {
        if (l->mode == LOAD_POISSON)
            change_by_chance(l, &l->changes[n]);
        else
            become_even(l, &l->changes[n]);
    }
    l->n_changes -= n;
    memmove(l->changes, l->changes + n, l->n_changes * sizeof(l->changes[0]));
    if (l->n_changes > 0 && l->mode == LOAD_EVEN)
        l->mode = LOAD_EVEN_UNTIL;
}

void
load_follow(struct load *l, const struct load_change *c)
{
    if (!load_is_open_loop(l))
        return;
    assert(l->n_changes == 0 || l->changes[l->n_changes - 1].at_ns < c->at_ns);

    l->n_changes -= l->n_changes == LOAD_CHANGES_MAX;
    l->changes[l->n_changes++] = *c;
    settle(l);
}

/* @n starts further on, at the rate that there is now. */
static void
step_even(struct load *l, uint64_t n)
{
    unsigned __int128 frac = (unsigned __int128)l->interval_frac * n + l->next_frac;

    l->next_n += n * l->n_workers;
    l->next_ns += l->interval_ns * n + (uint64_t)(frac >> 64);
    l->next_frac = (uint64_t)frac;
}

static void
step_by(struct load *l, uint64_t n)
{
    switch (l->mode) {
    case LOAD_CLOSED:
        break;
    case LOAD_EVEN:
    case LOAD_EVEN_UNTIL:
        step_even(l, n);
        break;
    case LOAD_PIECEWISE:
        l->next_n += n * l->n_workers;
        look_up(l);
        break;
    case LOAD_POISSON:
        while (n-- > 0)
            step_by_chance(l);
        break;
    }
    if (l->n_changes > 0)
        settle(l);
}

void
load_step(struct load *l)
{
    step_by(l, 1);
}

/* The numbers below @n that are left for this worker. */
static uint64_t
numbers_left(const struct load *l, uint64_t n)
{
    return n > l->next_n ? (n - l->next_n - 1) / l->n_workers + 1 : 0;
}

/* The same by chance: what would have come. */
static uint64_t
left_by_chance(struct load l, uint64_t end_ns)
{
    uint64_t n = 0;

    for (; l.next_ns < end_ns; load_step(&l))
        n++;
    return n;
}

/* The last change before @end_ns; NULL: there is none. */
static const struct load_change *
change_before(const struct load *l, uint64_t end_ns)
{
    const struct load_change *last = NULL;

    for (unsigned i = 0; i < l->n_changes && l->changes[i].at_ns < end_ns; i++)
        last = &l->changes[i];
    return last;
}

static uint64_t
left_after_change(const struct load *l, const struct load_change *c, uint64_t end_ns)
{
    load_sum sum = load_change_sum(c, end_ns);

    return numbers_left(l, (uint64_t)(sum >> 64) + ((uint64_t)sum > 0));
}

static uint64_t
left_before(const struct load *l, uint64_t end_ns)
{
    const struct load_change *change;
    unsigned __int128 span, interval;

    if (!load_is_open_loop(l))
        return 0;
    if (l->mode == LOAD_POISSON)
        return left_by_chance(*l, end_ns);
    change = change_before(l, end_ns);
    if (change != NULL)
        return left_after_change(l, change, end_ns);
    if (l->next_ns >= end_ns)
        return 0;
    if (l->mode == LOAD_PIECEWISE)
        return numbers_left(l, load_plan_starts(l->plan, end_ns - l->start_ns));
    span = (unsigned __int128)(end_ns - l->next_ns) << 64;
    interval = (unsigned __int128)l->interval_ns << 64 | l->interval_frac;
    return (uint64_t)((span - l->next_frac + interval - 1) / interval);
}

uint64_t
load_skip_to(struct load *l, uint64_t ns)
{
    uint64_t n = left_before(l, ns);

    if (n > 0)
        step_by(l, n);
    return n;
}

uint64_t
load_left(const struct load *l)
{
    return l->stop_ns == TIME_NEVER ? 0 : left_before(l, l->stop_ns);
}

uint64_t
load_due(const struct load *l, uint64_t now_ns)
{
    return left_before(l, u64_min(now_ns + 1, l->stop_ns));
}
