/* SPDX-License-Identifier: BSD-3-Clause */
/* What is done to particular segments: "drop the first FIN", "hold the second ACK back for 300 ms".
 * Rules apply to a segment where it enters the link, in their order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/seg.h"

enum sim_action {
    SIM_RULE_NONE, /* the end of the list */
    SIM_DROP,
    SIM_HOLD,   /* arrives hold_ns later */
    SIM_REPEAT, /* `copies` more arrive with it */
    SIM_EDIT,   /* edit() changes it; checksums are right again */
};

enum sim_payload { SIM_ANY_PAYLOAD, SIM_EMPTY, SIM_WITH_PAYLOAD };
enum sim_times { SIM_EACH_TIME, SIM_FIRST_TIME, SIM_AGAIN };
enum sim_from { SIM_FROM_EITHER, SIM_FROM_A, SIM_FROM_B };

/* All that is given must fit; what is 0 fits everything. */
struct sim_rule {
    enum sim_action action;
    enum sim_from from;
    uint8_t flags, no_flags; /* enum seg_flag: all set, none set */
    enum sim_payload payload;
    enum sim_times times;       /* whether its first number was sent before */
    uint32_t begin, end;        /* it carries some of the bytes [begin, end) of its stream */
    uint64_t from_ns, until_ns; /* sent in [from_ns, until_ns) since the simulation's beginning */
    unsigned skip;              /* of what fits, the first so many are left alone */
    unsigned count;             /* and only so many more are not; 0: no bound */
    uint64_t hold_ns;
    unsigned copies;
    void (*edit)(struct seg *s);
    unsigned n_fitted; /* the simulation's own: 0 at first */
};

/* A segment as rules see it. */
struct sim_sent {
    struct seg *seg;
    unsigned from;   /* the host's index */
    uint32_t offset; /* of its first payload byte in the stream */
    bool is_again;
    uint64_t ns; /* since the simulation's beginning */
};

/** Whether @r applies to @sent now; counts. */
bool sim_rule_applies(struct sim_rule *r, const struct sim_sent *sent);
