/* SPDX-License-Identifier: BSD-3-Clause */
/* Who was the limit of a run: a pure function of its result, with the evidence in words. The rules,
 * first one first:
 *
 *  1. frames lost on this machine, or memory that ran out, as many as could explain the failures:
 *     the generator
 *  2. one connection, or request, in a hundred, or more, failed, or the target fell silent: the
 *     target, or the network where that shows signs of its own. Starts that are late by
 *     milliseconds explain no timeout of seconds, no RST and no 503.
 *  3. one start in ten, or more, was late or dropped, or, without a schedule, a worker was busy all
 *     the time or kept from its CPU for a tenth of it: the generator
 *  4. answers became slower and slower, waited for each other in the target or did not come for a
 *     while, by more than any pause of this machine; or segments had to be sent again: the target,
 *     or the network, unless the workers had hardly any time to spare
 *  5. one start in a hundred was late or dropped: the generator
 *  6. connections or requests failed, fewer; or 4 while the workers had no time to spare: the
 *     target, or the network
 *  7. nothing of that: none; the load that was offered was the limit
 *
 * Control thread. */
#pragma once

#include "report/result.h"

#define VERDICT_EVIDENCE_MAX 12
#define VERDICT_TEXT_MAX     200
#define VERDICT_PART_MAX     128

enum verdict_limit { LIMIT_NONE, LIMIT_TARGET, LIMIT_GENERATOR, LIMIT_NETWORK, LIMIT_COUNT };

struct verdict {
    bool is_decided; /* a server, and a run that began nothing, cannot tell */
    enum verdict_limit limited_by;
    bool is_lost_here;           /* by the first rule */
    char part[VERDICT_PART_MAX]; /* "CPU of worker 3", "port", "memory", "offered load", ... */
    unsigned n_evidence;
    char evidence[VERDICT_EVIDENCE_MAX][VERDICT_TEXT_MAX]; /* of all sides; what decided is first */
};

void verdict_decide(struct verdict *v, const struct result *r);

/** "none", "target", "generator", "network"; NULL behind the last. */
extern const char *const verdict_limit_names[LIMIT_COUNT + 1];
