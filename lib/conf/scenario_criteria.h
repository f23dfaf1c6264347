/* SPDX-License-Identifier: BSD-3-Clause */
/* A criterion of a scenario that says more than its text: {criterion: failed < 5%, abort: true,
 * delay: 10s} is "failed < 5% abort after 10s". */
#pragma once

#include "conf/scenario_value.h"

/** Take @item, a mapping in the list of the option @row. @return 0, or -1 with the failure set */
int scenario_take_criterion(struct scenario_reading *r, int row, const struct yaml_node *item);
