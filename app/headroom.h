/* SPDX-License-Identifier: BSD-3-Clause */
/* How much memory is left for connections, before any is taken: what is there, less what packets,
 * workers and the process itself will take, and what the kernel needs to give out the rest. A
 * kernel that runs out of memory ends a process without a word. Pure. */
#pragma once

#include <stdint.h>

struct headroom_facts {
    uint64_t available_bytes; /* on this machine, for this process; 0: unknown */
    uint64_t packet_bytes;    /* of it, for packet buffers and DPDK */
    uint64_t interval_bytes;  /* of it, for the rows of the result */
    uint64_t capture_bytes;   /* of it, for --pcap */
    unsigned n_workers;
};

/** @return bytes for connections; 0: unknown, and never 0 otherwise. */
uint64_t headroom_bytes(const struct headroom_facts *facts);
