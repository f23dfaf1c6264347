/* SPDX-License-Identifier: BSD-3-Clause */
/* Which addresses a load generator may be pointed at. Pure. */
#pragma once

#include <stdbool.h>

#include "wire/addr.h"

/**
 * Whether @a belongs to address space that no stranger can own: private, shared, link-local,
 * benchmark and documentation ranges. All other addresses need --allow-public.
 */
bool ip_is_lab(const struct ip_addr *a);

/** Whether all addresses from @first to @last are of one such range. */
bool ip_are_lab(const struct ip_addr *first, const struct ip_addr *last);

/**
 * Whether @a can be one host on a link at all: not unspecified, "this network", loopback,
 * multicast, limited broadcast or an IPv4-mapped IPv6 address. Anything else is neither a target
 * nor a local address, whatever the user allows.
 */
bool ip_is_unicast(const struct ip_addr *a);
