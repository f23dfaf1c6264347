/* SPDX-License-Identifier: BSD-3-Clause */
/* Signs in a result of who was its limit: verdict.h weighs them. Control thread. */
#pragma once

#include "report/verdict.h"

#define SIGNS_MAX 40

enum sign_kind {
    SIGN_LOSS,    /* lost, or not begun, on this machine for want of something */
    SIGN_FAILURE, /* connections failed, or are not what they seem */
    SIGN_SHORT,   /* the generator did not do what it was asked for */
    SIGN_SLOW,    /* it took longer than it needs to */
};

struct sign {
    enum verdict_limit side;
    enum sign_kind kind;
    double share; /* of what might have been so, 0..1 */
    char part[VERDICT_PART_MAX];
    char text[VERDICT_TEXT_MAX];
};

struct signs {
    unsigned n;
    struct sign list[SIGNS_MAX];
    uint64_t n_lost_here; /* frames and connections, by this machine */
    uint64_t n_failed;    /* connections, by what is not of this machine */
};

/** One more. Beyond SIGNS_MAX it is left out. */
void signs_add(struct signs *s, const struct sign *sign, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The first one of @side, of the kinds in @kinds (SIGN_BIT() of each), that is a share of @least
 * or more. @return NULL: there is none */
const struct sign *signs_find(const struct signs *s, enum verdict_limit side, unsigned kinds,
                              double least);

#define SIGN_BIT(kind) (1U << (kind))

/** Those of the generator (verdict_generator.c), and of what is beyond it (verdict_target.c), which
 * has those of a slow target from verdict_waiting.c. What is beyond is to be read first: what the
 * target's slowness explains is not the generator's. */
void signs_of_target(struct signs *s, const struct result *r);
void signs_of_waiting(struct signs *s, const struct result *r);
void signs_of_generator(struct signs *s, const struct result *r);

/** How long a worker, of either side of loopback, was away at the longest: a server that this
 * machine stopped is no slow target. */
uint64_t signs_longest_pause_ns(const struct result *r);

/** Whether answers do not wait on this machine, apart from its pauses. */
bool signs_has_time(const struct result *r);

static inline double
sign_share(uint64_t n, uint64_t whole)
{
    return whole == 0 ? 0 : n >= whole ? 1 : (double)n / (double)whole;
}
