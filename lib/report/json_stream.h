/* SPDX-License-Identifier: BSD-3-Clause */
/* A JSON object that is written member by member, and its last one, a list, item by item, a line
 * each: so it is never in memory as a whole, however long that list is. Control thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

struct json_stream {
    FILE *out;
    bool is_line; /* all of it on one */
    bool has_member, has_list, has_item;
    bool has_failed;
};

/** Begin an object, to be written to @out as long as @s is in use. */
void json_stream_begin(struct json_stream *s, FILE *out, bool is_line);

/** Write the members of the object @o, whose reference is taken. NULL is a failure, told at the
 * end, and so it is with an item. */
void json_stream_members(struct json_stream *s, json_t *o);

/** Begin the member @key, a list, and write its next item, whose reference is taken. */
void json_stream_list(struct json_stream *s, const char *key);
void json_stream_item(struct json_stream *s, json_t *item);

/** End the list, if there is one, and the object, and the line. @return whether all of it was
 * written; if not, and ferror() says nothing of @out, there was no memory */
bool json_stream_end(struct json_stream *s);
