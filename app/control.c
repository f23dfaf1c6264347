/* SPDX-License-Identifier: BSD-3-Clause */
/* See control.h. */
#include "app/control.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "app/calibrate.h"
#include "app/setup.h"
#include "app/worker.h"
#include "base/pages.h"
#include "report/live.h"

/* Between two looks at the workers. */
static const uint64_t POLL_NS = 20 * NS_PER_MS;
/* A row of the live line says "per second": what is left of a second at the end may be too short.
 */
static const uint64_t LIVE_ROW_MIN_NS = NS_PER_SEC / 2;

struct control {
    const struct conf *conf;
    const struct io *io;
    const struct steering *steering;
    const struct tls_setup *tls;
    struct schedule schedule;
    struct setup setup;
    struct client_target targets[CONF_TARGETS_MAX];
    struct worker *workers; /* n_workers, each on pages of its own */
    unsigned n_workers;

    /* The interval being gathered: the next block of each worker that still runs. */
    bool has_block[CONF_LCORES_MAX * 2];
    bool has_role[ROLE_COUNT];
    struct stat_block interval[ROLE_COUNT];
    struct live live;
    struct result *result;
};

static const size_t WORKER_BYTES = (sizeof(struct worker) + 4095) & ~(size_t)4095;

static struct worker *
worker_at(const struct control *ctl, unsigned i)
{
    return (struct worker *)((char *)ctl->workers + i * WORKER_BYTES);
}

static enum worker_progress
progress_of(const struct control *ctl, unsigned i)
{
    return (enum worker_progress)atomic_load_explicit(&worker_at(ctl, i)->progress,
                                                      memory_order_acquire);
}

/* -- signals and sleep -------------------------------------------------------------------- */

