/* SPDX-License-Identifier: BSD-3-Clause */
/* See run.h. */
#include "app/run.h"

void
run_interrupt(struct run *run)
{
    run->result->interrupted = true;
    hang_watch_hurry(run->opts->watch);
    schedule_interrupt(&run->schedule, run_now_ns(run));
}

void
run_sum(struct run *run)
{
    run->result->duration_s = run_s(run);
    report_result_sum(run->result);
}
