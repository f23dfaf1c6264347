/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario.h. */
#include "report/scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/options.h"
#include "conf/value.h"

static json_t *
range_json(const struct ip_range *r)
{
    struct ip_addr last = ip_add(&r->first, r->count - 1);
    char from[IP_TEXT_MAX], to[IP_TEXT_MAX], text[2 * IP_TEXT_MAX + 8];

    ip_format(&r->first, from);
    if (r->count == 1)
        snprintf(text, sizeof(text), "%s/%u", from, r->prefix_len);
    else
        snprintf(text, sizeof(text), "%s-%s/%u", from, ip_format(&last, to), r->prefix_len);
    return json_string(text);
}

static json_t *
local_json(struct json_tree *t, const struct conf *c)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < c->n_local; i++)
        tree_append(t, a, range_json(&c->local[i]));
    return a;
}

static json_t *
gateway_json(struct json_tree *t, const struct conf *c)
{
    json_t *a = json_array();
    char text[IP_TEXT_MAX];

    for (int is_v6 = 0; is_v6 < 2; is_v6++)
        if (c->has_gateway[is_v6])
            tree_append(t, a, json_string(ip_format(&c->gateway[is_v6], text)));
    return a;
}

static json_t *
targets_json(struct json_tree *t, const struct conf *c)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < c->n_targets; i++)
        tree_append(t, a, tree_text(c->targets[i].url));
    return a;
}

/* The last port of the run of open ports that begins at @first. */
static unsigned
run_end(const uint8_t *set, unsigned first)
{
    while (first < UINT16_MAX && value_port_is_set(set, (uint16_t)(first + 1)))
        first++;
    return first;
}

/* "80,443,8000-8100". */
static json_t *
port_set_json(const uint8_t *set)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const char *comma = "";
    json_t *value;

    if (out == NULL)
        return NULL;
    for (unsigned first = 1; first <= UINT16_MAX; first++) {
        unsigned last;

        if (!value_port_is_set(set, (uint16_t)first))
            continue;
        last = run_end(set, first);
        fprintf(out, "%s%u", comma, first);
        if (last > first)
            fprintf(out, "-%u", last);
        comma = ",";
        first = last;
    }
    value = fclose(out) == 0 ? json_string(text) : NULL;
    free(text);
    return value;
}

static json_t *
port_range_json(const struct conf *c)
{
    char text[16];

    snprintf(text, sizeof(text), "%u-%u", c->ports_first, c->ports_last);
    return json_string(text);
}

static json_t *
duration_json(uint64_t ns)
{
    char text[VALUE_TEXT_MAX];

    return ns == TIME_NEVER ? json_null() : json_string(value_format_duration(ns, text));
}

static json_t *
share_json(uint32_t ppm)
{
    char text[VALUE_TEXT_MAX];

    return json_string(value_format_share(ppm, text));
}

/* What lies below the least that may be written stands for "not set". */
static json_t *
count_json(const struct conf_option *o, uint64_t n)
{
    return n < o->min ? json_null() : tree_count(n);
}

static json_t *
value_json(struct json_tree *t, const struct conf *c, const struct conf_option *o)
{
    const void *field = (const char *)c + o->offset;

    switch (o->type) {
    case TYPE_TEXT:
        return *(const char *)field == '\0' ? json_null() : tree_text(field);
    case TYPE_FLAG:
    case TYPE_BOOL:
        return json_boolean(*(const bool *)field);
    case TYPE_INT:
        return *(const int *)field < 0 ? json_null() : count_json(o, *(const unsigned *)field);
    case TYPE_COUNT:
    case TYPE_RATE:
    case TYPE_BYTES:
        return count_json(o, *(const uint64_t *)field);
    case TYPE_DURATION:
        return duration_json(*(const uint64_t *)field);
    case TYPE_SHARE:
        return share_json(*(const uint32_t *)field);
    case TYPE_CHOICE:
        return json_string(o->choices[*(const unsigned *)field]);
    case TYPE_LOCAL:
        return local_json(t, c);
    case TYPE_GATEWAY:
        return gateway_json(t, c);
    case TYPE_PORT_RANGE:
        return port_range_json(c);
    case TYPE_PORT_SET:
        return port_set_json(c->listen);
    case TYPE_KEY_VALUE:
        break; /* has no key */
    }
    return json_null();
}

json_t *
scenario_json(struct json_tree *t, const struct conf *c)
{
    json_t *o = json_object();

    for (int row = 0; row < OPTION_ROWS; row++)
        if (conf_options[row].key != NULL && (conf_options[row].commands >> c->command & 1) != 0)
            tree_put_path(t, o, conf_options[row].key, value_json(t, c, &conf_options[row]));
    if (c->command != CONF_SERVE)
        tree_put(t, o, "targets", targets_json(t, c));
    return o;
}
