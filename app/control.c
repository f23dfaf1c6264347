/* SPDX-License-Identifier: BSD-3-Clause */
/* See control.h. */
#include "app/control.h"

#include <stdlib.h>
#include <time.h>

#include "app/gather.h"
#include "app/link_watch.h"
#include "app/queue_proof.h"
#include "app/queue_turns.h"
#include "app/sampler.h"
#include "app/secret.h"
#include "app/setup.h"
#include "app/signals.h"
#include "app/workers.h"
#include "base/console.h"
#include "base/rng.h"

/* Between two looks at the workers, at most: a quarter of an interval, or a block would wait for
 * the next one; and at those that are about to be ready. */
static const uint64_t LOOK_NS = 20 * NS_PER_MS;
static const unsigned LOOKS_PER_SAMPLE = 4;
static const uint64_t READY_NS = NS_PER_MS;
/* Between two looks at the link, which may ask the card. */
static const uint64_t LINK_NS = 100 * NS_PER_MS;
/* How often the start is put off for workers that do not run: for a second or so. Then it is as it
 * is, and shows. */
static const unsigned START_TRIES_MAX = 64;

struct control {
    const struct control_opts *opts;
    struct schedule schedule;
    struct setup setup;
    struct workers workers;
    struct sampler sampler;
    struct result *result;
    bool has_link;
    uint64_t next_link_ns; /* when to look at it again */
    struct link_watch link;
};

static uint64_t
now_ns(const struct control *ctl)
{
    return schedule_now_ns(&ctl->schedule);
}

/* -- before the start --------------------------------------------------------------------- */

