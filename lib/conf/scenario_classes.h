/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of traffic classes of a scenario. */
#pragma once

#include "conf/scenario_value.h"

/** Take the classes that @r has noted, once all else is read, which is said of all of them.
 * @return 0, or -1 with the failure set */
int scenario_take_classes(struct scenario_reading *r);
