/* SPDX-License-Identifier: BSD-3-Clause */
/* Who was the limit of a run: a pure function of its result, with the evidence in words. The rules,
 * first one first:
 *
 *  1. frames lost on this machine, or memory that ran out, as many as could explain the failures:
 *     the generator
 *  2. one connection in a hundred, or more, failed, or the target fell silent: the target, or the
 *     network where that shows signs of its own. Starts that are late by milliseconds explain no
 *     timeout of seconds and no RST.
 *  3. one start in a hundred, or more, was late or dropped, or, without a schedule, a worker was
 *     busy all the time or kept from its CPU: the generator
 *  4. connections failed, fewer; answers became slower and slower, or waited for each other in the
 *     target; or segments had to be sent again: the target, or the network
 *  5. nothing of that: none; the load that was offered was the limit
 *
 * Control thread. */
#pragma once

#include "report/result.h"

#define VERDICT_EVIDENCE_MAX 12
#define VERDICT_TEXT_MAX     200
#define VERDICT_PART_MAX     48

enum verdict_limit { LIMIT_NONE, LIMIT_TARGET, LIMIT_GENERATOR, LIMIT_NETWORK, LIMIT_COUNT };

struct verdict {
    bool is_decided; /* a server, and a run that began nothing, cannot tell */
    enum verdict_limit limited_by;
    char part[VERDICT_PART_MAX]; /* "CPU of worker 3", "port", "memory", "offered load", ... */
    unsigned n_evidence;
    char evidence[VERDICT_EVIDENCE_MAX][VERDICT_TEXT_MAX]; /* of all sides; what decided is first */
};

void verdict_decide(struct verdict *v, const struct result *r);

/** "none", "target", "generator", "network"; NULL behind the last. */
extern const char *const verdict_limit_names[LIMIT_COUNT + 1];
