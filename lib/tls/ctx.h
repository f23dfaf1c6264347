/* SPDX-License-Identifier: BSD-3-Clause */
/* TLS of one worker and role: OpenSSL's SSL_CTX, made from struct tls_opts, the sessions that can
 * be resumed, and the tally. Nothing of it is shared with other workers. The key log file is the
 * one thing that is written to from here, for those who ask for it. */
#pragma once

#include <openssl/ssl.h>

#include "base/fail.h"
#include "tls/certs.h"
#include "tls/keylog.h"
#include "tls/lean.h"
#include "tls/opts.h"
#include "tls/sessions.h"
#include "tls/tally.h"

/* Plaintext of one record (RFC 8446 5.1). */
#define TLS_RECORD_MAX 16384

struct tls_ctx {
    struct tls_opts opts;
    SSL_CTX *ssl;
    struct tls_lean lean; /* the worker's own context of OpenSSL, or the default one */
    BIO_METHOD *segments;
    struct tls_keylog keylog;
    uint8_t alpn[TLS_ALPN_MAX + 1];
    unsigned alpn_len;
    struct tls_sessions sessions;
    struct tls_certs_turns certs;
    uint8_t ticket_request[2]; /* a client's, as on the wire (RFC 9149 4) */
    uint32_t resume_due;       /* parts of a million: how far the next attempt to resume is */
    unsigned next_name;
    uint64_t n_begun;  /* connections */
    bool has_measured; /* one that was not the first */
    struct tls_tally tally;
    uint8_t plain[TLS_RECORD_MAX]; /* application data, for the time of a step */
};

/**
 * Make @t of @opts, on the thread that is to use it. @return 0, or -1 with @f set: names the
 * scenario key whose value OpenSSL did not take, with its reason. Nothing is left then.
 */
int tls_ctx_init(struct tls_ctx *t, const struct tls_opts *opts, struct fail *f);
void tls_ctx_fini(struct tls_ctx *t);

/* What connections change in @t beside the sessions that they bring. */
struct tls_mark {
    uint32_t resume_due;
    unsigned next_name;
    uint64_t n_begun;
    bool has_measured;
    struct tls_tally tally;
};

/** Note it, and put it back: as if the connections between had not been. */
void tls_ctx_mark(const struct tls_ctx *t, struct tls_mark *m);
void tls_ctx_rewind(struct tls_ctx *t, const struct tls_mark *m);
