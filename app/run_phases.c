/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_phases.h. */
#include "app/run_phases.h"

#include "conf/phases.h"

/* A waypoint is announced so long before it comes: until then another may come first. */
static const uint64_t LEAD_NS = 4 * COURSE_DELAY_NS;
/* A closed loop's ramp has so many steps, unless they would be shorter than this. */
static const uint64_t RAMP_STEPS = 100;
static const uint64_t STEP_MIN_NS = 4 * COURSE_DELAY_NS;

static bool
has_phases(const struct run *run)
{
    return conf_has_phases(run->opts->conf);
}

int
run_phases_init(struct run *run, struct fail *f)
{
    if (!has_phases(run))
        return 0;
    if (window_init(&run->window, run->result, f) < 0)
        return -1;
    run->sampler.window = &run->window;
    return 0;
}

void
run_phases_begin(struct run *run)
{
    if (has_phases(run) && conf_phase(run->opts->conf, PHASE_SUSTAIN).begin_ns == 0)
        window_begin(&run->window, schedule_start_ns(&run->schedule));
}

/* The step behind @ns of the ramp @id; TIME_NEVER: there is none. */
static uint64_t
next_step_of(const struct conf *conf, enum conf_phase_id id, uint64_t ns)
{
    struct conf_phase p = conf_phase(conf, id);
    uint64_t step_ns = u64_max((p.end_ns - p.begin_ns) / RAMP_STEPS, STEP_MIN_NS);

    if (p.end_ns == p.begin_ns || ns >= p.end_ns)
        return TIME_NEVER;
    if (ns < p.begin_ns)
        return p.begin_ns;
    return u64_min(p.begin_ns + ((ns - p.begin_ns) / step_ns + 1) * step_ns, p.end_ns);
}

/* What is due next behind @ns, from the start of the load: a step of a ramp, or an end of what is
 * measured. */
static uint64_t
next_ns(const struct conf *conf, uint64_t ns)
{
    struct conf_phase sustain = conf_phase(conf, PHASE_SUSTAIN);
    uint64_t next = TIME_NEVER;

    if (conf_ramps_bound(conf))
        next =
            u64_min(next_step_of(conf, PHASE_RAMP_UP, ns), next_step_of(conf, PHASE_RAMP_DOWN, ns));
    if (ns < sustain.begin_ns)
        next = u64_min(next, sustain.begin_ns);
    if (ns < sustain.end_ns && conf->ramp_down_ns > 0)
        next = u64_min(next, sustain.end_ns);
    return next;
}

/* @at_ns: of the run; @ns: as the phases have it, which may be a little earlier. */
static void
note_waypoint(struct run *run, uint64_t ns, uint64_t at_ns)
{
    struct conf_phase sustain = conf_phase(run->opts->conf, PHASE_SUSTAIN);

    if (ns == sustain.begin_ns)
        window_begin(&run->window, at_ns);
    if (ns == sustain.end_ns)
        window_end_at(&run->window, at_ns);
    run->phases_done_ns = ns;
}

void
run_phases_look(struct run *run)
{
    const struct conf *conf = run->opts->conf;
    uint64_t start_ns = schedule_start_ns(&run->schedule), now = run_now_ns(run), next;
    struct course_wish wish = {0};

    if (!has_phases(run))
        return;
    next = next_ns(conf, run->phases_done_ns);
    if (next == TIME_NEVER || now + LEAD_NS < start_ns + next || !run_course_is_free(run) ||
        now >= schedule_stop_ns(&run->schedule))
        return;
    wish.at_ns = start_ns + next;
    wish.has_connections = conf_ramps_bound(conf);
    wish.connections = conf_bound_at(conf, next);
    note_waypoint(run, next, course_announce(&run->course, &wish, now));
}

/* How long the load lasted in the window. */
static uint64_t
measured_load_ns(const struct run *run)
{
    uint64_t end_ns = u64_min(run->window.end_ns, schedule_stop_ns(&run->schedule));

    return end_ns - run->window.begin_ns;
}

void
run_phases_gather(struct run *run)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule);
    struct window *w = &run->window;

    if (!has_phases(run) || w->begin_ns >= schedule_stop_ns(&run->schedule))
        return;
    window_sum(w, run->result, start_ns, measured_load_ns(run));
    report_result_take_measured(run->result, &w->part,
                                (double)(w->begin_ns - start_ns) / (double)NS_PER_SEC);
}
