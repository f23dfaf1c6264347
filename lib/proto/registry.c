/* SPDX-License-Identifier: BSD-3-Clause */
/* See registry.h. */
#include "proto/registry.h"

#include <string.h>

/* One line a protocol: its file is lib/proto/<name>.c, its table proto_<name>. */
#define PROTOCOLS(X)                                                                               \
    X(bytes)                                                                                       \
    X(echo)                                                                                        \
    X(http1)                                                                                       \
    X(http2)

#define DECLARE(name) extern const struct proto_ops proto_##name;
#define ENTRY(name)   &proto_##name,

PROTOCOLS(DECLARE)

const struct proto_ops *const proto_registry[] = {PROTOCOLS(ENTRY)};

const unsigned proto_registry_count = sizeof(proto_registry) / sizeof(proto_registry[0]);

static bool
is_scheme(const char *scheme, const char *text, size_t len)
{
    return scheme != NULL && strlen(scheme) == len && memcmp(scheme, text, len) == 0;
}

const struct proto_ops *
proto_by_scheme(const char *scheme, size_t len, bool *is_secure)
{
    for (unsigned i = 0; i < proto_registry_count; i++) {
        const struct proto_ops *p = proto_registry[i];

        *is_secure = is_scheme(p->secure_scheme, scheme, len);
        if (*is_secure || is_scheme(p->scheme, scheme, len))
            return p;
    }
    return NULL;
}

const struct proto_ops *
proto_by_name(const char *name)
{
    for (unsigned i = 0; i < proto_registry_count; i++) {
        if (strcmp(proto_registry[i]->name, name) == 0)
            return proto_registry[i];
    }
    return NULL;
}

bool
proto_shares_counters(const struct proto_ops *const protos[], unsigned i)
{
    for (unsigned earlier = 0; earlier < i; earlier++)
        if (protos[earlier]->counters == protos[i]->counters)
            return true;
    return false;
}

unsigned
proto_counter_base(const struct proto_ops *p)
{
    unsigned base = 0;

    for (unsigned i = 0; i < proto_registry_count; i++) {
        if (proto_registry[i]->counters == p->counters)
            break;
        base += proto_shares_counters(proto_registry, i) ? 0 : proto_registry[i]->n_counters;
    }
    return base;
}

unsigned
proto_latency_base(const struct proto_ops *p)
{
    unsigned base = 0;

    for (unsigned i = 0; i < proto_registry_count && proto_registry[i] != p; i++)
        base += proto_registry[i]->n_latencies;
    return base;
}
