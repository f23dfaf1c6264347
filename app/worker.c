/* SPDX-License-Identifier: BSD-3-Clause */
/* See worker.h: the schedule of a run as one worker follows it. */
#include "app/worker.h"

#include <stdlib.h>

#include "app/host_io.h"
#include "app/poll.h"
#include "app/tx.h"
#include "app/worker_start.h"
#include "app/worker_thread.h"
#include "proto/http_run.h"

/* Between two looks at the thread's CPU clock, which is a system call. */
static const uint64_t LOOK_NS = 10 * NS_PER_MS;

/* The same while a block waits for control to take the one before. */
static const uint64_t RETRY_NS = NS_PER_MS;

/* Records looked at in an iteration while the run is being ended. */
static const unsigned RECORDS_PER_POLL = 64;

static uint64_t
read_clock(const void *schedule)
{
    return schedule_now_ns(schedule);
}

/* Cryptography is set up where it is used. @return 0, also without any. */
static int
init_tls(struct worker *w)
{
    if (w->opts.lanes != NULL && tls_batch_init(&w->tls_batch, w->opts.lanes) < 0)
        return fail_set(&w->tls_fail, EXIT_HOST, "not enough memory for TLS");
    for (unsigned i = 0; i < w->opts.n_classes; i++) {
        if (!w->opts.class_has_tls[i])
            continue;
        if (w->opts.recording.is_wanted) {
            w->opts.tls[i].on_secret = recording_secret;
            w->opts.tls[i].on_secret_arg = w;
        }
        w->opts.tls[i].batch = w->opts.lanes != NULL ? &w->tls_batch : NULL;
        w->opts.tls[i].now = read_clock;
        w->opts.tls[i].now_arg = w->opts.schedule;
        if (tls_ctx_init(&w->tls[i], &w->opts.tls[i], &w->tls_fail) < 0)
            return -1;
        w->opts.classes[i].tls = &w->tls[i];
    }
    return 0;
}

static void
fini_tls(struct worker *w)
{
    core_end_sessions(&w->engine.core);
    if (w->opts.lanes != NULL)
        tls_batch_fini(&w->tls_batch);
    for (unsigned i = 0; i < w->opts.n_classes; i++) {
        if (w->opts.class_has_tls[i])
            tls_ctx_fini(&w->tls[i]);
    }
}

/* What HTTP keeps for each class that speaks it. @return -1: there is no memory. */
static int
init_http(struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_classes; i++) {
        struct proto_opts *o = &w->opts.classes[i].proto_opts;

        if (o->http == NULL)
            continue;
        w->http_runs[i] = calloc(1, sizeof(*w->http_runs[i]));
        if (w->http_runs[i] == NULL)
            return -1;
        http_run_init(w->http_runs[i], w->opts.queue, w->opts.n_queues, w->opts.seed);
        o->http_run = w->http_runs[i];
    }
    return 0;
}

/* What OpenSSL made for it goes on the thread that made it; what was seen stays for control. */
static void
end_http(struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_classes; i++)
        if (w->http_runs[i] != NULL)
            http_run_fini(w->http_runs[i], w->opts.classes[i].proto_opts.http);
}

static void
fini_http(struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_classes; i++)
        free(w->http_runs[i]);
}

static void
init_stat(struct worker *w, uint64_t now_ns)
{
    unsigned n = w->opts.n_classes > 1 ? w->opts.n_classes : 0;

    stat_init(&w->stat, now_ns);
    for (unsigned i = 0; i < n; i++) {
        stat_init(&w->class_stats[i], now_ns);
        w->opts.classes[i].stat = &w->class_stats[i];
    }
    w->stat_set = (struct stat_set){.worker = &w->stat, .classes = w->class_stats, .n_classes = n};
}

