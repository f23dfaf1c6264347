/* SPDX-License-Identifier: BSD-3-Clause */
/* What TLS handshakes take of memory and of the wire, found out by shaking hands: a client and a
 * server on the calling thread, over memory. It follows from OpenSSL's release, from the group and
 * the cipher that both sides come to, and from the server's certificate, so that no table would be
 * right for long. Slow path: a few milliseconds, more with RSA. */
#pragma once

#include <stdint.h>

#include "base/fail.h"
#include "base/role.h"
#include "tls/opts.h"

/* TLS 1.2 has four flights, TLS 1.3 as many with a HelloRetryRequest, and one of tickets. */
#define TLS_TRIAL_FLIGHTS 6

struct tls_trial {
    uint64_t openssl_bytes[ROLE_COUNT]; /* the most of OpenSSL's memory that an end had; 0: it is
                                           not counted (tls/mem.h) */
    uint64_t sent_bytes[ROLE_COUNT]; /* until both had completed the handshake, tickets included */
    uint32_t flights[TLS_TRIAL_FLIGHTS]; /* the same in turn, the client's first; 0s behind them */
};

/** Have two ends with these options shake hands. @return 0; -1: they come to nothing, or an option
 * is not taken (@f) */
int tls_trial(struct tls_trial *t, const struct tls_opts *client, const struct tls_opts *server,
              struct fail *f);
