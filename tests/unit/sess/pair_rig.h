/* SPDX-License-Identifier: BSD-3-Clause */
/* A generating and a responding engine on one link, in virtual time. Frames leave an engine through
 * its outbox, travel for delay_ns, and are parsed at the other end; on the way they can be lost or
 * doubled by chance, dropped by a rule of the test, or made up by it. After every turn the
 * accounting of both engines is checked; after every call of an engine, that it wrote no more
 * frames than it may; and of every frame with payload, that its bytes are those of the constant
 * payload that belong to its number. An echo of it is the same bytes at the same numbers. In front
 * of a client's may be a header of the PROXY protocol's, which the server takes for payload.
 *
 * The client's addresses begin at 198.18.0.10 and 2001:2::10, its ports at 1024; the targets are
 * 198.18.1.1, 198.18.1.2, ... and 2001:2::1:1, ... on port 80, all of them the one server's. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/rng.h"
#include "base/units.h"
#include "proto/http_run.h"
#include "sess/client.h"
#include "sess/server.h"
#include "sess/transmit.h"
#include "tls/batch.h"

#define PAIR_START_NS   (UINT64_C(1000) * NS_PER_SEC)
#define PAIR_FRAMES_MAX 16384
#define PAIR_LOG_MAX    8192
#define PAIR_PORT       80
#define PAIR_PORT_FIRST 1024
#define PAIR_BUF_BYTES  1518  /* a frame with a tag and 1500 bytes behind it */
#define PAIR_FLOWS_MAX  32768 /* a power of two; twice the tuples that carry payload */

/* What a connection of one side exchanges. All zero: nothing. */
struct pair_exchange {
    uint64_t send_bytes, after_bytes, expect_bytes; /* as in struct proto_opts */
    bool echo;                                      /* that protocol instead */
    const struct proto_ops *proto;                  /* or this one */
    const struct http_opts *http;                   /* for HTTP */
    uint32_t n;                                     /* exchanges: 1 */
    bool is_endless;                                /* as many as there are */
    uint64_t think_ns;
    uint32_t stall_us;
    bool repeats;             /* requests that met a close are sent again */
    enum proxy_version proxy; /* what a client's connections begin with: nothing */
};

/* What one side does with payload. Absent fields mean what the comment says. */
struct pair_side {
    struct pair_exchange exchange;
    uint32_t n_streams;  /* 4096, if the link carries payload */
    uint32_t n_buffers;  /* as many, with echo */
    uint16_t mss;        /* 1460, 1440 with IPv6 */
    bool tx_multi_seg;   /* payload of 200 bytes and more lies elsewhere */
    bool splits;         /* the port cuts it, and fills checksums in; implies gathers */
    uint32_t rcv_wnd;    /* 64 KiB */
    uint32_t ring_bytes; /* CORE_RING_BYTES */
    uint8_t retries_max; /* 15 */
    bool nagle;
    uint64_t data_timeout_ns; /* 10 s */
    uint64_t delayed_ack_ns;  /* 40 ms */
    bool acks_at_once;        /* delayed_ack_ns is meant to be 0 */
    enum tcp_ack_policy ack;
    const struct cc_ops *cc; /* CUBIC */
    uint32_t fixed_window;
};

#define PAIR_SHARES_MAX 4

