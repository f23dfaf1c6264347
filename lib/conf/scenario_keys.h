/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of a scenario, nested by the dots in their names: what each of them stands for. */
#pragma once

#include "conf/scenario_value.h"

/** Take all that @node, a mapping, says. @before is its path with a dot; "": the whole file, or a
 * class. Classes are only noted in @r. @return 0, or -1 with the failure set */
int scenario_take_mapping(struct scenario_reading *r, const struct yaml_node *node,
                          const char *before);

/** Take @value, which stands under @key, for the option @row. @return as above */
int scenario_take_setting(struct scenario_reading *r, int row, const struct yaml_node *key,
                          const struct yaml_node *value);
