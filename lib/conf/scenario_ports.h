/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of ports of a scenario: the clients' and the servers', with a device under test in
 * between. */
#pragma once

#include "conf/scenario_value.h"

/** Take the ports that @r has noted, once all else is read. @return 0, or -1 with the failure set
 */
int scenario_take_ports(struct scenario_reading *r);