/* Absent fields mean what the comment says. */
struct pair_opts {
    uint64_t rate;                            /* closed loop */
    uint64_t request_rate;                    /* exchanges are not paced */
    uint64_t request_shares[PAIR_SHARES_MAX]; /* of several classes: one pace for all */
    uint64_t requests_total;                  /* nor counted */
    bool winds_down;                          /* call client_end_exchanges() after the load */
    uint64_t open_max;                        /* 1 */
    uint64_t records[2];                      /* {open_max, 0} */
    unsigned n_targets[2];                    /* {1, 0}, [is_v6] */
    unsigned n_addresses;                     /* 1, of the client in each family */
    unsigned n_ports;                         /* 4096 */
    const struct rss *rss;                    /* NULL: the client is the only worker of its port */
    unsigned worker;                          /* with rss; the others of rss->n_queues do not run */
    uint64_t duration_ns;                     /* of the load: 1 ms */
    uint64_t client_hold_ns, server_hold_ns;
    enum close_mode client_close;         /* fin */
    enum close_mode server_close;         /* peer, unless server_closes */
    bool server_closes;                   /* server_close is meant */
    uint32_t server_records;              /* 4096 */
    uint32_t server_open_max;             /* nobody gives way */
    uint64_t server_idle_ns;              /* the server bears idleness for ever */
    uint64_t connect_timeout_ns;          /* 3 s */
    uint64_t close_timeout_ns;            /* 5 s */
    bool plain_acks;                      /* no piggy-back */
    int vlan;                             /* untagged */
    unsigned client_bufs, server_bufs;    /* OUTBOX_BUFS */
    uint64_t delay_ns;                    /* one way: 100 us */
    uint64_t step_ns;                     /* of a turn: 20 us */
    uint32_t loss_ppm, dup_ppm, swap_ppm; /* swap: it overtakes the one before it */
    uint64_t seed;
    struct pair_side client, server;
    bool payload;     /* the link carries some, even if no side plans it */
    bool hands_tails; /* a frame with a tail arrives in two pieces */
    /* TLS on all connections, or NULL; payload follows. What is sent is then not checked. */
    const struct tls_opts *client_tls, *server_tls;
    uint64_t tls_timeout_ns; /* 10 s */
    bool server_waits;       /* that is the client's, the server has none */
    unsigned tls_steps;      /* of a turn and side: 8 */
    bool server_is_busy;     /* its core finds no time for cryptography */
    /* Several classes: change the copies of the one that the options above describe, @k[0] to
     * @k[n_classes - 1]. Class i has target i on port PAIR_PORT + i. */
    unsigned n_classes; /* 1 */
    void (*classes)(struct sess_class *k, bool is_client);
    uint16_t cuts; /* something on the way cuts payload into segments of so many bytes; 0: no */
    uint32_t corrupt_ppm; /* a byte of the payload is another one, the checksum right */
};

/* Bytes of a frame under way: an external segment that stays one lies behind the headers. */
#define PAIR_BUFFER_BYTES (EMIT_FRAME_MAX + PAIR_BUF_BYTES)

struct pair_frame {
    uint64_t at_ns;
    uint16_t len, ext_len; /* ext_len 0: in one piece */
    uint16_t buffer;
};

/* Frames under way in one direction, first in first out. */
struct pair_wire {
    struct pair_frame frames[PAIR_FRAMES_MAX];
    unsigned head, tail; /* free-running */
};

/* What was sent, in the order of sending, lost or not. */
struct pair_entry {
    uint64_t at_ns;
    bool by_client;
    struct ip_addr src, dst;
    struct seg seg;
};

/* The initial sequence numbers of a connection's two sides. */
struct pair_flow {
    struct ip_addr client, server;
    uint16_t client_port, server_port;
    bool is_used;
    uint32_t iss[2]; /* [by_client] */
};

struct pair {
    struct pair_opts opts;
    struct load_plan load, request_loads[PAIR_SHARES_MAX];
    struct client client;
    struct server server;
    struct tls_ctx client_tls, server_tls;
    struct tls_batch client_batch, server_batch; /* with PAIR_BATCH in the environment */
    struct stats client_stat, server_stat;
    struct late late;
    struct outbox client_box, server_box;
    uint8_t client_bufs[OUTBOX_BUFS][PAIR_BUF_BYTES];
    uint8_t server_bufs[OUTBOX_BUFS][PAIR_BUF_BYTES];
    struct pair_wire to_client, to_server;
    uint8_t listen[65536 / 8];
    uint8_t class_of_port[65536]; /* with several classes */
    struct rng rng;
    uint64_t now_ns;
    struct pair_entry log[PAIR_LOG_MAX];
    unsigned n_log;   /* may be beyond PAIR_LOG_MAX: the rest was not kept */
    bool closes_held; /* call client_close_held() in each turn */
    /* A rule: whether the frame @e, just sent, gets lost. NULL: no. */
    bool (*drops)(const struct pair *p, const struct pair_entry *e);
    uint64_t proxy_bytes; /* of headers that were sent, again or not */
    struct pair_flow flows[PAIR_FLOWS_MAX];
    uint16_t free_buffers[2 * PAIR_FRAMES_MAX];
    unsigned n_free_buffers, n_touched_buffers;
    /* -- not emptied by pair_init() -------------------------------------------- */
    struct payload payload;
    uint8_t payload_bytes[PAYLOAD_BYTES];
    struct http_run http_runs[2]; /* the server's, the client's */
    uint8_t buffers[2 * PAIR_FRAMES_MAX][PAIR_BUFFER_BYTES];
};

