/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether the target is there at all. It is silent when nothing of its has come although something
 * was sent since that needs an answer: a SYN, payload, a probe, or any of them again. Connections
 * that are held ask for nothing, so they are not silent; and what came while a worker was kept from
 * its CPU it could not hear. Workers look some tens of times a second, control puts together what
 * they saw. Pure: counts and instants come in by parameter. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "stat/set.h"

/* What a worker has seen. */
struct pulse {
    uint64_t heard_ns, asked_ns; /* when either last grew */
    uint64_t looked_ns;          /* the last look */
    uint64_t deaf_ns;            /* in all, without a look for longer than is usual */
    /* -- its own: of the block at hand, at the last look -- */
    uint64_t heard, asked;
};

/** The load begins. */
void pulse_init(struct pulse *p, uint64_t start_ns);

/** See whether the counts of @set have grown since the last look. */
void pulse_look(struct pulse *p, const struct stat_set *set, uint64_t now_ns);

/** The block was handed over, and the next one is empty. */
void pulse_begin_block(struct pulse *p);

/* What all clients have seen together. */
struct heartbeat {
    uint64_t heard_ns;  /* the last thing that came to any */
    uint64_t asked_ns;  /* the last thing that was sent by one that has connections open */
    uint64_t looked_ns; /* the last look of each that has connections open: the earliest of them */
    uint64_t deaf_ns;   /* the sum */
};

void heartbeat_init(struct heartbeat *h, uint64_t start_ns);

/** Add what one worker has seen. */
void heartbeat_add(struct heartbeat *h, const struct pulse *p, bool has_open);

/* Control's, from one look to the next; all zero before the first. */
struct silence {
    uint64_t heard_ns;
    uint64_t waits_ns; /* since it asked for the first time after that; 0: it has not */
    uint64_t deaf_ns;  /* what that was then */
};

/** @return whether the target has been silent for @patience_ns (0: that is never looked at). */
bool silence_look(struct silence *s, const struct heartbeat *h, uint64_t patience_ns);
