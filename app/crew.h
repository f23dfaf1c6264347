/* SPDX-License-Identifier: BSD-3-Clause */
/* The ranks of a run (lib/ranks) as they agree with each other. Rank 0 is the hub: it says when the
 * load begins, passes on what holds for all, and sees who is not heard of any more; the others see
 * whether it is. What one has to tell is a message, and nobody waits for an answer without looking
 * at who is there. Control thread, or, while that is busy with what may take long, a thread of its
 * own (crew_background_begin()). */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "ranks/offset.h"
#include "ranks/ranks.h"

#define CREW_NAME_MAX 64

enum crew_kind {
    CREW_BEAT,  /* I am here */
    CREW_PING,  /* what time is it? to rank 0 */
    CREW_PONG,  /* it is this */
    CREW_MET,   /* to rank 0: I know what time it is */
    CREW_READY, /* to rank 0: my workers are */
    CREW_GO,    /* of rank 0: the load begins then */
    CREW_RATE,  /* of rank 0: the rate is another from then on */
    CREW_STOP,  /* the user wants to end it */
    CREW_LOST,  /* of rank 0: a rank is not heard of any more */
    CREW_ROW,   /* to rank 0: what I did in a second */
    CREW_FILE,  /* to rank 0: a part of my result's file */
    CREW_DONE,  /* to rank 0: my result is written */
    CREW_BYE    /* of rank 0: all are done */
};

/* A change of rate, by the time from the start of the load. */
struct crew_rate {
    bool is_pending;
    uint64_t after_ns, milli;
};

struct crew_loss {
    bool has_happened;
    unsigned rank;     /* the first that was lost */
    uint64_t since_ns; /* the last that was heard of it */
};

struct crew_member {
    char name[CREW_NAME_MAX]; /* of its host */
    uint64_t heard_ns;
    bool has_met, is_ready, is_done, is_lost;
};

struct crew {
    struct ranks *ranks;
    struct crew_member members[RANKS_MAX];
    uint64_t patience_ns; /* TIME_NEVER: nobody is taken for lost */
    uint64_t (*now_ns)(const void *arg);
    const void *arg;
    /* What rows and files go to; on rank 0. */
    void (*take)(void *taker, unsigned from, const struct ranks_message *m);
    void *taker;

    struct crew_loss lost;
    struct offset offset; /* rank 0's clock against this one's */
    bool has_go, has_bye, wants_stop;
    bool is_stop_due, is_loss_due, is_rate_due; /* that the others are to be told of it, still */
    bool all_are_there;                         /* with has_bye, and on rank 0: nobody was lost */
    uint64_t go_ns;                             /* by this clock; 0: not decided */
    struct crew_rate rate;

    uint64_t next_beat_ns, serve_until_ns;
    uint64_t asked_ns; /* by the question that is under way */
    bool is_answered;

    pthread_t thread;
    atomic_bool is_background, is_over;
};

/** @ranks have been joined; who they are is in @names. */
void crew_init(struct crew *c, struct ranks *ranks, const char names[][CREW_NAME_MAX],
               uint64_t patience_ns);

/** From here on instants are those of @now_ns, whose epoch is the same. */
void crew_set_clock(struct crew *c, uint64_t (*now_ns)(const void *arg), const void *arg);

/** From here on they are CLOCK_MONOTONIC's again, as in the beginning. */
void crew_reset_clock(struct crew *c);

static inline unsigned
crew_rank(const struct crew *c)
{
    return c->ranks->rank;
}

static inline bool
crew_is_hub(const struct crew *c)
{
    return c->ranks->rank == 0;
}

/** Some tens of times a second: take what has come, be heard, and see who is not. */
void crew_look(struct crew *c);

/** The same by another thread, until crew_background_end(). */
void crew_background_begin(struct crew *c);
void crew_background_end(struct crew *c);

/** Ask rank 0 for its time until @until_ns, over and over; it has to look meanwhile. */
void crew_measure(struct crew *c, uint64_t until_ns);

/** Of rank 0: answer such questions at once until then. */
void crew_serve(struct crew *c, uint64_t until_ns);

/** Send rank 0, or of rank 0 all that are there, a message. @return false: there was no room for
 * some of it, come again */
bool crew_tell(struct crew *c, enum crew_kind kind, const void *data, uint32_t bytes);

/** The user wants to end it: tell the others. */
void crew_stop(struct crew *c);

/** Of rank 0: whether each rank has met it, or is ready, or done, or lost. */
bool crew_all_met(const struct crew *c);
bool crew_all_ready(const struct crew *c);
bool crew_all_done(const struct crew *c);

/** Of rank 0: have the rate change everywhere. The one before has to have been told (is_rate_due).
 */
void crew_tell_rate(struct crew *c, const struct crew_rate *rate);

/** Of rank 0: have the load begin at @go_ns everywhere. Where has_go does not come of it: again. */
void crew_go(struct crew *c, uint64_t go_ns);

/** Who was lost and since when, as an error: @return -1. @start_ns: of the load; TIME_NEVER: it has
 * not begun. */
int crew_explain(const struct crew *c, uint64_t start_ns, struct fail *f);

/** The result is written: wait for the others, and leave. Where one was lost, what still hangs is
 * ended. */
void crew_leave(struct crew *c);
