/* SPDX-License-Identifier: BSD-3-Clause */
/* How packets find the worker that has their connection, as facts and as the user is told. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum steering_mode {
    STEERING_NONE,    /* a port has one worker */
    STEERING_RSS,     /* the port brings them to its queue */
    STEERING_HANDOFF, /* workers hand them over to each other */
};

/* Why it is so. */
enum steering_reason {
    STEER_ONE_QUEUE,
    STEER_BY_SYN,    /* a server's connection stays where its SYN came */
    STEER_BY_PORT,   /* clients choose local ports whose replies hash to their queue */
    STEER_NO_HASH,   /* the device does not say by which hash it spreads packets */
    STEER_NO_CHOICE, /* with its key and table no port leads to some queue */
    STEER_FEW_PORTS, /* too few ports lead to each */
};

/* With STEER_BY_PORT a check before the start: probes were sent, some were answered, and of the
 * answers some came to another queue than they should. */
struct steering_facts {
    enum steering_reason reason;
    unsigned probes, answers, misrouted;
};

enum steering_mode steering_mode_of(const struct steering_facts *s);

/** Whether the check before the start saw that replies come to the right queue. */
bool steering_is_verified(const struct steering_facts *s);

#define STEERING_TEXT_MAX 256

/** A sentence; "" where there is nothing to steer. @return @text */
const char *steering_text(const struct steering_facts *s, char text[static STEERING_TEXT_MAX]);

/** Find out the facts that mode @mode and sentence @why tell of: what steering_text() wrote. What
 * it did not say is 0. @return false: it wrote no such sentence */
bool steering_read(struct steering_facts *s, const char *mode, const char *why);

/** The same before anything was sent. */
extern const char *const steering_reason_texts[];

/** "none", "rss", "handoff". */
extern const char *const steering_mode_names[STEERING_HANDOFF + 1];
