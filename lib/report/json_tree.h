/* SPDX-License-Identifier: BSD-3-Clause */
/* Building a JSON object with Jansson without a check after every call: a step that fails for lack
 * of memory marks the tree, and the caller looks once at the end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* How numbers are written: with more digits they would show the binary fraction behind a rounded
 * decimal. */
#define JSON_TREE_REALS JSON_REAL_PRECISION(12)

struct json_tree {
    bool has_failed;
};

/** Set @key of the object @o to @value, whose reference is taken even on failure. */
void tree_put(struct json_tree *t, json_t *o, const char *key, json_t *value);

/** Set the value at the dotted path @key ("load.rate"), making the objects on the way. */
void tree_put_path(struct json_tree *t, json_t *o, const char *key, json_t *value);

/** What tree_put_path() has set at @key. @return borrowed; NULL: there is nothing. */
const json_t *tree_at_path(const json_t *o, const char *key);

/** Append @value to the array @a, taking the reference. */
void tree_append(struct json_tree *t, json_t *a, json_t *value);

/** A string value; bytes that are no UTF-8 become '?'. NULL becomes null. */
json_t *tree_text(const char *text);

/** A count; beyond INT64_MAX, which no JSON integer of ours holds, it is written as a string. */
json_t *tree_count(uint64_t n);

/**
 * Add @n to the count @key of the object @o, which is made if it is not there. @key is a name that
 * another host may have chosen: bytes that are no UTF-8 become '?', and names that are then the
 * same count together.
 */
void tree_add_count(struct json_tree *t, json_t *o, const char *key, uint64_t n);

/** A number rounded to @decimals (0..9) decimals; null when it is not finite. */
json_t *tree_number(double v, unsigned decimals);
