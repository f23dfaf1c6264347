/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_tree.h. */
#include "report/json_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
tree_put(struct json_tree *t, json_t *o, const char *key, json_t *value)
{
    if (json_object_set_new(o, key, value) < 0)
        t->has_failed = true;
}

void
tree_put_path(struct json_tree *t, json_t *o, const char *key, json_t *value)
{
    const char *dot = strchr(key, '.');
    char part[64];
    json_t *child;

    if (dot == NULL) {
        tree_put(t, o, key, value);
        return;
    }
    snprintf(part, sizeof(part), "%.*s", (int)(dot - key), key);
    if (json_object_get(o, part) == NULL)
        tree_put(t, o, part, json_object());
    child = json_object_get(o, part); /* NULL without memory; every call below refuses that */
    tree_put_path(t, child, dot + 1, value);
}

const json_t *
tree_at_path(const json_t *o, const char *key)
{
    const char *dot = strchr(key, '.');

    if (dot == NULL)
        return json_object_get(o, key);
    return tree_at_path(json_object_getn(o, key, (size_t)(dot - key)), dot + 1);
}

void
tree_append(struct json_tree *t, json_t *a, json_t *value)
{
    if (json_array_append_new(a, value) < 0)
        t->has_failed = true;
}

json_t *
tree_text(const char *text)
{
    json_t *value;
    char *ascii;

    if (text == NULL)
        return json_null();
    value = json_string(text);
    if (value != NULL)
        return value;
    /* No UTF-8: a path or URL may hold any byte. */
    ascii = strdup(text);
    if (ascii == NULL)
        return NULL;
    for (char *p = ascii; *p != '\0'; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
    value = json_string(ascii);
    free(ascii);
    return value;
}

json_t *
tree_count(uint64_t n)
{
    char digits[24];

    if (n <= INT64_MAX)
        return json_integer((json_int_t)n);
    snprintf(digits, sizeof(digits), "%" PRIu64, n);
    return json_string(digits);
}

void
tree_add_count(struct json_tree *t, json_t *o, const char *key, uint64_t n)
{
    json_t *clean = tree_text(key), *old;

    if (clean == NULL) {
        t->has_failed = true;
        return;
    }
    old = json_object_get(o, json_string_value(clean));
    tree_put(t, o, json_string_value(clean), tree_count((uint64_t)json_integer_value(old) + n));
    json_decref(clean);
}

json_t *
tree_number(double v, unsigned decimals)
{
    double scale = 1;
    json_t *value;

    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    /* Beyond 2^53 a double has no decimals to round. */
    if (v * scale < 9e15 && v * scale > -9e15)
        v = (double)(int64_t)(v * scale + (v < 0 ? -0.5 : 0.5)) / scale;
    value = json_real(v);
    return value != NULL ? value : json_null();
}
