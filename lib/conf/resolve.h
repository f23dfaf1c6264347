/* SPDX-License-Identifier: BSD-3-Clause */
/* Host names in targets become addresses, once, before the run. It talks to the system's
 * resolver, which may take seconds. */
#pragma once

#include "conf/conf.h"

#define RESOLVE_ADDRESSES_MAX 16

/**
 * Look up @host.
 *
 * @param why  the resolver's words when nothing was found; never freed
 * @return how many addresses were stored in @out, best first; 0: none
 */
typedef unsigned host_lookup(const char *host, struct ip_addr out[static RESOLVE_ADDRESSES_MAX],
                             const char **why);

/** getaddrinfo(). */
host_lookup resolve_host;

/**
 * Fill in the address of every target whose URL has a host name: the first that @lookup yields of a
 * family with a local range, or simply the first.
 *
 * @return 0, or -1 with @f set to EXIT_USAGE: names the host
 */
int conf_resolve(struct conf *c, host_lookup *lookup, struct fail *f);
