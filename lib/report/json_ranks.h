/* SPDX-License-Identifier: BSD-3-Clause */
/* What --json writes of a run that several machines made together. */
#pragma once

#include "report/json_tree.h"
#include "report/result.h"

/** The processes, and how their clocks stood; empty: it was one. */
json_t *json_ranks(struct json_tree *t, const struct result *r);

/** The one that was lost; null: none was. */
json_t *json_ranks_lost(struct json_tree *t, const struct result *r);

/** Whose the core is, which has a rank. */
void json_ranks_put_core(struct json_tree *t, json_t *o, const struct result *r,
                         const struct result_core *core);
