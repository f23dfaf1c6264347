/* SPDX-License-Identifier: BSD-3-Clause */
/* One connection's TLS: a filter between bytes of TCP and application data. Pure as OpenSSL allows:
 * bytes come in and go out by parameter (struct tls_wire), no socket, no clock; randomness and
 * memory are OpenSSL's own. A step does what the bytes at hand allow, and stops where it needs more
 * of them, or more room. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "tls/ctx.h"
#include "tls/legs.h"

/* The segments' bytes for one step: what came, in two stretches of a ring, and where to write. The
 * BIO reads the one and writes the other in place. */
struct tls_wire {
    const uint8_t *in[2];
    uint32_t in_len[2];
    uint32_t taken; /* of both, by the steps */
    uint8_t *out[2];
    uint32_t out_room[2];
    uint32_t written; /* to both, by the step */
    bool in_ends;     /* nothing will come after that: the peer's FIN */
};

/* What a step led to, as bits. */
enum tls_event {
    TLS_EV_DONE = 0x1,     /* the handshake is complete */
    TLS_EV_RESUMED = 0x2,  /* with it: a session was resumed */
    TLS_EV_GOODBYE = 0x4,  /* the peer's close_notify came */
    TLS_EV_ENDED = 0x8,    /* the peer closed without it, after the handshake */
    TLS_EV_FAILED = 0x10,  /* over; tls_conn.cause tells why. What was written is to be sent */
    TLS_EV_NO_ROOM = 0x20, /* there is more to write */
    TLS_EV_LATER = 0x40,   /* there was no stack to compute on: try again */
};

/* What a handshake has paused for (tls/batch.h). */
enum tls_wait {
    TLS_WAITS_NOTHING,
    TLS_WAITS_BATCH, /* an operation of its own, with others */
    TLS_WAITS_AWAY,  /* a provider of the user's */
    TLS_WAITS_TURN,  /* it may go on */
    TLS_WAITS_JOB,   /* a stack */
};

struct tls_conn {
    SSL *ssl;
    struct tls_ctx *ctx;
    struct tls_wire *wire; /* during a step */
    int64_t bytes;         /* of OpenSSL's memory */
    uint32_t session_peer; /* of ctx->sessions */
    bool is_first;         /* of its context: what it takes stays there, looked up once for all */
    uint8_t alert_in, alert_out; /* fatal ones; 0: none */
    uint8_t cause;               /* enum tls_cause, with TLS_EV_FAILED */
    uint16_t record_max;   /* after the handshake: most application data of a record, which a client
                              may have cut (RFC 6066 4) */
    bool is_done;          /* with the handshake */
    bool is_asked;         /* a client: the server wants to see its certificate */
    bool is_due;           /* a client: it was to resume a session */
    bool has_offered;      /* a client: it had one to offer */
    uint8_t waits;         /* enum tls_wait */
    atomic_bool is_called; /* by a provider that it waits for, on any thread */
    bool has_shown;        /* a client: one of the certificates that take turns */
    bool has_ticket_request;   /* a server: it came; a client: it was answered (RFC 9149) */
    uint8_t ticket_request[2]; /* a server: what it asks for, then the answer */
    uint8_t n_tickets;         /* a client: that came and are not counted yet */
    bool has_staple;           /* an OCSP response came, or was given */
    bool has_updated;          /* its last write began with a KeyUpdate */
    uint64_t plain_bytes;      /* written since the last KeyUpdate */
    struct tls_legs legs;      /* of the handshake */
    uint64_t done_ns;          /* the end of its last step so far */
};

/** Begin TLS on a connection to target @target (0 on a responding side). @return 0, or -1 without
 * memory. */
int tls_begin(struct tls_conn *c, struct tls_ctx *t, unsigned target);

/*
 * The steps over @w, which keeps count of what was taken and written over several of them. Each
 * does what the bytes at hand, and the room, allow. @return enum tls_event bits.
 */

/** Go on with the handshake. One that waits for a batch or a provider does not: it is the batch's
 * to say when (tls_batch_next_ready()). */
unsigned tls_handshake(struct tls_conn *c, struct tls_wire *w);

/** Whether the handshake has paused until the batch says that it may go on. */
static inline bool
tls_is_paused(const struct tls_conn *c)
{
    return c->waits != TLS_WAITS_NOTHING && c->waits != TLS_WAITS_JOB;
}

/** Have what it waits for computed now, for there will be no other turn. @return false: it is not
 * ours to compute. */
bool tls_hasten(struct tls_conn *c);

/** After the handshake: read at most @max bytes (> 0) of application data to @into, *got of them,
 * from one record; tickets, KeyUpdates and alerts are seen to on the way. */
unsigned tls_read(struct tls_conn *c, struct tls_wire *w, uint8_t *into, uint32_t max,
                  uint32_t *got);

/** The same, and the bytes stay unread. */
unsigned tls_peek(struct tls_conn *c, struct tls_wire *w, uint8_t *into, uint32_t max,
                  uint32_t *got);

/** Whether tls_read() would find something: the end, or a record that is all there. Of one that is
 * longer than @record_limit (more than TCP can keep) the beginning is enough. */
bool tls_has_input(const struct tls_conn *c, const struct tls_wire *w, uint32_t record_limit);

/** Write @len bytes (1..record_max) of application data, as one record. With TLS_EV_NO_ROOM
 * OpenSSL has them, but not all is written: call again with as many (whatever they are) when there
 * is room. */
unsigned tls_write(struct tls_conn *c, struct tls_wire *w, const uint8_t *from, uint32_t len);

/** Whether both sides agreed on the ALPN protocol @name, after the handshake. */
bool tls_alpn_is(const struct tls_conn *c, const char *name);

/** Whether this side was done with the handshake before the other side was, which still has to take
 * our last message in: a client of TLS 1.3, or one that resumed in TLS 1.2. */
bool tls_is_done_first(const struct tls_conn *c);

/** Whether a ticket that comes after the handshake is of use: with TLS 1.3, for who resumes. */
bool tls_takes_tickets(const struct tls_conn *c);

/** Whether a ticket may still come that a later connection wants to resume: with TLS 1.3 they come
 * after the handshake (RFC 8446 4.6.1), and there is none for that peer. */
bool tls_awaits_ticket(const struct tls_conn *c);

/** It did not come in time: tls_awaits_ticket() is false for that peer from now on. */
void tls_expect_no_ticket(struct tls_conn *c);

/** Write close_notify, once the handshake is complete; before that nothing is written. */
void tls_say_goodbye(struct tls_conn *c, struct tls_wire *w);

/** End it; a session stays fit to be resumed however the connection ended. */
void tls_end(struct tls_conn *c);

/** OpenSSL's methods for a BIO over struct tls_wire. @return NULL without memory. */
BIO_METHOD *tls_segments_method(void);

/** OpenSSL's callbacks, with a tls_conn as the SSL's application data. */
void tls_on_info(const SSL *ssl, int where, int value);
void tls_on_message(int is_written, int version, int type, const void *bytes, size_t len, SSL *ssl,
                    void *arg);
int tls_on_session(SSL *ssl, SSL_SESSION *session);
int tls_on_cert_request(SSL *ssl, void *arg);
int tls_on_come_back(SSL *ssl, void *arg);
