/* SPDX-License-Identifier: BSD-3-Clause */
/* What all objects that --json writes have in common: how they begin, and how they are written.
 * Control thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "report/json_tree.h"
#include "report/result.h"

#define JSON_OPTION "--json"

/** Set in @o which @schema it has, and by which program. */
void json_head_put_tool(struct json_tree *t, json_t *o, const char *schema, const struct result *r);

/** The same, and for which scenario and on which host. */
void json_head_put(struct json_tree *t, json_t *o, const char *schema, const struct result *r);

/**
 * Write @o, whose reference is taken, and a newline to @out.
 *
 * @return 0, or -1 with @f set (EXIT_HOST): @t has failed for lack of memory, or @out did not take
 * it
 */
int json_head_dump(const struct json_tree *t, json_t *o, FILE *out, struct fail *f);

/** How the writing of an object ends: @has_memory tells whether there was enough for all of it.
 * @return the same */
int json_head_end(bool has_memory, FILE *out, struct fail *f);

/** @o on one line, which is not flushed. @return false where the others fail */
bool json_head_dump_line(const struct json_tree *t, json_t *o, FILE *out);