/* What the engine shares with its worker. */
static void
fill_core(struct worker *w, struct core_opts *core)
{
    core->stat = &w->stat;
    core->outbox = &w->outbox;
    core->classes = w->opts.classes;
    core->n_classes = w->opts.n_classes;
    core->batch = w->opts.lanes != NULL ? &w->tls_batch : NULL;
    core->recorder = w->opts.recording.is_wanted ? &w->recording_of_it.recorder : NULL;
}

static int
init_engine(struct worker *w, uint64_t now_ns)
{
    w->engine.role = w->opts.role;
    for (unsigned i = 0; i < w->opts.n_networks; i++) {
        w->opts.hosts[i].stat = &w->stat;
        host_init(&w->hosts[i], &w->opts.hosts[i]);
    }
    if (w->opts.role == ROLE_SERVER) {
        fill_core(w, &w->opts.server.core);
        return server_init(&w->engine.server, &w->opts.server, now_ns);
    }
    fill_core(w, &w->opts.client.core);
    for (unsigned i = 0; i < w->opts.client.n_targets; i++) {
        const struct client_target *t = &w->opts.client.targets[i];

        w->next_hops[i] = host_route(&w->hosts[t->network], &t->addr);
    }
    return client_init(&w->engine.client, &w->opts.client, now_ns);
}

/* After the stop: where it cuts holds, close what is held open and has nothing left to be sent.
 * @return whether there is anything that the run has to wait for. */
static bool
wind_down(struct worker *w, uint64_t now_ns)
{
    engine_end_exchanges(&w->engine);
    if (schedule_cuts_holds(w->opts.schedule) && w->queue.n_pending == 0 &&
        engine_close_held(&w->engine, RECORDS_PER_POLL))
        tx_submit(w);
    return !client_is_done(&w->engine.client) ||
           (w->queue.n_pending > 0 &&
            !backpressure_is_stuck(&w->backpressure, w->queue.n_pending, now_ns));
}

/* A client leaves with the last one: until then its queue may bring what belongs to others. */
static bool
client_is_finished(struct worker *w, uint64_t stop_ns, uint64_t now_ns)
{
    struct schedule *s = w->opts.schedule;
    struct finish_terms terms = {.linger_ns = w->opts.linger_ns,
                                 .stop_ns = stop_ns,
                                 .drain_end_ns = schedule_drain_end_ns(s)};

    if (!w->finish.has_ended &&
        (worker_must_quit(w) ||
         finish_client(&w->finish, &terms, now_ns >= stop_ns && wind_down(w, now_ns), now_ns))) {
        w->finish.has_ended = true;
        schedule_client_ends(s);
    }
    return w->finish.has_ended && (worker_must_quit(w) || !schedule_has_clients(s));
}

static bool
is_finished(struct worker *w, unsigned work, uint64_t stop_ns, uint64_t now_ns)
{
    if (w->opts.role == ROLE_CLIENT)
        return client_is_finished(w, stop_ns, now_ns);
    return worker_must_quit(w) && finish_server(&w->finish, work, now_ns);
}

/* End what is still open, so that the other side need not wait for it. It stays counted as open. On
 * loopback the client's end is enough, and has been there. */
static void
abort_open(struct worker *w, uint64_t now_ns)
{
    uint64_t until_ns = now_ns + FINISH_LEAVE_NS;

    if (w->opts.role == ROLE_SERVER && w->opts.io->is_loopback)
        return;
    while (engine_abort_open(&w->engine, RECORDS_PER_POLL) && now_ns < until_ns) {
        tx_submit(w);
        do {
            tx_flush(w);
            if (w->queue.n_pending > 0)
                worker_yield(w);
            now_ns = schedule_now_ns(w->opts.schedule);
        } while (w->queue.n_pending > 0 && now_ns < until_ns);
    }
}

/* So many requests were asked for, and no more: the load ends with the last worker that has them,
 * or has no hope of them. */
static void
end_counted(struct worker *w, uint64_t now_ns)
{
    w->is_spent = true;
    schedule_client_is_spent(w->opts.schedule, now_ns);
}

