/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS over the stream of a connection. What comes is kept in TCP's receive ring until the TLS
 * engine reads it; what the engine writes is kept in a send ring until the peer has acknowledged
 * it. Both are borrowed only while there is something in them.
 *
 * Cryptography takes longer than anything else, so it is never done when a packet comes in:
 * connections with something to do wait in line, those that have begun before the others, and the
 * worker takes as many out of it in a turn as leave time for receiving.
 *
 *   packet --> TCP --receive ring--> [line] --> TLS --send ring--> TCP --> packet
 *
 * A connection's course (enum secure_phase): SHAKES until both Finished are there, OPEN until this
 * side closes it, at once or after its hold, CLOSING until TCP is done. One that failed in TLS goes
 * from SHAKES or OPEN to CLOSING, so that the alert arrives; its failure is counted at the end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sess/exchange.h"
#include "tls/conn.h"

/* The most that is written and not yet acknowledged; a longer flight (a chain of certificates) goes
 * out in parts. */
#define SECURE_RING 16384

enum secure_phase { SECURE_SHAKES, SECURE_OPEN, SECURE_CLOSING };

struct secure {
    struct tls_conn tls;   /* ssl NULL: not begun, or not needed any more */
    uint64_t began_ns;     /* the handshake: a client's first byte, a responder's first */
    uint64_t deadline_ns;  /* of the handshake, or the hold's end; TIME_NEVER: none */
    uint32_t ring;         /* of core.secure.rings, SLAB_NONE: nothing is unacknowledged */
    uint32_t written;      /* bytes since the first */
    uint32_t first_seq;    /* the number of that one */
    uint32_t idx;          /* the record */
    uint32_t next, before; /* in line, streams; SLAB_NONE: the end of it */
    uint8_t phase;         /* enum secure_phase */
    uint8_t failure;       /* enum stat_failure, with has_failed */
    bool has_failed : 1;
    bool is_in_line : 1;
    uint8_t rank : 1;           /* of the line it is in */
    bool awaits_ticket : 1;     /* before it is reset: then nothing more would come */
    bool resets_when_acked : 1; /* it would take back the handshake's last bytes */
    bool lacks_room : 1;        /* TLS has more to write when the send ring is empty again */
    bool peer_left : 1;         /* it ended TLS, or closed, after the handshake */
};

/* The element of core's slab of streams where there is TLS. */
struct secure_carrier {
    struct carrier carrier;
    struct secure secure;
};

/* Handshakes completed in this turn: how long they took is known when the next one begins, since
 * the clock is read once a turn and the last step is a part of them. */
#define SECURE_FINISHED_MAX 64

/* Who has begun goes before who has not: what is under way stays in the caches, takes less memory,
 * and is over sooner. */
enum secure_rank { SECURE_BEGUN, SECURE_NEW, SECURE_RANKS };

/* Connections with something to do, by their streams; SLAB_NONE: none. */
struct secure_line {
    uint32_t first, last;
};

/* What a side has for TLS. */
struct secure_side {
    struct tls_ctx *ctx; /* NULL: no TLS */
    uint64_t timeout_ns;
    struct slab rings;
    struct secure_line lines[SECURE_RANKS];
    unsigned n_finished;
    struct secure_finished {
        uint64_t began_ns;
        bool is_resumed;
    } finished[SECURE_FINISHED_MAX];
};

/* Whether anybody is in line. */
static inline bool
secure_has_work(const struct secure_side *side)
{
    return side->lines[SECURE_BEGUN].first != SLAB_NONE ||
           side->lines[SECURE_NEW].first != SLAB_NONE;
}

struct core;
struct record;

/** Reserve send rings for @n connections. @return 0, or -1 without memory. */
int secure_init(struct secure_side *side, struct tls_ctx *ctx, uint64_t timeout_ns, uint32_t n);
void secure_fini(struct secure_side *side);

/** Act on what TCP reported. @return as core_act(). */
bool secure_act(struct core *c, uint32_t idx, struct record *r, unsigned events, bool is_v6);

/** The timer of @r has run out. @return as core_act(). */
bool secure_timeout(struct core *c, uint32_t idx, struct record *r, bool is_v6);

/** Close @r from our side. @return as core_act(). */
bool secure_close(struct core *c, struct record *r);

/** Whether @r waits for nothing but the end of its hold. */
bool secure_is_held(const struct core *c, const struct record *r);

/** When secure_timeout() is due because of TLS; TIME_NEVER: it is not. */
uint64_t secure_deadline_ns(const struct core *c, const struct record *r);

/** The bytes to be sent under sequence number @seq and on, where they lie. */
void secure_sent(const struct core *c, const struct record *r, uint32_t seq, uint32_t len,
                 struct tcp_span span[static 2]);

/** The next record in line, taken out of it. @return RECORD_NONE: nobody waits. */
uint32_t secure_next(struct core *c);

/** Do what @idx waited in line for; it is a connection to target @target (0 on a responder).
 * @return as core_act(). */
bool secure_work(struct core *c, uint32_t idx, struct record *r, unsigned target);

/** Give back what TLS holds of @r, before its stream goes. */
void secure_release(struct core *c, struct record *r);

/** Begin a turn: count the handshakes that were completed in the last one. */
void secure_count_finished(struct core *c);
