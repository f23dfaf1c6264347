/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_phases.h. */
#include "app/run_phases.h"

#include <stdlib.h>

#include "conf/phases.h"
#include "report/criteria.h"

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

static int
watch(struct run *run, enum conf_phase_id id, struct window *w, struct fail *f)
{
    if (w == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for the statistics of phase %s",
                        conf_phase_names[id]);
    if (window_init(w, run->result, f) < 0)
        return -1;
    sampler_add_window(&run->sampler, w);
    return 0;
}

int
run_phases_init(struct run *run, struct fail *f)
{
    static_assert(PHASE_COUNT <= SAMPLER_WINDOWS_MAX, "a window for each");

    for (enum conf_phase_id i = 0; has_phases(run) && i < PHASE_COUNT; i++) {
        if (i == PHASE_SUSTAIN)
            run->phases[i] = &run->window;
        else if (criteria_have_phase(run->opts->criteria, i, false))
            run->phases[i] = calloc(1, sizeof(*run->phases[i]));
        else
            continue;
        if (watch(run, i, run->phases[i], f) < 0)
            return -1;
    }
    return 0;
}

void
run_phases_fini(struct run *run)
{
    for (unsigned i = 0; i < PHASE_COUNT; i++)
        if (i != PHASE_SUSTAIN)
            free(run->phases[i]);
}

void
run_phases_begin(struct run *run)
{
    for (enum conf_phase_id i = 0; i < PHASE_COUNT; i++)
        if (run->phases[i] != NULL && conf_phase(run->opts->conf, i).begin_ns == 0)
            window_begin(run->phases[i], schedule_start_ns(&run->schedule));
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

/* Whether none comes behind @id: then what is open ends in it. */
static bool
is_last(const struct conf *conf, enum conf_phase_id id)
{
    return conf_phase(conf, id).end_ns == conf_load_ns(conf);
}

/* What is due next behind @ns, from the start of the load: a step of a ramp, or an end of a phase
 * that is watched. */
static uint64_t
next_ns(const struct run *run, uint64_t ns)
{
    const struct conf *conf = run->opts->conf;
    uint64_t next = TIME_NEVER;

    if (conf_ramps_bound(conf))
        next =
            u64_min(next_step_of(conf, PHASE_RAMP_UP, ns), next_step_of(conf, PHASE_RAMP_DOWN, ns));
    for (enum conf_phase_id i = 0; i < PHASE_COUNT; i++) {
        struct conf_phase p = conf_phase(conf, i);

        if (run->phases[i] == NULL)
            continue;
        if (ns < p.begin_ns)
            next = u64_min(next, p.begin_ns);
        if (ns < p.end_ns && !is_last(conf, i))
            next = u64_min(next, p.end_ns);
    }
    return next;
}

/* @at_ns: of the run; @ns: as the phases have it, which may be a little earlier. */
static void
note_waypoint(struct run *run, uint64_t ns, uint64_t at_ns)
{
    for (enum conf_phase_id i = 0; i < PHASE_COUNT; i++) {
        struct conf_phase p = conf_phase(run->opts->conf, i);

        if (run->phases[i] != NULL && ns == p.begin_ns)
            window_begin(run->phases[i], at_ns);
        if (run->phases[i] != NULL && ns == p.end_ns)
            window_end_at(run->phases[i], at_ns);
    }
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
    next = next_ns(run, run->phases_done_ns);
    if (next == TIME_NEVER || now + LEAD_NS < start_ns + next || !run_course_is_free(run) ||
        now >= schedule_stop_ns(&run->schedule))
        return;
    wish.at_ns = start_ns + next;
    wish.has_connections = conf_ramps_bound(conf);
    wish.connections = conf_bound_at(conf, next);
    note_waypoint(run, next, course_announce(&run->course, &wish, now));
}

void
run_phases_gather(struct run *run)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule);
    uint64_t stop_ns = schedule_stop_ns(&run->schedule);

    for (enum conf_phase_id i = 0; i < PHASE_COUNT; i++) {
        struct window *w = run->phases[i];

        if (w == NULL || w->begin_ns >= stop_ns)
            continue;
        window_sum(w, run->result, start_ns, u64_min(w->end_ns, stop_ns) - w->begin_ns);
        if (i == PHASE_SUSTAIN)
            report_result_take_measured(run->result, &w->part,
                                        (double)(w->begin_ns - start_ns) / (double)NS_PER_SEC);
        else
            report_result_take_phase(run->result, i, &w->part);
    }
}
