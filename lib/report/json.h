/* SPDX-License-Identifier: BSD-3-Clause */
/* The result as one JSON object for machines; its form is docs/result.schema.json, and a key once
 * given keeps its meaning. Durations are *_s or *_us numbers, counts are whole, ratios lie in 0..1.
 * Control thread. */
#pragma once

#include <stdio.h>

#include "report/json_tree.h"
#include "report/result.h"

#define JSON_SCHEMA_NAME "shakedown.result/1"

/**
 * Write @r and a newline to @out.
 *
 * @return 0, or -1 with @f set (EXIT_HOST): no memory, or @out did not take it
 */
int json_write(FILE *out, const struct result *r, struct fail *f);

/** The same, or all of it on one line, which is not flushed; a row at a time, so that a long run
 * takes no more memory than a short one. @return false where json_write() fails */
bool json_result_write(FILE *out, const struct result *r, bool is_line);

/** All but the rows, of which there may be very many, as a tree; the same. */
json_t *json_result_tree(struct json_tree *t, const struct result *r);

/** A row of it as a tree; a lack of memory marks @t. */
json_t *json_interval(struct json_tree *t, const struct result_interval *i);
