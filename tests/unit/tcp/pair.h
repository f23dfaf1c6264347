/* SPDX-License-Identifier: BSD-3-Clause */
/* Two connections that talk to each other over a link that delays, loses, duplicates and reorders,
 * in virtual time, with users who close as they are told. One seed drives everything. After each
 * event the invariants of tcp.h are checked; the number of segments and the time to the end are
 * bounded. */
#pragma once

#include "base/rng.h"
#include "base/units.h"
#include "tcp/tcp.h"

enum pair_close { PAIR_FIN, PAIR_RST, PAIR_PEER };

struct pair_side_opts {
    enum pair_close close;
    uint64_t hold_ns;   /* from established to our close */
    uint64_t linger_ns; /* from the peer's close to ours */
    uint64_t opens_ns;  /* from the start to the active open; TIME_NEVER: listens */
    unsigned reopens;   /* further connections, each right after the end of the one before */
    struct tcp_params tcp;
    uint32_t iss;
    uint64_t skew_ns; /* of this side's clock */
};

struct pair_opts {
    uint64_t seed, start_ns;
    uint64_t delay_ns, jitter_ns; /* one way; jitter is uniform in [0, jitter_ns] and reorders */
    uint32_t loss_ppm, dup_ppm;
    struct pair_side_opts sides[2];
};

#define PAIR_PACKETS_MAX 256 /* on the way at once */
#define PAIR_LOG_LINES   50

struct pair_packet {
    uint64_t arrives_ns; /* TIME_NEVER: the place is free */
    unsigned to;
    struct seg seg;
};

struct pair_side {
    const struct pair_side_opts *opts;
    struct tcp_conn conn;
    struct tcp_ctx ctx;
    uint64_t timer_ns, app_ns; /* TIME_NEVER: none */
    unsigned n_begun, n_ended, n_opens_left;
    unsigned events; /* all there were */
};

struct pair {
    struct pair_opts opts;
    struct rng rng;
    uint64_t now_ns;
    struct pair_side sides[2];
    struct pair_packet packets[PAIR_PACKETS_MAX];
    unsigned n_sent;
    char log[PAIR_LOG_LINES][120];
    unsigned n_logged;
};

/** Run until nothing is left to happen; any broken promise fails the test with seed and log. */
void pair_run(struct pair *p, const struct pair_opts *opts);

/** Fail the test with the seed and the last lines of the log unless @holds. */
void pair_check(const struct pair *p, bool holds, const char *what);

/** A counter of both sides together. */
uint64_t pair_retransmits(const struct pair *p);
