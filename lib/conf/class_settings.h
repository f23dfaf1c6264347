/* SPDX-License-Identifier: BSD-3-Clause */
/* What the command line says of one class of a scenario: --set classes.NAME.KEY=VALUE, or its
 * number, from 0 on, in place of the name. */
#pragma once

#include "conf/conf.h"

/** Store what c->class_settings says in the classes, in place of what they say; @defaults is as
 * conf_init() leaves it. @return 0, or -1 with @f set */
int class_settings_apply(struct conf *c, const struct conf *defaults, struct fail *f);
