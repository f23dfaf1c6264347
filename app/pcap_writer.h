/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread that writes what workers' recorders hand over to --pcap's file, so that no worker ever
 * waits for a disk. What it cannot keep up with stays with the recorders, which are bounded.
 * Control makes it, begins it when root has been left, and ends it when the workers have returned.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "app/workers.h"
#include "report/pcap.h"

/* From one worker and back to it. */
struct pcap_link {
    struct rte_ring *out, *back;
    struct pcap_source source;
    struct pcap_counts counts;
};

struct pcap_writer {
    struct pcap_file *file;     /* NULL: there is none, and nothing to do */
    struct pcap_link links[64]; /* of struct io's workers */
    unsigned n;                 /* links by worker; out NULL: that one has none */
    pthread_t thread;
    bool is_running;
    atomic_bool is_over; /* nothing more comes */
};

/** Make the rings of those of @ws that are to record. @return 0, or -1 with @f (EXIT_HOST);
 * pcap_writer_fini() is then due all the same */
int pcap_writer_init(struct pcap_writer *p, struct pcap_file *file, const struct workers *ws,
                     struct fail *f);

/** Begin the file, and the thread. @wall_ns: what the wall clock is ahead of the workers'. */
void pcap_writer_begin(struct pcap_writer *p, const struct result *r, uint64_t wall_ns);

/** The workers have returned: write the rest, and add what became of all to the counters of the
 * workers' cores. */
void pcap_writer_end(struct pcap_writer *p, const struct workers *ws, struct result *r);

void pcap_writer_fini(struct pcap_writer *p);
