/* SPDX-License-Identifier: BSD-3-Clause */
/* The phases of a load, one after the other; those that are not asked for have no length:
 *
 *     init        nothing begins
 *     ramp_up     the load rises to its height
 *     warm_up     it is there, and is not measured yet
 *     sustain     it is measured
 *     ramp_down   the load falls to nothing
 *
 * A load by a rate has its ramps in its plan. A closed loop has them by its bound on open
 * connections, step by step. Pure. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"

enum conf_phase_id {
    PHASE_INIT,
    PHASE_RAMP_UP,
    PHASE_WARM_UP,
    PHASE_SUSTAIN,
    PHASE_RAMP_DOWN,
    PHASE_COUNT
};

/* From the start of the load. */
struct conf_phase {
    uint64_t begin_ns, end_ns;
};

/** "init", ... */
extern const char *const conf_phase_names[PHASE_COUNT];

/** Whether there are any: else all of the load is measured. */
bool conf_has_phases(const struct conf *c);

/** @id's; one that is not asked for has no length. */
struct conf_phase conf_phase(const struct conf *c, enum conf_phase_id id);

/** The phase at @ns. */
enum conf_phase_id conf_phase_at(const struct conf *c, uint64_t ns);

/** How long there is load, all phases together; TIME_NEVER: without end. */
uint64_t conf_load_ns(const struct conf *c);

/** Whether ramps are by the bound on open connections: a closed loop. */
bool conf_ramps_bound(const struct conf *c);

/** Of a closed loop: the bound on open connections at @ns. */
uint64_t conf_bound_at(const struct conf *c, uint64_t ns);

/** The plans are compiled: put the phases into them. @return 0, or -1 with @f set (EXIT_USAGE). */
int phases_finish(struct conf *c, struct fail *f);
