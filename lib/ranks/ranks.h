/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that make one run together, each of them a *rank* from 0 on, and the short messages
 * between them. Nothing here waits for another rank once all have joined, so that one that dies or
 * hangs holds up nobody: who it was is found by what is not heard of it. What is agreed on, and
 * added up, is made of messages in app/crew.h.
 *
 * A transport is one file that has these verbs in a struct ranks_ops: ranks_mpi.c by Open MPI,
 * ranks_local.c within one process, for tests. One thread at a time, never a worker's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

#define RANKS_MAX 64

/* Of a message, beside its kind. */
#define RANKS_BYTES_MAX 8000

struct ranks_message {
    uint32_t kind;
    uint32_t bytes; /* of data */
    _Alignas(8) uint8_t data[RANKS_BYTES_MAX];
};

struct ranks;

struct ranks_ops {
    const char *name;
    bool (*send)(struct ranks *r, unsigned to, const struct ranks_message *m);
    bool (*take)(struct ranks *r, struct ranks_message *m, unsigned *from);
    void (*follow)(struct ranks *r);
    void (*leave)(struct ranks *r, bool all_are_there);
    void (*abort)(struct ranks *r, int status);
};

struct ranks {
    const struct ranks_ops *ops;
    unsigned rank, n;
};

/** Whether this program can join others. */
bool ranks_can_join(void);

/**
 * Join the ranks that were started with this one; waits for all of them. First thing in the
 * process that may start threads.
 *
 * @return to be given to ranks_leave(); NULL with @f set: EXIT_USAGE, the program was built without
 *         a way to, EXIT_HOST, it could not
 */
struct ranks *ranks_join(struct fail *f);

/** Send a copy of @m. Messages to a rank come in order. @return false: what was sent before is
 * still under way, come again */
static inline bool
ranks_send(struct ranks *r, unsigned to, const struct ranks_message *m)
{
    return r->ops->send(r, to, m);
}

/** The next message that has come. @return false: there is none */
static inline bool
ranks_take(struct ranks *r, struct ranks_message *m, unsigned *from)
{
    return r->ops->take(r, m, from);
}

/** Have what threads the transport has run where the caller may run, and nowhere else. */
static inline void
ranks_follow(struct ranks *r)
{
    r->ops->follow(r);
}

/** Give all back. @all_are_there: each of the others leaves now, too; else nothing is waited for,
 * and the process is to end. */
static inline void
ranks_leave(struct ranks *r, bool all_are_there)
{
    r->ops->leave(r, all_are_there);
}

/** End all ranks, whatever they do, and this one. Does not return but in tests. */
static inline void
ranks_abort(struct ranks *r, int status)
{
    r->ops->abort(r, status);
}

/** @n ranks of one process, for tests. */
struct ranks_local;
struct ranks_local *ranks_local_new(unsigned n);
struct ranks *ranks_local_at(struct ranks_local *all, unsigned rank);
/** What is sent to or from @rank is lost from now on. */
void ranks_local_silence(struct ranks_local *all, unsigned rank);
void ranks_local_free(struct ranks_local *all);
