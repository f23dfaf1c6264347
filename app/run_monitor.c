/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_monitor.h. */
#include "app/run_monitor.h"

#include "app/monitor.h"
#include "conf/phases.h"

static enum metrics_stage
stage_at(const struct run *run, uint64_t now_ns)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule);

    if (start_ns == TIME_NEVER)
        return METRICS_STARTING;
    if (now_ns >= schedule_stop_ns(&run->schedule))
        return METRICS_DRAIN;
    return METRICS_INIT +
           (int)conf_phase_at(run->opts->conf, now_ns > start_ns ? now_ns - start_ns : 0);
}

/* What is read for it, and gathered for the result in the end. */
static void
add_port_facts(const struct run *run, uint64_t now_ns, struct metrics_facts *f)
{
    const struct io *io = run->opts->io;

    for (unsigned i = 0; i < io->n_devices; i++) {
        f->link_downs += run->links[i].downs;
        f->link_down_ns += link_watch_down_ns(&run->links[i], now_ns);
    }
    f->n_ports = io->n_ports;
    f->n_queues = io->n_queues;
    for (unsigned i = 0; i < io->n_ports; i++)
        f->rx_missed[i] = io_rx_missed(io, i);
}

void
run_monitor_show(struct run *run)
{
    const struct result *r = run->result;
    uint64_t now_ns = run_now_ns(run);
    struct metrics_facts f = {.stage = stage_at(run, now_ns),
                              .has_rate = run->sampler.has_role[ROLE_CLIENT] &&
                                          course_has_rate(&run->course)};

    if (!run->opts->monitor->is_on)
        return;
    if (f.stage != METRICS_STARTING)
        add_port_facts(run, now_ns, &f);
    if (f.has_rate && f.stage != METRICS_STARTING && f.stage != METRICS_DRAIN)
        f.rate_milli = course_rate_milli(&run->course, now_ns);
    f.run_s = r->n_intervals > 0 ? r->intervals[r->n_intervals - 1].t_s : 0;
    monitor_show(run->opts->monitor, r, &f);
}

void
run_monitor_show_end(struct run *run)
{
    const struct result *r = run->result;
    struct metrics_facts f = {.stage = METRICS_OVER,
                              .has_rate = run->sampler.has_role[ROLE_CLIENT] &&
                                          course_has_rate(&run->course)};

    f.run_s = r->n_intervals > 0 ? r->intervals[r->n_intervals - 1].t_s : 0;
    monitor_show(run->opts->monitor, r, &f);
}
