/* SPDX-License-Identifier: BSD-3-Clause */
/* How connections end, counted. */
#pragma once

#include "sess/core.h"

/* The connection will have failed for @cause when it is over. */
static inline void
session_set_failure(struct session *s, enum stat_failure cause)
{
    s->has_failed = true;
    s->failure = (uint8_t)cause;
}

/** Count the end that @events (TCP_EV_OVER) tell of. */
void core_count_end(struct core *c, const struct sess_class *k, unsigned events);

/** Count the end of an open connection as failed for @cause. */
void core_fail(struct core *c, const struct sess_class *k, enum stat_failure cause);
