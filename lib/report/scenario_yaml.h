/* SPDX-License-Identifier: BSD-3-Clause */
/* The effective scenario as YAML, which can be run again. */
#pragma once

#include <stdio.h>

#include "conf/conf.h"

/** @return 0, or -1 with @f set (EXIT_HOST): there is no memory. What @out does not take, it knows.
 */
int scenario_yaml_write(FILE *out, const struct conf *c, struct fail *f);
