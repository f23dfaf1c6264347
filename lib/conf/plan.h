/* SPDX-License-Identifier: BSD-3-Clause */
/* The arithmetic of a run before it starts: enough local addresses, ports and records for what was
 * asked? Pure.
 *
 * A tuple is (local address, local port, target). Targets take turns, so a family with k of n
 * targets gets k/n of the connections; its tuples must hold that share of the connections open at
 * once and of those that rest after their close. Workers share ports and connections equally, so
 * what does not divide by their number is left out on one side and rounded up on the other. Where
 * the device decides which ports are whose, conf.ports_of_worker says how many the one with fewest
 * has; plan again when it is known. */
#pragma once

#include "conf/conf.h"

struct plan {
    uint64_t
        tuples; /* addresses x ports x targets of the family with the least to spare; serve: 0 */
    uint64_t tuples_needed; /* that family's share of connections + rate x reuse; serve: 0 */
    uint64_t records;       /* connection records per worker; serve: without its spare ones */
    uint64_t client_bytes;  /* memory for all client records, streams and TLS; serve: 0 */
    uint64_t server_bytes;  /* memory for all server records, tables, streams and TLS; 0 when
                               none. For serve without streams and TLS: only its clients know how
                               many will use them, and what is not used costs no memory */
};

/* What a connection that carries payload takes beside its record, the session's part included; and
 * how many such a worker can tell apart. */
#define PLAN_STREAM_BYTES 256
#define PLAN_STREAMS_MAX  ((UINT32_C(1) << 24) - 1)

/* What an open connection with TLS takes beside its stream, in mid-handshake: OpenSSL's memory, and
 * of its rings the pages that a handshake writes. Measured: 97 KiB a side with 99,000 in handshake
 * at once. Idle ones take a quarter; tls/tally.h measures OpenSSL's part in every run. */
#define PLAN_TLS_BYTES (UINT64_C(100) << 10)

/* More connections with TLS than this are taken for a slip: they would take more than 100 GB. */
#define PLAN_TLS_CONNECTIONS_MAX UINT64_C(1000000)

/* Receive rings of all workers of a side together take no more address space than this. */
#define PLAN_BUFFERS_BYTES_MAX (UINT64_C(64) << 30)

/**
 * The bound on open connections when the user gave none. Closed loop: 4096 on loopback, 1024
 * otherwise, 256 for each worker with TLS; with a rate: what a target that never answers would hold
 * open, rate x (hold + connect timeout, with TLS also that of its handshake), at least 1024; serve:
 * 1,000,000. Never more than the tuples can carry, unless --hold needs them: then plan_make() will
 * say so.
 */
uint64_t plan_default_connections(const struct conf *c);

/**
 * Records of the family that each client worker needs: its share of the connections, an eighth more
 * and a few, so that a closed record rests before it is used again and can acknowledge a late FIN;
 * never more than the worker's tuples. 0 when the family has no target.
 */
uint64_t plan_records(const struct conf *c, bool is_v6);

/**
 * Records that each server worker needs: its share of the connections, and room for half-open
 * ones and those in their last moments, beyond the client's bound.
 */
uint64_t plan_server_records(const struct conf *c);

/**
 * Connections of one worker, of the server side with @is_server, that may carry payload at once, or
 * TLS: its records, at most PLAN_STREAMS_MAX. 0 for both sides of a run without either.
 */
uint32_t plan_streams(const struct conf *c, bool is_server);

/**
 * Receive rings of conf.window_bytes that each worker, of the server side with @is_server, may need
 * at once: one for each of its streams, at most its share of PLAN_BUFFERS_BYTES_MAX. 0 where
 * nothing that comes is kept: that is without TLS, but for the server's --echo.
 */
uint32_t plan_buffers(const struct conf *c, bool is_server);

/**
 * Compute @p for the finished values in @c.
 *
 * @return 0; -1 with @f set to EXIT_USAGE when the tuples do not suffice (says: addresses x ports x
 * targets = N, needed C + R x T = M, and what to change), or EXIT_HOST when the memory the plan
 * needs is more than the host has available (@available_bytes; 0: do not check).
 */
int plan_make(struct plan *p, const struct conf *c, uint64_t available_bytes, struct fail *f);
