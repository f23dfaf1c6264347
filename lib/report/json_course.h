/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of the run in the result: its phases, and how its rate was changed. */
#pragma once

#include "report/json_tree.h"
#include "report/result.h"

json_t *json_rate_change(struct json_tree *t, const struct result_rate_change *change);
json_t *json_rate_changes(struct json_tree *t, const struct result *r);

/** Those that there are, as far as the load has come. */
json_t *json_phases(struct json_tree *t, const struct result *r);

/** Which criterion ended the load, and when; null: none did. */
json_t *json_aborted(struct json_tree *t, const struct result *r);
