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
    s->n_windows = 0;
    s->start_ns = 0;
    s->sample_ns = 1;
    for (int role = 0; role < ROLE_COUNT; role++) {
        s->has_role[role] = report_result_has_role(r, (enum role)role);
        stat_block_init(&s->interval[role], TIME_NEVER);
        stat_block_init(&s->second[role], TIME_NEVER);
    }
    s->n_seconds = 0;
    memset(s->is_done, 0, sizeof(s->is_done));
    begin_interval(s);
}

void
sampler_add_window(struct sampler *s, struct window *w)
{
    assert(s->n_windows < SAMPLER_WINDOWS_MAX);

    s->windows[s->n_windows++] = w;
}

void
sampler_begin(struct sampler *s, uint64_t start_ns, uint64_t sample_ns)
{
    s->start_ns = start_ns;
    s->sample_ns = sample_ns;
}

/* Whether a row ends with @block. */
static bool
ends_row(const struct sampler *s, const struct stat_block *block)
{
    return (block->end_ns - s->start_ns) / s->sample_ns >
           (block->begin_ns - s->start_ns) / s->sample_ns;
}

static void
add_block(struct sampler *s, unsigned i, const struct stat_block *block)
{
    struct result_core *core = &s->result->cores[i];

    stat_block_merge(&core->total, block, false);
    stat_block_merge(&s->interval[core->role], block, true);
    s->has_block[i] |= ends_row(s, block);
}

static void
add_set(struct sampler *s, unsigned core, const struct stat_block *worker,
        struct stat_block *const classes[], unsigned n_classes)
{
    for (unsigned i = 0; i < n_classes; i++)
        report_result_add_class(s->result, core, i, classes[i]);
    for (unsigned i = 0; i < s->n_windows; i++)
        window_add(s->windows[i], core, worker, classes, n_classes);
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

static struct result_interval
make_row(const struct sampler *s, const struct stat_block blocks[ROLE_COUNT], uint64_t start_ns)
{
    /* The other side may have given a block of another time, or none any more. */
    const struct stat_block *of = &blocks[report_result_totals_role(s->result)];

    return report_result_interval(s->has_role[ROLE_CLIENT] ? &blocks[ROLE_CLIENT] : NULL,
                                  s->has_role[ROLE_SERVER] ? &blocks[ROLE_SERVER] : NULL,
                                  (double)(of->end_ns - start_ns) / (double)NS_PER_SEC);
}

void
sampler_add_row(struct sampler *s, uint64_t start_ns, struct result_interval *row)
{
    for (int role = 0; role < ROLE_COUNT; role++) {
        s->interval[role].open = count_open(s->result, (enum role)role);
        stat_block_merge(&s->second[role], &s->interval[role], false);
    }
    *row = make_row(s, s->interval, start_ns);
    report_result_add_interval(s->result, row);
    begin_interval(s);
}

bool
sampler_add_second(struct sampler *s, uint64_t start_ns, bool is_last,
                   struct result_interval *second)
{
    const struct stat_block *of = &s->second[report_result_totals_role(s->result)];
    uint64_t n_ended = (of->end_ns - start_ns) / NS_PER_SEC;
    bool is_long = of->end_ns - of->begin_ns >= ROW_MIN_NS;

    if (n_ended <= s->n_seconds && !is_last)
        return false;
    s->n_seconds = n_ended;
    *second = make_row(s, s->second, start_ns);
    for (int role = 0; role < ROLE_COUNT; role++)
        stat_block_clear(&s->second[role], TIME_NEVER);
    return is_long;
}
