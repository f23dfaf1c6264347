/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine of a worker: sess/client.h or sess/server.h behind one face. What only one of them
 * does, the other has nothing to do for. All of it is inline, and asks for the role once an
 * iteration or a burst, never a packet. */
#pragma once

#include <stddef.h>

#include "base/role.h"
#include "sess/client.h"
#include "sess/server.h"
#include "wire/icmp.h"

struct engine {
    enum role role;
    union {
        struct core core; /* of either */
        struct client client;
        struct server server;
    };
};
static_assert(offsetof(struct client, core) == 0 && offsetof(struct server, core) == 0,
              "either begins with its core");

/** Begin an iteration. */
static inline void
engine_poll(struct engine *e, uint64_t now_ns)
{
    if (e->role == ROLE_CLIENT)
        client_turn(&e->client, now_ns);
    else
        server_turn(&e->server, now_ns);
}

/** In this iteration not all that had come was fetched. */
static inline void
engine_leaves_some(struct engine *e)
{
    if (e->role == ROLE_SERVER)
        server_leaves_some(&e->server);
}

/** First passes over a burst; @b is for engine_input() and engine_owner(). */
static inline void
engine_lookup(const struct engine *e, struct server_burst *b, struct packet *packets, unsigned n)
{
    if (e->role == ROLE_CLIENT)
        client_lookup(&e->client, packets, n);
    else
        server_lookup(&e->server, b, packets, n);
}

/** The last pass. At most TRANSMIT_PER_EVENT frames a packet go out. */
static inline void
engine_input(struct engine *e, const struct server_burst *b, const struct packet *packets,
             unsigned n)
{
    if (e->role == ROLE_CLIENT)
        client_input(&e->client, packets, n);
    else
        server_input(&e->server, b, packets, n);
}

/** Fire at most @budget timers. @return how many had run out. */
static inline unsigned
engine_timers(struct engine *e, unsigned budget)
{
    return e->role == ROLE_CLIENT ? client_timers(&e->client, budget)
                                  : server_timers(&e->server, budget);
}

/** Begin at most @budget connections that are due at @now_ns. @return how many began. */
static inline unsigned
engine_start(struct engine *e, uint64_t now_ns, unsigned budget)
{
    return e->role == ROLE_CLIENT ? client_start(&e->client, now_ns, budget) : 0;
}

/** Let connections go on that had more payload than buffers: at most @budget frames. @return how
 * many went out. */
static inline unsigned
engine_output(struct engine *e, unsigned budget)
{
    return e->role == ROLE_CLIENT ? client_output(&e->client, budget)
                                  : server_output(&e->server, budget);
}

/** Do one step of the TLS of the connection that waits longest for it. @return 1; 0: none waits. */
static inline unsigned
engine_crypto(struct engine *e)
{
    return e->role == ROLE_CLIENT ? client_crypto(&e->client) : server_crypto(&e->server);
}

/** An ICMP error says that our SYN did not get through. */
static inline void
engine_unreachable(struct engine *e, const struct icmp_quote *q)
{
    if (e->role == ROLE_CLIENT)
        client_unreachable(&e->client, &q->local, q->local_port, &q->remote, q->remote_port,
                           q->seq);
}

/** An ICMP error says that the path takes IP packets of @mtu bytes only. */
static inline void
engine_too_big(struct engine *e, const struct icmp_quote *q, uint32_t mtu)
{
    if (e->role == ROLE_CLIENT)
        client_too_big(&e->client, &q->local, q->local_port, &q->remote, q->remote_port, q->seq,
                       mtu);
    else
        server_too_big(&e->server, &q->local, q->local_port, &q->remote, q->remote_port, q->seq,
                       mtu);
}

/** Whether there is a connection between these that is not over. */
static inline bool
engine_is_open(const struct engine *e, const struct recorder_tuple *t)
{
    return e->role == ROLE_CLIENT ? client_is_open(&e->client, t) : server_is_open(&e->server, t);
}

/** Let connections begin from @start_ns on. */
static inline void
engine_run_from(struct engine *e, uint64_t start_ns)
{
    if (e->role == ROLE_CLIENT)
        client_run_from(&e->client, start_ns);
}

/** Let none begin at or after @stop_ns. */
static inline void
engine_stop_at(struct engine *e, uint64_t stop_ns)
{
    if (e->role == ROLE_CLIENT)
        client_stop_at(&e->client, stop_ns);
}

/** Have the rate change. */
static inline void
engine_follow(struct engine *e, const struct load_change *change)
{
    if (e->role == ROLE_CLIENT)
        client_follow(&e->client, change);
}

/** Leave out what was due before @ns and has not begun. */
static inline void
engine_skip_to(struct engine *e, uint64_t ns)
{
    if (e->role == ROLE_CLIENT)
        client_skip_to(&e->client, ns);
}

/** Bound the connections open at once, of all workers. */
static inline void
engine_bound_open(struct engine *e, uint64_t total)
{
    if (e->role == ROLE_CLIENT)
        client_bound_open(&e->client, total);
}

/** After the stop: let exchanges without end come to one. */
static inline void
engine_end_exchanges(struct engine *e)
{
    if (e->role == ROLE_CLIENT)
        client_end_exchanges(&e->client);
}

/** After a stop that cuts holds: close what is held open, at most @budget records looked at.
 * @return false when there was nothing left to look at. */
static inline bool
engine_close_held(struct engine *e, unsigned budget)
{
    return e->role == ROLE_CLIENT && client_close_held(&e->client, budget);
}

/** After the end: reset what is still open, at most @budget records looked at. @return false when
 * there was nothing left to do. */
static inline bool
engine_abort_open(struct engine *e, unsigned budget)
{
    return e->role == ROLE_CLIENT ? client_abort_open(&e->client, budget)
                                  : server_abort_open(&e->server, budget);
}

/** Starts that were due and will not be made any more. */
static inline uint64_t
engine_starts_left(const struct engine *e)
{
    return e->role == ROLE_CLIENT ? client_starts_dropped(&e->client) : 0;
}

/** Whether requests are counted, and the fate of all is known. */
static inline bool
engine_is_spent(const struct engine *e)
{
    return e->role == ROLE_CLIENT && client_is_spent(&e->client);
}

/** Requests that are counted, and of which nothing has come yet. */
static inline uint64_t
engine_unknown(const struct engine *e)
{
    return e->role == ROLE_CLIENT && e->core.requests.is_counted
               ? requests_unknown(&e->core.requests)
               : 0;
}

/** After the end: what waits to be sent again is lost. */
static inline void
engine_forget_requests(struct engine *e)
{
    if (e->role == ROLE_CLIENT)
        client_forget_requests(&e->client);
}

/** Connections open now; those in TIME-WAIT are over. */
static inline uint64_t
engine_open(const struct engine *e)
{
    return e->core.n_open;
}

static inline void
engine_fini(struct engine *e)
{
    if (e->role == ROLE_CLIENT)
        client_fini(&e->client);
    else
        server_fini(&e->server);
}
