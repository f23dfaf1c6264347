/* SPDX-License-Identifier: BSD-3-Clause */
/* The arithmetic of a run before it starts: enough local addresses, ports and records for what was
 * asked? Pure.
 *
 * A tuple is (local address, local port, target). Targets are used in rotation, so a family with k
 * of n targets gets k/n of the connections (conf/routes.h has the rest of it); its tuples must hold
 * that share of the connections open at once and of those that rest after their close. Workers
 * share ports and connections equally, so what does not divide by their number is left out on one
 * side and rounded up on the other. Where the device decides which ports are whose, plan again when
 * it is known. */
#pragma once

#include "base/role.h"
#include "conf/conf.h"

/* Each network has its local addresses of each family, from which some targets are reached. */
#define PLAN_GROUPS_MAX (2 * CONF_NETWORKS_MAX)

struct plan {
    /* Addresses x ports x targets of the family with the least to spare, and that family's share of
     * connections + rate x reuse; serve: 0. */
    uint64_t tuples, tuples_needed;

    /* -- of each worker; 0 without workers of the role -- */
    uint64_t client_records[PLAN_GROUPS_MAX]; /* [2 x network + is_v6]: some more than the
                                     connections open at once, so that a closed one can rest; 0
                                     where there is no target */
    uint64_t server_records;      /* the same, for half-open ones and those in TIME-WAIT */
    uint32_t streams[ROLE_COUNT]; /* connections that may carry payload, or TLS, at once: as many as
                                     records, at most PLAN_STREAMS_MAX; 0 where none will */
    uint32_t buffers[ROLE_COUNT]; /* receive rings of conf.window_bytes: one for each stream, at
                                     most a share of PLAN_BUFFERS_BYTES_MAX and, for serve, of
                                     the host's memory; 0 where nothing that comes is kept: where
                                     bytes are only counted */
    uint32_t rings[ROLE_COUNT];   /* the same of send rings, where TLS or a protocol needs them */
    uint64_t tls_bytes; /* what OpenSSL may take; 0: no bound, for serve bounds itself only
                           where the host's memory is known */

    /* -- of all workers -- */
    uint64_t client_bytes; /* memory for records, streams and TLS; 0: no client */
    uint64_t server_bytes; /* and for tables; 0: no server. For serve without streams and TLS: only
                              its clients know how many will use them, and what is not used costs no
                              memory */
};

/* What a connection that carries payload takes beside its record, without the state of its
 * protocol; and how many such a worker can tell apart. These mirror constants of lib/tcp and
 * lib/sess, which conf does not see: app/setup.c asserts that they are the same. */
#define PLAN_STREAM_BYTES (224 + 80)
#define PLAN_STREAMS_MAX  ((UINT32_C(1) << 24) - 1)

/* A request of several that are under way over HTTP/1.1, likewise. */
#define PLAN_EXCHANGE_BYTES UINT64_C(24)

/* A send ring where payload goes through TLS, likewise. */
#define PLAN_RING_BYTES (UINT64_C(256) << 10)

/* What an open connection with TLS takes beside its stream, in mid-handshake: OpenSSL's memory, and
 * of its rings the pages that a handshake writes. It is found out at the start
 * (conf_class.handshake_bytes); this is for who could not. Idle ones take a quarter; tls/tally.h
 * measures OpenSSL's part in every run. Payload that is under way in its rings comes on top. */
#define PLAN_TLS_BYTES (UINT64_C(100) << 10)

/* What nghttp2 takes of an open connection, its tables of header fields included, and of a request
 * under way with what is kept about it here. */
#define PLAN_HTTP2_BYTES        (UINT64_C(40) << 10)
#define PLAN_HTTP2_STREAM_BYTES UINT64_C(1536)

/* More connections with TLS than this are taken for a slip: they would take more than 100 GB. */
#define PLAN_TLS_CONNECTIONS_MAX UINT64_C(1000000)

/* The same where a handshake is all that goes through it. */
#define PLAN_HANDSHAKE_RING_BYTES (UINT64_C(16) << 10)

/* Receive rings of all workers of a side together take no more address space than this. */
#define PLAN_BUFFERS_BYTES_MAX (UINT64_C(64) << 30)

/* What clients of serve make it hold is theirs to decide, so it is bounded by the host: receive
 * rings, send rings and OpenSSL each by such a share of what records leave. A ring counts in full,
 * for it comes to be used all round. */
#define PLAN_SERVE_SHARE 4

/* But each worker has so many, that a small host serves, too. */
#define PLAN_SERVE_RINGS_MIN 256

/**
 * The bound on open connections when the user gave none. Closed loop: 4096 on loopback, 1024
 * otherwise, 64 for each worker with TLS; with a rate: what a target that never answers would hold
 * open, rate x (hold + connect timeout), at least 1024; serve: 1,000,000. Never more than the
 * tuples can carry, unless --hold needs them: then plan_make() will say so.
 */
uint64_t plan_default_connections(const struct conf *c);

/**
 * Compute @p for the finished values in @c.
 *
 * @param ports_of_worker  [is_v6]: how many of --ports the client worker with fewest surely has;
 *                         NULL: an equal share
 * @param available_bytes  what the host has; 0: do not check
 * @return 0; -1 with @f set to EXIT_USAGE when the tuples do not suffice (says: addresses x ports x
 * targets = N, needed C + R x T = M, and what to change), or EXIT_HOST when the memory the plan
 * needs is more than the host has available.
 */
int plan_make(struct plan *p, const struct conf *c, const uint32_t *ports_of_worker,
              uint64_t available_bytes, struct fail *f);
