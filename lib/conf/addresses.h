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

/** Whether the MTU does for each family that is spoken, and for --mss. @return as above */
int addresses_check_mtu(const struct conf *c, struct fail *f);
