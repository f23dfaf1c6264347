/* SPDX-License-Identifier: BSD-3-Clause */
/* Initial sequence numbers after RFC 6528 3: ISN = M + F(tuple, secret). M ticks every 4.1 us, F is
 * SipHash-1-3. With one secret for as long as the machine is up, the numbers of a tuple grow from
 * run to run, so that a peer which still has the tuple in TIME-WAIT can tell the new SYN from an
 * old one. */
#pragma once

#include <stdint.h>

#include "base/siphash.h"
#include "wire/addr.h"

static inline uint32_t
isn_make(struct siphash_key secret, const struct ip_addr *local, uint16_t local_port,
         const struct ip_addr *remote, uint16_t remote_port, uint64_t now_ns)
{
    uint64_t ports = (uint64_t)local_port << 16 | remote_port;
    uint32_t m = (uint32_t)(now_ns >> 12);

    if (local->is_v6) {
        const uint64_t words[] = {local->hi, local->lo, remote->hi, remote->lo, ports};

        return m + (uint32_t)siphash13(secret, words, 5);
    } else {
        const uint64_t words[] = {local->lo << 32 | remote->lo, ports};

        return m + (uint32_t)siphash13(secret, words, 2);
    }
}
