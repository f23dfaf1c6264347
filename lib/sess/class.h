/* SPDX-License-Identifier: BSD-3-Clause */
/* A traffic class: what is the same for all of its connections. Read-only while the worker runs; a
 * record finds its class by its target (client) or by the port it was accepted on (server). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/close.h"
#include "proto/registry.h"
#include "stat/block.h"
#include "tls/ctx.h"
#include "wire/proxy_header.h"

#define SESS_CLASSES_MAX 16

/* Protocols that a server may choose from. */
#define SESS_CHOICES_MAX 4

/* What the application's bytes go through (sess/channel.h). */
struct channel_ops;

struct sess_class {
    /* -- the user's ----------------------------------------------------------------------- */
    const struct proto_ops *proto; /* NULL: none, what comes is discarded */
    struct proto_opts proto_opts;
    /* A server's further protocols: ALPN, or else the first bytes, tell which one a connection
     * speaks. With any, `proto` is what it speaks when nothing tells. */
    const struct proto_ops *choices[SESS_CHOICES_MAX];
    unsigned n_choices;
    uint32_t n_exchanges; /* of a connection; 0: until the run ends or the peer closes */
    uint64_t think_ns;    /* from the end of an exchange to the client's next */
    uint32_t stall_us;    /* give up when nothing of what is expected comes for so long; 0: never */
    enum proxy_version proxy; /* a client's: what its connections begin with, before TLS */
    bool repeats;             /* a client's request that met its server's close is sent again */
    enum close_mode close;    /* as seen from this side */
    bool reset_closes;        /* the peer is known to close with RST: that is an end as asked for */
    uint64_t hold_ns;         /* from the last exchange, or established, to our close; not used with
                                 CLOSE_PEER */
    uint64_t half_open_ns;    /* a client's: connections are left half open, and watched for so
                                 long (sess/half_open.h); 0: they are opened */
    uint64_t idle_ns;         /* a server's: reset what has been idle for so long (sess/idle.h); 0:
                                 never */
    struct tls_ctx *tls;      /* the worker's and the class's; NULL: none */
    uint64_t tls_timeout_ns;  /* of a handshake; 0: none */
    uint32_t first_target;    /* a client's; tls->opts.targets[0] is this one's */
    struct stats *stat; /* of this class on this worker; the worker's where there is one class */
    /* -- filled in by core_init() --------------------------------------------------------- */
    bool is_planned;    /* connections exchange something of their own accord */
    bool needs_session; /* from the beginning: there is TLS or a header of the PROXY protocol's,
                           or the exchange takes a state */
    bool is_brief;      /* not needs_session: exchanges are brief as a rule (sess/brief.h) */
    bool keeps_brief;   /* and so are those that follow the first one on a connection */
    bool begins_established;    /* record.began_ns is that of being established, once it is */
    struct proto_single single; /* with is_planned, and neither needs_session nor is_brief */
    const struct channel_ops *channel;
    unsigned counter_base; /* proto_counter_base() of proto */
};

/* Whether a client is to hold its connections before it closes them: then a close of the peer's is
 * another end than was asked for. After exchanges without end it is the end that was. */
static inline bool
class_holds(const struct sess_class *k)
{
    return k->hold_ns > 0 && k->close != CLOSE_PEER && k->n_exchanges != 0 &&
           !k->proto_opts.is_server;
}

/* Whether connections of the class write copies, from a ring, into frames. */
static inline bool
class_copies(const struct sess_class *k)
{
    return k->tls != NULL || k->n_choices > 0 || k->proxy != PROXY_NONE ||
           (k->is_planned && (k->proto->traits & PROTO_SENDS_PATTERN) == 0);
}

/* Whether what they send is kept in a ring of the class until the peer has it. */
static inline bool
class_has_ring(const struct sess_class *k)
{
    return k->tls != NULL || k->n_choices > 0 ||
           (k->is_planned && (k->proto->traits & (PROTO_SENDS_PATTERN | PROTO_SENDS_INPUT)) == 0);
}

/* Whether received bytes have to be kept until they are read. */
static inline bool
class_buffers_rx(const struct sess_class *k)
{
    return k->tls != NULL || k->n_choices > 0 ||
           (k->is_planned && ((k->proto->traits & PROTO_COUNTS_INPUT) == 0 ||
                              (k->proto->traits & PROTO_SENDS_INPUT) != 0));
}
