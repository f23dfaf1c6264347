/* SPDX-License-Identifier: BSD-3-Clause */
/* What EAL, drivers and the libraries under them write, from before EAL starts until it has ended.
 * None of it reaches the user's terminal by itself: it is kept in memory, a bounded part of it, and
 * counted. An error message quotes the last lines; a summary tells how many there were.
 *
 * While it is open descriptor 2 and stderr are theirs, and this program speaks on its console
 * (base/console.h). Whatever aborts the process meanwhile, a panic of EAL or an assertion, has its
 * last words written there. One at a time in a process. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fail.h"
#include "io/traces.h"

#define EAL_LOG_LINE_MAX 160

struct eal_log {
    FILE *stream;             /* DPDK's; NULL: closed */
    int fd;                   /* the memory that holds lines; descriptor 2 leads there too */
    int saved_out, saved_err; /* what comes back; -1: it was closed */
    bool is_wanted;           /* the user asked for DPDK's lines: they are passed on */
    const char *expected;     /* lines of DPDK's with it tell of what we did ourselves; or NULL */
    const struct traces *traces;      /* taken away when the process is aborted */
    atomic_bool has_started;          /* EAL: what aborts now is no start that failed */
    int64_t taken, released;          /* bytes that eal_log_poll() has seen, and given back */
    atomic_size_t pending;            /* written since by DPDK */
    atomic_uint_fast64_t passed_over; /* lines beyond what is kept between two polls */
    uint64_t lines;                   /* that were kept */
    bool in_line;                     /* the last one has no end yet */
    char first[EAL_LOG_LINE_MAX];     /* the first of them, cut; "" for none */
};

/**
 * Catch standard error, and standard output, where EAL writes its usage.
 *
 * @param is_wanted  pass on to the console what comes
 * @return 0, or -1 with @f set (EXIT_HOST) and nothing to undo
 */
int eal_log_open(struct eal_log *log, const struct traces *t, bool is_wanted, struct fail *f);

/** EAL has started: standard output is the caller's again. */
void eal_log_started(struct eal_log *log);

/** Count what came, and give back its memory but for the last lines. One thread, some tens of times
 * a second. */
void eal_log_poll(struct eal_log *log);

/** Lines that came until the last poll. */
uint64_t eal_log_lines(const struct eal_log *log);

/** Append the last lines to @f's text: what was said about the failure. */
void eal_log_explain(struct eal_log *log, struct fail *f);

/** Give standard error back, to drivers too. May be called twice. */
void eal_log_close(struct eal_log *log);
