/* SPDX-License-Identifier: BSD-3-Clause */
/* See course.h. */
#include "app/course.h"

void
course_init(struct course *c, const struct load_plan *plan, uint64_t connections)
{
    *c = (struct course){.plan = plan, .start_ns = TIME_NEVER, .connections = connections};
    atomic_init(&c->n_announced, 0);
}

void
course_begin(struct course *c, uint64_t start_ns)
{
    c->start_ns = start_ns;
}

bool
course_has_rate(const struct course *c)
{
    return c->plan->n > 0;
}

/* What the rates have added up to by @at_ns. */
static load_sum
sum_until(const struct course *c, uint64_t at_ns)
{
    return c->has_changed ? load_change_sum(&c->last, at_ns)
                          : load_plan_sum(c->plan, at_ns - c->start_ns);
}

uint64_t
course_announce(struct course *c, const struct course_wish *wish, uint64_t now_ns)
{
    uint64_t at_ns = u64_max(wish->at_ns, now_ns + COURSE_DELAY_NS);
    struct waypoint next = {.at_ns = at_ns,
                            .has_rate = wish->has_rate && course_has_rate(c),
                            .has_connections = wish->has_connections,
                            .connections = wish->connections,
                            .skips = wish->skips};

    if (next.has_rate) {
        next.rate = load_change_milli(at_ns, sum_until(c, at_ns), wish->rate_milli);
        c->last = next.rate;
        c->has_changed = true;
    }
    if (next.has_connections)
        c->connections = next.connections;
    c->next = next;
    atomic_fetch_add_explicit(&c->n_announced, 1, memory_order_release);
    return at_ns;
}

uint64_t
course_rate_milli(const struct course *c, uint64_t now_ns)
{
    if (c->has_changed)
        return c->last.rate;
    return load_plan_rate_milli(c->plan, now_ns - u64_min(now_ns, c->start_ns));
}

bool
course_look(struct course_follower *f, const struct course *c)
{
    unsigned n = course_announced(c);

    if (n == f->n_known)
        return false;
    f->n_known = n;
    f->next = c->next;
    f->is_reached = false;
    return true;
}
