/* SPDX-License-Identifier: BSD-3-Clause */
/* The legs of a TLS handshake, from the messages that OpenSSL shows as they pass. They are the same
 * instants at either end, whoever reads or writes:
 *
 *     ClientHello ── hello ──► ServerHello ── flight ──► end of the server's flight ── finish ──►
 * done
 *
 * The server's flight ends with its Finished (RFC 8446 4.4.4; resumed TLS 1.2), or with
 * ServerHelloDone (RFC 5246 7.4.5). A HelloRetryRequest (RFC 8446 4.1.4) is part of "hello". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_leg { TLS_LEG_HELLO, TLS_LEG_FLIGHT, TLS_LEG_FINISH, TLS_LEGS };

extern const char *const tls_leg_names[TLS_LEGS];

struct tls_legs {
    uint64_t began_ns[TLS_LEGS]; /* 0: it has not begun */
    uint64_t computing_ns;       /* in OpenSSL's calls; what a batch computes is not in it */
    uint32_t in_bytes, out_bytes;
    uint8_t n_shares; /* key shares of the last ClientHello (RFC 8446 4.2.8); 0: of TLS 1.2 */
    bool has_retried; /* a HelloRetryRequest was sent */
};

/** A handshake message of @len bytes, its header included, was read or is written at @now_ns. */
void tls_legs_message(struct tls_legs *l, const uint8_t *message, size_t len, uint64_t now_ns);

/** The leg that is under way. */
enum tls_leg tls_legs_now(const struct tls_legs *l);

/** What @leg took of a handshake that was done at @done_ns; 0: it was not seen. */
uint64_t tls_legs_ns(const struct tls_legs *l, enum tls_leg leg, uint64_t done_ns);
