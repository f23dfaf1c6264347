/* SPDX-License-Identifier: BSD-3-Clause */
/* A criterion of a scenario that says more than its text: {criterion: failed < 5%, abort: true,
 * delay: 10s} is "failed < 5% abort after 10s". */
#pragma once

#include "conf/scenario_value.h"

/** Take @list, a text, or texts and such mappings: the run's, or those of the class that is read.
 * @return 0, or -1 with the failure set */
int scenario_take_criteria(struct scenario_reading *r, const struct yaml_node *list);

/** Take the value of a class's @key, a text or such a list. @return the same */
int scenario_take_class_criteria(struct scenario_reading *r, const struct yaml_node *key,
                                 const struct yaml_node *value);
