/* SPDX-License-Identifier: BSD-3-Clause */
/* The protocols' tables hold together, and each is found by its names. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "proto/registry.h"

static bool
is_key(const char *name)
{
    return name[0] != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

Test(proto_registry, every_table_is_complete)
{
    for (unsigned i = 0; i < proto_registry_count; i++) {
        const struct proto_ops *p = proto_registry[i];

        cr_assert(is_key(p->name));
        cr_assert(ne(ptr, (void *)p->help, NULL), "%s", p->name);
        cr_assert(le(u16, p->state_bytes, PROTO_STATE_MAX), "%s", p->name);
        cr_assert(p->is_planned != NULL && p->begin != NULL && p->start != NULL &&
                      p->input != NULL && p->output != NULL && p->status != NULL,
                  "%s", p->name);
        cr_assert(eq(int, p->single != NULL, p->resume != NULL), "%s", p->name);
        cr_assert(eq(int, p->n_counters > 0, p->count != NULL), "%s", p->name);
    }
}

Test(proto_registry, names_schemes_and_keys_are_unique)
{
    for (unsigned i = 0; i < proto_registry_count; i++) {
        for (unsigned k = 0; k < i; k++) {
            const struct proto_ops *a = proto_registry[i], *b = proto_registry[k];

            cr_assert(ne(str, (char *)a->name, (char *)b->name));
            if (a->scheme != NULL && b->scheme != NULL)
                cr_assert(ne(str, (char *)a->scheme, (char *)b->scheme));
            if (a->secure_scheme != NULL && b->secure_scheme != NULL)
                cr_assert(ne(str, (char *)a->secure_scheme, (char *)b->secure_scheme));
        }
    }
}

Test(proto_registry, the_statistics_have_room_for_all_counters_and_latencies)
{
    const struct proto_ops *last = proto_registry[proto_registry_count - 1];

    cr_assert(le(uint, proto_counter_base(last) + last->n_counters, PROTO_COUNTERS_MAX));
    cr_assert(le(uint, proto_latency_base(last) + last->n_latencies, PROTO_LATENCIES_MAX));
    for (unsigned i = 0; i < proto_registry_count; i++) {
        for (unsigned k = 0; k < proto_registry[i]->n_latencies; k++)
            cr_assert(is_key(proto_registry[i]->latencies[k].name));
        for (unsigned k = 0; k < proto_registry[i]->n_counters; k++)
            cr_assert(is_key(proto_registry[i]->counters[k].name));
    }
}

Test(proto_registry, a_scheme_tells_the_protocol_and_whether_tls_is_below)
{
    bool is_secure;

    for (unsigned i = 0; i < proto_registry_count; i++) {
        const struct proto_ops *p = proto_registry[i];

        if (p->scheme != NULL) {
            cr_assert(eq(ptr, (void *)proto_by_scheme(p->scheme, strlen(p->scheme), &is_secure),
                         (void *)p));
            cr_assert(not(is_secure));
        }
        if (p->secure_scheme != NULL) {
            cr_assert(
                eq(ptr,
                   (void *)proto_by_scheme(p->secure_scheme, strlen(p->secure_scheme), &is_secure),
                   (void *)p));
            cr_assert(is_secure);
        }
        cr_assert(eq(ptr, (void *)proto_by_name(p->name), (void *)p));
    }
    cr_assert(
        eq(ptr, (void *)proto_by_scheme("tcp://x", 3, &is_secure), (void *)proto_registry[0]));
    cr_assert(eq(ptr, (void *)proto_by_scheme("tc", 2, &is_secure), NULL));
    cr_assert(eq(ptr, (void *)proto_by_scheme("tcpx", 4, &is_secure), NULL));
    cr_assert(eq(ptr, (void *)proto_by_name("nothing"), NULL));
}
