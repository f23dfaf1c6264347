/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's command line, composed so that nobody needs to know EAL: nothing is left behind on disk,
 * nothing is scanned that is not used, workers are pinned and the main lcore sleeps. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "io/device.h"

#define EAL_ARGS_MAX 96

struct eal_args_opts {
    const struct device *devices;
    unsigned n_devices;
    const uint16_t *cpus;  /* this process may run on; ascending */
    unsigned n_cpus;       /* > 0 */
    unsigned n_workers;    /* lcores 1..n; lcore 0 is the main one */
    bool from_last_cpu;    /* workers take the CPUs from the last one down */
    uint64_t memory_bytes; /* what packet buffers and rings need */
    bool uses_hugepages;
    bool is_shared;      /* other processes may attach; with uses_hugepages */
    unsigned process_id; /* makes the file prefix unique */
    const char *extra;   /* the user's; appended, and preferred to ours */
};

struct eal_args {
    int argc;
    char *argv[EAL_ARGS_MAX + 1]; /* into text; EAL may reorder them; ends with NULL */
    char text[8192];
    unsigned used;
    bool has_telemetry; /* the user asked for it */
    bool is_shared;     /* as asked for: there are files, which are to be removed */
    bool has_log_level; /* and for lines of DPDK's: ours would hide them */
};

/**
 * Compose the arguments.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE): an open quote in @extra, an argument that is not the
 *         user's to choose, or too many
 */
int eal_args_build(struct eal_args *a, const struct eal_args_opts *opts, struct fail *f);

/** Whether @extra has the option @name ("--no-huge"), alone or with "=value". */
bool eal_args_has(const char *extra, const char *name);

/** Where worker @worker runs: CPUs are shared round-robin when there are fewer of them. */
uint16_t eal_args_cpu(const struct eal_args_opts *opts, unsigned worker);
