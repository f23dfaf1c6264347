/* SPDX-License-Identifier: BSD-3-Clause */
/* See pcap_writer.h. */
#include "app/pcap_writer.h"

#include <time.h>

#include "base/pages.h"

/* Between two looks into empty rings. */
static const struct timespec PAUSE = {.tv_nsec = 2 * 1000 * 1000};

/* Of a ring, before the next one has its turn and what was written is in the file. */
static const unsigned PER_LOOK = 256;

/* A ring has room for one less than its size. */
static const unsigned RING_SIZE = 2 * RECORDING_CONNS;

static size_t
ring_bytes(void)
{
    return (size_t)rte_ring_get_memsize(RING_SIZE);
}

/* Ordinary memory: EAL's is for packets. */
static struct rte_ring *
make_ring(void)
{
    struct rte_ring *r = pages_map(ring_bytes());

    if (r != NULL)
        (void)rte_ring_init(r, "pcap", RING_SIZE, RING_F_SP_ENQ | RING_F_SC_DEQ);
    return r;
}

int
pcap_writer_init(struct pcap_writer *p, struct pcap_file *file, const struct workers *ws,
                 struct fail *f)
{
    *p = (struct pcap_writer){.file = file, .n = ws->n};
    for (unsigned i = 0; i < p->n; i++) {
        struct worker *w = workers_at(ws, i);
        struct pcap_link *l = &p->links[i];

        if (!w->opts.recording.is_wanted)
            continue;
        l->out = w->opts.recording.out = make_ring();
        l->back = w->opts.recording.back = make_ring();
        l->source.table = &w->recording_of_it.recorder.table;
        l->source.lcore = ws->io->lcores[i];
        if (l->out == NULL || l->back == NULL)
            return fail_set(f, EXIT_HOST, "%s: not enough memory", PCAP_OPTION);
    }
    return 0;
}

void
pcap_writer_fini(struct pcap_writer *p)
{
    for (unsigned i = 0; i < p->n; i++) {
        pages_unmap(p->links[i].out, ring_bytes());
        pages_unmap(p->links[i].back, ring_bytes());
    }
    p->n = 0;
}

/* @return how many came. */
static unsigned
write_some(struct pcap_writer *p, struct pcap_link *l)
{
    unsigned n = 0;
    void *idx;

    while (n < PER_LOOK && l->out != NULL && rte_ring_sc_dequeue(l->out, &idx) == 0) {
        pcap_write(p->file, &l->source, (uint32_t)(uintptr_t)idx, &l->counts);
        (void)rte_ring_sp_enqueue(l->back, idx); /* it has room for each */
        n++;
    }
    return n;
}

static unsigned
write_round(struct pcap_writer *p)
{
    unsigned n = 0;

    for (unsigned i = 0; i < p->n; i++)
        n += write_some(p, &p->links[i]);
    if (n > 0)
        pcap_flush(p->file);
    return n;
}

static void *
write_on(void *arg)
{
    struct pcap_writer *p = arg;
    bool is_over;

    do {
        is_over = atomic_load(&p->is_over); /* before the look: what came last is seen by it */
        while (write_round(p) > 0)
            ;
        if (!is_over)
            nanosleep(&PAUSE, NULL);
    } while (!is_over);
    return NULL;
}

/* Without a thread the recorders keep what they can until the end. */
void
pcap_writer_begin(struct pcap_writer *p, const struct result *r, uint64_t wall_ns)
{
    if (p->file == NULL)
        return;
    for (unsigned i = 0; i < p->n; i++)
        p->links[i].source.wall_ns = wall_ns;
    pcap_begin(p->file, r);
    p->is_running = pthread_create(&p->thread, NULL, write_on, p) == 0;
}

static void
add_counts(const struct pcap_counts *n, uint64_t n_missed, uint64_t *counters)
{
    counters[CTR_pcap_connections] += n->connections;
    counters[CTR_pcap_frames] += n->frames;
    counters[CTR_pcap_lost_connections] += n->lost_connections + n_missed;
    counters[CTR_pcap_lost_frames] += n->lost_frames;
}

void
pcap_writer_end(struct pcap_writer *p, const struct workers *ws, struct result *r)
{
    if (p->file == NULL)
        return;
    atomic_store(&p->is_over, true);
    if (p->is_running)
        pthread_join(p->thread, NULL);
    else
        write_on(p);
    for (unsigned i = 0; i < p->n; i++)
        if (p->links[i].out != NULL)
            add_counts(&p->links[i].counts, workers_at(ws, i)->recording_of_it.recorder.n_missed,
                       r->cores[i].total.counters);
}
