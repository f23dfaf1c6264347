/* SPDX-License-Identifier: BSD-3-Clause */
/* See worker_start.h. */
#include "app/worker_start.h"

#include <rte_pause.h>

#include "app/host_io.h"
#include "app/poll.h"
#include "app/queue_turns.h"
#include "app/tx.h"
#include "app/worker_thread.h"

/* What our addresses' announcement may delay the start by; it takes half of that at most, where the
 * link takes frames. */
static const uint64_t ANNOUNCE_WAIT_NS = NS_PER_SEC;

/* What the warm-up may delay the start by: a lost SYN is sent again after one second, and after two
 * more. */
static const uint64_t WARMUP_NS = 3500 * NS_PER_MS;

/* Before the load begins. */
static void
poll_or_yield(struct worker *w)
{
    if (poll_once(w, schedule_now_ns(w->opts.schedule)) == 0)
        worker_yield(w);
}

/* Until every worker has its memory: a server that is not there yet would be taken for silent.
 */
static bool
wait_for_others(struct worker *w)
{
    worker_set_progress(w, WORKER_INITIALISED);
    while (!schedule_may_send(w->opts.schedule)) {
        if (worker_must_quit(w))
            return false;
        worker_yield(w);
        rte_pause();
    }
    return true;
}

/* Until whoever has one of our addresses would have answered; one worker of the port asks, and what
 * is answered may come to any. @return false when somebody has, or on quit. */
static bool
probe_addresses(struct worker *w)
{
    uint64_t now_ns = schedule_now_ns(w->opts.schedule);

    if (!w->opts.probes)
        return true;
    worker_set_progress(w, WORKER_PROBING);
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        host_probe_begin(&w->hosts[i], now_ns, w->opts.queue == 0);
    while (host_io_conflict(w) == NULL && !host_io_have_probed(w)) {
        poll_or_yield(w);
        if (worker_must_quit(w))
            return false;
    }
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        host_probe_end(&w->hosts[i]);
    if (host_io_conflict(w) != NULL)
        worker_set_progress(w, WORKER_CONFLICT);
    return host_io_conflict(w) == NULL;
}

/* Until every next hop has a MAC, and the link knows ours. @return false when one has not answered,
 * or on quit. */
static bool
resolve(struct worker *w)
{
    uint64_t now_ns = schedule_now_ns(w->opts.schedule), until_ns = now_ns + ANNOUNCE_WAIT_NS;
    uint64_t patient_ns = now_ns + w->opts.patience_ns;

    worker_set_progress(w, WORKER_RESOLVING);
    host_io_announce(w, now_ns);
    while (host_io_unresolved(w) != NULL ||
           (!host_io_have_announced(w) && schedule_now_ns(w->opts.schedule) < until_ns)) {
        poll_or_yield(w);
        if (host_io_are_settled(w) && host_io_unresolved(w) != NULL &&
            schedule_now_ns(w->opts.schedule) >= patient_ns) {
            worker_set_progress(w, WORKER_UNRESOLVED);
            return false;
        }
        if (worker_must_quit(w))
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
    worker_set_progress(w, WORKER_TURNS);
    while ((turn = schedule_turn(w->opts.schedule)) != SCHEDULE_TURNS_OVER) {
        if (turn != taken && turn > 0 && (turn - 1) % w->opts.n_queues == w->opts.queue)
            send_in_turn(w);
        taken = turn;
        poll_or_yield(w);
        if (worker_must_quit(w))
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
        if (worker_must_quit(w))
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
    worker_set_progress(w, WORKER_WARMING_UP);
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
             !worker_must_quit(w));
    end_warmup(w);
    return !worker_must_quit(w);
}

/* Until the instant of the start is known, and stays; the load waits for it to come. */
static bool
wait_for_start(struct worker *w)
{
    uint64_t start_ns;

    worker_set_progress(w, WORKER_READY);
    finish_init(&w->finish, schedule_now_ns(w->opts.schedule));
    do {
        poll_or_yield(w);
        if (worker_must_quit(w))
            return false;
        start_ns = schedule_start_ns(w->opts.schedule);
        if (start_ns != TIME_NEVER)
            atomic_store_explicit(&w->seen_start_ns, start_ns, memory_order_release);
    } while (start_ns == TIME_NEVER || !schedule_is_confirmed(w->opts.schedule, start_ns));
    w->stat.now->begin_ns = start_ns;
    w->start_ns = start_ns;
    pulse_init(&w->pulse, start_ns);
    w->next_flip_ns = start_ns + w->opts.sample_ns;
    worker_look_at_cpu(w);
    engine_run_from(&w->engine, start_ns);
    worker_set_progress(w, WORKER_RUNNING);
    return true;
}

bool
worker_start(struct worker *w)
{
    return wait_for_others(w) && probe_addresses(w) && take_turns(w) && resolve(w) &&
           check_queue(w) && warm_up(w) && wait_for_start(w);
}
