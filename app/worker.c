/* SPDX-License-Identifier: BSD-3-Clause */
/* See worker.h: the schedule of a run as one worker follows it. */
#include "app/worker.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include <rte_pause.h>

#include "app/host_io.h"
#include "app/poll.h"
#include "app/queue_turns.h"
#include "app/tx.h"
#include "proto/http_run.h"

/* Between two looks at the thread's CPU clock, which is a system call. */
static const uint64_t LOOK_NS = 10 * NS_PER_MS;

/* What our addresses' announcement may delay the start by; it takes half of that at most, where the
 * link takes frames. */
static const uint64_t ANNOUNCE_WAIT_NS = NS_PER_SEC;

/* What the warm-up may delay the start by: a lost SYN is sent again after one second, and after two
 * more. */
static const uint64_t WARMUP_NS = 3500 * NS_PER_MS;

/* Records looked at in an iteration while the run is being ended. */
static const unsigned RECORDS_PER_POLL = 64;

static void
set_progress(struct worker *w, enum worker_progress p)
{
    atomic_store_explicit(&w->progress, (int)p, memory_order_release);
}

static bool
told_to_quit(const struct worker *w)
{
    return schedule_has_quit(w->opts.schedule);
}

/* Cryptography is set up where it is used. @return 0, also without any. */
static int
init_tls(struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_classes; i++) {
        if (!w->opts.class_has_tls[i])
            continue;
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
}

static int
init_engine(struct worker *w, uint64_t now_ns)
{
    w->engine.role = w->opts.role;
    w->opts.host.stat = &w->stat;
    host_init(&w->host, &w->opts.host);
    if (w->opts.role == ROLE_SERVER) {
        fill_core(w, &w->opts.server.core);
        return server_init(&w->engine.server, &w->opts.server, now_ns);
    }
    fill_core(w, &w->opts.client.core);
    for (unsigned i = 0; i < w->opts.client.n_targets; i++)
        w->next_hops[i] = host_route(&w->host, &w->opts.client.targets[i].addr);
    return client_init(&w->engine.client, &w->opts.client, now_ns);
}

/* How long this thread has run. */
static uint64_t
cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static void
look_at_cpu(struct worker *w)
{
    account_cpu(&w->accounting, schedule_now_ns(w->opts.schedule), cpu_ns());
}

/* A poll loop that shares its CPU would burn whole time slices waiting for what another one cannot
 * send meanwhile. So it lets the others go on after each iteration that found nothing to do; one
 * that has its CPU for itself never asks the kernel for anything. */
static void
yield_cpu(struct worker *w)
{
    if (!w->opts.io->shares_cpu[w->opts.index])
        return;
    look_at_cpu(w);
    sched_yield();
}

/* Before the load begins. */
static void
poll_or_yield(struct worker *w)
{
    if (poll_once(w, schedule_now_ns(w->opts.schedule)) == 0)
        yield_cpu(w);
}

/* Until every worker has its memory: a server that is not there yet would be taken for silent.
 */
static bool
wait_for_others(struct worker *w)
{
    set_progress(w, WORKER_INITIALISED);
    while (!schedule_may_send(w->opts.schedule)) {
        if (told_to_quit(w))
            return false;
        yield_cpu(w);
        rte_pause();
    }
    return true;
}

/* Until whoever has one of our addresses would have answered; one worker of the port asks, and what
 * is answered may come to any. @return false when somebody has, or on quit. */
static bool
probe_addresses(struct worker *w)
{
    struct host *h = &w->host;
    uint64_t now_ns = schedule_now_ns(w->opts.schedule);

    if (!w->opts.probes)
        return true;
    set_progress(w, WORKER_PROBING);
    host_probe_begin(h, now_ns, w->opts.queue == 0);
    while (h->conflicts == 0 && !host_has_probed(h, schedule_now_ns(w->opts.schedule))) {
        poll_or_yield(w);
        if (told_to_quit(w))
            return false;
    }
    host_probe_end(h);
    if (h->conflicts > 0)
        set_progress(w, WORKER_CONFLICT);
    return h->conflicts == 0;
}

