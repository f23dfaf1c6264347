/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_stream.h. */
#include "report/json_stream.h"

#include "report/json_tree.h"

void
json_stream_begin(struct json_stream *s, FILE *out, bool is_line)
{
    *s = (struct json_stream){.out = out, .is_line = is_line};
    fputc('{', out);
}

/* What is below a member stands two columns further right. Text has no line break, but "\n". */
static int
write_below(const char *text, size_t size, void *arg)
{
    struct json_stream *s = arg;

    for (size_t i = 0; i < size; i++) {
        fputc(text[i], s->out);
        if (text[i] == '\n')
            fputs("  ", s->out);
    }
    return ferror(s->out) != 0 ? -1 : 0;
}

static void
begin_member(struct json_stream *s, const char *key)
{
    fputs(s->has_member ? "," : "", s->out);
    s->has_member = true;
    fprintf(s->out, s->is_line ? "\"%s\":" : "\n  \"%s\": ", key);
}

void
json_stream_members(struct json_stream *s, json_t *o)
{
    size_t flags = JSON_TREE_REALS | JSON_ENCODE_ANY | (s->is_line ? JSON_COMPACT : JSON_INDENT(2));
    const char *key;
    json_t *value;

    s->has_failed |= o == NULL;
    json_object_foreach(o, key, value)
    {
        begin_member(s, key);
        s->has_failed |= json_dump_callback(value, write_below, s, flags) != 0;
    }
    json_decref(o);
}

void
json_stream_list(struct json_stream *s, const char *key)
{
    begin_member(s, key);
    fputc('[', s->out);
    s->has_list = true;
}

void
json_stream_item(struct json_stream *s, json_t *item)
{
    fputs(s->has_item ? "," : "", s->out);
    s->has_item = true;
    fputs(s->is_line ? "" : "\n    ", s->out);
    s->has_failed |= item == NULL || json_dumpf(item, s->out,
                                                JSON_TREE_REALS | JSON_ENCODE_ANY |
                                                    (s->is_line ? JSON_COMPACT : 0)) != 0;
    json_decref(item);
}

bool
json_stream_end(struct json_stream *s)
{
    if (s->has_list)
        fputs(s->is_line || !s->has_item ? "]" : "\n  ]", s->out);
    fputs(s->is_line ? "}\n" : "\n}\n", s->out);
    return !s->has_failed && ferror(s->out) == 0;
}
