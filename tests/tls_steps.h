/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps of a TLS connection as one: go on with the handshake, then read what there is, a few
 * records at a time. For tests that look at the engine alone. */
#pragma once

#include "tls/conn.h"

/* Beside enum tls_event: stopped with more at hand. */
#define TLS_EV_MORE 0x100

/* @plain counts the application data that came. @return enum tls_event bits, and TLS_EV_MORE. */
static inline unsigned
tls_step(struct tls_conn *c, struct tls_wire *w, uint64_t *plain)
{
    enum { READS_PER_STEP = 4 };
    unsigned events = 0;

    w->taken = w->written = 0;
    if (!c->is_done) {
        events = tls_handshake(c, w);
        if ((events & TLS_EV_DONE) == 0)
            return events;
    }
    for (int i = 0; i < READS_PER_STEP && tls_has_input(c, w, 0); i++) {
        uint32_t got = 0;
        unsigned read = tls_read(c, w, c->ctx->plain, sizeof(c->ctx->plain), &got);

        *plain += got;
        if (read != 0)
            return events | read;
    }
    return tls_has_input(c, w, 0) ? events | TLS_EV_MORE : events;
}
