/* SPDX-License-Identifier: BSD-3-Clause */
/* IP addresses, v4 and v6 alike, as numbers in host order, and ranges of them. Pure values; no
 * name is ever resolved here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A v4 address lies in the low 32 bits of @lo, the rest is zero; a v6 address fills both. */
struct ip_addr {
    uint64_t hi, lo;
    bool is_v6;
};

/* @count consecutive addresses from @first, all on one link of @prefix_len bits. */
struct ip_range {
    struct ip_addr first;
    uint32_t count; /* >= 1 */
    uint8_t prefix_len;
};

#define IP_TEXT_MAX 46 /* INET6_ADDRSTRLEN */

/* Bytes of an IP header as we write it: without options, without extension headers. */
enum { IPV4_HDR_LEN = 20, IPV6_HDR_LEN = 40 };

static inline unsigned
ip_hdr_len(bool is_v6)
{
    return is_v6 ? IPV6_HDR_LEN : IPV4_HDR_LEN;
}

static inline bool
ip_equal(const struct ip_addr *a, const struct ip_addr *b)
{
    return ((a->hi ^ b->hi) | (a->lo ^ b->lo) | (uint64_t)(a->is_v6 ^ b->is_v6)) == 0;
}

/* The address @n places after @a; the caller knows that it does not wrap. */
static inline struct ip_addr
ip_add(const struct ip_addr *a, uint32_t n)
{
    struct ip_addr sum = *a;

    sum.lo += n;
    sum.hi += sum.lo < a->lo;
    return sum;
}

/**
 * The place of @a in @r: 0 for the first address.
 *
 * @return UINT32_MAX when @a is not in @r (also when the family differs).
 */
static inline uint32_t
ip_range_index(const struct ip_range *r, const struct ip_addr *a)
{
    uint64_t lo = a->lo - r->first.lo;
    uint64_t hi = a->hi - r->first.hi - (a->lo < r->first.lo);

    if (hi != 0 || lo >= r->count || a->is_v6 != r->first.is_v6)
        return UINT32_MAX;
    return (uint32_t)lo;
}

/** Parse "198.18.0.1" or "2001:2::1" and nothing else. @return 0, or -1 with @a untouched. */
int ip_parse(const char *text, struct ip_addr *a);

/** Write @a as text (v6 by RFC 5952) into @buf, which is also returned. */
const char *ip_format(const struct ip_addr *a, char buf[static IP_TEXT_MAX]);

/** Whether @a and @base share their first @prefix_len bits (0..32, 0..128); false across families.
 */
bool ip_in_prefix(const struct ip_addr *a, const struct ip_addr *base, unsigned prefix_len);

/** Whether @a is on the link that @r lies on. */
static inline bool
ip_range_on_link(const struct ip_range *r, const struct ip_addr *a)
{
    return ip_in_prefix(a, &r->first, r->prefix_len);
}

/** Whether @a names the v4 link that @r lies on as a whole, all host bits one or zero (RFC 1122
 * 3.2.1.3); a /31 has no such address (RFC 3021). */
bool ip_range_is_broadcast(const struct ip_range *r, const struct ip_addr *a);

/** Whether @a can be another host, seen from one with the addresses of @ranges: it is neither one
 * of them nor a broadcast address of their links. O(n). */
bool ip_is_other_host(const struct ip_addr *a, const struct ip_range *ranges, unsigned n);

/** Network-order bytes: 4 for v4, 16 for v6; the number written is returned. */
size_t ip_to_bytes(const struct ip_addr *a, uint8_t out[static 16]);
struct ip_addr ip_from_v4_bytes(const uint8_t in[static 4]);
struct ip_addr ip_from_v6_bytes(const uint8_t in[static 16]);
