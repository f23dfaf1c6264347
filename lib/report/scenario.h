/* SPDX-License-Identifier: BSD-3-Clause */
/* The effective scenario as JSON: every key of the option table that the command knows, nested by
 * its path, with defaults filled in and values in the syntax a user may write; null where nothing
 * is set. Pure. */
#pragma once

#include "conf/conf.h"
#include "report/json_tree.h"

/** @return a new object, NULL (or @t marked) without memory. */
json_t *scenario_json(struct json_tree *t, const struct conf *c);

/** The value of the option table's @row in it: the run's, or that of class @class_idx. */
json_t *scenario_value_json(struct json_tree *t, const struct conf *c, unsigned class_idx, int row);
