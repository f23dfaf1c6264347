/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of TLS, as plain values: the same for all connections of a side. Texts are the
 * caller's and stay as long as the context that is made of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_conn;

/* How many of the connections to a target try to resume a session (RFC 8446 2.2, RFC 5246 F.1.4),
 * in parts of a million. */
#define TLS_RESUME_NEVER  0
#define TLS_RESUME_ALWAYS 1000000

/* TLS 1.2 and 1.3, as on the wire (RFC 8446 4.2.1). */
#define TLS_1_2 0x0303
#define TLS_1_3 0x0304

/* Protocols of ALPN (RFC 7301) and names of SNI (RFC 6066 3) that may be given. */
#define TLS_ALPN_MAX 255 /* bytes of the list as on the wire */
#define TLS_SNI_MAX  64

/* A target of the generating side. */
struct tls_target {
    const char *sni;  /* the name sent to it; NULL: none */
    const char *host; /* what its certificate must be for: a name, or an address as text */
    bool host_is_address;
};

#define TLS_TICKETS_MAX 16 /* that a client is given, whatever it asks for (RFC 9149) */

#define TLS_TICKET_SECRET 80 /* bytes; OpenSSL's ticket keys */

struct tls_opts {
    bool is_server;
    uint16_t version_min, version_max; /* TLS_1_2, TLS_1_3 */
    /* OpenSSL's own syntax, names between colons; NULL: what openssl.cnf or OpenSSL itself says. */
    const char *ciphers;      /* TLS 1.2 */
    const char *ciphersuites; /* TLS 1.3 */
    const char *groups;
    const char *sigalgs;
    const char *alpn;   /* names between commas, the preferred one first; NULL: none */
    bool verifies;      /* the peer's certificate is looked at, and who is not trusted refused */
    const char *ca;     /* PEM file of those trusted; NULL: the host's own */
    const char *cert;   /* PEM file, the chain behind the own certificate; NULL: none */
    const char *key;    /* PEM file; NULL: in the same file as the certificate */
    const char *keylog; /* file that is appended to, NSS key log format; NULL: none */
    /* Told each line of the key log, too, without its end; NULL: nobody is. */
    void (*on_secret)(void *arg, const struct tls_conn *c, const char *line);
    void *on_secret_arg;
    bool psk_without_dhe;    /* TLS 1.3: offer, or take, resumption without a new key exchange */
    bool says_goodbye;       /* close_notify before the end (RFC 8446 6.1) */
    struct tls_batch *batch; /* the worker's, the caller's; NULL: each connection computes for
                                itself (tls/batch.h) */
    uint64_t (*now)(const void *arg); /* a clock, to measure the legs of handshakes by, nanoseconds;
                                         NULL: they are not */
    const void *now_arg;
    uint8_t n_tickets; /* TLS 1.3: a client asks for as many, with asks_for_tickets; a server gives
                          as many to who does not ask, and at most. 0: OpenSSL's own number, but
                          asked for: none */
    uint64_t key_update_bytes; /* of application data sent between two KeyUpdates (RFC 8446 4.6.3),
                                  which ask for the other side's; 0: none */
    /* -- generating side --------------------------------------------------------- */
    const struct tls_target *targets; /* the next three stay the caller's */
    unsigned n_targets;
    const char *const
        *names; /* sent in turns instead of the targets' sni; n_names 0: they are not */
    unsigned n_names;
    uint32_t resume_ppm;
    const struct tls_certs *certs; /* shown in turns instead of cert; NULL: there are none */
    bool asks_for_tickets;         /* sends a ticket request (RFC 9149) */
    bool asks_for_staple;          /* for an OCSP response with the certificate (RFC 6066 8) */
    /* -- responding side --------------------------------------------------------- */
    const struct tls_identity *identity; /* made at start; NULL: cert and key are given */
    bool gives_tickets;    /* sessions can be resumed: tickets, and for TLS 1.2 session ids */
    uint32_t n_cached;     /* sessions of TLS 1.2 kept for those without tickets; 0: OpenSSL's own
                              number */
    bool asks_for_cert;    /* of the client */
    const uint8_t *staple; /* the OCSP response that is given with the certificate; NULL: none */
    size_t staple_len;
    uint8_t ticket_secret[TLS_TICKET_SECRET]; /* one for all workers: any of them can resume */
};
