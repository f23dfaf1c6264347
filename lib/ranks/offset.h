/* SPDX-License-Identifier: BSD-3-Clause */
/* How another rank's clock stands against this one's, by questions and answers: a question that is
 * sent at t0 and whose answer comes at t1 was read there in between, so an answer's instant is that
 * of the middle, give or take half of the time between. What it took on the way does not matter,
 * and need not be the same both ways. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct offset_sample {
    uint64_t at_ns; /* here */
    int64_t ns;     /* the other clock less this one */
    uint64_t uncertainty_ns;
};

struct offset {
    unsigned n;                 /* answers so far; 0: nothing is known */
    struct offset_sample first; /* see offset_begin() */
    struct offset_sample last;
};

/** What an answer says: asked at @asked_ns, answered at @there_ns of the other clock, heard of at
 * @heard_ns. */
struct offset_sample offset_sample(uint64_t asked_ns, uint64_t there_ns, uint64_t heard_ns);

/** Take an answer. One that is less certain than what is known already, which grows older by one in
 * a million, says nothing. */
void offset_add(struct offset *o, const struct offset_sample *s);

/** The run begins: what is known now is what later answers are compared with. */
void offset_begin(struct offset *o);

/** An instant of the other clock as one of this. */
uint64_t offset_here(const struct offset *o, uint64_t there_ns);
/** The other way. */
uint64_t offset_there(const struct offset *o, uint64_t here_ns);

/** How much faster the other clock goes since offset_begin(), in parts of a thousand million.
 * @return false: too little time has passed to tell anything */
bool offset_drift(const struct offset *o, double *ppb, double *uncertainty_ppb);
