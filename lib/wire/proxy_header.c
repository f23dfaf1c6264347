/* SPDX-License-Identifier: BSD-3-Clause */
/* See proxy_header.h. Section numbers are those of the specification. */
#include "wire/proxy_header.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wire/bytes.h"

/* 2.2. */
static const uint8_t SIGNATURE[12] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                      0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
enum { VERSION_2_PROXY = 0x21, TCP_OVER_IPV4 = 0x11, TCP_OVER_IPV6 = 0x21 };

/* 2.1. */
static size_t
write_line(const struct ip_addr *src, uint16_t src_port, const struct ip_addr *dst,
           uint16_t dst_port, uint8_t *buf)
{
    char from[IP_TEXT_MAX], to[IP_TEXT_MAX], line[PROXY_HEADER_MAX + 1];
    int len = snprintf(line, sizeof(line), "PROXY TCP%c %s %s %u %u\r\n", src->is_v6 ? '6' : '4',
                       ip_format(src, from), ip_format(dst, to), src_port, dst_port);

    assert(len > 0 && (size_t)len < sizeof(line));
    memcpy(buf, line, (size_t)len);
    return (size_t)len;
}

static size_t
write_binary(const struct ip_addr *src, uint16_t src_port, const struct ip_addr *dst,
             uint16_t dst_port, uint8_t *buf)
{
    uint8_t *at = buf + sizeof(SIGNATURE) + 4;

    at += ip_to_bytes(src, at);
    at += ip_to_bytes(dst, at);
    store_be16(at, src_port);
    store_be16(at + 2, dst_port);
    at += 4;
    memcpy(buf, SIGNATURE, sizeof(SIGNATURE));
    buf[12] = VERSION_2_PROXY;
    buf[13] = src->is_v6 ? TCP_OVER_IPV6 : TCP_OVER_IPV4;
    store_be16(buf + 14, (uint16_t)(at - buf - 16));
    return (size_t)(at - buf);
}

size_t
proxy_header_write(enum proxy_version version, const struct ip_addr *src, uint16_t src_port,
                   const struct ip_addr *dst, uint16_t dst_port,
                   uint8_t buf[static PROXY_HEADER_MAX])
{
    assert(src->is_v6 == dst->is_v6);

    switch (version) {
    case PROXY_V1:
        return write_line(src, src_port, dst, dst_port, buf);
    case PROXY_V2:
        return write_binary(src, src_port, dst, dst_port, buf);
    case PROXY_NONE:
    case PROXY_VERSIONS:
        break;
    }
    return 0;
}
