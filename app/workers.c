/* SPDX-License-Identifier: BSD-3-Clause */
/* See workers.h. */
#include "app/workers.h"

#include <inttypes.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "app/host_io.h"
#include "base/pages.h"
#include "conf/value.h"
#include "report/unresolved.h"

static const size_t WORKER_BYTES = (sizeof(struct worker) + 4095) & ~(size_t)4095;

int
workers_init(struct workers *ws, const struct io *io, struct fail *f)
{
    *ws = (struct workers){.io = io, .n = io->n_workers};
    ws->first = pages_map(ws->n * WORKER_BYTES);
    if (ws->first == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for %u workers", ws->n);
    return 0;
}

void
workers_fini(struct workers *ws)
{
    for (unsigned i = 0; i < ws->n; i++)
        worker_fini(workers_at(ws, i));
    pages_unmap(ws->first, ws->n * WORKER_BYTES);
}

struct worker *
workers_at(const struct workers *ws, unsigned i)
{
    return (struct worker *)((char *)ws->first + i * WORKER_BYTES);
}

enum worker_progress
workers_progress(const struct workers *ws, unsigned i)
{
    return (enum worker_progress)atomic_load_explicit(&workers_at(ws, i)->progress,
                                                      memory_order_acquire);
}

bool
workers_are_done(const struct workers *ws, enum role role)
{
    for (unsigned i = 0; i < ws->n; i++) {
        if (workers_at(ws, i)->opts.role == role && workers_progress(ws, i) != WORKER_DONE)
            return false;
    }
    return true;
}

void
workers_launch(const struct workers *ws)
{
    for (unsigned i = 0; i < ws->n; i++)
        rte_eal_remote_launch(worker_main, workers_at(ws, i), ws->io->lcores[i]);
}

void
workers_join(const struct workers *ws)
{
    for (unsigned i = 0; i < ws->n; i++)
        rte_eal_wait_lcore(ws->io->lcores[i]);
}

bool
workers_have_reached(const struct workers *ws, enum worker_progress wanted, unsigned *failed)
{
    unsigned n_there = 0;

    for (*failed = 0; *failed < ws->n; ++*failed) {
        enum worker_progress p = workers_progress(ws, *failed);

        if (p == WORKER_NO_MEMORY || p == WORKER_NO_TLS || p == WORKER_CONFLICT ||
            p == WORKER_UNRESOLVED)
            return false;
        n_there += p >= wanted;
    }
    return n_there == ws->n;
}

bool
workers_have_seen(const struct workers *ws, uint64_t start_ns)
{
    for (unsigned i = 0; i < ws->n; i++)
        if (atomic_load_explicit(&workers_at(ws, i)->seen_start_ns, memory_order_acquire) !=
            start_ns)
            return false;
    return true;
}

static int
fail_unresolved(const struct worker *w, const struct conf *conf, struct fail *f)
{
    const struct host *host = host_io_unresolved(w);
    struct host_unresolved u = host_unresolved(host);
    struct unresolved_link link = {
        .device = conf->device,
        .vlan = host->opts.vlan,
        .frames = w->stat.now->counters[CTR_rx_packets],
    };

    return unresolved_fail(&u, &link, f);
}

static int
fail_conflict(const struct host *h, struct fail *f)
{
    char mac[VALUE_TEXT_MAX], text[IP_TEXT_MAX];

    return fail_set(f, EXIT_HOST,
                    "--local: another station, %s, has our address %s; choose other addresses, or "
                    "give --probe no where a router answers for all",
                    value_format_mac(h->claimed_by_mac, mac), ip_format(&h->claimed, text));
}

bool
workers_have_passed(const struct workers *ws, unsigned n)
{
    for (unsigned i = 0; i < ws->n; i++)
        if (workers_progress(ws, i) == WORKER_RUNNING &&
            atomic_load_explicit(&workers_at(ws, i)->n_passed, memory_order_acquire) != n)
            return false;
    return true;
}

bool
workers_have_open(const struct workers *ws)
{
    for (unsigned i = 0; i < ws->n; i++)
        if (workers_at(ws, i)->opts.role == ROLE_CLIENT &&
            atomic_load_explicit(&workers_at(ws, i)->has_open, memory_order_relaxed))
            return true;
    return false;
}

int
workers_explain(const struct workers *ws, unsigned i, const struct conf *conf, struct fail *f)
{
    const struct worker *w = workers_at(ws, i);

    if (workers_progress(ws, i) == WORKER_UNRESOLVED)
        return fail_unresolved(w, conf, f);
    if (workers_progress(ws, i) == WORKER_CONFLICT)
        return fail_conflict(host_io_conflict(w), f);
    if (workers_progress(ws, i) == WORKER_NO_TLS) {
        *f = w->tls_fail;
        return -1;
    }
    return fail_set(f, EXIT_HOST,
                    "--connections: not enough memory for %" PRIu64
                    " connections; ask for fewer, or free memory on this host",
                    conf->connections);
}
