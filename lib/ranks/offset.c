/* SPDX-License-Identifier: BSD-3-Clause */
/* See offset.h. */
#include "ranks/offset.h"

#include "base/units.h"

/* Two quartz clocks drift by less than this against each other. */
static const uint64_t AGE_PER_NS = 1000000;

/* Less would be all uncertainty. */
static const uint64_t DRIFT_MIN_NS = NS_PER_SEC;

struct offset_sample
offset_sample(uint64_t asked_ns, uint64_t there_ns, uint64_t heard_ns)
{
    uint64_t half_ns = (heard_ns - asked_ns + 1) / 2;
    uint64_t middle_ns = asked_ns + (heard_ns - asked_ns) / 2;

    return (struct offset_sample){
        .at_ns = middle_ns, .ns = (int64_t)(there_ns - middle_ns), .uncertainty_ns = half_ns};
}

void
offset_add(struct offset *o, const struct offset_sample *s)
{
    uint64_t age_ns = o->n > 0 && s->at_ns > o->last.at_ns ? s->at_ns - o->last.at_ns : 0;

    if (o->n++ == 0 || s->uncertainty_ns <= o->last.uncertainty_ns + age_ns / AGE_PER_NS)
        o->last = *s;
}

void
offset_begin(struct offset *o)
{
    o->first = o->last;
}

uint64_t
offset_here(const struct offset *o, uint64_t there_ns)
{
    return there_ns - (uint64_t)o->last.ns;
}

uint64_t
offset_there(const struct offset *o, uint64_t here_ns)
{
    return here_ns + (uint64_t)o->last.ns;
}

bool
offset_drift(const struct offset *o, double *ppb, double *uncertainty_ppb)
{
    uint64_t ns = o->last.at_ns - o->first.at_ns;

    if (o->n == 0 || o->last.at_ns < o->first.at_ns || ns < DRIFT_MIN_NS)
        return false;
    *ppb = (double)(o->last.ns - o->first.ns) * 1e9 / (double)ns;
    *uncertainty_ppb =
        (double)(o->first.uncertainty_ns + o->last.uncertainty_ns) * 1e9 / (double)ns;
    return true;
}
