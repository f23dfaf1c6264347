/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a search for the maximum, made into what search/search.h takes. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"

/** Fill in c->search, and the largest load where only search.max says it; nothing without
 * --search. @return 0, or -1 with @f set (EXIT_USAGE). */
int conf_finish_search(struct conf *c, struct fail *f);

/** A load of c->search as people read it, in connections or per second. */
double conf_search_load(const struct conf *c, double load);

/** "connections/s", "connections", "requests/s". */
const char *conf_search_unit(const struct conf *c);
