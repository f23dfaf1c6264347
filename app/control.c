/* SPDX-License-Identifier: BSD-3-Clause */
/* See control.h. */
#include "app/control.h"

#include <stdlib.h>

#include "app/gather.h"
#include "app/run.h"
#include "app/run_abort.h"
#include "app/run_crew.h"
#include "app/run_ctl.h"
#include "app/run_link.h"
#include "app/run_monitor.h"
#include "app/run_phases.h"
#include "app/run_start.h"
#include "app/run_ui.h"
#include "app/secret.h"
#include "app/signals.h"
#include "base/console.h"
#include "base/rng.h"

/* Between two looks at the workers, at most: a quarter of an interval, or a block would wait for
 * the next one. */
static const uint64_t LOOK_NS = 20 * NS_PER_MS;
static const unsigned LOOKS_PER_SAMPLE = 4;

/* The same while a waypoint is to come: whose block it ends has to have a place for the next. */
static const uint64_t WAYPOINT_LOOK_NS = NS_PER_MS;

/* The same during the trials of a search. */
static const uint64_t TRIAL_LOOK_NS = 5 * NS_PER_MS;

/* -- before the start --------------------------------------------------------------------- */

static void
make_worker(struct run *run, unsigned i)
{
    struct worker *w = workers_at(&run->workers, i);
    struct result_core *core = &run->result->cores[i];

    setup_worker(&run->setup, &run->schedule, i, &w->opts);
    w->opts.course = &run->course;
    core->lcore = run->opts->io->lcores[i];
    core->role = w->opts.role;
    if (w->opts.role != ROLE_CLIENT)
        return;
    atomic_fetch_add(&run->schedule.clients_busy, 1);
    atomic_fetch_add(&run->schedule.clients_asking, 1);
}

/* Another place in the port cycle at each start: tuples used last come last (a hash of the time, so
 * that runs a second apart do not overlap step by step). */
static uint64_t
seed_of_clock(uint64_t ns)
{
    struct rng rng = {.state = ns};

    return rng_next(&rng);
}

/* What a run's numbers go on from is nobody's matter where both ends are ours. */
static struct siphash_key
sequence_secret(const struct conf *conf)
{
    struct siphash_key key;
    char why[256];

    if (conf->is_loopback)
        return secret_new();
    key = secret_of_boot(why, sizeof(why));
    if (why[0] != '\0')
        fprintf(console_stream(),
                "shakedown: note: sequence numbers do not go on from an earlier run's, since there "
                "is no place for their secret: %s\n",
                why);
    return key;
}

static int
make_workers(struct run *run, struct fail *f)
{
    const struct conf *conf = run->opts->conf;

    if (workers_init(&run->workers, run->opts->io, f) < 0)
        return -1;
    schedule_init(&run->schedule, conf->drain_ns);
    if (conf->stop == STOP_DRAIN)
        schedule_cut_holds(&run->schedule);
    calibrate_clock(&run->schedule.clock, run->opts->began);
    if (conf->limit_cps > 0)
        limit_init(&run->limit, conf->limit_cps, conf->lcores);
    late_init(&run->late);
    setup_init(&run->setup, &(struct setup_facts){.conf = conf,
                                                  .plan = run->opts->plan,
                                                  .io = run->opts->io,
                                                  .rss = run->opts->steering->by,
                                                  .tls = run->opts->tls,
                                                  .lanes = run->opts->lanes,
                                                  .http = run->opts->http,
                                                  .awaits_peer = io_awaits_peer(run->opts->io),
                                                  .limit = &run->limit,
                                                  .late = &run->late,
                                                  .secret = sequence_secret(conf),
                                                  .table = secret_new(),
                                                  .seed = seed_of_clock(run_now_ns(run))});
    course_init(&run->course,
                conf->request_load.n > 0 ? conf_whole_request_load(conf) : &run->setup.load,
                setup_first_connections(conf));
    for (unsigned i = 0; i < run->workers.n; i++)
        make_worker(run, i);
    sampler_init(&run->sampler, run->result);
    if (pcap_writer_init(&run->pcap, pcap_of(run->opts->report), &run->workers, f) < 0 ||
        run_middle_init(&run->middle, conf, &run->workers, f) < 0 || run_phases_init(run, f) < 0 ||
        searching_init(&run->searching, run, f) < 0) {
        run_phases_fini(run);
        run_middle_fini(&run->middle);
        workers_fini(&run->workers);
        pcap_writer_fini(&run->pcap);
        return -1;
    }
    return 0;
}

/* -- while it runs ------------------------------------------------------------------------ */

static void
report_interval(struct run *run, bool is_last)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule);
    struct result_interval row;

    sampler_add_row(&run->sampler, start_ns, &row);
    report_row(run->opts->report, &row);
    run_monitor_show(run);
    if (!sampler_add_second(&run->sampler, start_ns, is_last, &row))
        return;
    report_result_note_second(run->result, &row);
    for (unsigned i = 0; i < run->sampler.n_windows; i++)
        window_note_second(run->sampler.windows[i], start_ns, &row);
    run_ui_second(run, &row);
    run_crew_second(run, &row);
    run_abort_look(run);
}

static void
sample(struct run *run)
{
    for (unsigned i = 0; i < run->workers.n; i++) {
        bool is_done = workers_progress(&run->workers, i) == WORKER_DONE;

        sampler_take(&run->sampler, i, &workers_at(&run->workers, i)->stat_set, is_done);
    }
    if (sampler_is_complete(&run->sampler))
        report_interval(run, false);
}