/* Until every next hop has a MAC, and the link knows ours. @return false when one has not answered,
 * or on quit. */
static bool
resolve(struct worker *w)
{
    uint64_t now_ns = schedule_now_ns(w->opts.schedule), until_ns = now_ns + ANNOUNCE_WAIT_NS;
    uint64_t patient_ns = now_ns + w->opts.patience_ns;

    set_progress(w, WORKER_RESOLVING);
    host_io_announce(w, now_ns);
    while (!neigh_all_resolved(&w->host.neigh) ||
           (!host_has_announced(&w->host) && schedule_now_ns(w->opts.schedule) < until_ns)) {
        poll_or_yield(w);
        if (neigh_is_settled(&w->host.neigh) && !neigh_all_resolved(&w->host.neigh) &&
            schedule_now_ns(w->opts.schedule) >= patient_ns) {
            set_progress(w, WORKER_UNRESOLVED);
            return false;
        }
        if (told_to_quit(w))
            return false;
    }
    host_io_update_macs(w);
    return true;
}

/* Frames that go out whoever is there. */
static void
send_in_turn(struct worker *w)
{
    for (unsigned i = 0; i < QUEUE_TURNS_FRAMES; i++)
        host_io_announce_first(w);
    tx_submit(w);
}

/* Until all queues of the port have shown whether they send. @return false on quit. */
static bool
take_turns(struct worker *w)
{
    unsigned turn, taken = 0;

    if (!w->opts.takes_turns)
        return true;
    set_progress(w, WORKER_TURNS);
    while ((turn = schedule_turn(w->opts.schedule)) != SCHEDULE_TURNS_OVER) {
        if (turn != taken && turn > 0 && (turn - 1) % w->opts.n_queues == w->opts.queue)
            send_in_turn(w);
        taken = turn;
        poll_or_yield(w);
        if (told_to_quit(w))
            return false;
    }
    return true;
}

/* Send the probes that are not answered yet, and wait for answers. Others go on handing off
 * meanwhile. @return false on quit. */
static bool
check_queue_once(struct worker *w)
{
    uint64_t until_ns = schedule_now_ns(w->opts.schedule) + QUEUE_CHECK_NS;
    struct queue_check *check = &w->queue_check;

    for (unsigned i = 0; i < check->sent; i++)
        if (!check->has_answer[i])
            (void)client_probe_send(&w->engine.client, &check->probes[i]);
    tx_submit(w);
    while (check->answered < check->sent && schedule_now_ns(w->opts.schedule) < until_ns) {
        poll_or_yield(w);
        if (told_to_quit(w))
            return false;
    }
    if (check->answered > 0)
        schedule_note_answer(w->opts.schedule);
    return true;
}

/* See whether the queue works, and whether replies come to the one they were steered to. @return
 * false on quit. */
static bool
check_queue(struct worker *w)
{
    struct queue_check *check = &w->queue_check;
    bool goes_on = true;

    if (!w->opts.proves_queue)
        return true;
    while (check->sent < QUEUE_CHECK_PROBES &&
           client_probe_choose(&w->engine.client, &check->probes[check->sent]))
        check->sent++;
    check->is_running = true;
    for (unsigned i = 0; i < QUEUE_CHECK_ROUNDS && goes_on && check->answered < check->sent; i++) {
        if (i > 0 && !schedule_has_answers(w->opts.schedule))
            break;
        goes_on = check_queue_once(w);
    }
    check->is_running = false;
    return goes_on;
}

/* Connection @i of the warm-up, in rotation over the targets: a class that sends several names has
 * sessions for each. @return whether there is one */
static bool
warms_up(const struct worker *w, unsigned i)
{
    const struct client *c = &w->engine.client;
    unsigned k = c->targets[i % c->n_targets].class_idx;

    return w->opts.class_warms_up[k] && i / c->n_targets < u64_max(w->opts.tls[k].n_names, 1);
}

