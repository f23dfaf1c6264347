/* SPDX-License-Identifier: BSD-3-Clause */
/* What the machine has to offer: memory, huge pages, CPUs, privileges. Read once, before EAL
 * starts; it takes nothing and changes nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_CPUS_MAX  1024 /* glibc's cpu_set_t */
#define MACHINE_SIZES_MAX 8

struct machine_huge {
    uint64_t page_bytes;
    uint64_t total_pages, free_pages;
};

struct machine {
    struct machine_huge huge[MACHINE_SIZES_MAX]; /* by page size, smallest first */
    unsigned n_huge;
    uint64_t huge_free_bytes;        /* over all sizes */
    uint64_t available_bytes;        /* MemAvailable, and no more than the control
                                        groups allow; 0: unknown */
    uint16_t cpus[MACHINE_CPUS_MAX]; /* this process may run on, ascending */
    unsigned n_cpus;
    bool is_root;
    uint64_t capabilities;           /* effective ones, a bit each as in linux/capability.h */
    bool has_net_raw, has_net_admin; /* of them */
    bool may_lock;                   /* CAP_IPC_LOCK: locked memory has no limit */
    bool sees_physical;              /* CAP_SYS_ADMIN: physical addresses are shown to it */
    char cpu_model[128];             /* "unknown" when the kernel does not tell */
    char kernel[128];                /* release */
};

/**
 * Fill @m. @root is put before /proc and /sys ("" for the real ones). What cannot be read is 0,
 * false or "unknown"; a machine that tells nothing is not an error.
 */
void machine_read(struct machine *m, const char *root);

/** How many huge pages of @page_bytes are in use. */
uint64_t machine_huge_used(const struct machine *m, uint64_t page_bytes);
