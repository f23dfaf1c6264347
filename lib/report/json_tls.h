/* SPDX-License-Identifier: BSD-3-Clause */
/* What --json writes of TLS. */
#pragma once

#include "report/json_tree.h"
#include "report/result.h"

/** Names, sizes, examples, who computed, and memory; null for a run without TLS. */
json_t *json_tls(struct json_tree *t, const struct result *r);
