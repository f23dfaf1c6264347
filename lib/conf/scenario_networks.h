/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of local networks of a scenario. */
#pragma once

#include "conf/scenario_value.h"

/** Take the networks that @r has noted, once all else is read. @return 0, or -1 with the failure
 * set */
int scenario_take_networks(struct scenario_reading *r);
