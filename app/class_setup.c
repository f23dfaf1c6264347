/* SPDX-License-Identifier: BSD-3-Clause */
/* See class_setup.h. */
#include "app/class_setup.h"

#include <string.h>

#include "base/units.h"
#include "proto/registry.h"

static uint32_t
first_target(const struct conf *conf, unsigned class_idx)
{
    for (unsigned i = 0; i < conf->n_targets; i++) {
        if (conf->targets[i].class_idx == class_idx)
            return i;
    }
    return 0;
}

/* RFC 9110 9.2.2: what a client may repeat without knowing whether it was done. */
static bool
is_idempotent(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};

    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

static struct sess_class
client_class(const struct conf *conf, unsigned class_idx)
{
    const struct conf_class *k = &conf->classes[class_idx];

    return (struct sess_class){
        .proto = k->proto,
        .proto_opts = conf_proto_opts(conf, k, ROLE_CLIENT),
        .n_exchanges = (uint32_t)k->requests,
        .think_ns = k->think_ns,
        .stall_us = (uint32_t)(k->data_timeout_ns / NS_PER_US),
        .proxy = k->proxy,
        .repeats = k->proto->has_requests && is_idempotent(k->http.method),
        .close = k->close,
        .hold_ns = k->hold_ns,
        .half_open_ns = k->half_open_ns,
        .tls_timeout_ns = k->tls.timeout_ns,
        .first_target = first_target(conf, class_idx),
    };
}

/* Whoever serves HTTP/1.1 serves HTTP/2, too: a connection's ALPN or its first bytes tell. */
static void
add_choices(struct sess_class *c, const struct conf_class *k)
{
    if (k->http.serves)
        c->choices[c->n_choices++] = proto_by_name("http2");
}

static struct sess_class
server_class(const struct conf *conf, unsigned class_idx)
{
    const struct conf_class *k = &conf->classes[class_idx];
    struct sess_class c = {
        .proto = k->proto,
        .proto_opts = conf_proto_opts(conf, k, ROLE_SERVER),
        /* Requests come as long as they come, unless they are payload that is counted. */
        .n_exchanges = k->proto->has_path ? 0 : (uint32_t)k->requests,
        .close = k->close,
        .hold_ns = k->hold_ns,
        .tls_timeout_ns = k->tls.timeout_ns,
        .idle_ns = k->idle_timeout_ns,
    };

    if (!conf_has_both_sides(conf)) {
        add_choices(&c, k);
        return c;
    }
    /* The other side of what the client was told. */
    c.close = k->close == CLOSE_PEER ? CLOSE_FIN : CLOSE_PEER;
    c.reset_closes = k->close == CLOSE_RST;
    if (!conf->is_loopback)
        return c;
    /* The client gives up, if anybody does: it may be the one that is slow. */
    c.tls_timeout_ns = 0;
    c.idle_ns = 0;
    return c;
}

struct sess_class
class_setup(const struct conf *conf, unsigned class_idx, enum role role)
{
    return role == ROLE_CLIENT ? client_class(conf, class_idx) : server_class(conf, class_idx);
}
