/* SPDX-License-Identifier: BSD-3-Clause */
/* The PROXY protocol's header: what a proxy says in front of a connection's bytes, before TLS,
 * about whom it is for (the specification is HAProxy's, doc/proxy-protocol.txt). Pure. */
#pragma once

#include <stddef.h>

#include "wire/addr.h"

enum proxy_version {
    PROXY_NONE,
    PROXY_V1, /* a line of text */
    PROXY_V2, /* binary */
    PROXY_VERSIONS
};

/* The longest: a line with two IPv6 addresses. */
#define PROXY_HEADER_MAX 107

/**
 * Write the header of a TCP connection from @src to @dst, of one family.
 *
 * @return its bytes; 0 with PROXY_NONE
 */
size_t proxy_header_write(enum proxy_version version, const struct ip_addr *src, uint16_t src_port,
                          const struct ip_addr *dst, uint16_t dst_port,
                          uint8_t buf[static PROXY_HEADER_MAX]);
