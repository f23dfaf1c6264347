/* SPDX-License-Identifier: BSD-3-Clause */
/* Handshakes of one worker that wait for each other, so that a core computes for eight of them at
 * once; and those that wait for an engine or provider of the user's.
 *
 *     SSL_do_handshake() --> provider --> tls_batch_do() ... pauses, others go on ...
 *                                              |
 *          eight wait, or none can go on:   compute   --> tls_batch_next_ready() --> goes on
 *
 * What pauses is an ASYNC job of OpenSSL's: the handshake's stack is left as it is, and the worker
 * goes on on its own. Stacks come from a pool of TLS_JOBS_MAX; a handshake that gets none waits for
 * its turn. A connection that does not shake hands has none.
 *
 * A user's provider that pauses a job is served likewise: it tells by its callback
 * (ASYNC_WAIT_CTX_set_callback), by a file descriptor, or not at all; then it is asked again and
 * again. One that never comes back keeps its job, and the connection runs into its timeout.
 *
 * One thread uses it, with all of the thread's struct tls_ctx. */
#pragma once

#include <openssl/types.h>

#include "base/fail.h"
#include "tls/conn.h"
#include "tls/lanes.h"
#include "tls/tally.h"

/* Enough for seven waiting operations of each kind and eight that are done. A stack is 32 KiB, of
 * which a handshake touches ten. */
#define TLS_JOBS_MAX 64

/* How long an operation waits for others while there is something else to do: alone, and as long as
 * other handshakes go on, that may bring some. */
#define TLS_BATCH_ALONE_NS   (50 * NS_PER_US)
#define TLS_BATCH_CROWDED_NS (1 * NS_PER_MS)

struct tls_batch_queue {
    struct lane_op *ops[LANES];
    unsigned n;
    uint64_t since_ns; /* the oldest waits */
};

struct tls_batch {
    const struct lanes *lanes;
    struct tls_batch_queue queues[LANE_KINDS];
    struct tls_batch_keys { /* of X25519, made ahead; each is used once */
        uint8_t privates[LANES][X25519_BYTES], publics[LANES][X25519_BYTES];
        unsigned n;
    } keys;
    struct tls_conn *ready[TLS_JOBS_MAX]; /* may go on */
    unsigned n_ready;
    struct tls_conn *away[TLS_JOBS_MAX]; /* wait for somebody else's provider */
    unsigned n_away;
    struct tls_conn left[TLS_JOBS_MAX]; /* the same, but of connections that are over */
    unsigned n_left;
    uint64_t now_ns;
    uint64_t next_look_ns;               /* after those that are away */
    bool lacks_jobs;                     /* a handshake got none */
    bool calls_back;                     /* a provider did: nobody is asked without */
    bool is_ending;                      /* what would wait fails */
    struct tls_spread sizes[LANE_KINDS]; /* operations of each time that some were computed */
};

/** Whether OpenSSL has ASYNC jobs here. */
bool tls_batch_can_be(void);

/** Begin, on the thread that is to use it. @return 0; -1 where OpenSSL has no ASYNC jobs or memory
 * ran out. */
int tls_batch_init(struct tls_batch *b, const struct lanes *lanes);

/** After all connections, before their contexts: on the same thread. What never came back stays,
 * with its stack: somebody else may still write there. */
void tls_batch_fini(struct tls_batch *b);

/** Have @op computed: within a step of a connection of @b's it waits for others, elsewhere @alone
 * computes it at once. @return whether it is done; false: it failed, or the connection is being
 * ended. */
bool tls_batch_do(struct lane_op *op, bool (*alone)(void *arg), void *arg);

/** Within a step: a key pair of X25519 that was made ahead, and that nobody else gets. @return
 * false: none is; it is to be made alone. */
bool tls_batch_take_key(uint8_t private[static X25519_BYTES], uint8_t public[static X25519_BYTES]);

/** Within a step: the connection's context. NULL elsewhere. */
const struct tls_lean *tls_step_lean(void);

/** The same, where the connection takes part in a batch. */
const struct tls_lean *tls_batch_lean(void);

/** Once a turn: compute what has waited long enough, with @is_idle, when nothing else was to be
 * done, all; and see who has come back from elsewhere. @goes_on: other handshakes have something to
 * do. */
unsigned tls_batch_turn(struct tls_batch *b, uint64_t now_ns, bool is_idle, bool goes_on);

/** A connection that may go on, as each one may once. @return NULL: there is none. */
struct tls_conn *tls_batch_next_ready(struct tls_batch *b);

/* -- conn.c's ---------------------------------------------------------------------------------- */

/** @c begins a step, or ends it: tls_batch_do() is for it. */
void tls_batch_enter(struct tls_conn *c);
void tls_batch_leave(void);

/** A step of @c's ended with its job paused. */
void tls_batch_pause(struct tls_batch *b, struct tls_conn *c);

/** Have what @c waits for computed now. @return false: it is not ours to compute. */
bool tls_batch_hasten(struct tls_batch *b, struct tls_conn *c);

/** @c goes on, or is being ended: it waits for nothing any more. */
void tls_batch_forget(struct tls_batch *b, struct tls_conn *c);

/** @c ends while it is away: its SSL is kept until the job has ended. */
void tls_batch_leave_behind(struct tls_batch *b, struct tls_conn *c);
