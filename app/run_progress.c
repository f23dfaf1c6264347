/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_progress.h. */
#include "app/run_progress.h"

#include <math.h>

#include "io/rlimits.h"
#include "report/format.h"
#include "report/search.h"

enum run_stage
run_stage(const struct run *run)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule);

    if (!schedule_may_send(&run->schedule))
        return RUN_SETS_UP;
    if (start_ns == TIME_NEVER)
        return RUN_PREPARES;
    if (run_now_ns(run) >= schedule_stop_ns(&run->schedule))
        return RUN_DRAINS;
    return run->searching.state == SEARCHING_OFF ? RUN_LOADS : RUN_SEARCHES;
}

static void __attribute__((format(printf, 2, 3))) say(struct progress *p, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(p->what, sizeof(p->what), fmt, args);
    va_end(args);
}

/* -- before the load ----------------------------------------------------------------------- */

void
run_progress_begin(struct run *run)
{
    run->resident_bytes = rlimits_resident_bytes();
}

/* Records and tables are there in full when they have been taken, and are nearly all that is. */
static void
of_set_up(const struct run *run, struct progress *p)
{
    uint64_t all = setup_resident_bytes(run->opts->conf, run->opts->plan);
    uint64_t now = rlimits_resident_bytes();

    say(p, "setting up tables");
    if (all > 0 && run->resident_bytes > 0 && now > run->resident_bytes)
        p->share = fmin((double)(now - run->resident_bytes) / (double)all, 0.99);
}

/* What the worker that is the farthest behind does. */
static void
of_preparation(const struct run *run, struct progress *p)
{
    enum worker_progress least = WORKER_READY;

    for (unsigned i = 0; i < run->workers.n; i++) {
        enum worker_progress one = workers_progress(&run->workers, i);

        least = one < least ? one : least;
    }
    switch (least) {
    case WORKER_PROBING:
        say(p, "asking whether anybody has our addresses");
        break;
    case WORKER_TURNS:
        say(p, "trying the queues");
        break;
    case WORKER_RESOLVING:
        say(p, "looking for the next hops");
        break;
    case WORKER_WARMING_UP:
        say(p, "fetching TLS sessions");
        break;
    case WORKER_STARTING:
    case WORKER_INITIALISED:
    case WORKER_READY:
    case WORKER_RUNNING:
    case WORKER_DONE:
    case WORKER_NO_MEMORY:
    case WORKER_NO_TLS:
    case WORKER_CONFLICT:
    case WORKER_UNRESOLVED:
        say(p, "about to begin");
        break;
    }
}

/* -- load and drain ------------------------------------------------------------------------ */

static double
seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_SEC;
}

static uint64_t
until(uint64_t end_ns, uint64_t now_ns)
{
    return end_ns > now_ns ? end_ns - now_ns : 0;
}

/* From @begin_ns to @end_ns, which may be never. */
static void
of_time(struct progress *p, uint64_t begin_ns, uint64_t end_ns, uint64_t now_ns)
{
    if (end_ns == TIME_NEVER || end_ns <= begin_ns)
        return;
    p->share = seconds(now_ns - u64_min(now_ns, begin_ns)) / seconds(end_ns - begin_ns);
    p->left_s = seconds(until(end_ns, now_ns));
}

static void
of_load(const struct run *run, struct progress *p, uint64_t now_ns)
{
    const struct conf *conf = run->opts->conf;
    uint64_t start_ns = schedule_start_ns(&run->schedule);
    uint64_t ns = now_ns - u64_min(now_ns, start_ns);

    if (conf->command == CONF_SERVE)
        say(p, "serving");
    else if (conf_has_phases(conf))
        say(p, "%s", conf_phase_names[conf_phase_at(conf, ns)]);
    else
        say(p, "running");
    of_time(p, start_ns, schedule_stop_ns(&run->schedule), now_ns);
    if (conf->requests_total > 0 && p->share < 0)
        p->share = (double)report_result_role_sum(run->result, ROLE_CLIENT, CTR_requests) /
                   (double)conf->requests_total;
}

static void
of_trial(const struct trial *t, struct progress *p, unsigned n, const char *load, uint64_t now_ns)
{
    switch (t->state) {
    case TRIAL_BEGINS:
        say(p, "trial %u, %s: about to begin", n, load);
        break;
    case TRIAL_LOADS:
        say(p, "trial %u, %s", n, load);
        of_time(p, t->begin_ns, t->begin_ns + t->opts.load_ns, now_ns);
        break;
    case TRIAL_DRAINS:
    case TRIAL_SETTLES:
    case TRIAL_DONE:
        say(p, "trial %u, %s: draining", n, load);
        of_time(p, t->end_ns, t->end_ns + t->opts.drain_ns, now_ns);
        break;
    }
}

static void
of_search(const struct run *run, struct progress *p, uint64_t now_ns)
{
    const struct searching *s = &run->searching;
    char load[SEARCH_LOAD_MAX];
    unsigned n = s->found->search.n_trials + 1;

    search_format_load(run->result, s->found->search.trials[n - 1].load, load);
    switch (s->state) {
    case SEARCHING_RESETS:
        say(p, "trial %u, %s: %s", n, load,
            run->opts->conf->search_reset[0] != '\0' ? "the reset before it" : "about to begin");
        break;
    case SEARCHING_PAUSES:
        say(p, "trial %u, %s: the pause before it", n, load);
        break;
    case SEARCHING_TRIES:
        of_trial(&s->trial, p, n, load, now_ns);
        break;
    case SEARCHING_OFF:
    case SEARCHING_OVER:
        say(p, "the search is over");
        break;
    }
}

static void
of_drain(const struct run *run, struct progress *p, uint64_t now_ns)
{
    const struct result *r = run->result;
    uint64_t n_open = r->n_intervals == 0 ? 0 : r->intervals[r->n_intervals - 1].open;
    char text[FORMAT_TEXT_MAX];

    say(p, "draining, %s open", format_grouped(n_open, text));
    of_time(p, schedule_stop_ns(&run->schedule), schedule_drain_end_ns(&run->schedule), now_ns);
}

void
run_progress(const struct run *run, struct progress *p)
{
    uint64_t now_ns = run_now_ns(run);

    *p = (struct progress){.share = -1, .left_s = -1};
    switch (run_stage(run)) {
    case RUN_SETS_UP:
        of_set_up(run, p);
        break;
    case RUN_PREPARES:
        of_preparation(run, p);
        break;
    case RUN_LOADS:
        of_load(run, p, now_ns);
        break;
    case RUN_SEARCHES:
        of_search(run, p, now_ns);
        break;
    case RUN_DRAINS:
        of_drain(run, p, now_ns);
        break;
    }
}
