/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_http.h. */
#include "report/json_http.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* @bytes as text, those of value 0 as '?'. */
static json_t *
bytes_json(const char *bytes, size_t len)
{
    char text[HTTP_EXAMPLE_HEAD + HTTP_EXAMPLE_BODY + 1];

    len = u64_min(len, sizeof(text) - 1);
    for (size_t i = 0; i < len; i++)
        text[i] = bytes[i] != '\0' ? bytes[i] : '?';
    text[len] = '\0';
    return tree_text(text);
}

static json_t *
example_json(struct json_tree *t, const struct http_example *e)
{
    json_t *o = json_object();

    tree_put(t, o, "head", bytes_json(e->head, e->head_len));
    tree_put(t, o, "body", bytes_json(e->body, e->body_len));
    tree_put(t, o, "is_cut", json_boolean(e->is_cut));
    return o;
}

static json_t *
statuses_json(struct json_tree *t, const struct http_tally *tally)
{
    json_t *o = json_object();
    char name[16];

    for (unsigned i = 0; i < HTTP_STATUSES; i++) {
        if (tally->statuses[i] == 0)
            continue;
        snprintf(name, sizeof(name), "%u", i);
        tree_put(t, o, name, tree_count(tally->statuses[i]));
    }
    return o;
}

json_t *
json_http(struct json_tree *t, const struct result *r)
{
    json_t *o, *examples;

    if (!r->has_http)
        return json_null();
    o = json_object();
    tree_put(t, o, "statuses", statuses_json(t, &r->http));
    examples = json_object();
    for (unsigned i = HTTP_FAILED_NOT + 1; i < HTTP_FAILURE_COUNT; i++)
        if (r->http.examples[i].head_len > 0)
            tree_put(t, examples, http_counters[http_failure_counters[i]].name,
                     example_json(t, &r->http.examples[i]));
    tree_put(t, o, "examples", examples);
    return o;
}
