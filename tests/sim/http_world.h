/* SPDX-License-Identifier: BSD-3-Clause */
/* A client and a server engine (sess/client.h, sess/server.h) that speak HTTP, and the hostile path
 * between them, in virtual time:
 *
 *   client ── outbox ── sim_link ──▶ server      one direction; the other one the same
 *
 * They are driven as a worker would drive them; frames are bytes. One seed drives all chance. What
 * breaks is said on stderr, after SHAKEDOWN_SEED=<seed> <suite>::<test>, and the world stays. */
#pragma once

#include "proto/http2_kit.h"
#include "proto/http_request.h"
#include "proto/http_run.h"
#include "sess/client.h"
#include "sess/server.h"
#include "sim_link.h"

#define HTTP_WORLD_REQUEST_MAX 1024
#define HTTP_WORLD_BUF_BYTES   1518

/* Beyond the role it is [is_server]. */
struct http_world_opts {
    const char *name; /* suite::test */
    uint64_t seed;
    bool is_clean; /* the path loses nothing, and nobody gives up too early: all is answered */
    bool is_v6;
    struct sim_link_opts links[2]; /* [0]: to the server */
    struct tcp_params tcp[2];
    struct sess_class class[2];       /* without what the world fills in: http, its run, stat */
    struct http_opts http;            /* the same: requests, kits, what is expected of a body */
    struct http_request_opts request; /* the only one */
    uint64_t body_bytes;              /* of each answer, all filler */
    uint32_t streams;                 /* of HTTP/2 */
    uint32_t window_bytes;            /* the same */
    uint64_t rate, request_rate;      /* 0: closed loop; not paced */
    uint64_t requests_total;          /* 0: they are not counted */
    uint64_t open_max;
    uint64_t duration_ns; /* of the load */
    uint64_t limit_ns;    /* all is over by then */
};

struct http_world {
    struct http_world_opts opts;
    struct rng rng;
    uint64_t now_ns, begin_ns;
    struct sim_link links[2];
    struct client client;
    struct server server;
    struct load_plan load, request_load;
    struct stats stats[2];
    struct outbox boxes[2];
    uint8_t bufs[2][OUTBOX_BUFS][HTTP_WORLD_BUF_BYTES];
    uint8_t listen[65536 / 8];
    struct http_request request;
    uint8_t request_bytes[HTTP_WORLD_REQUEST_MAX];
    struct http2_kit kits[2];
    struct http_run runs[2];
    uint64_t n_turns, n_frames;
    uint64_t n_escaped; /* bent frames whose checksum was right: they are taken away */
    bool has_stopped;   /* all that were counted are known */
    const char *failure;
    /* -- kept ---------------------------------------------------------------------------- */
    struct payload payload;
    uint8_t payload_bytes[PAYLOAD_BYTES];
    bool has_payload;
};

/** Run to the end: the load is over, nothing is open, nothing is under way. @return false:
 * something did not hold. Memory is given back by http_world_fini(). */
bool http_world_run(struct http_world *w, const struct http_world_opts *opts);
void http_world_fini(struct http_world *w);

/** Unless @holds, say that @what does not, once. @return @holds */
bool http_world_check(struct http_world *w, bool holds, const char *what);

/** A counter of HTTP's, and one of the lists'. */
uint64_t http_world_http(const struct http_world *w, enum http_counter counter);
#define http_world_count(w, is_server, name) ((w)->stats[is_server].now->counters[CTR_##name])
