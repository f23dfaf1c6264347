/* SPDX-License-Identifier: BSD-3-Clause */
/* See run.h. */
#include "app/run.h"

#include <math.h>

void
run_interrupt(struct run *run)
{
    run->result->interrupted = true;
    if (run->opts->crew != NULL)
        crew_stop(run->opts->crew);
    hang_watch_hurry(run->opts->watch);
    schedule_interrupt(&run->schedule, run_now_ns(run));
}

bool
run_sum_so_far(struct run *run)
{
    struct result *r = run->result;

    if (r->n_intervals == 0)
        return false;
    r->is_running = true;
    r->duration_s = fmin(r->intervals[r->n_intervals - 1].t_s,
                         schedule_load_s(&run->schedule, run_now_ns(run)));
    report_result_sum(r);
    return true;
}

struct result *
run_measured_so_far(struct run *run, enum conf_phase_id phase, uint64_t *measured_ns)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule), now_ns = run_now_ns(run);
    struct window *w = phase == PHASE_COUNT ? &run->window : run->phases[phase];

    if (run->sampler.n_windows == 0) {
        *measured_ns = now_ns - start_ns;
        return run_sum_so_far(run) ? run->result : NULL;
    }
    if (now_ns <= w->begin_ns || (now_ns > w->end_ns && phase == PHASE_COUNT))
        return NULL;
    *measured_ns = u64_min(now_ns, w->end_ns) - w->begin_ns;
    window_sum(w, run->result, start_ns, 0);
    return &w->part;
}