static void
look_at_counted(struct worker *w, uint64_t now_ns)
{
    uint64_t unknown = engine_unknown(&w->engine);

    if (unknown != w->unknown || w->known_ns == 0)
        w->known_ns = now_ns;
    w->unknown = unknown;
    if (unknown > 0 && !w->is_spent && now_ns - w->known_ns > w->opts.counted_patience_ns)
        end_counted(w, now_ns);
}

/* Learn of the next waypoint; when it comes, let it take effect, and have the block end. */
static void
follow_course(struct worker *w, uint64_t now_ns)
{
    struct course_follower *f = &w->follower;

    if (course_look(f, w->opts.course)) {
        w->horizon_ns = f->next.at_ns - 1;
        if (f->next.has_rate)
            engine_follow(&w->engine, &f->next.rate);
    }
    if (now_ns < course_next_ns(f))
        return;
    if (f->next.skips)
        engine_skip_to(&w->engine, f->next.at_ns);
    if (f->next.has_connections)
        engine_bound_open(&w->engine, f->next.connections);
    f->is_reached = true;
    w->horizon_ns = TIME_NEVER;
    w->next_flip_ns = now_ns;
}

/* Blocks end where the grid of samples says, and at waypoints. An end that was missed is in the
 * next. */
static void
hand_over(struct worker *w, uint64_t now_ns)
{
    uint64_t sample_ns = w->opts.sample_ns;

    if (now_ns < w->next_flip_ns || !stat_set_flip(&w->stat_set, now_ns, engine_open(&w->engine)))
        return;
    w->next_flip_ns = w->start_ns + ((now_ns - w->start_ns) / sample_ns + 1) * sample_ns;
    pulse_begin_block(&w->pulse);
    if (!w->follower.is_reached)
        return;
    w->follower.is_reached = false;
    w->follower.n_passed = w->follower.n_known;
    atomic_store_explicit(&w->n_passed, w->follower.n_passed, memory_order_release);
}

/* Whoever sees one of them sees what came before it, too: an answer before what was asked. */
static void
feel_pulse(struct worker *w, uint64_t now_ns)
{
    pulse_look(&w->pulse, &w->stat_set, now_ns);
    atomic_store_explicit(&w->has_open, engine_open(&w->engine) > 0, memory_order_relaxed);
    atomic_store_explicit(&w->heard_ns, w->pulse.heard_ns, memory_order_release);
    atomic_store_explicit(&w->asked_ns, w->pulse.asked_ns, memory_order_release);
    atomic_store_explicit(&w->deaf_ns, w->pulse.deaf_ns, memory_order_release);
    atomic_store_explicit(&w->looked_ns, w->pulse.looked_ns, memory_order_release);
}

bool
worker_pulse(const struct worker *w, struct pulse *p)
{
    *p = (struct pulse){0};
    p->looked_ns = atomic_load_explicit(&w->looked_ns, memory_order_acquire);
    p->deaf_ns = atomic_load_explicit(&w->deaf_ns, memory_order_acquire);
    p->asked_ns = atomic_load_explicit(&w->asked_ns, memory_order_acquire);
    p->heard_ns = atomic_load_explicit(&w->heard_ns, memory_order_acquire);
    return p->looked_ns > 0;
}

/* What is due some tens of times a second; exactly at the end of an interval and at a waypoint,
 * that. A block that control has no place for yet goes on until it has. */
static void
look_after(struct worker *w, uint64_t now_ns)
{
    feel_pulse(w, now_ns);
    follow_course(w, now_ns);
    hand_over(w, now_ns);
    w->next_look_ns = u64_min(now_ns + LOOK_NS, course_next_ns(&w->follower));
    w->next_look_ns =
        u64_min(w->next_look_ns, now_ns < w->next_flip_ns ? w->next_flip_ns : now_ns + RETRY_NS);
    worker_look_at_cpu(w);
    look_at_counted(w, now_ns);
    host_io_announce(w, now_ns);
}

