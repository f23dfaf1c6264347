/* SPDX-License-Identifier: BSD-3-Clause */
/* Sessions that a client can resume, a few for each peer (a target, with one of the names sent to
 * it). A ticket of TLS 1.3 is used once (RFC 8446 C.4) as long as there are more; the last one
 * stays, so that a target that gives few can be resumed at any rate. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define TLS_SESSIONS_KEPT 8 /* for each peer; with more, the oldest goes */

struct tls_peer_sessions {
    SSL_SESSION *kept[TLS_SESSIONS_KEPT]; /* the newest last */
    unsigned n;
    bool gives_none; /* it was waited for, in vain */
};

struct tls_sessions {
    struct tls_peer_sessions *peers;
    unsigned n_peers;
};

/** Room for @n_peers, 0 allowed. @return 0, or -1 without memory. */
int tls_sessions_init(struct tls_sessions *s, unsigned n_peers);
void tls_sessions_fini(struct tls_sessions *s);

/** Keep @session for @peer, with the caller's reference to it. */
void tls_sessions_keep(struct tls_sessions *s, unsigned peer, SSL_SESSION *session);

/** A session to resume, to be freed by the caller. @return NULL: there is none. */
SSL_SESSION *tls_sessions_take(struct tls_sessions *s, unsigned peer);
