/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_middle.h. */
#include "app/run_middle.h"

#include <stdlib.h>

#include <rte_ring_elem.h>

#include "base/pages.h"

/* Of each worker: at 50 looks a second 800,000 segments. */
static const unsigned RING_SIZE = 16384;

/* Handshakes a second of which each is compared; of more, a part. And of a closed loop, whose rate
 * nobody knows, one in so many. */
static const uint64_t COMPARED_PER_S = 100000;
static const uint32_t CLOSED_LOOP_SAMPLE = 16;

static size_t
ring_bytes(void)
{
    return (size_t)rte_ring_get_memsize_elem(sizeof(struct crossing), RING_SIZE);
}

static struct rte_ring *
ring_new(void)
{
    struct rte_ring *r = pages_map(ring_bytes());

    if (r != NULL)
        (void)rte_ring_init(r, "crossings", RING_SIZE, RING_F_SP_ENQ | RING_F_SC_DEQ);
    return r;
}

static uint32_t
sample_of(const struct conf *conf)
{
    uint64_t peak = load_plan_peak(&conf->load);

    if (peak == 0)
        return CLOSED_LOOP_SAMPLE;
    return (uint32_t)((peak + COMPARED_PER_S - 1) / COMPARED_PER_S);
}

static struct rte_ring **
ring_of(const struct run_middle *m, unsigned i)
{
    return &workers_at(m->workers, i)->opts.crossings.out;
}

int
run_middle_init(struct run_middle *m, const struct conf *conf, struct workers *ws, struct fail *f)
{
    bool has_memory;

    if (!conf_has_middle(conf))
        return 0;
    *m = (struct run_middle){
        .workers = ws, .match = pages_map(sizeof(*m->match)), .tally = malloc(sizeof(*m->tally))};
    has_memory = m->match != NULL && m->tally != NULL;
    for (unsigned i = 0; i < ws->n; i++) {
        struct crossings_opts *o = &workers_at(ws, i)->opts.crossings;

        *o = (struct crossings_opts){.out = ring_new(), .sample = sample_of(conf)};
        has_memory &= o->out != NULL;
    }
    if (!has_memory) {
        run_middle_fini(m);
        return fail_set(f, EXIT_HOST, "not enough memory to compare what both ports see");
    }
    middle_tally_init(m->tally, sample_of(conf));
    match_init(m->match, m->tally);
    return 0;
}

/* What was sent was told before it could come: senders first, or it would wait for its half. */
void
run_middle_look(struct run_middle *m)
{
    struct crossing c;

    for (unsigned i = 0; m->match != NULL && i < m->workers->n; i++)
        while (rte_ring_sc_dequeue_elem(*ring_of(m, i), &c, sizeof(c)) == 0)
            match_take(m->match, &c);
}

struct middle_tally *
run_middle_end(struct run_middle *m)
{
    struct middle_tally *t = m->tally;

    if (m->match == NULL)
        return NULL;
    run_middle_look(m);
    match_end(m->match);
    for (unsigned i = 0; i < m->workers->n; i++) {
        const struct crossings *c = &workers_at(m->workers, i)->crossings_of_it;

        for (enum middle_direction d = 0; d < MIDDLE_DIRECTIONS; d++)
            middle_count_add(&t->counts[d], &c->counts[d]);
        t->untold += c->untold;
    }
    m->tally = NULL;
    return t;
}

void
run_middle_fini(struct run_middle *m)
{
    for (unsigned i = 0; m->workers != NULL && i < m->workers->n; i++) {
        pages_unmap(*ring_of(m, i), ring_bytes());
        *ring_of(m, i) = NULL;
    }
    pages_unmap(m->match, sizeof(*m->match));
    free(m->tally);
    *m = (struct run_middle){0};
}
