/* SPDX-License-Identifier: BSD-3-Clause */
/* See sampler.h. */
#include "app/sampler.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"

/* A row says "per second". */
static const uint64_t ROW_MIN_NS = NS_PER_SEC / 2;

/* Ready to be merged into: no instant in it yet. */
static void
begin_interval(struct sampler *s)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        stat_block_clear(&s->interval[role], TIME_NEVER);
    memset(s->has_block, 0, sizeof(s->has_block));
}

void
sampler_init(struct sampler *s, struct result *r)
{
    assert(r->n_cores <= SAMPLER_CORES_MAX);

    s->result = r;
    for (int role = 0; role < ROLE_COUNT; role++) {
        s->has_role[role] = report_result_has_role(r, (enum role)role);
        stat_block_init(&s->interval[role], TIME_NEVER);
    }
    memset(s->is_done, 0, sizeof(s->is_done));
    begin_interval(s);
}

static void
add_block(struct sampler *s, unsigned i, const struct stat_block *block)
{
    struct result_core *core = &s->result->cores[i];

    stat_block_merge(&core->total, block, false);
    stat_block_merge(&s->interval[core->role], block, true);
    s->has_block[i] = true;
}

static void
add_set(struct sampler *s, unsigned core, const struct stat_block *worker,
        struct stat_block *const classes[], unsigned n_classes)
{
    for (unsigned i = 0; i < n_classes; i++)
        report_result_add_class(s->result, core, i, classes[i]);
    add_block(s, core, worker);
}

static void
take(struct sampler *s, unsigned core, const struct stat_set *from)
{
    struct stat_block *classes[CONF_CLASSES_MAX];
    struct stat_block *worker = stat_set_take(from, classes);

    if (worker == NULL)
        return;
    add_set(s, core, worker, classes, from->n_classes);
    stat_set_take_done(from);
}

void
sampler_take(struct sampler *s, unsigned core, const struct stat_set *from, bool is_done)
{
    s->is_done[core] = is_done;
    if (!s->has_block[core])
        take(s, core, from);
}

void
sampler_take_rest(struct sampler *s, unsigned core, const struct stat_set *from)
{
    struct stat_block *classes[CONF_CLASSES_MAX], *worker;

    take(s, core, from);
    worker = stat_set_rest(from, classes);
    add_set(s, core, worker, classes, from->n_classes);
}

bool
sampler_is_complete(const struct sampler *s)
{
    enum role role = report_result_totals_role(s->result);
    bool is_complete = true, is_empty = true;

    for (unsigned i = 0; i < s->result->n_cores; i++) {
        is_empty = is_empty && (s->result->cores[i].role != role || !s->has_block[i]);
        is_complete = is_complete && (s->has_block[i] || s->is_done[i]);
    }
    return is_complete && !is_empty;
}

/* Connections open now are a gauge: a core that gave several blocks has them once. */
static uint64_t
count_open(const struct result *r, enum role role)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < r->n_cores; i++)
        n += r->cores[i].role == role ? r->cores[i].total.open : 0;
    return n;
}

bool
sampler_add_row(struct sampler *s, uint64_t start_ns, struct result_interval *row)
{
    struct stat_block *client = &s->interval[ROLE_CLIENT], *server = &s->interval[ROLE_SERVER];
    /* The other side may have given a block of another time, or none any more. */
    const struct stat_block *of = &s->interval[report_result_totals_role(s->result)];
    uint64_t begin_ns = of->begin_ns, end_ns = of->end_ns;

    client->open = count_open(s->result, ROLE_CLIENT);
    server->open = count_open(s->result, ROLE_SERVER);
    *row = report_result_interval(s->has_role[ROLE_CLIENT] ? client : NULL,
                                  s->has_role[ROLE_SERVER] ? server : NULL,
                                  (double)(end_ns - start_ns) / (double)NS_PER_SEC);
    report_result_add_interval(s->result, row);
    begin_interval(s);
    return end_ns - begin_ns >= ROW_MIN_NS;
}
