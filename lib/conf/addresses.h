/* SPDX-License-Identifier: BSD-3-Clause */
/* The addresses of a run: its own, its gateways' and its targets', and whether they fit together.
 * Pure. */
#pragma once

#include "conf/conf.h"

/* What a run on loopback is for that names no target. */
#define ADDRESSES_URL_V4 "tcp://198.19.0.1:80"

/** The network of the options, where the scenario names none. */
void addresses_fill_networks(struct conf *c);

/** The embedded default: a target and local addresses for loopback where none were given. */
void addresses_fill_loopback(struct conf *c);

/** Once names are resolved: everything that conf_finish() promises about addresses.
 * @return 0, or -1 with @f set */
int addresses_check(const struct conf *c, struct fail *f);

/** Whether the ranges are apart, not too many, and of a lab. @option: whose they are.
 * @return as above */
int addresses_check_ranges(const struct conf *c, const struct conf_ranges *ranges,
                           const char *option, struct fail *f);

/** Whether @a may be the gateway of who has the addresses, but for its link. @return as above */
int addresses_check_gateway(const struct conf *c, const struct conf_ranges *ranges,
                            const struct ip_addr *a, const char *option, struct fail *f);

/** An address that is in both; NULL: none is. */
const struct ip_addr *addresses_common(const struct ip_range *a, const struct ip_range *b);

/** Whether @a is one of them. */
bool addresses_have(const struct conf_ranges *ranges, const struct ip_addr *a);

/** Whether the MTU does for each family that is spoken, and for --mss. @return as above */
int addresses_check_mtu(const struct conf *c, struct fail *f);