static void
make_worker(struct control *ctl, unsigned i)
{
    struct worker *w = workers_at(&ctl->workers, i);
    struct result_core *core = &ctl->result->cores[i];

    setup_worker(&ctl->setup, &ctl->schedule, i, &w->opts);
    core->lcore = ctl->opts->io->lcores[i];
    core->role = w->opts.role;
    if (w->opts.role != ROLE_CLIENT)
        return;
    atomic_fetch_add(&ctl->schedule.clients_busy, 1);
    atomic_fetch_add(&ctl->schedule.clients_asking, 1);
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
make_workers(struct control *ctl, struct fail *f)
{
    if (workers_init(&ctl->workers, ctl->opts->io, f) < 0)
        return -1;
    schedule_init(&ctl->schedule, ctl->opts->conf->drain_ns);
    if (ctl->opts->conf->stop == STOP_DRAIN)
        schedule_cut_holds(&ctl->schedule);
    calibrate_clock(&ctl->schedule.clock, ctl->opts->began);
    setup_init(&ctl->setup, &(struct setup_facts){.conf = ctl->opts->conf,
                                                  .plan = ctl->opts->plan,
                                                  .io = ctl->opts->io,
                                                  .rss = ctl->opts->steering->by,
                                                  .tls = ctl->opts->tls,
                                                  .http = ctl->opts->http,
                                                  .awaits_peer = io_awaits_peer(ctl->opts->io),
                                                  .secret = sequence_secret(ctl->opts->conf),
                                                  .table = secret_new(),
                                                  .seed = seed_of_clock(now_ns(ctl))});
    for (unsigned i = 0; i < ctl->workers.n; i++)
        make_worker(ctl, i);
    sampler_init(&ctl->sampler, ctl->result);
    return 0;
}

static void
interrupt(struct control *ctl)
{
    ctl->result->interrupted = true;
    hang_watch_hurry(ctl->opts->watch);
    schedule_interrupt(&ctl->schedule, now_ns(ctl));
}

/* Until every worker has come as far as @wanted. @return 0, also after an interruption, which makes
 * all of them end; -1 with @f when one has ended instead. */
static int
wait_for(struct control *ctl, enum worker_progress wanted, struct fail *f)
{
    unsigned failed;

    while (!workers_have_reached(&ctl->workers, wanted, &failed)) {
        if (failed < ctl->workers.n) {
            schedule_quit(&ctl->schedule);
            workers_join(&ctl->workers);
            return workers_explain(&ctl->workers, failed, ctl->opts->conf, f);
        }
        if (signals_sleep(READY_NS) == SIGNALS_END) {
            interrupt(ctl);
            return 0;
        }
    }
    return 0;
}

/* Who has come to the link, or back to it, may not know where our addresses are. */
static void
watch_link(struct control *ctl)
{
    bool has_link = io_has_link(ctl->opts->io, 0);

    if (has_link && !ctl->has_link)
        schedule_announce(&ctl->schedule);
    ctl->has_link = has_link;
}

/* End all workers, since a queue does not work. */
static int
refuse_queue(struct control *ctl, enum queue_fault fault, unsigned queue, struct fail *f)
{
    const struct io *io = ctl->opts->io;

    schedule_quit(&ctl->schedule);
    workers_join(&ctl->workers);
    return queue_proof_fail(fault, queue, io->n_queues, ctl->opts->conf->device, f);
}

/* Every queue is given its turns to show that it sends. */
static int
give_turns(struct control *ctl, struct fail *f)
{
    const struct io *io = ctl->opts->io;
    struct queue_turns t;
    unsigned queue;

    if (io->n_queues == 1 || !io->counts_sent)
        return 0;
    if (wait_for(ctl, WORKER_TURNS, f) < 0)
        return -1;
    queue_turns_begin(&t, io->n_queues, io_sent(io), now_ns(ctl));
    do {
        schedule_give_turn(&ctl->schedule, t.turn);
        if (signals_sleep(READY_NS) == SIGNALS_END)
            interrupt(ctl);
    } while (!ctl->result->interrupted && queue_turns_step(&t, io_sent(io), now_ns(ctl)));
    schedule_give_turn(&ctl->schedule, SCHEDULE_TURNS_OVER);
    if (!ctl->result->interrupted && queue_turns_find_mute(&t, &queue))
        return refuse_queue(ctl, QUEUE_FAULT_MUTE, queue, f);
    return 0;
}

/* What the clients' probes say of their queues. */
static int
judge_queues(struct control *ctl, struct fail *f)
{
    struct queue_seen seen[QUEUE_PROOF_QUEUES_MAX] = {0};
    unsigned n = gather_queues_seen(&ctl->workers, seen), queue = 0;
    enum queue_fault fault = queue_proof_judge(seen, n, &queue);

    return fault == QUEUE_FAULT_NONE ? 0 : refuse_queue(ctl, fault, queue, f);
}

/* Every file and socket of the run is open. */
static int
leave_root(struct control *ctl, struct fail *f)
{
    const struct conf *conf = ctl->opts->conf;
    const struct io *io = ctl->opts->io;
    struct privilege_needs needs = {
        .conf = conf,
        .socket = io->socket,
        .keeps = io->closes_as_root
                     ? "this device is closed as root: else its program stays on the "
                       "interface"
                     : NULL,
    };
    char note[sizeof(f->text) + 128];

    if (privilege_drop(ctl->opts->privilege, &needs, note, sizeof(note), f) < 0) {
        schedule_quit(&ctl->schedule);
        workers_join(&ctl->workers);
        return -1;
    }
    if (note[0] != '\0')
        fprintf(console_stream(), "shakedown: note: %s\n", note);
    return 0;
}

static int
wait_ready(struct control *ctl, struct fail *f)
{
    if (wait_for(ctl, WORKER_INITIALISED, f) < 0)
        return -1;
    if (ctl->result->interrupted)
        return 0;
    if (leave_root(ctl, f) < 0)
        return -1;
    watch_link(ctl);
    schedule_allow_sending(&ctl->schedule);
    if (give_turns(ctl, f) < 0)
        return -1;
    if (ctl->result->interrupted)
        return 0;
    if (wait_for(ctl, WORKER_READY, f) < 0)
        return -1;
    return ctl->result->interrupted ? 0 : judge_queues(ctl, f);
}

/* @return whether every worker has seen the start in time: none is kept from its CPU just now. */
static bool
all_see_the_start(struct control *ctl)
{
    uint64_t start_ns = schedule_start_ns(&ctl->schedule);

    while (!ctl->result->interrupted && !schedule_start_is_missed(&ctl->schedule, now_ns(ctl))) {
        if (workers_have_seen(&ctl->workers, start_ns))
            return true;
        if (signals_sleep(READY_NS) == SIGNALS_END)
            interrupt(ctl);
    }
    return false;
}

/* A worker that sleeps through the start would have to make up for it, or could not any more. */
static void
agree_on_start(struct control *ctl)
{
    unsigned tries = 0;

    do
        schedule_start(&ctl->schedule, now_ns(ctl), ctl->opts->conf->duration_ns);
    while (!all_see_the_start(ctl) && !ctl->result->interrupted && ++tries < START_TRIES_MAX);
    schedule_confirm(&ctl->schedule);
}

static void
start(struct control *ctl)
{
    struct queue_check check = gather_queue_check(&ctl->workers);

    gather_warmups(&ctl->workers);
    steering_report(ctl->opts->steering, &check, &ctl->result->steering);
    ctl->result->started_at = time(NULL);
    agree_on_start(ctl);
}

/* -- while it runs ------------------------------------------------------------------------ */

static void
report_interval(struct control *ctl, bool is_last)
{
    uint64_t start_ns = schedule_start_ns(&ctl->schedule);
    struct result_interval row;

    sampler_add_row(&ctl->sampler, start_ns, &row);
    report_row(ctl->opts->report, &row);
    if (!sampler_add_second(&ctl->sampler, start_ns, is_last, &row))
        return;
    report_result_note_second(ctl->result, &row);
    report_second(ctl->opts->report, &row);
}

static void
sample(struct control *ctl)
{
    for (unsigned i = 0; i < ctl->workers.n; i++) {
        bool is_done = workers_progress(&ctl->workers, i) == WORKER_DONE;

        sampler_take(&ctl->sampler, i, &workers_at(&ctl->workers, i)->stat_set, is_done);
    }
    if (sampler_is_complete(&ctl->sampler))
        report_interval(ctl, false);
}

static bool
is_over(const struct control *ctl)
{
    const struct result *r = ctl->result;
    uint64_t n_open = r->n_intervals == 0 ? 0 : r->intervals[r->n_intervals - 1].open;

    if (schedule_has_quit(&ctl->schedule))
        return true;
    if (ctl->sampler.has_role[ROLE_CLIENT])
        return workers_are_done(&ctl->workers, ROLE_CLIENT);
    return schedule_serving_is_over(&ctl->schedule, n_open, now_ns(ctl));
}

/* Since the load began. */
static double
run_s(const struct control *ctl)
{
    return (double)(now_ns(ctl) - schedule_start_ns(&ctl->schedule)) / (double)NS_PER_SEC;
}

static void
warn_of_departure(const struct control *ctl)
{
    bool is_client = ctl->sampler.has_role[ROLE_CLIENT];

    fprintf(console_stream(),
            "shakedown: %s: device %s: the process at the other end has left after %.1f s%s\n",
            is_client ? "warning" : "note", ctl->opts->conf->device, run_s(ctl),
            is_client ? "" : "; the next one may come");
}

static void
tell_link(const struct control *ctl, enum link_event event, uint64_t down_ns)
{
    const char *device = ctl->opts->conf->device;

    switch (event) {
    case LINK_EVENT_NONE:
        break;
    case LINK_EVENT_DOWN:
        fprintf(console_stream(),
                "shakedown: warning: device %s: its link is down after %.1f s; nothing gets "
                "through until it is back\n",
                device, run_s(ctl));
        break;
    case LINK_EVENT_GONE:
        fprintf(console_stream(),
                "shakedown: warning: device %s: interface %s has vanished after %.1f s, deleted "
                "or moved to another namespace; nothing gets through any more\n",
                device, ctl->opts->io->iface, run_s(ctl));
        break;
    case LINK_EVENT_BACK:
        fprintf(console_stream(),
                "shakedown: note: device %s: its link is back after %.1f s; it was down for %.1f "
                "s\n",
                device, run_s(ctl), (double)down_ns / (double)NS_PER_SEC);
        break;
    }
}

/* Said at once, since what fails meanwhile is not the target's. */
static void
watch_losses(struct control *ctl)
{
    uint64_t before_ns = ctl->link.down_ns;
    enum link_event event = link_watch_look(&ctl->link, io_link_state(ctl->opts->io), now_ns(ctl));

    tell_link(ctl, event, ctl->link.down_ns - before_ns);
}

static void
look_at_link(struct control *ctl)
{
    if (now_ns(ctl) < ctl->next_link_ns)
        return;
    ctl->next_link_ns = now_ns(ctl) + LINK_NS;
    watch_link(ctl);
    watch_losses(ctl);
}

/* A target that has fallen silent is not loaded any more. */
static void
look_at_target(struct control *ctl)
{
    uint64_t start_ns = schedule_start_ns(&ctl->schedule), now = now_ns(ctl);
    struct silence s = gather_silence(&ctl->workers, start_ns);
    struct result_dead_man *d = &ctl->result->dead_man;

    if (d->has_fired || now >= schedule_stop_ns(&ctl->schedule) ||
        !silence_is_long(&s, ctl->opts->conf->dead_man_ns, now))
        return;
    *d = (struct result_dead_man){.has_fired = true,
                                  .silent_s = (double)(s.heard_ns - start_ns) / (double)NS_PER_SEC,
                                  .stopped_s = run_s(ctl)};
    schedule_cut_short(&ctl->schedule, now);
    fprintf(console_stream(),
            "shakedown: warning: nothing has come from the target after %.1f s; the load stops "
            "(--dead-man)\n",
            d->silent_s);
}

/* As far as blocks have been handed over; nothing of it stays. */
static void
show_snapshot(struct control *ctl)
{
    ctl->result->duration_s = run_s(ctl);
    report_result_sum(ctl->result);
    report_snapshot(ctl->opts->report, ctl->result);
}

static void
attend(struct control *ctl, enum signals_wish wish)
{
    switch (wish) {
    case SIGNALS_NOTHING:
        break;
    case SIGNALS_END:
        interrupt(ctl);
        break;
    case SIGNALS_SNAPSHOT:
        show_snapshot(ctl);
        break;
    }
}

static void
follow(struct control *ctl)
{
    uint64_t look_ns = u64_min(LOOK_NS, ctl->opts->conf->sample_ns / LOOKS_PER_SAMPLE);

    link_watch_begin(&ctl->link, io_link_state(ctl->opts->io), now_ns(ctl));
    do {
        attend(ctl, signals_sleep(look_ns));
        hang_watch_beat(ctl->opts->watch);
        if (io_poll_control(ctl->opts->io))
            warn_of_departure(ctl);
        look_at_link(ctl);
        look_at_target(ctl);
        sample(ctl);
    } while (!is_over(ctl));
}

/* -- after the end ------------------------------------------------------------------------ */

/* All workers have returned. */
static void
gather(struct control *ctl)
{
    sample(ctl);
    for (unsigned i = 0; i < ctl->workers.n; i++)
        sampler_take_rest(&ctl->sampler, i, &workers_at(&ctl->workers, i)->stat_set);
    report_interval(ctl, true);
    gather_rx_missed(ctl->opts->io, ctl->result);
    gather_link(&ctl->link, now_ns(ctl), ctl->result);
    gather_memory(&ctl->workers, ctl->result);
    gather_tls(&ctl->workers, ctl->result);
    gather_http(&ctl->workers, ctl->result);
    gather_icmp(&ctl->workers, ctl->result);
    ctl->result->duration_s = schedule_load_s(&ctl->schedule, now_ns(ctl));
    report_result_sum(ctl->result);
}

static int
run_workers(struct control *ctl, struct fail *f)
{
    workers_launch(&ctl->workers);
    if (wait_ready(ctl, f) < 0)
        return -1;
    if (!ctl->result->interrupted) {
        start(ctl);
        follow(ctl);
    }
    schedule_quit(&ctl->schedule);
    workers_join(&ctl->workers);
    gather_conflicts(&ctl->workers);
    if (schedule_start_ns(&ctl->schedule) != TIME_NEVER)
        gather(ctl);
    return 0;
}

int
control_run(const struct control_opts *opts, struct result *r, struct fail *f)
{
    struct control *ctl = calloc(1, sizeof(*ctl));
    int err = -1;

    if (ctl == NULL || report_result_init(r, opts->io->n_workers, f) < 0) {
        free(ctl);
        return fail_set(f, EXIT_HOST, "not enough memory to begin");
    }
    r->conf = opts->conf;
    opts->describe(r, opts->describe_arg);
    r->plan.tuples = opts->plan->tuples;
    r->has_tls = conf_is_tls(opts->conf);
    r->has_http = conf_has_http(opts->conf);
    ctl->opts = opts;
    ctl->result = r;
    if (report_result_init_classes(r, opts->conf, f) == 0 && make_workers(ctl, f) == 0) {
        err = run_workers(ctl, f);
        workers_fini(&ctl->workers);
    }
    free(ctl);
    return err;
}
