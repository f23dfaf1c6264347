/* SPDX-License-Identifier: BSD-3-Clause */
/* What --json writes of HTTP. */
#pragma once

#include "report/json_tree.h"
#include "report/result.h"

/** Statuses, and the first failed response of each cause; null for a run without HTTP. */
json_t *json_http(struct json_tree *t, const struct result *r);
