/* SPDX-License-Identifier: BSD-3-Clause */
/* See safety.h. The ranges are those of the IANA special-purpose registries (RFC 6890). */
#include "conf/safety.h"

#include <stddef.h>

#include "base/units.h"

#define V4(a, b, c, d)                                                                             \
    {                                                                                              \
        .lo = UINT64_C(a) << 24 | (b) << 16 | (c) << 8 | (d)                                       \
    }
#define V6(high)                                                                                   \
    {                                                                                              \
        .hi = UINT64_C(high), .is_v6 = true                                                        \
    }

struct prefix {
    struct ip_addr base;
    unsigned len;
};

static const struct prefix lab_prefixes[] = {
    {V4(10, 0, 0, 0), 8},         /* RFC 1918 */
    {V4(172, 16, 0, 0), 12},      /* RFC 1918 */
    {V4(192, 168, 0, 0), 16},     /* RFC 1918 */
    {V4(169, 254, 0, 0), 16},     /* link-local, RFC 3927 */
    {V4(198, 18, 0, 0), 15},      /* benchmarking, RFC 2544 */
    {V4(100, 64, 0, 0), 10},      /* shared, RFC 6598 */
    {V4(192, 0, 2, 0), 24},       /* documentation, RFC 5737 */
    {V4(198, 51, 100, 0), 24},    /* documentation, RFC 5737 */
    {V4(203, 0, 113, 0), 24},     /* documentation, RFC 5737 */
    {V6(0xfe80000000000000), 10}, /* link-local */
    {V6(0xfc00000000000000), 7},  /* unique local, RFC 4193 */
    {V6(0x2001000200000000), 48}, /* benchmarking, RFC 5180 */
    {V6(0x20010db800000000), 32}, /* documentation, RFC 3849 */
    {V6(0x3fff000000000000), 20}, /* documentation, RFC 9637 */
};

static const struct prefix not_unicast_prefixes[] = {
    {V4(0, 0, 0, 0), 8},         /* "this network" */
    {V4(127, 0, 0, 0), 8},       /* loopback */
    {V4(224, 0, 0, 0), 4},       /* multicast */
    {V4(255, 0, 0, 0), 8},       /* limited broadcast, and what is beside it */
    {V6(0), 64},                 /* unspecified, loopback, IPv4-mapped (RFC 4291 2.5) */
    {V6(0xff00000000000000), 8}, /* multicast */
};

static bool
is_in_any(const struct ip_addr *a, const struct prefix *prefixes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ip_in_prefix(a, &prefixes[i].base, prefixes[i].len))
            return true;
    return false;
}

bool
ip_is_lab(const struct ip_addr *a)
{
    return is_in_any(a, lab_prefixes, ARRAY_LEN(lab_prefixes));
}

bool
ip_are_lab(const struct ip_addr *first, const struct ip_addr *last)
{
    for (size_t i = 0; i < ARRAY_LEN(lab_prefixes); i++)
        if (ip_in_prefix(first, &lab_prefixes[i].base, lab_prefixes[i].len) &&
            ip_in_prefix(last, &lab_prefixes[i].base, lab_prefixes[i].len))
            return true;
    return false;
}

bool
ip_is_unicast(const struct ip_addr *a)
{
    return !is_in_any(a, not_unicast_prefixes, ARRAY_LEN(not_unicast_prefixes));
}
