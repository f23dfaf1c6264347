/* SPDX-License-Identifier: BSD-3-Clause */
/* The line in which connections wait for their TLS to be done, linked through their streams: any of
 * them can leave it. secure_next() (secure.h) takes out whose turn it is. For secure.c only. */
#pragma once

#include "sess/core.h"

/* The part of a stream that is TLS's. */
static inline struct secure *
secure_at(const struct core *c, uint32_t stream)
{
    return &((struct secure_carrier *)slab_at(&c->pools.streams, stream))->secure;
}

/** Have @s of @r wait, if it does not already. */
void secure_line_put(struct core *c, const struct record *r, struct secure *s);

/** It waits no more; also for one that does not. */
void secure_line_drop(struct core *c, struct secure *s);
