/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether what is said about exchanges fits together: payload, how many of them, when. */
#pragma once

#include "conf/conf.h"

/** Of a class whose protocol is known. @return 0, or -1 with @f set (EXIT_USAGE). */
int conf_check_exchanges(const struct conf *c, const struct conf_class *k, struct fail *f);
