/* SPDX-License-Identifier: BSD-3-Clause */
/* What was negotiated and what went wrong, by the names that the standards give it. One worker
 * writes a tally; it is read, and added to others, when that worker has ended. */
#pragma once

#include <stdint.h>

#include "stat/counters.h"

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

struct tls_tally {
    struct tls_rows versions; /* of completed handshakes: TLSv1.3 */
    struct tls_rows ciphers;  /* TLS_AES_128_GCM_SHA256 */
    struct tls_rows groups;   /* X25519; "none" without a key exchange of its own */
    struct tls_rows alpn;     /* http/1.1; only where there was one */
    struct tls_rows alerts_received, alerts_sent; /* fatal ones: handshake_failure */
    struct tls_rows untrusted;                    /* certificate has expired */
    char examples[TLS_CAUSES][TLS_EXAMPLE_MAX]; /* OpenSSL's first words about each; "" for none */
    /* Memory of OpenSSL for one connection, bytes: the most that any needed. */
    uint64_t handshake_bytes; /* while it shakes hands */
    uint64_t idle_bytes;      /* established, nothing under way */
};

/** Count @n more of @name; NULL counts as "unknown". */
void tls_rows_count(struct tls_rows *r, const char *name, uint64_t n);

/** Keep @text as the example of @cause, if it is the first. */
void tls_tally_example(struct tls_tally *t, enum tls_cause cause, const char *text);

/** Add @from to @into: counts add up, the first example stays, of memory the most. */
void tls_tally_merge(struct tls_tally *into, const struct tls_tally *from);
