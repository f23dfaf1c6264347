/* SPDX-License-Identifier: BSD-3-Clause */
/* See gather.h. */
#include "app/gather.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/host_io.h"
#include "base/console.h"
#include "conf/value.h"
#include "proto/http_run.h"

void
gather_memory(const struct workers *ws, struct result *r)
{
    for (unsigned i = 0; i < ws->n; i++) {
        const struct worker *w = workers_at(ws, i);
        const struct table *t = &w->engine.server.table;

        if (w->engine.core.pools.streams.n_elements > 0)
            r->bytes_per_stream =
                u64_max(r->bytes_per_stream, w->engine.core.pools.streams.element_bytes);
        if (w->opts.role == ROLE_CLIENT) {
            r->records += w->engine.core.n_records;
            r->bytes_per_connection[ROLE_CLIENT] = sizeof(struct record);
        } else {
            r->bytes_per_connection[ROLE_SERVER] =
                (double)(sizeof(struct record) + sizeof(struct table_key)) +
                (double)(t->head_mask + 1ul) * sizeof(t->heads[0]) / (double)t->n_records;
        }
    }
}

/* Whoever reads a capture with it would look for the connection in vain. */
static void
gather_keylog(const struct tls_keylog *k, const char *path, struct stat_block *total)
{
    if (k->lost == 0)
        return;
    total->counters[CTR_keylog_lost] += k->lost;
    fprintf(console_stream(),
            "shakedown: warning: --keylog %s did not take %" PRIu64 " lines: %s\n", path, k->lost,
            strerror(k->error));
}

void
gather_tls(const struct workers *ws, struct result *r)
{
    enum role role = report_result_totals_role(r);

    for (unsigned i = 0; i < ws->n; i++) {
        const struct worker *w = workers_at(ws, i);

        for (unsigned k = 0; w->opts.role == role && k < LANE_KINDS; k++)
            tls_spread_merge(&r->tls.batches[k], &w->tls_batch.sizes[k]);
        for (unsigned k = 0; k < w->opts.n_classes; k++) {
            if (!w->opts.class_has_tls[k])
                continue;
            gather_keylog(&w->tls[k].keylog, w->tls[k].opts.keylog, &r->cores[i].total);
            if (w->opts.role == role)
                tls_tally_merge(&r->tls, &w->tls[k].tally);
        }
    }
}

void
gather_http(const struct workers *ws, struct result *r)
{
    enum role role = report_result_totals_role(r);

    for (unsigned i = 0; i < ws->n; i++) {
        const struct worker *w = workers_at(ws, i);

        for (unsigned k = 0; w->opts.role == role && k < w->opts.n_classes; k++)
            if (w->http_runs[k] != NULL)
                http_tally_merge(&r->http, &w->http_runs[k]->tally);
    }
}

void
gather_icmp(const struct workers *ws, struct result *r)
{
    for (unsigned i = 0; i < ws->n; i++) {
        const struct worker *w = workers_at(ws, i);

        for (unsigned n = 0; n < w->opts.n_networks; n++)
            for (unsigned k = 0; k < ICMP_ERROR_KINDS; k++)
                if (!r->icmp[k].is_set)
                    r->icmp[k] = w->hosts[n].errors[k];
    }
}

void
gather_rx_missed(const struct io *io, struct result *r)
{
    for (unsigned port = 0; port < io->n_ports; port++)
        r->cores[port * io->n_queues].total.counters[CTR_rx_missed] += io_rx_missed(io, port);
}

void
gather_link(const struct link_watch *links, unsigned n, uint64_t now_ns, struct result *r)
{
    uint64_t *counters = r->cores[0].total.counters;

    for (unsigned i = 0; i < n; i++) {
        counters[CTR_link_downs] += links[i].downs;
        counters[CTR_link_down_ns] += link_watch_down_ns(&links[i], now_ns);
    }
}

struct queue_check
gather_queue_check(const struct workers *ws)
{
    struct queue_check sum = {0};

    for (unsigned i = 0; i < ws->n; i++)
        queue_check_merge(&sum, &workers_at(ws, i)->queue_check);
    return sum;
}

unsigned
gather_queues_seen(const struct workers *ws, struct queue_seen *seen)
{
    unsigned n = 0;

    for (unsigned i = 0; i < ws->n; i++) {
        const struct worker *w = workers_at(ws, i);

        if (w->opts.proves_queue)
            seen[n++] = (struct queue_seen){.check = &w->queue_check,
                                            .n_received = w->stat.now->counters[CTR_rx_packets]};
    }
    return n;
}

void
gather_warmups(const struct workers *ws)
{
    uint64_t begun = 0, failed = 0;

    for (unsigned i = 0; i < ws->n; i++) {
        const uint64_t *counters = workers_at(ws, i)->stat.now->counters;

        begun += counters[CTR_tls_warmups];
        failed += counters[CTR_tls_warmups_failed];
    }
    if (failed > 0)
        fprintf(console_stream(),
                "shakedown: note: %" PRIu64 " of %" PRIu64
                " warm-up connections failed, so the first connections of the load have no "
                "session to resume (--warmup no leaves them out)\n",
                failed, begun);
}

struct heartbeat
gather_heartbeat(const struct workers *ws, uint64_t start_ns)
{
    struct heartbeat h;

    heartbeat_init(&h, start_ns);
    for (unsigned i = 0; i < ws->n; i++) {
        const struct worker *w = workers_at(ws, i);
        struct pulse p;

        if (w->opts.role == ROLE_CLIENT && worker_pulse(w, &p))
            heartbeat_add(&h, &p, atomic_load_explicit(&w->has_open, memory_order_relaxed));
    }
    return h;
}

/* RFC 5227: nothing works well when two stations have one address. */
void
gather_conflicts(const struct workers *ws)
{
    char mac[VALUE_TEXT_MAX], text[IP_TEXT_MAX];

    for (unsigned i = 0; i < ws->n; i++) {
        const struct host *h = host_io_conflict(workers_at(ws, i));

        if (h != NULL)
            fprintf(
                console_stream(),
                "shakedown: warning: another station, %s, uses our address %s too; choose other "
                "addresses with --local\n",
                value_format_mac(h->claimed_by_mac, mac), ip_format(&h->claimed, text));
    }
}
