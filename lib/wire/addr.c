/* SPDX-License-Identifier: BSD-3-Clause */
/* See addr.h. */
#include "wire/addr.h"

#include <arpa/inet.h>

#include "wire/bytes.h"

int
ip_parse(const char *text, struct ip_addr *a)
{
    uint8_t bytes[16];

    if (inet_pton(AF_INET, text, bytes) == 1)
        *a = ip_from_v4_bytes(bytes);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *a = ip_from_v6_bytes(bytes);
    else
        return -1;
    return 0;
}

const char *
ip_format(const struct ip_addr *a, char buf[static IP_TEXT_MAX])
{
    uint8_t bytes[16];

    ip_to_bytes(a, bytes);
    return inet_ntop(a->is_v6 ? AF_INET6 : AF_INET, bytes, buf, IP_TEXT_MAX);
}

/* The @n highest bits of 64, n in 0..64. */
static uint64_t
mask_high(unsigned n)
{
    return n == 0 ? 0 : UINT64_MAX << (64 - n);
}

bool
ip_in_prefix(const struct ip_addr *a, const struct ip_addr *base, unsigned prefix_len)
{
    uint64_t hi = a->hi ^ base->hi, lo = a->lo ^ base->lo;

    if (a->is_v6 != base->is_v6)
        return false;
    if (!a->is_v6)
        return ((lo << 32) & mask_high(prefix_len)) == 0;
    if (prefix_len <= 64)
        return (hi & mask_high(prefix_len)) == 0;
    return hi == 0 && (lo & mask_high(prefix_len - 64)) == 0;
}

bool
ip_range_is_broadcast(const struct ip_range *r, const struct ip_addr *a)
{
    uint64_t host_bits;

    if (a->is_v6 || r->prefix_len > 30 || !ip_range_on_link(r, a))
        return false;
    host_bits = UINT32_MAX >> r->prefix_len;
    return (a->lo & host_bits) == host_bits || (a->lo & host_bits) == 0;
}

bool
ip_is_other_host(const struct ip_addr *a, const struct ip_range *ranges, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (ip_range_index(&ranges[i], a) != UINT32_MAX || ip_range_is_broadcast(&ranges[i], a))
            return false;
    }
    return true;
}

size_t
ip_to_bytes(const struct ip_addr *a, uint8_t out[static 16])
{
    if (!a->is_v6) {
        store_be32(out, (uint32_t)a->lo);
        return 4;
    }
    store_be64(out, a->hi);
    store_be64(out + 8, a->lo);
    return 16;
}

struct ip_addr
ip_from_v4_bytes(const uint8_t in[static 4])
{
    return (struct ip_addr){.lo = load_be32(in)};
}

struct ip_addr
ip_from_v6_bytes(const uint8_t in[static 16])
{
    return (struct ip_addr){.hi = load_be64(in), .lo = load_be64(in + 8), .is_v6 = true};
}
