/* SPDX-License-Identifier: BSD-3-Clause */
/* The server engine of one worker: it accepts connections to its addresses and ports, discards,
 * answers or echoes what it is sent, closes as it is told, and counts. Pure, like the client
 * engine (sess/client.h). In a turn:
 *
 *     server_turn    server_lookup + server_input (a burst)    server_timers    server_output
 */
#pragma once

#include "flow/table.h"
#include "sess/core.h"
#include "sess/limit.h"

struct recorder_tuple;

#define SERVER_RANGES_MAX 320

struct server_opts {
    struct core_opts core;
    const struct ip_range *ranges; /* local addresses; copied */
    unsigned n_ranges;
    const uint8_t *networks; /* of the ranges, as core_opts counts them; NULL: all are of one */
    const uint8_t
        *listen; /* bit set of 65536 open ports; the caller's, as long as the engine lives */
    const uint8_t *class_of_port; /* of 65536 ports; the caller's, too; NULL: all of class 0 */
    uint32_t n_records;
    /* Bounds, beyond which whoever has been idle longest is reset; with open_max 0 nobody is, for
     * all peers are known. Streams and rings (core_opts) are such a bound, too. */
    uint32_t open_max;               /* connections open at once, half-open ones not counted */
    uint64_t tls_bytes_max;          /* of OpenSSL's and nghttp2's memory of this thread; 0: none */
    struct limit *limit;             /* of connections a second; all workers'. NULL: none */
    unsigned worker;                 /* which of limit's this is */
    bool limit_drops;                /* what is beyond it is not refused, but gets no answer */
    struct siphash_key table_secret; /* the same for all workers of a port */
};

struct server {
    struct core core; /* the first member */
    struct table table;
    struct ip_range ranges[SERVER_RANGES_MAX];
    uint32_t range_base[SERVER_RANGES_MAX]; /* number of the range's first address among all */
    uint8_t range_network[SERVER_RANGES_MAX];
    unsigned n_ranges;
    const uint8_t *listen, *class_of_port;
    uint64_t own_first, own_last; /* of IPv4; beyond is none of our addresses */
    uint64_t host_bits;           /* of its smallest link */
    uint32_t reclaim_idx;         /* where the search for a TIME-WAIT record to reuse goes on */
    uint32_t open_max;
    uint64_t tls_bytes_max;
    struct limit *limit;
    unsigned worker;
    bool limit_drops;
    uint64_t turned_ns;   /* of the last turn */
    uint64_t emptied_ns;  /* with limit: of the last turn, but for that one, in which all that had
                             come was fetched */
    bool has_left;        /* in the last turn it was not */
    struct rng rng;       /* for samples */
    uint64_t idle_ns;     /* the shortest of its classes; 0: none has any */
    uint64_t sweep_at_ns; /* when the search for what has been idle too long goes on, */
    uint32_t sweep_idx;   /* and where */
};

/** @return 0, or -1 when there is no memory. */
int server_init(struct server *s, const struct server_opts *opts, uint64_t now_ns);
void server_fini(struct server *s);

static inline void
server_turn(struct server *s, uint64_t now_ns)
{
    if (unlikely(s->limit != NULL)) {
        /* What is dealt with in this turn was fetched in the last one, and came after one before
         * that in which all was fetched. */
        limit_look(s->limit, s->worker, s->emptied_ns);
        s->emptied_ns = s->has_left ? s->emptied_ns : s->turned_ns;
        s->turned_ns = now_ns;
        s->has_left = false;
    }
    core_turn(&s->core, now_ns);
}

/** In this turn not all that had come was fetched: what is left came earlier than it seems. */
static inline void
server_leaves_some(struct server *s)
{
    s->has_left = true;
}

#define SERVER_BURST_MAX 64

/* What the passes over a burst hand on to each other. */
struct server_burst {
    struct table_key keys[SERVER_BURST_MAX];
    uint32_t hashes[SERVER_BURST_MAX];
};

/** The first two passes: hash every TCP packet's tuple, then have record and key on their way. */
void server_lookup(const struct server *s, struct server_burst *b, struct packet *packets,
                   unsigned n);

/**
 * Of @n_workers, the one who has the connection of a TCP packet after server_lookup(), on a port
 * that shows the packets of a connection now to one of them and now to another. Packets for
 * addresses that are not ours belong to whoever got them: @self.
 */
static inline unsigned
server_owner(const struct server_burst *b, const struct packet *packets, unsigned i,
             unsigned n_workers, unsigned self)
{
    if (unlikely(packets[i].slot == UINT32_MAX))
        return self;
    /* By the hash's high bits; the table goes by the low ones. */
    return (unsigned)((uint64_t)b->hashes[i] * n_workers >> 32);
}

/** The last pass: what server_lookup() saw. At most two frames a packet go out. */
void server_input(struct server *s, const struct server_burst *b, const struct packet *packets,
                  unsigned n);

/** Reset who has been idle too long, or longest where there are too many, and fire timers: at most
 * @budget in all. At most two frames each go out. @return how many it were. */
unsigned server_timers(struct server *s, unsigned budget);

/** Let connections with more payload than a turn had room for go on, by turns: at most @budget
 * frames, and as many connections looked at. @return how many went out. */
unsigned server_output(struct server *s, unsigned budget);

/** Do the TLS work of the connection that waits longest for it: one step, which may take hundreds
 * of microseconds. @return how many had something to do, 0 or 1. */
unsigned server_crypto(struct server *s);

/** As client_abort_open(). */
bool server_abort_open(struct server *s, unsigned budget);

/** As client_too_big(). */
void server_too_big(struct server *s, const struct ip_addr *local, uint16_t local_port,
                    const struct ip_addr *remote, uint16_t remote_port, uint32_t seq, uint32_t mtu);

/** Connections open now; those in TIME-WAIT are over. */
static inline uint64_t
server_open(const struct server *s)
{
    return s->core.n_open;
}

/** Whether there is a connection between these that is not over; those in TIME-WAIT are. */
bool server_is_open(const struct server *s, const struct recorder_tuple *t);