/* Behind the last of them; now, when there is no place for more. */
static unsigned
warmup_end_of(const struct worker *w)
{
    return w->warmup.n_begun < WARMUP_MAX ? w->engine.client.n_targets * TLS_SNI_MAX : 0;
}

/* Begin what there is a place for, from connection @i on. @return the next one */
static unsigned
add_to_warmup(struct worker *w, unsigned i, uint64_t now_ns)
{
    struct client *c = &w->engine.client;

    for (; i < warmup_end_of(w) && client_open(c) < c->open_max; i++)
        if (warms_up(w, i) && !warmup_add(&w->warmup, c, i % c->n_targets, now_ns))
            break;
    tx_submit(w);
    return i;
}

static void
end_warmup(struct worker *w)
{
    const uint64_t *seen = w->warmup_stat.now->counters;

    warmup_end(&w->warmup, &w->engine.client);
    tx_submit(w);
    for (unsigned i = 0; i < w->opts.n_classes; i++)
        if (w->opts.class_warms_up[i])
            tls_ctx_rewind(&w->tls[i], &w->tls_marks[i]);
    STAT_ADD(&w->stat, tls_warmups, seen[CTR_attempted]);
    STAT_ADD(&w->stat, tls_warmups_failed, seen[CTR_attempted] - seen[CTR_tls_handshakes]);
}

/* Fetch sessions, so that the first connections have some to resume. @return false on quit. */
static bool
warm_up(struct worker *w)
{
    uint64_t now_ns = schedule_now_ns(w->opts.schedule), until_ns = now_ns + WARMUP_NS;
    struct client *c = &w->engine.client;
    unsigned next = 0;

    if (!w->opts.warms_up)
        return true;
    set_progress(w, WORKER_WARMING_UP);
    stat_init(&w->warmup_stat, now_ns);
    for (unsigned i = 0; i < w->opts.n_classes; i++)
        if (w->opts.class_warms_up[i])
            tls_ctx_mark(&w->tls[i], &w->tls_marks[i]);
    warmup_begin(&w->warmup, c, &w->warmup_stat);
    do {
        next = add_to_warmup(w, next, now_ns);
        poll_or_yield(w);
        now_ns = schedule_now_ns(w->opts.schedule);
    } while ((next < warmup_end_of(w) || client_open(c) > 0) && now_ns < until_ns &&
             !told_to_quit(w));
    end_warmup(w);
    return !told_to_quit(w);
}

/* Until the instant of the start is known, and stays; the load waits for it to come. */
static bool
wait_for_start(struct worker *w)
{
    uint64_t start_ns;

    set_progress(w, WORKER_READY);
    finish_init(&w->finish, schedule_now_ns(w->opts.schedule));
    do {
        poll_or_yield(w);
        if (told_to_quit(w))
            return false;
        start_ns = schedule_start_ns(w->opts.schedule);
        if (start_ns != TIME_NEVER)
            atomic_store_explicit(&w->seen_start_ns, start_ns, memory_order_release);
    } while (start_ns == TIME_NEVER || !schedule_is_confirmed(w->opts.schedule, start_ns));
    w->stat.now->begin_ns = start_ns;
    w->start_ns = start_ns;
    pulse_init(&w->pulse, start_ns);
    w->next_flip_ns = start_ns + w->opts.sample_ns;
    look_at_cpu(w);
    engine_run_from(&w->engine, start_ns);
    set_progress(w, WORKER_RUNNING);
    return true;
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
        (told_to_quit(w) ||
         finish_client(&w->finish, &terms, now_ns >= stop_ns && wind_down(w, now_ns), now_ns))) {
        w->finish.has_ended = true;
        schedule_client_ends(s);
    }
    return w->finish.has_ended && (told_to_quit(w) || !schedule_has_clients(s));
}

