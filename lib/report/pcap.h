/* SPDX-License-Identifier: BSD-3-Clause */
/* The capture file (--pcap): the frames of connections that a recorder hands over, one connection
 * after the other, the TLS secrets of each before its frames. It grows while the run goes on and is
 * readable at any time; it takes its name when it is complete. Its size has a bound, behind which
 * connections are left out, whole, and counted. Nobody but its owner may read it.
 *
 * One thread writes to it, control's before and after. */
#pragma once

#include "capture/recorder.h"
#include "report/registry.h"

#define PCAP_OPTION "--pcap"

struct pcap_file;

/* Whose connections they are. */
struct pcap_source {
    const struct recorder_table *table;
    unsigned lcore;
    uint64_t wall_ns; /* what the wall clock is ahead of the recorder's */
};

/* What became of one source's. */
struct pcap_counts {
    uint64_t connections, frames; /* that are in the file */
    uint64_t lost_connections;    /* that are not at all */
    uint64_t lost_frames;         /* of those that are */
};

/** The file that @rp has open; NULL: none is wanted. */
struct pcap_file *pcap_of(const struct report *rp);

/** Begin the file, when root has been left. @r: what is known before the run. What goes wrong is
 * told at the end of the run. */
void pcap_begin(struct pcap_file *p, const struct result *r);

/** Write connection @idx of @s, and count what becomes of it. */
void pcap_write(struct pcap_file *p, const struct pcap_source *s, uint32_t idx,
                struct pcap_counts *n);

/** Have what was written be in the file. */
void pcap_flush(struct pcap_file *p);
