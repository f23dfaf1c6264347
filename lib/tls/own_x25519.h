/* SPDX-License-Identifier: BSD-3-Clause */
/* X25519 (RFC 7748) of ours, own_x25519.c, and what OpenSSL's does for it, one key at a time,
 * own_x25519_theirs.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tls/lanes.h"

struct own_x25519_key {
    void *provctx;
    bool has_public, has_private;
    uint8_t public[X25519_BYTES], private[X25519_BYTES];
};

struct own_x25519_exchange {
    struct own_x25519_key own, peer; /* copies: the others may be gone */
};

struct own_x25519_derivation {
    const struct own_x25519_exchange *x;
    uint8_t *shared; /* X25519_BYTES */
};

/** Fill both halves of @k by chance. @return false: OpenSSL could not. */
bool own_x25519_make_pair(struct own_x25519_key *k);

/** Fill @k's public half from its private one, which came alone. */
bool own_x25519_find_public(struct own_x25519_key *k);

/** @arg: a struct own_x25519_derivation. @return whether its shared secret is there. */
bool own_x25519_derive(void *arg);
