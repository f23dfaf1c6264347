/* SPDX-License-Identifier: BSD-3-Clause */
/* What became of frames between two ports with a device under test in between: how many left one
 * and came to the other, what was changed of them, how long they took, and what kind of device that
 * tells of. Pure. */
#pragma once

#include "middle/crossing.h"
#include "stat/hist.h"

/* X(name, what changed) */
#define MIDDLE_CHANGES(X)                                                                          \
    X(source_address, "the source address")                                                        \
    X(source_port, "the source port")                                                              \
    X(target_address, "the target address")                                                        \
    X(target_port, "the target port")                                                              \
    X(mss, "the MSS, or whether there is one")                                                     \
    X(window_scale, "the window scale, or whether there is one")                                   \
    X(sack, "whether selective acknowledgements are permitted")                                    \
    X(timestamps, "the timestamp, or whether there is one")                                        \
    X(hop_limit, "TTL or hop limit")                                                               \
    X(dscp, "the differentiated services code point")                                              \
    X(ecn, "the ECN bits of the IP header")

#define MIDDLE_CHANGE(name, what) MIDDLE_CHANGED_##name,
enum middle_change { MIDDLE_CHANGES(MIDDLE_CHANGE) MIDDLE_CHANGE_COUNT };
#undef MIDDLE_CHANGE

/* Keys of the result, and words for people. */
extern const char *const middle_change_names[MIDDLE_CHANGE_COUNT];
extern const char *const middle_change_words[MIDDLE_CHANGE_COUNT];

enum middle_direction { MIDDLE_TO_SERVER, MIDDLE_TO_CLIENT, MIDDLE_DIRECTIONS };

extern const char *const middle_direction_names[MIDDLE_DIRECTIONS];

/* TCP segments of one direction, by kind. */
struct middle_count {
    uint64_t sent[MIDDLE_KINDS];    /* left the port on this side of the device */
    uint64_t arrived[MIDDLE_KINDS]; /* came to the other one */
};

/* Of handshakes' segments of one direction. */
struct middle_seen {
    uint64_t matched;                      /* recognised at the other port */
    uint64_t unmatched_sent;               /* not: lost, or changed beyond recognition, */
    uint64_t unmatched_arrived;            /* or nobody's that left */
    uint64_t changed[MIDDLE_CHANGE_COUNT]; /* of those matched */
    struct hist delay;                     /* the same: from one port to the other */
};

/* What the device does to connections. */
enum middle_device {
    MIDDLE_SILENT,     /* nothing that left the clients came to the servers */
    MIDDLE_FORWARDS,   /* a router, a bridge, a firewall: addresses and ports are as they were */
    MIDDLE_TRANSLATES, /* NAT: they are others */
    MIDDLE_PROXIES,    /* connections are terminated in between, and others begin */
    MIDDLE_DEVICES,
};

extern const char *const middle_device_names[MIDDLE_DEVICES];

struct middle_tally {
    struct middle_count counts[MIDDLE_DIRECTIONS];
    struct middle_seen seen[MIDDLE_DIRECTIONS];
    uint64_t untold; /* handshakes' segments that there was no room to compare */
    uint32_t sample; /* one handshake in so many was compared */
};

void middle_tally_init(struct middle_tally *t, uint32_t sample);

/** Add what was seen in another run. */
void middle_tally_merge(struct middle_tally *into, const struct middle_tally *from);

/** Add what one worker's port saw. */
void middle_count_add(struct middle_count *to, const struct middle_count *from);

/** A segment left as @sent and came as @arrived: count what changed, and how long it took. */
void middle_seen_add(struct middle_seen *seen, const struct crossing *sent,
                     const struct crossing *arrived);

/** What left and never came: 0 where as many came, or more. And what came and never left. */
uint64_t middle_lost(const struct middle_count *c, enum middle_kind kind);
uint64_t middle_extra(const struct middle_count *c, enum middle_kind kind);

enum middle_device middle_device_of(const struct middle_tally *t);