/** Begin: engines are ready and the load runs from PAIR_START_NS for opts.duration_ns. */
void pair_init(struct pair *p, const struct pair_opts *opts);
void pair_fini(struct pair *p);

/** Go on by @ns. */
void pair_run(struct pair *p, uint64_t ns);

/** Go on until the client is done and nothing is under way. @return how long it took, at most
 * @max_ns. */
uint64_t pair_run_out(struct pair *p, uint64_t max_ns);

/** Send @s, ports included, to the client as if from @src to @dst, or to the server. */
void pair_inject_to_client(struct pair *p, const struct ip_addr *src, const struct ip_addr *dst,
                           const struct seg *s);
void pair_inject_to_server(struct pair *p, const struct ip_addr *src, const struct ip_addr *dst,
                           const struct seg *s);

/** The n-th address of the client, or of the server. */
struct ip_addr pair_client_addr(unsigned n, bool is_v6);
struct ip_addr pair_server_addr(unsigned n, bool is_v6);

/** Bytes of payload that side sent, repetitions included, in what the log holds. */
uint64_t pair_payload_sent(const struct pair *p, bool by_client);

/** How many segments with exactly @flags were sent by the client, or by the server. */
unsigned pair_count_sent(const struct pair *p, bool by_client, uint8_t flags);

/** The n-th (from 0) segment sent by that side; it must be there. */
const struct pair_entry *pair_sent(const struct pair *p, bool by_client, unsigned n);

#define CLIENT_CTR(p, name)  ((p)->client_stat.now->counters[CTR_##name])
#define SERVER_CTR(p, name)  ((p)->server_stat.now->counters[CTR_##name])
#define CLIENT_FAIL(p, name) ((p)->client_stat.now->failures[FAILURE_##name])
#define SERVER_FAIL(p, name) ((p)->server_stat.now->failures[FAILURE_##name])

/** No stream, scoreboard or ring is lent any more, on either side. */
#define pair_expects_all_given_back(p)                                                             \
    do {                                                                                           \
        cr_assert(zero(u32, (p)->client.core.pools.streams.n_borrowed));                           \
        cr_assert(zero(u32, (p)->client.core.pools.overflows.n_borrowed));                         \
        cr_assert(zero(u32, (p)->client.core.pools.buffers.n_borrowed));                           \
        cr_assert(zero(u32, (p)->server.core.pools.streams.n_borrowed));                           \
        cr_assert(zero(u32, (p)->server.core.pools.overflows.n_borrowed));                         \
        cr_assert(zero(u32, (p)->server.core.pools.buffers.n_borrowed));                           \
    } while (0)

/** The common outcome: @n handshakes and closes seen by both sides and nothing else. */
#define pair_expects_clean(p, n)                                                                   \
    do {                                                                                           \
        cr_assert(eq(u64, CLIENT_CTR(p, attempted), (n)));                                         \
        cr_assert(eq(u64, CLIENT_CTR(p, established), (n)));                                       \
        cr_assert(eq(u64, CLIENT_CTR(p, closed), (n)));                                            \
        cr_assert(zero(u64, CLIENT_CTR(p, failed)));                                               \
        cr_assert(zero(u64, client_open(&(p)->client)));                                           \
        cr_assert(eq(u64, SERVER_CTR(p, attempted), (n)));                                         \
        cr_assert(eq(u64, SERVER_CTR(p, established), (n)));                                       \
        cr_assert(eq(u64, SERVER_CTR(p, closed), (n)));                                            \
        cr_assert(zero(u64, SERVER_CTR(p, failed)));                                               \
        cr_assert(zero(u64, server_open(&(p)->server)));                                           \
    } while (0)
