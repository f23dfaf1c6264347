/* SPDX-License-Identifier: BSD-3-Clause */
/* The ways to the targets: from which of the run's networks each is reached, and what share of the
 * starts each way gets. A target on the link of a network is reached from that one, by the longest
 * prefix; any other from all networks that have a gateway of its family, alike. Pure. */
#pragma once

#include "conf/conf.h"

#define ROUTES_WHOLE UINT64_C(1000000000)

/** Whether there is a way to @a. */
bool routes_lead_to(const struct conf *c, const struct ip_addr *a);

/** Fill in c->routes and c->turn_weights, once addresses are checked. @return 0, or -1 with @f set:
 * there are too many, or shares of families say nothing */
int routes_make(struct conf *c, struct fail *f);

/* The ways from a network to targets of one family. */

unsigned routes_count(const struct conf *c, unsigned network, bool is_v6);

/** Whether all of them get the same number of connections. */
bool routes_are_even(const struct conf *c, unsigned network, bool is_v6);

/** Their share of the starts, in parts of ROUTES_WHOLE, rounded up. */
uint64_t routes_share(const struct conf *c, unsigned network, bool is_v6);
