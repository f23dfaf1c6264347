/* SPDX-License-Identifier: BSD-3-Clause */
/* What was negotiated and what went wrong, by the names that the standards give it. One worker
 * writes a tally; it is read, and added to others, when that worker has ended. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stat/counters.h"
#include "tls/lanes.h"

#define TLS_TALLY_ROWS 48
#define TLS_TALLY_NAME 48 /* bytes, the final zero included; longer ones are cut */

/* Names in the order of their first appearance. */
struct tls_rows {
    unsigned n;
    struct tls_row {
        char name[TLS_TALLY_NAME];
        uint64_t count;
    } rows[TLS_TALLY_ROWS];
    uint64_t others; /* of names that found no row */
};

/* Why a TLS handshake or a connection with TLS failed. */
enum tls_cause {
    TLS_CAUSE_NONE,
    TLS_CAUSE_ALERT_RECEIVED,
    TLS_CAUSE_ALERT_SENT, /* we refused what came */
    TLS_CAUSE_UNTRUSTED,  /* the certificate did not verify */
    TLS_CAUSE_CLOSED,     /* the other side closed in mid-handshake */
    TLS_CAUSE_OTHER,
    TLS_CAUSES
};

/* The failure that each of them is counted as; FAILURE_COUNT for none. */
extern const enum stat_failure tls_cause_failures[TLS_CAUSES];

#define TLS_EXAMPLE_MAX 160

/* X(name, is_agreed, label, meaning): what is counted by name. is_agreed: each completed handshake
 * counts a name; otherwise each thing that went wrong. */
#define TLS_TALLIES(X)                                                                             \
    X(versions, true, "versions", "of completed handshakes: TLSv1.3")                              \
    X(ciphers, true, "ciphers", "of completed handshakes: TLS_AES_128_GCM_SHA256")                 \
    X(groups, true, "groups",                                                                      \
      "of completed handshakes: X25519; none: without a key exchange of its own")                  \
    X(signatures, true, "signatures",                                                              \
      "of completed handshakes, by the server: ecdsa_secp256r1_sha256; none: a session was "       \
      "resumed")                                                                                   \
    X(certificates, true, "certificates",                                                          \
      "of completed handshakes, the kind of the server's key: EC prime256v1; none: a session was " \
      "resumed")                                                                                   \
    X(alpn, true, "alpn",                                                                          \
      "of completed handshakes in which a protocol was agreed on: http/1.1; none: the client "     \
      "offered some, and the server chose none")                                                   \
    X(alerts_received, false, "received", "fatal alerts received: handshake_failure")              \
    X(alerts_sent, false, "sent", "fatal alerts sent")                                             \
    X(alert_legs, false, "in leg",                                                                 \
      "fatal alerts by who sent them and the leg of the handshake: received, hello")               \
    X(untrusted, false, "untrusted", "why certificates did not verify: certificate has expired")

/* The least, the sum and the most of some numbers. */
struct tls_spread {
    uint64_t count, sum, min, max;
};

/* X(name, meaning): what a handshake takes of the wire, of this side's view. */
#define TLS_SIZES(X)                                                                               \
    X(sent_bytes, "bytes of TLS that were sent until the handshake was complete")                  \
    X(received_bytes, "bytes of TLS that were received until then")                                \
    X(sent_segments, "TCP segments that these bytes fill, sent for the first time")                \
    X(received_segments, "arrivals of new bytes: TCP segments, where none came out of order")

enum tls_size {
#define X(name, meaning) TLS_SIZE_##name,
    TLS_SIZES(X)
#undef X
        TLS_SIZE_COUNT
};

extern const char *const tls_size_names[TLS_SIZE_COUNT]; /* JSON keys */

/* Which handshakes. */
enum tls_kind { TLS_FULL, TLS_RESUMED, TLS_KINDS };

extern const char *const tls_kind_names[TLS_KINDS];

struct tls_tally {
#define X(name, is_agreed, label, meaning) struct tls_rows name;
    TLS_TALLIES(X)
#undef X
    struct tls_spread sizes[TLS_KINDS][TLS_SIZE_COUNT]; /* of completed handshakes */
    struct tls_spread batches[LANE_KINDS]; /* operations that were computed together, of workers */
    char examples[TLS_CAUSES][TLS_EXAMPLE_MAX]; /* OpenSSL's first words about each; "" for none */
    /* Memory of OpenSSL for one connection, bytes: the most that any needed. */
    uint64_t handshake_bytes; /* while it shakes hands */
    uint64_t idle_bytes;      /* established, nothing under way */
};

/* TLS_TALLIES as a table. */
struct tls_tally_name {
    const char *name; /* JSON key */
    bool is_agreed;
    const char *label; /* for people */
    const char *meaning;
    size_t offset; /* of the rows in struct tls_tally */
};

extern const struct tls_tally_name tls_tally_names[];
extern const size_t n_tls_tally_names;

static inline const struct tls_rows *
tls_tally_rows(const struct tls_tally *t, const struct tls_tally_name *name)
{
    return (const struct tls_rows *)((const char *)t + name->offset);
}

/** Count @n more of @name; NULL counts as "unknown". */
void tls_rows_count(struct tls_rows *r, const char *name, uint64_t n);

/* 0 of none. */
static inline double
tls_spread_mean(const struct tls_spread *s)
{
    return s->count == 0 ? 0 : (double)s->sum / (double)s->count;
}

/** Take @n into account. */
void tls_spread_count(struct tls_spread *s, uint64_t n);

/** Keep @text as the example of @cause, if it is the first. */
void tls_tally_example(struct tls_tally *t, enum tls_cause cause, const char *text);

/** Add what @from is made of to @into. */
void tls_spread_merge(struct tls_spread *into, const struct tls_spread *from);

/** Add @from to @into: counts add up, the first example stays, of memory the most. */
void tls_tally_merge(struct tls_tally *into, const struct tls_tally *from);
