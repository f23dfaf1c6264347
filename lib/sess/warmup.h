/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections before the load: they shake hands in TLS, take the sessions that the target gives,
 * and close, so that the first connections of the load have something to resume. They exchange
 * nothing, hold nothing, and are counted apart. No other connection may be open or begin
 * meanwhile. Pure like the engines; one worker owns it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sess/client.h"

#define WARMUP_MAX 256 /* connections */

struct warmup {
    struct sess_class classes[SESS_CLASSES_MAX]; /* as they are for the load */
    struct stats *stat;                          /* the worker's */
    uint32_t records[WARMUP_MAX];                /* of those that have begun */
    unsigned n_begun;
};

/** From now on @c counts in @stat, and its classes only shake hands. */
void warmup_begin(struct warmup *w, struct client *c, struct stats *stat);

/** Begin a connection to @target. @return whether one more may begin: there was a record for it, a
 * buffer, and a place. */
bool warmup_add(struct warmup *w, struct client *c, unsigned target, uint64_t now_ns);

/** Give up what is still open, and let @c be as it was. */
void warmup_end(struct warmup *w, struct client *c);
