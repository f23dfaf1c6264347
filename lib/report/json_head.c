/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_head.h. */
#include "report/json_head.h"

#include <errno.h>
#include <string.h>

#include "base/fail.h"
#include "report/scenario.h"

static json_t *
tool_json(struct json_tree *t, const struct result *r)
{
    json_t *o = json_object();

    tree_put(t, o, "version", tree_text(r->version));
    tree_put(t, o, "dpdk", tree_text(r->dpdk_version));
    tree_put(t, o, "openssl", tree_text(r->openssl_version));
    return o;
}

static json_t *
host_json(struct json_tree *t, const struct result *r)
{
    json_t *o = json_object();

    tree_put(t, o, "cpu", tree_text(r->host.cpu));
    tree_put(t, o, "cores", json_integer(r->host.cores));
    tree_put(t, o, "kernel", tree_text(r->host.kernel));
    tree_put(t, o, "hugepages", json_boolean(r->host.has_hugepages));
    tree_put(t, o, "device", tree_text(r->conf->device));
    tree_put(t, o, "driver", tree_text(r->host.driver));
    tree_put(t, o, "driver_lines", tree_count(r->host.driver_lines));
    tree_put(t, o, "driver_said",
             r->host.driver_lines > 0 ? tree_text(r->host.driver_said) : json_null());
    return o;
}

void
json_head_put_tool(struct json_tree *t, json_t *o, const char *schema, const struct result *r)
{
    tree_put(t, o, "schema", json_string(schema));
    tree_put(t, o, "tool", tool_json(t, r));
}

void
json_head_put(struct json_tree *t, json_t *o, const char *schema, const struct result *r)
{
    json_head_put_tool(t, o, schema, r);
    tree_put(t, o, "scenario", scenario_json(t, r->conf));
    tree_put(t, o, "host", host_json(t, r));
}

bool
json_head_dump_line(const struct json_tree *t, json_t *o, FILE *out)
{
    bool is_good = o != NULL && !t->has_failed &&
                   json_dumpf(o, out, JSON_COMPACT | JSON_TREE_REALS) == 0 &&
                   fputc('\n', out) != EOF;

    json_decref(o);
    return is_good;
}

int
json_head_end(bool has_memory, FILE *out, struct fail *f)
{
    if (!has_memory && ferror(out) == 0)
        return fail_set(f, EXIT_HOST, "%s: not enough memory for the result", JSON_OPTION);
    if (ferror(out) != 0 || fflush(out) != 0)
        return fail_set(f, EXIT_HOST, "%s: the result could not be written: %s", JSON_OPTION,
                        strerror(errno));
    return 0;
}

int
json_head_dump(const struct json_tree *t, json_t *o, FILE *out, struct fail *f)
{
    bool is_good = o != NULL && !t->has_failed &&
                   json_dumpf(o, out, JSON_INDENT(2) | JSON_TREE_REALS) == 0 &&
                   fputc('\n', out) != EOF;

    json_decref(o);
    return json_head_end(is_good, out, f);
}
