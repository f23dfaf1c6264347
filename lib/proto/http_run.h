/* SPDX-License-Identifier: BSD-3-Clause */
/* What HTTP keeps for a traffic class on one worker while it runs: what it has seen, and pads, a
 * few pieces of memory that connections borrow for what only few of them need. Owned by the
 * worker. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "proto/http_opts.h"
#include "proto/http_tally.h"

#define HTTP_PADS      32
#define HTTP_PAD_BYTES 4096

/* Of a state: it has no pad. */
#define HTTP_PAD_NONE 0

struct http_pad {
    uint32_t len;
    uint8_t bytes[HTTP_PAD_BYTES];
};

/* Messages of at most so many bytes may be brief (struct proto_brief), and so many are remembered:
 * of what came, and of answers. */
#define HTTP_BRIEF_BYTES 1460
#define HTTP_SEEN        32
#define HTTP_SAID        64

/* A message that came in one segment, and what became of it: one of the same bytes needs no parser.
 */
struct http_seen {
    struct proto_seen seen;
    uint32_t len; /* 0: there is none */
    uint8_t bytes[HTTP_BRIEF_BYTES];
};

/* An answer. Connections name it while it is under way, so it stays. */
struct http_said {
    uint64_t sum; /* csum_partial() of the bytes */
    uint32_t len, head_len;
    uint8_t bytes[HTTP_BRIEF_BYTES];
};

struct http_run {
    struct http_tally tally;
    /* Since they were counted: what connections have no room for of their own. */
    struct http_bytes sent;       /* by a server, and by HTTP/2 */
    uint64_t n_good, n_good_body; /* of HTTP/2 */
    /* What the next request or connection of a client takes: see http_run_init(). */
    uint64_t next_number, next_row, next_place, stride;
    struct rng rng;
    void *digests[HTTP_PADS]; /* that are free */
    unsigned n_digests;
    uint32_t pads_used; /* a bit for each */
    struct http_pad pads[HTTP_PADS];
    struct http_seen seen[HTTP_SEEN];
    struct http_said said[HTTP_SAID];
    unsigned n_said;
    unsigned n_vain; /* messages in a row that the parser found not to be brief */
};

/**
 * Make @run, zeroed memory, that of worker @worker of @n_workers: what is counted through is shared
 * out among them, one each in turn. @seed: of random numbers.
 */
void http_run_init(struct http_run *run, unsigned worker, unsigned n_workers, uint64_t seed);

/** Release what is left of it; @o is its class's. */
void http_run_fini(struct http_run *run, const struct http_opts *o);

/** A digest of @o's, at its beginning. @return NULL: there is no memory. */
void *http_digest_take(struct http_run *run, const struct http_opts *o);

/** Give *@digest back, if there is one; it is NULL then. */
void http_digest_give(struct http_run *run, const struct http_opts *o, void **digest);

/** Where in o->requests the next request to @target is: with several paths the one that the order
 * has next. */
size_t http_next_request(struct http_run *run, const struct http_opts *o, uint32_t target);

/** What a response that came whole has failed by, if anything. @digest: of its @n_body bytes, at an
 * end then; NULL: there is none. */
enum http_failure http_judge(const struct http_opts *o, uint16_t status, uint64_t n_body,
                             void *digest);

/** Borrow an empty pad. @return its number, HTTP_PAD_NONE: all are in use. */
uint8_t http_pad_take(struct http_run *run);

/** Give pad *@no back, if it is one; it is HTTP_PAD_NONE then. */
void http_pad_give(struct http_run *run, uint8_t *no);

static inline struct http_pad *
http_pad_at(struct http_run *run, uint8_t no)
{
    return &run->pads[no - 1];
}

/** Append as many of the @len bytes as there is room for. */
void http_pad_add(struct http_pad *pad, const void *bytes, size_t len);