static sigset_t
ending_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void
control_block_signals(void)
{
    sigset_t set = ending_signals();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool
control_is_interrupted(void)
{
    sigset_t pending;

    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

/* @return whether the user wants to end the run. */
static bool
sleep_for(uint64_t ns)
{
    sigset_t set = ending_signals();
    struct timespec t = {.tv_sec = (time_t)(ns / NS_PER_SEC), .tv_nsec = (long)(ns % NS_PER_SEC)};

    return sigtimedwait(&set, NULL, &t) > 0;
}

/* -- the schedule ------------------------------------------------------------------------ */

static void
start(struct control *ctl)
{
    ctl->result->started_at = time(NULL);
    schedule_start(&ctl->schedule, schedule_now_ns(&ctl->schedule), ctl->conf->duration_ns);
}

static void
interrupt(struct control *ctl)
{
    ctl->result->interrupted = true;
    schedule_interrupt(&ctl->schedule, schedule_now_ns(&ctl->schedule));
}

/* -- workers ------------------------------------------------------------------------------ */

static int
make_workers(struct control *ctl, const struct clock_sample *began, struct fail *f)
{
    ctl->n_workers = ctl->io->n_workers;
    ctl->workers = pages_map(ctl->n_workers * WORKER_BYTES);
    if (ctl->workers == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for %u workers", ctl->n_workers);
    schedule_init(&ctl->schedule, ctl->conf->drain_ns);
    calibrate_clock(&ctl->schedule.clock, began);
    setup_init(&ctl->setup, ctl->conf, ctl->io, ctl->steering->by, ctl->tls);
    for (unsigned i = 0; i < ctl->n_workers; i++) {
        struct worker *w = worker_at(ctl, i);

        setup_worker(&ctl->setup, ctl->conf, ctl->io, &ctl->schedule, i, ctl->targets, &w->opts);
        ctl->result->cores[i].lcore = ctl->io->lcores[i];
        ctl->result->cores[i].role = w->opts.role;
        ctl->has_role[ctl->result->cores[i].role] = true;
        if (w->opts.role == ROLE_CLIENT)
            atomic_fetch_add(&ctl->schedule.clients_busy, 1);
    }
    return 0;
}

static void
launch(struct control *ctl)
{
    for (unsigned i = 0; i < ctl->n_workers; i++)
        rte_eal_remote_launch(worker_main, worker_at(ctl, i), ctl->io->lcores[i]);
}

static void
join(struct control *ctl)
{
    for (unsigned i = 0; i < ctl->n_workers; i++)
        rte_eal_wait_lcore(ctl->io->lcores[i]);
}

static int
explain(const struct control *ctl, unsigned i, struct fail *f)
{
    const struct worker *w = worker_at(ctl, i);

    if (progress_of(ctl, i) == WORKER_UNRESOLVED)
        return host_fail_unresolved(&w->host, ctl->conf->device,
                                    w->stat.now->counters[CTR_rx_packets], f);
    if (progress_of(ctl, i) == WORKER_NO_TLS) {
        *f = w->tls_fail;
        return -1;
    }
    return fail_set(f, EXIT_HOST,
                    "--connections: not enough memory for %" PRIu64
                    " connections; ask for fewer, or free memory on this host",
                    ctl->conf->connections);
}

/* Until every worker has come as far as @wanted. @return 0, also after an interruption, which makes
 * all of them end; -1 with @f when one has ended instead. */
static int
wait_for(struct control *ctl, enum worker_progress wanted, struct fail *f)
{
    for (;;) {
        unsigned n_there = 0;

        for (unsigned i = 0; i < ctl->n_workers; i++) {
            enum worker_progress p = progress_of(ctl, i);

            if (p == WORKER_NO_MEMORY || p == WORKER_NO_TLS || p == WORKER_UNRESOLVED) {
                schedule_quit(&ctl->schedule);
                join(ctl);
                return explain(ctl, i, f);
            }
            n_there += p >= wanted;
        }
        if (n_there == ctl->n_workers)
            return 0;
        if (sleep_for(NS_PER_MS)) {
            interrupt(ctl);
            return 0;
        }
    }
}

static int
wait_ready(struct control *ctl, struct fail *f)
{
    if (wait_for(ctl, WORKER_INITIALISED, f) < 0)
        return -1;
    if (ctl->result->interrupted)
        return 0;
    schedule_allow_sending(&ctl->schedule);
    return wait_for(ctl, WORKER_READY, f);
}

/* What the workers' test before the start has shown. */
static void
tell_rss_check(const struct control *ctl, struct result *r)
{
    struct rss_check sum = {0};

    for (unsigned i = 0; i < ctl->n_workers; i++) {
        const struct rss_check *p = &worker_at(ctl, i)->rss_check;

        sum.sent += p->sent;
        sum.answered += p->answered;
        sum.misrouted += p->misrouted;
    }
    r->steering = sum.misrouted == 0 ? STEERING_RSS : STEERING_HANDOFF;
    r->steering_is_verified = sum.misrouted == 0 && sum.answered > 0;
    if (sum.misrouted > 0)
        snprintf(r->steering_why, sizeof(r->steering_why),
                 "workers hand packets over to each other: of %u answers to a test %u came to "
                 "another queue than the device's hash key and table tell",
                 sum.answered, sum.misrouted);
    else if (sum.answered > 0)
        snprintf(r->steering_why, sizeof(r->steering_why),
                 "replies come to the queue of the worker that has the connection, as all %u "
                 "answers to a test did",
                 sum.answered);
    else
        snprintf(r->steering_why, sizeof(r->steering_why),
                 "replies should come to the queue of the worker that has the connection; not "
                 "proven, since no target answered the %u segments of a test",
                 sum.sent);
}

static void
tell_steering(struct control *ctl)
{
    struct result *r = ctl->result;

    if (ctl->io->n_queues == 1)
        return;
    if (ctl->steering->by != NULL) {
        tell_rss_check(ctl, r);
    } else if (ctl->steering->why_not[0] != '\0') {
        r->steering = STEERING_HANDOFF;
        snprintf(r->steering_why, sizeof(r->steering_why),
                 "workers hand packets over to each other: %s", ctl->steering->why_not);
    } else {
        r->steering = STEERING_RSS;
        snprintf(r->steering_why, sizeof(r->steering_why),
                 "a connection belongs to the worker to whose queue its SYN came");
    }
}

/* -- samples ------------------------------------------------------------------------------ */

/* Ready to be merged into: no instant in it yet. */
static void
clear_intervals(struct control *ctl)
{
    for (int role = 0; role < ROLE_COUNT; role++) {
        stat_block_init(&ctl->interval[role], TIME_NEVER);
        ctl->interval[role].end_ns = 0;
    }
    memset(ctl->has_block, 0, sizeof(ctl->has_block));
}

static void
add_block(struct control *ctl, unsigned i, const struct stat_block *block)
{
    struct result_core *core = &ctl->result->cores[i];

    stat_block_merge(&core->total, block, false);
    stat_block_merge(&ctl->interval[core->role], block, true);
}

/* The latest instant in the blocks that were merged; a side may have given none any more. */
static uint64_t
interval_end_ns(const struct control *ctl)
{
    return u64_max(ctl->interval[ROLE_CLIENT].end_ns, ctl->interval[ROLE_SERVER].end_ns);
}

static uint64_t
interval_begin_ns(const struct control *ctl)
{
    return u64_min(ctl->interval[ROLE_CLIENT].begin_ns, ctl->interval[ROLE_SERVER].begin_ns);
}

static void
show_interval(struct control *ctl)
{
    const struct stat_block *client =
        ctl->has_role[ROLE_CLIENT] ? &ctl->interval[ROLE_CLIENT] : NULL;
    const struct stat_block *server =
        ctl->has_role[ROLE_SERVER] ? &ctl->interval[ROLE_SERVER] : NULL;
    uint64_t begin_ns = interval_begin_ns(ctl), end_ns = interval_end_ns(ctl);
    struct result_interval row = report_result_interval(
        client, server, (double)(end_ns - schedule_start_ns(&ctl->schedule)) / (double)NS_PER_SEC);

    report_result_add_interval(ctl->result, &row);
    if (end_ns - begin_ns >= LIVE_ROW_MIN_NS)
        live_row(&ctl->live, &row);
    clear_intervals(ctl);
}

/* Take one published block of each worker; when all that still run have given theirs, the interval
 * is complete. */
static void
sample(struct control *ctl)
{
    bool is_complete = true, is_empty = true;

    for (unsigned i = 0; i < ctl->n_workers; i++) {
        struct worker *w = worker_at(ctl, i);
        bool is_done = progress_of(ctl, i) == WORKER_DONE; /* before the look: no block after it */
        struct stat_block *block = ctl->has_block[i] ? NULL : stat_take(&w->stat);

        if (block != NULL) {
            add_block(ctl, i, block);
            stat_take_done(&w->stat);
            ctl->has_block[i] = true;
        }
        is_empty = is_empty && !ctl->has_block[i];
        is_complete = is_complete && (ctl->has_block[i] || is_done);
    }
    if (is_complete && !is_empty)
        show_interval(ctl);
}

static bool
clients_are_done(const struct control *ctl)
{
    for (unsigned i = 0; i < ctl->n_workers; i++) {
        if (worker_at(ctl, i)->opts.role == ROLE_CLIENT && progress_of(ctl, i) != WORKER_DONE)
            return false;
    }
    return true;
}

static bool
serving_is_over(const struct control *ctl)
{
    const struct result *r = ctl->result;
    uint64_t n_open = r->n_intervals == 0 ? 0 : r->intervals[r->n_intervals - 1].open;

    return schedule_serving_is_over(&ctl->schedule, n_open, schedule_now_ns(&ctl->schedule));
}

static void
tell_of_departure(const struct control *ctl)
{
    uint64_t now_ns = schedule_now_ns(&ctl->schedule);
    double t_s = (double)(now_ns - schedule_start_ns(&ctl->schedule)) / (double)NS_PER_SEC;

    fprintf(stderr,
            "shakedown: %s: device %s: the process at the other end has left after %.1f s%s\n",
            ctl->has_role[ROLE_CLIENT] ? "warning" : "note", ctl->conf->device, t_s,
            ctl->has_role[ROLE_CLIENT] ? "" : "; the next one may come");
}

static void
follow(struct control *ctl)
{
    bool is_over = false;

    while (!is_over) {
        if (sleep_for(POLL_NS))
            interrupt(ctl);
        if (io_kick(ctl->io))
            tell_of_departure(ctl);
        sample(ctl);
        if (ctl->has_role[ROLE_CLIENT])
            is_over = clients_are_done(ctl);
        else
            is_over = serving_is_over(ctl);
        is_over = is_over || schedule_has_quit(&ctl->schedule);
    }
}

/* After all workers have returned: what is still published, and the last part of an interval. */
static void
gather_rest(struct control *ctl)
{
    sample(ctl);
    for (unsigned i = 0; i < ctl->n_workers; i++) {
        struct worker *w = worker_at(ctl, i);
        struct stat_block *block = stat_take(&w->stat);

        if (block != NULL) {
            add_block(ctl, i, block);
            stat_take_done(&w->stat);
        }
        add_block(ctl, i, w->stat.now);
    }
    show_interval(ctl);
    for (unsigned port = 0; port < ctl->io->n_ports; port++)
        ctl->result->cores[port * ctl->io->n_queues].total.counters[CTR_rx_missed] +=
            io_rx_missed(ctl->io, port);
}

static void
fill_memory(struct control *ctl)
{
    for (unsigned i = 0; i < ctl->n_workers; i++) {
        const struct worker *w = worker_at(ctl, i);
        const struct table *t = &w->server.table;

        if (w->opts.client.core.n_streams > 0 || w->opts.server.core.n_streams > 0)
            ctl->result->bytes_per_stream =
                w->opts.has_tls ? sizeof(struct secure_carrier) : sizeof(struct carrier);
        if (w->opts.role == ROLE_CLIENT) {
            ctl->result->records += w->client.core.n_records;
            ctl->result->bytes_per_connection[ROLE_CLIENT] = sizeof(struct record);
        } else {
            ctl->result->bytes_per_connection[ROLE_SERVER] =
                (double)(sizeof(struct record) + sizeof(struct table_key)) +
                (double)(t->head_mask + 1ul) * sizeof(t->heads[0]) / (double)t->n_records;
        }
    }
}

/* What the workers of the side that is reported wrote down; they have ended. */
static void
fill_tls(struct control *ctl)
{
    bool by_server = report_result_totals_role(ctl->result) == ROLE_SERVER;

    for (unsigned i = 0; i < ctl->n_workers; i++) {
        const struct worker *w = worker_at(ctl, i);

        if (w->opts.has_tls && (w->opts.role == ROLE_SERVER) == by_server)
            tls_tally_merge(&ctl->result->tls, &w->tls.tally);
    }
}

/* RFC 5227: nothing works well when two stations have one address. */
static void
warn_of_conflicts(const struct control *ctl)
{
    char text[IP_TEXT_MAX];

    for (unsigned i = 0; i < ctl->n_workers; i++) {
        const struct host *h = &worker_at(ctl, i)->host;
        const uint8_t *m = h->claimed_by_mac;

        if (h->conflicts > 0)
            fprintf(stderr,
                    "shakedown: warning: another station, %02x:%02x:%02x:%02x:%02x:%02x, uses our "
                    "address %s too; choose other addresses with --local\n",
                    m[0], m[1], m[2], m[3], m[4], m[5], ip_format(&h->claimed, text));
    }
}

static void
finish(struct control *ctl)
{
    join(ctl);
    warn_of_conflicts(ctl);
    if (schedule_start_ns(&ctl->schedule) == TIME_NEVER)
        return;
    gather_rest(ctl);
    fill_memory(ctl);
    fill_tls(ctl);
    ctl->result->duration_s = schedule_load_s(&ctl->schedule, schedule_now_ns(&ctl->schedule));
    report_result_sum(ctl->result);
}

static int
run_workers(struct control *ctl, struct fail *f)
{
    launch(ctl);
    if (wait_ready(ctl, f) < 0)
        return -1;
    if (!ctl->result->interrupted) {
        tell_steering(ctl);
        start(ctl);
        follow(ctl);
    }
    schedule_quit(&ctl->schedule);
    finish(ctl);
    return 0;
}

int
control_run(const struct conf *conf, const struct io *io, const struct control_plan *plan,
            FILE *live, struct result *r, struct fail *f)
{
    struct control *ctl = calloc(1, sizeof(*ctl));
    int err = -1;

    if (ctl == NULL || report_result_init(r, io->n_workers, f) < 0) {
        free(ctl);
        return fail_set(f, EXIT_HOST, "not enough memory to begin");
    }
    r->conf = conf;
    ctl->conf = conf;
    ctl->io = io;
    ctl->steering = plan->steering;
    ctl->tls = plan->tls;
    r->has_tls = plan->tls != NULL;
    ctl->result = r;
    live_init(&ctl->live, live, isatty(fileno(live)) != 0);
    live_expect_payload(&ctl->live, conf);
    if (r->has_tls)
        live_expect_tls(&ctl->live);
    clear_intervals(ctl);
    if (make_workers(ctl, plan->began, f) == 0) {
        err = run_workers(ctl, f);
        for (unsigned i = 0; i < ctl->n_workers; i++)
            worker_fini(worker_at(ctl, i));
        pages_unmap(ctl->workers, ctl->n_workers * WORKER_BYTES);
    }
    free(ctl);
    return err;
}
