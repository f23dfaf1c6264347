/* SPDX-License-Identifier: BSD-3-Clause */
/* One direction of a path between two hosts, in virtual time: frames go in at one instant and come
 * out at another, or never. All chance comes from the generator that is passed in. Frames are bytes
 * and whatever the link does to them is done to bytes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

struct sim_link_opts {
    uint64_t delay_ns, jitter_ns; /* one way; jitter is uniform in [0, jitter_ns] */
    bool keeps_order;             /* jitter does not let frames overtake each other */
    uint64_t rate_bps;            /* of Ethernet frames without FCS; 0: infinite */
    uint32_t queue_bytes;         /* with a rate: tail drop beyond; 0: no bound */
    uint32_t loss_ppm;
    /* Gilbert's model: a frame finds the link turned bad with the one probability and turned good
     * again with the other; while it is bad all is lost. 0: never bad. */
    uint32_t burst_begin_ppm, burst_end_ppm;
    uint32_t dup_ppm;
    uint32_t reorder_ppm; /* of frames that are reorder_ns later than they would be */
    uint64_t reorder_ns;
    uint32_t corrupt_ppm; /* of frames in which 1 to 8 bits behind the Ethernet header flip */
    uint32_t mtu; /* IP bytes; larger packets are dropped, and the sender hears of it; 0: none
                     is too large */
};

/* What became of a frame, as bits; 0: it will arrive once. */
enum sim_fate {
    SIM_LOST = 0x01,
    SIM_TAIL_DROPPED = 0x02,
    SIM_TOO_BIG = 0x04,
    SIM_DUPLICATED = 0x08,
    SIM_REORDERED = 0x10,
    SIM_CORRUPTED = 0x20,
    /* by a rule (sim_rule.h) */
    SIM_RULE_DROPPED = 0x40,
    SIM_RULE_HELD = 0x80,
    SIM_RULE_REPEATED = 0x100,
    SIM_RULE_EDITED = 0x200,
};

/* It does not arrive. */
#define SIM_FATE_GONE (SIM_LOST | SIM_TAIL_DROPPED | SIM_TOO_BIG | SIM_RULE_DROPPED)

struct sim_frame {
    uint32_t iss;     /* of the connection it was sent for: told apart from those before it */
    uint32_t len;     /* bytes */
    unsigned n_flips; /* bits that are not as they were sent */
    bool is_forged;   /* by someone who sees the segments, but no payload */
    uint8_t bytes[];
};

/* The place of a frame in the order of arrival. */
struct sim_arrival {
    uint64_t arrives_ns;
    uint64_t order; /* among those of one instant */
    struct sim_frame *frame;
};

struct sim_link {
    struct sim_link_opts opts;
    struct sim_arrival *heap; /* the earliest first */
    unsigned n, room;
    uint64_t order;
    uint64_t busy_until_ns, last_arrival_ns;
    bool is_bad;
};

void sim_link_init(struct sim_link *l, const struct sim_link_opts *opts);
void sim_link_fini(struct sim_link *l);

/** Put a copy of @frame on the link at @now_ns, @extra_ns later than the link alone would have it.
 * @return enum sim_fate bits. */
unsigned sim_link_put(struct sim_link *l, struct rng *rng, uint64_t now_ns, uint64_t extra_ns,
                      const struct sim_frame *frame);

/** When the next frame comes out; TIME_NEVER: none is on its way. */
uint64_t sim_link_next_ns(const struct sim_link *l);

/** That frame; the caller frees it with free(). */
struct sim_frame *sim_link_take(struct sim_link *l);
