/* SPDX-License-Identifier: BSD-3-Clause */
/* The bytes are those of the specification's own examples, and what HAProxy 2.6 sends. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "wire/proxy_header.h"

static uint8_t buf[PROXY_HEADER_MAX];

static size_t
header(enum proxy_version version, const char *src, const char *dst)
{
    struct ip_addr from, to;

    cr_assert(zero(int, ip_parse(src, &from)));
    cr_assert(zero(int, ip_parse(dst, &to)));
    return proxy_header_write(version, &from, 56324, &to, 443, buf);
}

Test(proxy_header, version_1_is_a_line)
{
    static const char line[] = "PROXY TCP4 198.18.0.10 198.18.0.1 56324 443\r\n";

    cr_assert(eq(sz, header(PROXY_V1, "198.18.0.10", "198.18.0.1"), strlen(line)));
    cr_assert(zero(int, memcmp(buf, line, strlen(line))));
}

Test(proxy_header, version_1_over_ipv6)
{
    static const char line[] = "PROXY TCP6 2001:2::10 2001:2::1 56324 443\r\n";

    cr_assert(eq(sz, header(PROXY_V1, "2001:2::10", "2001:2::1"), strlen(line)));
    cr_assert(zero(int, memcmp(buf, line, strlen(line))));
}

Test(proxy_header, the_longest_line_fits)
{
    const char *longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    struct ip_addr a;

    cr_assert(zero(int, ip_parse(longest, &a)));
    cr_assert(eq(sz, proxy_header_write(PROXY_V1, &a, 65535, &a, 65535, buf), 104));
}

Test(proxy_header, version_2_is_binary)
{
    static const uint8_t bytes[] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49,
                                    0x54, 0x0a, 0x21, 0x11, 0x00, 0x0c, 198,  18,   0,    10,
                                    198,  18,   0,    1,    0xdc, 0x04, 0x01, 0xbb};

    cr_assert(eq(sz, header(PROXY_V2, "198.18.0.10", "198.18.0.1"), sizeof(bytes)));
    cr_assert(zero(int, memcmp(buf, bytes, sizeof(bytes))));
}

Test(proxy_header, version_2_over_ipv6)
{
    cr_assert(eq(sz, header(PROXY_V2, "2001:2::10", "2001:2::1"), 52));
    cr_assert(eq(u8, buf[13], 0x21));
    cr_assert(eq(u8, buf[15], 36));
    cr_assert(eq(u8, buf[31], 0x10));
    cr_assert(eq(u8, buf[47], 0x01));
    cr_assert(eq(u8, buf[48], 0xdc));
    cr_assert(eq(u8, buf[51], 0xbb));
}

Test(proxy_header, none_is_nothing)
{
    cr_assert(zero(sz, header(PROXY_NONE, "198.18.0.10", "198.18.0.1")));
}
