/* SPDX-License-Identifier: BSD-3-Clause */
/* See run.h. */
#include "app/run.h"

#include <math.h>

void
run_interrupt(struct run *run)
{
    run->result->interrupted = true;
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
