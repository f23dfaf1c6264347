/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of TLS, as plain values: the same for all connections of a side. Texts are the
 * caller's and stay as long as the context that is made of them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* How many of the connections to a target try to resume a session (RFC 8446 2.2, RFC 5246 F.1.4),
 * in parts of a million. */
#define TLS_RESUME_NEVER  0
#define TLS_RESUME_ALWAYS 1000000

/* TLS 1.2 and 1.3, as on the wire (RFC 8446 4.2.1). */
#define TLS_1_2 0x0303
#define TLS_1_3 0x0304

/* Protocols of ALPN (RFC 7301) and names of SNI (RFC 6066 3) that may be given. */
#define TLS_ALPN_MAX  255 /* bytes of the list as on the wire */
#define TLS_NAMES_MAX 64

struct tls_opts {
    bool is_server;
    uint16_t version_min, version_max; /* TLS_1_2, TLS_1_3 */
    /* OpenSSL's own syntax, names between colons; NULL: what openssl.cnf or OpenSSL itself says. */
    const char *ciphers;      /* TLS 1.2 */
    const char *ciphersuites; /* TLS 1.3 */
    const char *groups;
    const char *sigalgs;
    const char *alpn;   /* names between commas, the preferred one first; NULL: none */
    const char *ca;     /* PEM file of those trusted; NULL: a peer's certificate is not looked at */
    const char *cert;   /* PEM file, the chain behind the own certificate; NULL: none */
    const char *key;    /* PEM file; NULL: in the same file as the certificate */
    const char *keylog; /* file that is appended to, NSS key log format; NULL: none */
    bool psk_without_dhe; /* TLS 1.3: offer, or take, resumption without a new key exchange */
    bool says_goodbye;    /* close_notify before the end (RFC 8446 6.1) */
    /* -- generating side --------------------------------------------------------- */
    uint32_t resume_ppm;
    /* -- responding side --------------------------------------------------------- */
    const char *self_signed; /* kind of key (tls/identity.h) of a certificate made at start; NULL:
                                cert and key are given */
    bool gives_tickets;      /* sessions can be resumed: tickets, and for TLS 1.2 session ids */
    bool asks_for_cert;      /* of the client; with a CA, one that is not trusted is refused */
};
