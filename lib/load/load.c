/* SPDX-License-Identifier: BSD-3-Clause */
/* See load.h. */
#include "load/load.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

/* @n * @per_ns / @rate as whole ns and 2^-64 ns. Rounded up: were the fraction a little too
 * small, every start on a whole second would be a nanosecond early, and a run of 1 s at 3/s would
 * have four. The error is below 1 ns in 500 years. */
static void
multiple_of_interval(uint64_t n, const struct load_plan *p, uint64_t *ns, uint64_t *frac)
{
    uint64_t rate = p->seg[0].rate_from;
    unsigned __int128 total = (unsigned __int128)n * (p->per_ns != 0 ? p->per_ns : NS_PER_SEC);
    uint64_t rest = (uint64_t)(total % rate);

    *ns = (uint64_t)(total / rate);
    *frac = (uint64_t)((((unsigned __int128)rest << 64) + rate - 1) / rate);
}

static void
look_up(struct load *l)
{
    uint64_t ns = load_plan_instant(l->plan, &l->at, l->next_n);

    l->next_ns = ns < TIME_NEVER - l->start_ns ? l->start_ns + ns : TIME_NEVER;
}

/* The time to the next start is exponentially distributed, whatever came before. */
static void
step_by_chance(struct load *l)
{
    double share = (double)(rng_next(&l->rng) >> 11) * 0x1p-53; /* [0, 1) */
    double ns = l->carry_ns - log1p(-share) * l->mean_ns;

    if (ns >= (double)(TIME_NEVER - l->next_ns)) {
        l->next_ns = TIME_NEVER;
        return;
    }
    l->next_ns += (uint64_t)ns;
    l->carry_ns = ns - (double)(uint64_t)ns;
}

static void
init_by_chance(struct load *l, const struct load_plan *plan, unsigned worker, unsigned n_workers)
{
    struct rng of_worker = {.state = plan->seed ^ (uint64_t)(worker + 1) << 32};

    l->mode = LOAD_POISSON;
    l->rng.state = rng_next(&of_worker);
    l->mean_ns = (double)(plan->per_ns != 0 ? plan->per_ns : NS_PER_SEC) /
                 (double)plan->seg[0].rate_from * n_workers;
    step_by_chance(l);
}

void
load_init(struct load *l, const struct load_plan *plan, unsigned worker, unsigned n_workers,
          uint64_t start_ns)
{
    assert(worker < n_workers);
    assert(plan == NULL || load_plan_is_valid(plan));

    *l = (struct load){.next_ns = start_ns, .stop_ns = TIME_NEVER};
    if (plan == NULL || plan->n == 0)
        return;
    if (load_plan_is_even(plan)) {
        l->mode = LOAD_EVEN;
        multiple_of_interval(n_workers, plan, &l->interval_ns, &l->interval_frac);
        multiple_of_interval(worker, plan, &l->next_ns, &l->next_frac);
        l->next_ns += start_ns;
        return;
    }
    if (plan->is_random) {
        init_by_chance(l, plan, worker, n_workers);
        return;
    }
    l->mode = LOAD_PIECEWISE;
    l->plan = plan;
    l->n_workers = n_workers;
    l->start_ns = start_ns;
    l->next_n = worker;
    look_up(l);
}

void
load_step(struct load *l)
{
    if (l->mode == LOAD_POISSON) {
        step_by_chance(l);
        return;
    }
    l->next_n += l->n_workers;
    look_up(l);
}

/* Starts of a piecewise plan that are left for this worker before @end_ns. */
static uint64_t
piecewise_left(const struct load *l, uint64_t end_ns)
{
    uint64_t n = load_plan_starts(l->plan, end_ns - l->start_ns);

    return n > l->next_n ? (n - l->next_n - 1) / l->n_workers + 1 : 0;
}

/* The same by chance: what would have come. */
static uint64_t
left_by_chance(struct load l, uint64_t end_ns)
{
    uint64_t n = 0;

    for (; l.next_ns < end_ns; step_by_chance(&l))
        n++;
    return n;
}

static uint64_t
left_before(const struct load *l, uint64_t end_ns)
{
    unsigned __int128 span, interval;

    if (!load_is_open_loop(l) || l->next_ns >= end_ns)
        return 0;
    if (l->mode == LOAD_PIECEWISE)
        return piecewise_left(l, end_ns);
    if (l->mode == LOAD_POISSON)
        return left_by_chance(*l, end_ns);
    span = (unsigned __int128)(end_ns - l->next_ns) << 64;
    interval = (unsigned __int128)l->interval_ns << 64 | l->interval_frac;
    return (uint64_t)((span - l->next_frac + interval - 1) / interval);
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
