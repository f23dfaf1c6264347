/* SPDX-License-Identifier: BSD-3-Clause */
/* Initial sequence numbers after RFC 6528 3: ISN = M + F(tuple, secret). M ticks every 4.1 us, F is
 * AES-128 where the processor has it, else SipHash-1-3. With one secret for as long as the machine
 * is up, the numbers of a tuple grow from run to run, so that a peer which still has the tuple in
 * TIME-WAIT can tell the new SYN from an old one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/aes.h"
#include "base/siphash.h"
#include "base/units.h"
#include "wire/addr.h"

struct isn_key {
    struct siphash_key secret;
    bool has_aes;
    struct aes_key aes; /* with has_aes: of the same secret */
};

static inline void
isn_key_init(struct isn_key *k, struct siphash_key secret)
{
    const uint64_t words[2] = {secret.k0, secret.k1};

    *k = (struct isn_key){.secret = secret, .has_aes = aes_is_available()};
    if (k->has_aes)
        aes_expand(&k->aes, words);
}

/* F of @words, pairs of them: of one for IPv4, of three for IPv6. */
static inline uint32_t
isn_hash(const struct isn_key *k, const uint64_t *words, size_t n_pairs)
{
    return (uint32_t)(likely(k->has_aes) ? aes_mac(&k->aes, words, n_pairs)
                                         : siphash13(k->secret, words, 2 * n_pairs));
}

static inline uint32_t
isn_make(const struct isn_key *k, const struct ip_addr *local, uint16_t local_port,
         const struct ip_addr *remote, uint16_t remote_port, uint64_t now_ns)
{
    uint64_t ports = (uint64_t)local_port << 16 | remote_port;
    uint32_t m = (uint32_t)(now_ns >> 12);

    if (local->is_v6) {
        const uint64_t words[] = {local->hi, local->lo, remote->hi, remote->lo, ports, 0};

        return m + isn_hash(k, words, 3);
    } else {
        const uint64_t words[] = {local->lo << 32 | remote->lo, ports};

        return m + isn_hash(k, words, 1);
    }
}
