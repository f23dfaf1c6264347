/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether the target is there at all. It is silent when nothing of its has come although something
 * was sent since that needs an answer: a SYN, payload, a probe, or any of them again. Connections
 * that are held ask for nothing, so they are not silent. Workers look some tens of times a second,
 * control puts together what they saw. Pure: counts and instants come in by parameter. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stat/set.h"

/* What a worker has seen. */
struct pulse {
    uint64_t heard_ns, asked_ns; /* when either last grew */
    /* -- its own: of the block at hand, at the last look -- */
    uint64_t heard, asked;
};

/** The load begins. */
void pulse_init(struct pulse *p, uint64_t start_ns);

/** See whether the counts of @set have grown since the last look. */
void pulse_look(struct pulse *p, const struct stat_set *set, uint64_t now_ns);

/** The block was handed over, and the next one is empty. */
void pulse_begin_block(struct pulse *p);

/* What control puts together of all clients. */
struct silence {
    uint64_t heard_ns; /* the last thing that came to any */
    uint64_t asked_ns; /* the last thing that was sent by one that has connections open */
};

void silence_init(struct silence *s, uint64_t start_ns);
void silence_add(struct silence *s, uint64_t heard_ns, uint64_t asked_ns, bool has_open);

/** Whether the target has been silent for @patience_ns (0: that is never looked at). */
bool silence_is_long(const struct silence *s, uint64_t patience_ns, uint64_t now_ns);
