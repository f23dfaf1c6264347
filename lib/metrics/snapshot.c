/* SPDX-License-Identifier: BSD-3-Clause */
/* See snapshot.h. */
#include "metrics/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "report/rows.h"

static_assert((int)METRICS_RAMP_DOWN - (int)METRICS_INIT == (int)PHASE_RAMP_DOWN, "in that order");

const char *const metrics_stage_names[METRICS_STAGES] = {
    [METRICS_STARTING] = "starting", [METRICS_INIT] = "init",
    [METRICS_RAMP_UP] = "ramp_up",   [METRICS_WARM_UP] = "warm_up",
    [METRICS_SUSTAIN] = "sustain",   [METRICS_RAMP_DOWN] = "ramp_down",
    [METRICS_DRAIN] = "drain",       [METRICS_OVER] = "over",
};

static void
copy_counts(struct metrics_counts *to, const struct stat_block *from, uint64_t open)
{
    memcpy(to->counters, from->counters, sizeof(to->counters));
    memcpy(to->failures, from->failures, sizeof(to->failures));
    to->open = open;
    to->longest_poll_ns = from->longest_poll_ns;
}

static void
copy_cores(struct metrics_snapshot *s, const struct result *r, const struct metrics_facts *f)
{
    for (unsigned i = 0; i < r->n_cores; i++) {
        s->cores[i].lcore = r->cores[i].lcore;
        s->cores[i].role = r->cores[i].role;
        copy_counts(&s->cores[i].counts, &r->cores[i].total, r->cores[i].total.open);
    }
    for (unsigned port = 0; port < f->n_ports; port++)
        s->cores[port * f->n_queues].counts.counters[CTR_rx_missed] += f->rx_missed[port];
    s->cores[0].counts.counters[CTR_link_downs] += f->link_downs;
    s->cores[0].counts.counters[CTR_link_down_ns] += f->link_down_ns;
}

static void
copy_classes(struct metrics_snapshot *s, const struct result *r)
{
    for (unsigned i = 0; i < r->n_classes; i++) {
        const struct stat_block *b = &r->classes[i].total;

        s->classes[i].name = r->classes[i].name;
        copy_counts(&s->classes[i].counts, b, report_result_open_of(b));
    }
}

static void
set_latency(struct metrics_latency *l, const struct hist *h)
{
    l->count = h->count;
    l->sum_ns = h->sum_ns;
    l->min_ns = h->min_ns;
    l->max_ns = h->max_ns;
    for (unsigned i = 0; h->count > 0 && i < QUANTILE_COUNT; i++)
        l->quantile_ns[i] = hist_quantile_ns(h, report_quantiles[i].quantile);
    bounds_add(l->buckets, h);
}

/* The samples of all cores of the side that totals are of. */
static void
sum_cores(struct hist *sum, const struct result *r, unsigned row)
{
    enum role role = report_result_totals_role(r);

    hist_init(sum);
    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].role == role)
            hist_merge(sum, &r->cores[i].total.latency[row]);
}

static void
copy_latencies(struct metrics_snapshot *s, const struct result *r)
{
    struct hist sum;

    for (unsigned row = 0; row < latency_rows(); row++) {
        sum_cores(&sum, r, row);
        set_latency(&s->latencies[0].rows[row], &sum);
        for (unsigned i = 0; i < r->n_classes; i++)
            set_latency(&s->latencies[1 + i].rows[row], &r->classes[i].total.latency[row]);
    }
}

static struct metrics_snapshot *
allocate(const struct result *r)
{
    struct metrics_snapshot *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return NULL;
    atomic_init(&s->owners, 1);
    s->n_cores = r->n_cores;
    s->n_classes = r->n_classes;
    s->cores = calloc(r->n_cores, sizeof(s->cores[0]));
    s->classes = calloc(r->n_classes + 1ul, sizeof(s->classes[0]));
    s->latencies = calloc(r->n_classes + 1ul, sizeof(s->latencies[0]));
    if (s->cores != NULL && s->classes != NULL && s->latencies != NULL)
        return s;
    metrics_snapshot_release(s);
    return NULL;
}

struct metrics_snapshot *
metrics_snapshot_make(const struct result *r, const struct metrics_facts *f)
{
    struct metrics_snapshot *s = allocate(r);

    assert(r->n_cores > 0);

    if (s == NULL)
        return NULL;
    s->version = r->version;
    s->dpdk = r->dpdk_version;
    s->openssl = r->openssl_version;
    s->began_unix_ns = f->began_unix_ns;
    s->taken_unix_ns = u64_max(f->taken_unix_ns, f->began_unix_ns);
    s->intervals = r->n_intervals + r->intervals_omitted;
    s->run_s = f->run_s;
    s->stage = f->stage;
    s->has_rate = f->has_rate;
    s->rate_milli = f->rate_milli;
    s->role = report_result_totals_role(r);
    for (unsigned i = 0; i < NEED_COUNT; i++)
        s->needs[i] = need_is_met((enum stat_need)i, r->conf);
    copy_cores(s, r, f);
    copy_classes(s, r);
    copy_latencies(s, r);
    return s;
}

struct metrics_snapshot *
metrics_snapshot_take(struct metrics_snapshot *s)
{
    atomic_fetch_add_explicit(&s->owners, 1, memory_order_relaxed);
    return s;
}

void
metrics_snapshot_release(struct metrics_snapshot *s)
{
    if (s == NULL || atomic_fetch_sub_explicit(&s->owners, 1, memory_order_acq_rel) > 1)
        return;
    free(s->cores);
    free(s->classes);
    free(s->latencies);
    free(s);
}
