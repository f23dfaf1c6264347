/* SPDX-License-Identifier: BSD-3-Clause */
/* What a class's connections will put on the wire, as far as it can be known before: from rate,
 * payload, TLS and HTTP. What TLS adds, answers of unknown
 * length, and how many segments are acknowledged at a time, are estimates. Pure. */
#pragma once

#include "conf/conf.h"

/* The length taken for an answer of HTTP that nobody has told, of its body. */
#define FORECAST_BODY_BYTES 1024

/* One direction, of one connection; bytes with Ethernet headers, without FCS. */
struct forecast_way {
    double packets, bytes;
};

struct forecast {
    /* Started per second at the peak of the load, of all workers; 0: a closed loop, as many as the
     * target takes. And how many of them are open when each lasts as long as it is told to: hold,
     * think times; round trips come on top. */
    double starts, open;
    struct forecast_way sent, received; /* by the client; of one connection */
    double requests;                    /* of one connection; 0: no end */
    /* In it are handshakes, answers, or acknowledgments of more than one segment: every second one
     * is, but more at the beginning. */
    bool estimates_tls, estimates_body, estimates_acks;
};

/** Of class @class_idx of a finished @c, for a client; packets of @mtu bytes at most. */
void forecast_class(struct forecast *f, const struct conf *c, unsigned class_idx, unsigned mtu);