static bool
is_finished(struct worker *w, unsigned work, uint64_t stop_ns, uint64_t now_ns)
{
    if (w->opts.role == ROLE_CLIENT)
        return client_is_finished(w, stop_ns, now_ns);
    return told_to_quit(w) && finish_server(&w->finish, work, now_ns);
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
                yield_cpu(w);
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

/* Intervals end where the grid of samples says; one that was missed is in the next. */
static void
hand_over(struct worker *w, uint64_t now_ns)
{
    uint64_t sample_ns = w->opts.sample_ns;

    if (now_ns < w->next_flip_ns || !stat_set_flip(&w->stat_set, now_ns, engine_open(&w->engine)))
        return;
    w->next_flip_ns = w->start_ns + ((now_ns - w->start_ns) / sample_ns + 1) * sample_ns;
    pulse_begin_block(&w->pulse);
}

/* What control sees of it is a moment old, and its parts need not be of one moment. */
static void
feel_pulse(struct worker *w, uint64_t now_ns)
{
    pulse_look(&w->pulse, &w->stat_set, now_ns);
    atomic_store_explicit(&w->has_open, engine_open(&w->engine) > 0, memory_order_relaxed);
    atomic_store_explicit(&w->asked_ns, w->pulse.asked_ns, memory_order_relaxed);
    atomic_store_explicit(&w->heard_ns, w->pulse.heard_ns, memory_order_relaxed);
}

/* What is due some tens of times a second; exactly at an interval's end, that. An interval that
 * control has no place for yet goes on until the next look. */
static void
look_after(struct worker *w, uint64_t now_ns)
{
    feel_pulse(w, now_ns);
    hand_over(w, now_ns);
    w->next_look_ns = now_ns + LOOK_NS;
    if (now_ns < w->next_flip_ns)
        w->next_look_ns = u64_min(w->next_look_ns, w->next_flip_ns);
    look_at_cpu(w);
    look_at_counted(w, now_ns);
    host_io_announce(w, now_ns);
}

/* The iteration from @last_ns to @now_ns found @work to do. */
static void
account(struct worker *w, unsigned work, uint64_t last_ns, uint64_t now_ns)
{
    w->was_paused = now_ns - last_ns >= STAT_LONG_POLL_NS;
    if (unlikely(w->was_paused))
        account_long_poll(&w->accounting, &w->stat, work, now_ns - last_ns, now_ns, cpu_ns());
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

    do {
        stop_ns = schedule_stop_ns(w->opts.schedule);
        engine_stop_at(&w->engine, stop_ns);
        work = poll_once(w, now_ns);
        if (work == 0)
            yield_cpu(w);
        if (unlikely(engine_is_spent(&w->engine) && !w->is_spent))
            end_counted(w, now_ns);
        if (unlikely(now_ns >= w->next_look_ns))
            look_after(w, now_ns);
        last_ns = now_ns;
        now_ns = schedule_now_ns(w->opts.schedule);
        account(w, work, last_ns, now_ns);
    } while (!is_finished(w, work, stop_ns, now_ns));
    w->stat.now->open = engine_open(&w->engine);
    session_count_open(&w->engine.core);
    w->stat.now->end_ns = now_ns;
    STAT_ADD(&w->stat, starts_dropped, engine_starts_left(&w->engine));
    abort_open(w, now_ns);
    tx_flush(w);
    STAT_ADD(&w->stat, tx_dropped, w->queue.n_pending);
}

enum worker_progress
worker_init(struct worker *w, uint64_t now_ns)
{
    io_queue_init(&w->queue, w->opts.io, w->opts.index);
    init_stat(w, now_ns);
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
        set_progress(w, p);
        return -1;
    }
    if (wait_for_others(w) && probe_addresses(w) && take_turns(w) && resolve(w) && check_queue(w) &&
        warm_up(w) && wait_for_start(w))
        run(w);
    io_go_offline(&w->queue);
    fini_tls(w);
    end_http(w);
    p = (enum worker_progress)atomic_load_explicit(&w->progress, memory_order_relaxed);
    if (p != WORKER_CONFLICT && p != WORKER_UNRESOLVED)
        set_progress(w, WORKER_DONE);
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
    engine_fini(&w->engine);
    fini_http(w);
}