/* The iteration from @last_ns to @now_ns found @work to do. */
static void
account(struct worker *w, unsigned work, uint64_t last_ns, uint64_t now_ns)
{
    w->was_paused = now_ns - last_ns >= STAT_LONG_POLL_NS;
    if (unlikely(w->was_paused))
        account_long_poll(&w->accounting, &w->stat, work, now_ns - last_ns, now_ns,
                          worker_cpu_ns());
    else
        account_poll(&w->stat, work, now_ns - last_ns);
    account_queue(&w->accounting, &w->stat, w->queue.alloc_failures, w->queue.tx_drops);
}

static void
run(struct worker *w)
{
    uint64_t now_ns = schedule_now_ns(w->opts.schedule);
    uint64_t stop_ns, last_ns;
    unsigned work;

    recording_begin(w);
    crossings_begin(w);
    do {
        stop_ns = schedule_stop_ns(w->opts.schedule);
        engine_stop_at(&w->engine, stop_ns);
        if (unlikely(now_ns >= w->next_look_ns))
            look_after(w, now_ns);
        work = poll_once(w, now_ns);
        if (work == 0)
            worker_yield(w);
        if (unlikely(engine_is_spent(&w->engine) && !w->is_spent))
            end_counted(w, now_ns);
        last_ns = now_ns;
        now_ns = schedule_now_ns(w->opts.schedule);
        account(w, work, last_ns, now_ns);
    } while (!is_finished(w, work, stop_ns, now_ns));
    w->stat.now->open = engine_open(&w->engine);
    session_count_open(&w->engine.core);
    engine_forget_requests(&w->engine);
    w->stat.now->end_ns = now_ns;
    STAT_ADD(&w->stat, starts_dropped, engine_starts_left(&w->engine));
    recording_end(w);
    if (w->opts.role == ROLE_SERVER) /* no client is left to have more */
        crossings_end(w);
    abort_open(w, now_ns);
    recording_leave(w);
    crossings_end(w);
    tx_flush(w);
    STAT_ADD(&w->stat, tx_dropped, w->queue.n_pending);
}

enum worker_progress
worker_init(struct worker *w, uint64_t now_ns)
{
    io_queue_init(&w->queue, w->opts.io, w->opts.index);
    w->horizon_ns = TIME_NEVER;
    init_stat(w, now_ns);
    if (w->opts.recording.is_wanted && recording_init(&w->recording_of_it, &w->opts.recording) < 0)
        return WORKER_NO_MEMORY;
    if (init_tls(w) < 0)
        return WORKER_NO_TLS;
    if (init_http(w) < 0 || init_engine(w, now_ns) < 0)
        return WORKER_NO_MEMORY;
    tx_refill(w);
    return WORKER_STARTING;
}

int
worker_main(void *arg)
{
    struct worker *w = arg;
    enum worker_progress p = worker_init(w, schedule_now_ns(w->opts.schedule));

    if (p != WORKER_STARTING) {
        worker_set_progress(w, p);
        return -1;
    }
    if (worker_start(w))
        run(w);
    io_go_offline(&w->queue);
    fini_tls(w);
    end_http(w);
    p = (enum worker_progress)atomic_load_explicit(&w->progress, memory_order_relaxed);
    if (p != WORKER_CONFLICT && p != WORKER_UNRESOLVED)
        worker_set_progress(w, WORKER_DONE);
    return 0;
}

void
worker_fini(struct worker *w)
{
    struct outbox *o = &w->outbox;

    rte_pktmbuf_free_bulk(w->rx.mbufs[w->rx.idx], w->rx.n);
    while (o->n_bufs > 0)
        rte_pktmbuf_free(io_mbuf(o->bufs[--o->n_bufs]));
    io_queue_fini(&w->queue);
    if (w->opts.recording.is_wanted)
        recording_fini(&w->recording_of_it);
    engine_fini(&w->engine);
    fini_http(w);
}
