/* SPDX-License-Identifier: BSD-3-Clause */
/* See json_icmp.h. */
#include "report/json_icmp.h"

const char *const json_icmp_kinds[ICMP_ERROR_KINDS] = {
    [ICMP_KIND_UNREACHABLE - ICMP_KIND_UNREACHABLE] = "unreachable",
    [ICMP_KIND_TOO_BIG - ICMP_KIND_UNREACHABLE] = "too_big",
    [ICMP_KIND_TIME_EXCEEDED - ICMP_KIND_UNREACHABLE] = "time_exceeded",
    [ICMP_KIND_PARAM_PROBLEM - ICMP_KIND_UNREACHABLE] = "parameter_problem",
};

json_t *
json_icmp(struct json_tree *t, const struct result *r)
{
    json_t *a = json_array();
    char from[IP_TEXT_MAX];

    for (unsigned i = 0; i < ICMP_ERROR_KINDS; i++) {
        const struct icmp_origin *e = &r->icmp[i];
        json_t *o;

        if (!e->is_set)
            continue;
        o = json_object();
        tree_put(t, o, "kind", json_string(json_icmp_kinds[i]));
        tree_put(t, o, "type", json_integer(e->type));
        tree_put(t, o, "code", json_integer(e->code));
        tree_put(t, o, "from", tree_text(ip_format(&e->from, from)));
        tree_append(t, a, o);
    }
    return a;
}
