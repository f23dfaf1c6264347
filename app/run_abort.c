/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_abort.h. */
#include "app/run_abort.h"

#include <stdio.h>

#include "base/console.h"
#include "report/criteria.h"

/* What is measured so far, and for how long; NULL: nothing is yet. */
static const struct result *
measured(struct run *run, uint64_t now_ns, uint64_t *measured_ns)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule);
    struct window *w = run->sampler.window;

    if (w == NULL) {
        *measured_ns = now_ns - start_ns;
        return run_sum_so_far(run) ? run->result : NULL;
    }
    if (now_ns <= w->begin_ns || now_ns > w->end_ns)
        return NULL;
    *measured_ns = now_ns - w->begin_ns;
    window_sum(w, run->result, start_ns, 0);
    return &w->part;
}

static void
abort_load(struct run *run, const struct criterion *c, uint64_t now_ns)
{
    struct result_abort *a = &run->result->abort;
    char value[CRITERION_VALUE_MAX];

    *a = (struct result_abort){.has_fired = true, .t_s = run_s(run)};
    snprintf(a->criterion, sizeof(a->criterion), "%s", c->text);
    fprintf(console_stream(),
            "shakedown: warning: '%s' does not hold after %.1f s: %s; the load "
            "stops\n",
            c->text, a->t_s, criterion_format(c, c->value, value));
    schedule_cut_short(&run->schedule, now_ns);
}

static bool
may_abort(const struct criteria *c)
{
    for (unsigned i = 0; i < c->n; i++)
        if (c->list[i].aborts)
            return true;
    return false;
}

void
run_abort_look(struct run *run)
{
    const struct criterion *broken = NULL;
    uint64_t now_ns = run_now_ns(run), measured_ns;
    const struct result *r;

    if (!may_abort(run->opts->criteria) || run->result->abort.has_fired ||
        now_ns >= schedule_stop_ns(&run->schedule))
        return;
    r = measured(run, now_ns, &measured_ns);
    if (r != NULL)
        broken = criteria_abort(run->opts->criteria, r, measured_ns);
    if (broken != NULL)
        abort_load(run, broken, now_ns);
}
