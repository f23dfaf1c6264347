/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user says about HTTP: checks of single values, and how they fit together. Pure. */
#pragma once

#include "conf/conf.h"
#include "conf/value.h"

/** Checks of the option table: set @why and return -1 when the text is none. */
int conf_check_method(const char *text, struct value_why *why);
int conf_check_field(const char *text, struct value_why *why);

/** Fill in what HTTP is told in class @class_idx, whose protocol is known, and refuse what it would
 * ignore, or what would be ignored without it. */
int conf_finish_http(struct conf *c, unsigned class_idx, struct fail *f);