static bool
is_over(const struct run *run)
{
    const struct result *r = run->result;
    uint64_t n_open = r->n_intervals == 0 ? 0 : r->intervals[r->n_intervals - 1].open;

    if (schedule_has_quit(&run->schedule))
        return true;
    if (run->sampler.has_role[ROLE_CLIENT])
        return workers_are_done(&run->workers, ROLE_CLIENT);
    return schedule_serving_is_over(&run->schedule, n_open, run_now_ns(run));
}

/* A target that has fallen silent is not loaded any more. */
static void
look_at_target(struct run *run)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule), now = run_now_ns(run);
    struct heartbeat h = gather_heartbeat(&run->workers, start_ns);
    struct result_dead_man *d = &run->result->dead_man;

    if (d->has_fired || now >= schedule_stop_ns(&run->schedule) ||
        !silence_look(&run->silence, &h, run->opts->conf->dead_man_ns))
        return;
    *d = (struct result_dead_man){.has_fired = true,
                                  .silent_s = (double)(h.heard_ns - start_ns) / (double)NS_PER_SEC,
                                  .stopped_s = run_s(run)};
    schedule_cut_short(&run->schedule, now);
    fprintf(console_stream(),
            "shakedown: warning: nothing has come from the target after %.1f s; the load stops "
            "(--dead-man)\n",
            d->silent_s);
}

static void
show_snapshot(struct run *run)
{
    run_ui_step_aside(run);
    if (run_sum_so_far(run))
        report_snapshot(run->opts->report, run->result);
    else
        fputs("shakedown: no sample of the run has been taken yet\n", console_stream());
}

static void
attend(struct run *run, enum signals_wish wish)
{
    switch (wish) {
    case SIGNALS_NOTHING:
        break;
    case SIGNALS_END:
        run_interrupt(run);
        break;
    case SIGNALS_SNAPSHOT:
        show_snapshot(run);
        break;
    }
}

static void
follow(struct run *run)
{
    uint64_t look_ns = u64_min(LOOK_NS, run->opts->conf->sample_ns / LOOKS_PER_SAMPLE);

    searching_begin(&run->searching, run);
    if (run->searching.state != SEARCHING_OFF)
        look_ns = u64_min(look_ns, TRIAL_LOOK_NS);
    run_begin_link(run);
    run_monitor_show(run);
    run_phases_begin(run);
    do {
        uint64_t rest_ns = run_course_is_free(run) ? look_ns : WAYPOINT_LOOK_NS;

        attend(run, signals_sleep(run_crew_rest_ns(run, rest_ns)));
        hang_watch_beat(run->opts->watch);
        run_crew_look(run);
        run_look_at_link(run);
        look_at_target(run);
        sample(run);
        run_middle_look(&run->middle);
        run_phases_look(run);
        run_ctl_look(run);
        searching_look(&run->searching, run);
        run_ui_look(run);
    } while (!is_over(run));
}

/* -- after the end ------------------------------------------------------------------------ */

/* All workers have returned. */
static void
gather(struct run *run)
{
    sample(run);
    for (unsigned i = 0; i < run->workers.n; i++)
        sampler_take_rest(&run->sampler, i, &workers_at(&run->workers, i)->stat_set);
    report_interval(run, true);
    gather_rx_missed(run->opts->io, run->result);
    gather_link(run->links, run->opts->io->n_devices, run_now_ns(run), run->result);
    gather_memory(&run->workers, run->result);
    gather_tls(&run->workers, run->result);
    gather_http(&run->workers, run->result);
    gather_icmp(&run->workers, run->result);
    run->result->middle = run_middle_end(&run->middle);
    run->result->is_running = false;
    run->result->duration_s = schedule_load_s(&run->schedule, run_now_ns(run));
    report_result_sum(run->result);
    run_crew_gather(run);
    run_monitor_show_end(run);
    run_phases_gather(run);
}

static int
run_workers(struct run *run, struct fail *f)
{
    run_crew_meet(run);
    if (schedule_has_quit(&run->schedule))
        return 0; /* it was given up meanwhile */
    workers_launch(&run->workers);
    if (run_wait_ready(run, f) < 0)
        return -1;
    if (!run->result->interrupted && !schedule_has_quit(&run->schedule)) {
        if (run_start(run))
            follow(run);
    }
    schedule_quit(&run->schedule);
    workers_join(&run->workers);
    pcap_writer_end(&run->pcap, &run->workers, run->result);
    gather_conflicts(&run->workers);
    if (schedule_start_ns(&run->schedule) != TIME_NEVER)
        gather(run);
    return searching_end(&run->searching, f);
}

int
control_run(const struct control_opts *opts, struct result *r, struct fail *f)
{
    struct run *run = calloc(1, sizeof(*run));
    int err = -1;

    if (run == NULL || report_result_init(r, opts->io->n_workers, f) < 0) {
        free(run);
        return fail_set(f, EXIT_HOST, "not enough memory to begin");
    }
    r->conf = opts->conf;
    opts->describe(r, opts->describe_arg);
    r->plan.tuples = opts->plan->tuples;
    r->has_tls = conf_is_tls(opts->conf);
    r->has_http = conf_has_http(opts->conf);
    run->opts = opts;
    run->result = r;
    if (report_result_init_classes(r, opts->conf, f) == 0 && make_workers(run, f) == 0) {
        run_ui_open(run);
        err = run_workers(run, f);
        run_ui_close(run);
        run_middle_fini(&run->middle);
        if (run_crew_end(run, f) < 0)
            err = -1;
        workers_fini(&run->workers);
        pcap_writer_fini(&run->pcap);
        for (unsigned i = 0; i < run->sampler.n_windows; i++)
            window_fini(run->sampler.windows[i]);
        run_phases_fini(run);
    }
    free(run);
    return err;
}
