/* SPDX-License-Identifier: BSD-3-Clause */
/* See class_setup.h. */
#include "app/class_setup.h"

#include "base/units.h"

static uint32_t
first_target(const struct conf *conf, unsigned class_idx)
{
    for (unsigned i = 0; i < conf->n_targets; i++) {
        if (conf->targets[i].class_idx == class_idx)
            return i;
    }
    return 0;
}

static struct sess_class
client_class(const struct conf *conf, unsigned class_idx)
{
    const struct conf_class *k = &conf->classes[class_idx];

    return (struct sess_class){
        .proto = k->proto,
        .proto_opts = {.send_bytes = k->send_bytes, .expect_bytes = k->receive_bytes},
        .n_exchanges = 1,
        .stall_us = (uint32_t)(k->data_timeout_ns / NS_PER_US),
        .close = k->close,
        .hold_ns = k->hold_ns,
        .tls_timeout_ns = k->tls.timeout_ns,
        .first_target = first_target(conf, class_idx),
    };
}

static struct sess_class
server_class(const struct conf_class *k)
{
    return (struct sess_class){
        .proto = k->proto,
        .proto_opts = {.is_server = true,
                       .send_bytes = k->answer_bytes,
                       .after_bytes = k->answer_after},
        .n_exchanges = 1,
        .close = k->close,
        .hold_ns = k->hold_ns,
        .tls_timeout_ns = k->tls.timeout_ns,
    };
}

/* The other side of what the client was told. */
static struct sess_class
loopback_server_class(const struct conf_class *k)
{
    struct sess_class c = server_class(k);

    c.proto_opts.send_bytes = k->receive_bytes;
    c.proto_opts.after_bytes = k->receive_bytes > 0 ? k->send_bytes : 0;
    c.close = k->close == CLOSE_PEER ? CLOSE_FIN : CLOSE_PEER;
    c.reset_closes = k->close == CLOSE_RST;
    /* The client gives up, if anybody does: it may be the one that is slow. */
    c.tls_timeout_ns = 0;
    return c;
}

struct sess_class
class_setup(const struct conf *conf, unsigned class_idx, enum role role)
{
    const struct conf_class *k = &conf->classes[class_idx];

    if (role == ROLE_CLIENT)
        return client_class(conf, class_idx);
    return conf->is_loopback ? loopback_server_class(k) : server_class(k);
}

bool
class_setup_has_payload(const struct conf_class *k)
{
    return k->send_bytes > 0 || k->receive_bytes > 0 || k->answer_bytes > 0 || k->echo;
}
