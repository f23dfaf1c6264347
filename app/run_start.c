/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_start.h. */
#include "app/run_start.h"

#include <time.h>

#include "app/gather.h"
#include "app/monitor.h"
#include "app/queue_proof.h"
#include "app/queue_turns.h"
#include "app/run_crew.h"
#include "app/run_link.h"
#include "app/run_monitor.h"
#include "app/run_ui.h"
#include "app/signals.h"
#include "base/console.h"
#include "conf/phases.h"

/* How often the start is put off for workers that do not run: for a second or so. Then it is as it
 * is, and shows. */
static const unsigned START_TRIES_MAX = 64;

/* A moment passes, in which the user may want to end it. */
static void
look(struct run *run)
{
    if (signals_sleep(RUN_READY_NS) == SIGNALS_END)
        run_interrupt(run);
    run_crew_look(run);
    run_ui_look(run);
}

/* Whether nothing has to be waited for any more. */
static bool
is_given_up(const struct run *run)
{
    return run->result->interrupted || schedule_has_quit(&run->schedule);
}

/* Until every worker has come as far as @wanted. @return 0, also after an interruption, which makes
 * all of them end; -1 with @f when one has ended instead. */
static int
wait_for(struct run *run, enum worker_progress wanted, struct fail *f)
{
    unsigned failed;

    while (!workers_have_reached(&run->workers, wanted, &failed)) {
        if (failed < run->workers.n) {
            schedule_quit(&run->schedule);
            workers_join(&run->workers);
            return workers_explain(&run->workers, failed, run->opts->conf, f);
        }
        look(run);
        if (is_given_up(run))
            return 0;
    }
    return 0;
}

/* End all workers, since a queue does not work. */
static int
refuse_queue(struct run *run, enum queue_fault fault, unsigned queue, struct fail *f)
{
    const struct io *io = run->opts->io;

    schedule_quit(&run->schedule);
    workers_join(&run->workers);
    return queue_proof_fail(fault, queue, io->n_queues, run->opts->conf->device, f);
}

/* Every queue is given its turns to show that it sends. */
static int
give_turns(struct run *run, struct fail *f)
{
    const struct io *io = run->opts->io;
    struct queue_turns t;
    unsigned queue;

    if (io->n_queues == 1 || !io->counts_sent)
        return 0;
    if (wait_for(run, WORKER_TURNS, f) < 0)
        return -1;
    queue_turns_begin(&t, io->n_queues, io_sent(io), run_now_ns(run));
    do {
        schedule_give_turn(&run->schedule, t.turn);
        look(run);
    } while (!is_given_up(run) && queue_turns_step(&t, io_sent(io), run_now_ns(run)));
    schedule_give_turn(&run->schedule, SCHEDULE_TURNS_OVER);
    if (!is_given_up(run) && queue_turns_find_mute(&t, &queue))
        return refuse_queue(run, QUEUE_FAULT_MUTE, queue, f);
    return 0;
}

/* What the clients' probes say of their queues. */
static int
judge_queues(struct run *run, struct fail *f)
{
    struct queue_seen seen[QUEUE_PROOF_QUEUES_MAX] = {0};
    unsigned n = gather_queues_seen(&run->workers, seen), queue = 0;
    enum queue_fault fault = queue_proof_judge(seen, n, &queue);

    return fault == QUEUE_FAULT_NONE ? 0 : refuse_queue(run, fault, queue, f);
}

/* Every file and socket of the run is open. */
static int
leave_root(struct run *run, struct fail *f)
{
    const struct conf *conf = run->opts->conf;
    const struct io *io = run->opts->io;
    struct privilege_needs needs = {.conf = conf};
    char note[sizeof(f->text) + 128];

    for (unsigned i = 0; i < io->n_devices; i++) {
        needs.sockets[i] = io->devices[i].socket;
        if (io->devices[i].closes_as_root)
            needs.keeps = "this device is closed as root: else its program stays on the interface";
    }
    if (privilege_drop(run->opts->privilege, &needs, note, sizeof(note), f) < 0) {
        schedule_quit(&run->schedule);
        workers_join(&run->workers);
        return -1;
    }
    if (note[0] != '\0')
        fprintf(console_stream(), "shakedown: note: %s\n", note);
    run_monitor_show(run);
    if ((conf->control[0] != '\0' && ctl_socket_open(run->opts->ctl, conf->control, f) < 0) ||
        monitor_begin(run->opts->monitor, run->result->version, f) < 0) {
        schedule_quit(&run->schedule);
        workers_join(&run->workers);
        return -1;
    }
    return 0;
}

static uint64_t
wall_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

int
run_wait_ready(struct run *run, struct fail *f)
{
    if (wait_for(run, WORKER_INITIALISED, f) < 0)
        return -1;
    if (is_given_up(run))
        return 0;
    if (leave_root(run, f) < 0)
        return -1;
    pcap_writer_begin(&run->pcap, run->result, wall_ns() - run_now_ns(run));
    run_watch_link(run);
    schedule_allow_sending(&run->schedule);
    if (give_turns(run, f) < 0)
        return -1;
    if (is_given_up(run))
        return 0;
    if (wait_for(run, WORKER_READY, f) < 0)
        return -1;
    if (is_given_up(run))
        return 0;
    return judge_queues(run, f);
}

/* @return whether every worker has seen the start in time: none is kept from its CPU just now. */
static bool
all_see_the_start(struct run *run)
{
    uint64_t start_ns = schedule_start_ns(&run->schedule);

    while (!is_given_up(run) && !schedule_start_is_missed(&run->schedule, run_now_ns(run))) {
        if (workers_have_seen(&run->workers, start_ns))
            return true;
        look(run);
    }
    return false;
}

/* A worker that sleeps through the start would have to make up for it, or could not any more. */
static void
agree_on_start(struct run *run)
{
    unsigned tries = 0;

    do
        schedule_start(&run->schedule, run_now_ns(run), conf_load_ns(run->opts->conf));
    while (!all_see_the_start(run) && !is_given_up(run) && ++tries < START_TRIES_MAX);
    schedule_confirm(&run->schedule);
}

/* All ranks begin at once: whoever sleeps through it has to make up for it. @return false: there is
 * nothing to begin any more */
static bool
start_with_others(struct run *run)
{
    while (!run_crew_is_ready(run)) {
        look(run);
        if (is_given_up(run))
            return false;
    }
    schedule_start_at(&run->schedule, run_crew_go_ns(run), conf_load_ns(run->opts->conf));
    (void)all_see_the_start(run);
    schedule_confirm(&run->schedule);
    return true;
}

bool
run_start(struct run *run)
{
    struct queue_check check = gather_queue_check(&run->workers);

    gather_warmups(&run->workers);
    steering_report(run->opts->steering, &check, &run->result->steering);
    if (run->opts->crew != NULL && !start_with_others(run))
        return false;
    run->result->started_at = time(NULL);
    if (run->opts->crew == NULL)
        agree_on_start(run);
    course_begin(&run->course, schedule_start_ns(&run->schedule));
    sampler_begin(&run->sampler, schedule_start_ns(&run->schedule), run->opts->conf->sample_ns);
    return true;
}
