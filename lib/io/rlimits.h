/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernel lets this process have (setrlimit(2)), and whether a run gets by with it. EAL and
 * drivers learn of a limit where they cannot go on: one panics, one makes a device that transmits
 * nothing, so it is looked at before they start. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

/* UINT64_MAX: none. */
struct rlimits {
    uint64_t files;         /* RLIMIT_NOFILE */
    uint64_t locked_bytes;  /* RLIMIT_MEMLOCK */
    uint64_t address_bytes; /* RLIMIT_AS */
};

/** First thing in main(): what may be raised without a privilege is, for files and locked memory.
 */
void rlimits_raise(void);

/** @param may_lock  the process may lock what it likes (CAP_IPC_LOCK) */
struct rlimits rlimits_read(bool may_lock);

struct rlimits_wants {
    const char *device;
    unsigned n_workers;
    unsigned n_queues;     /* of a driver that may open files for them */
    unsigned open_files;   /* already */
    uint64_t locked_bytes; /* 0: nothing is locked */
    const char *locked;    /* what is: "the rings of its sockets" */
};

/** Pure. @return 0, or -1 with @f set (EXIT_HOST): which limit, what it is, what is needed, and how
 * to raise it */
int rlimits_check(const struct rlimits *l, const struct rlimits_wants *w, struct fail *f);

/** The same for address space: @bytes more than the @taken_bytes that the process has. What is
 * reserved for payload counts here, although it costs no memory before it is used. */
int rlimits_check_address(const struct rlimits *l, uint64_t taken_bytes, uint64_t bytes,
                          struct fail *f);

/** Descriptors that this process has open, address space that it has mapped, and memory that it
 * has; 0: unknown. */
unsigned rlimits_open_files(void);
uint64_t rlimits_mapped_bytes(void);
uint64_t rlimits_resident_bytes(void);
