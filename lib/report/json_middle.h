/* SPDX-License-Identifier: BSD-3-Clause */
/* What --json writes of a device under test between two ports. */
#pragma once

#include "report/json_tree.h"
#include "report/result.h"

/** What left each port and came to the other, what was changed, and how long it took; null where
 * nothing is in between. */
json_t *json_middle(struct json_tree *t, const struct result *r);
