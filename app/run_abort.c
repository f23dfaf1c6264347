/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_abort.h. */
#include "app/run_abort.h"

#include <stdio.h>

#include "base/console.h"
#include "report/criteria.h"

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

/* Of that phase; PHASE_COUNT: of what is measured. */
static const struct criterion *
find_broken(struct run *run, enum conf_phase_id phase)
{
    struct criteria *c = run->opts->criteria;
    const struct result *r;
    uint64_t measured_ns;

    if (!criteria_have_phase(c, phase, true))
        return NULL;
    r = run_measured_so_far(run, phase, &measured_ns);
    return r == NULL ? NULL : criteria_abort(c, phase, r, measured_ns);
}

void
run_abort_look(struct run *run)
{
    const struct criterion *broken = NULL;
    uint64_t now_ns = run_now_ns(run);

    if (run->result->abort.has_fired || now_ns >= schedule_stop_ns(&run->schedule))
        return;
    for (enum conf_phase_id i = 0; i <= PHASE_COUNT && broken == NULL; i++)
        broken = find_broken(run, i);
    if (broken != NULL)
        abort_load(run, broken, now_ns);
}
