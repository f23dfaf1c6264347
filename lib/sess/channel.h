/* SPDX-License-Identifier: BSD-3-Clause */
/* A channel: what carries the bytes of a protocol over a connection's TCP stream, as they are or in
 * TLS records. Between the session above, which decides, and TCP below: it moves bytes and tells
 * what became of them, in events only.
 *
 * What came is in TCP's receive ring or only counted; what is sent lies, until the peer has
 * acknowledged it, in a ring of the connection's, or is found by its place: the constant payload,
 * and what an echo received. */
#pragma once

#include "sess/core.h"

/* A connection with a session, and what each step needs of it. */
struct conn {
    struct core *core;
    const struct sess_class *class;
    struct record *record;
    struct session *session;
    uint32_t idx;    /* of the record */
    bool had_stream; /* before the event: TCP buffered or counted in it what came */
};

enum channel_event {
    CHANNEL_OPENED = 0x1,   /* the protocol's bytes may be exchanged */
    CHANNEL_INPUT = 0x2,    /* the protocol got some */
    CHANNEL_ENDED = 0x4,    /* nothing of the peer's will come any more */
    CHANNEL_FAILED = 0x8,   /* session.failure tells why; what was written is to be sent */
    CHANNEL_NO_ROOM = 0x10, /* there is more to write when what is under way is acknowledged */
    CHANNEL_MORE = 0x20,    /* there is more to read: stopped to let others have their turn */
};

/* Each returns enum channel_event bits; @tcp_events are what TCP reported just now, 0 in a turn of
 * the run queue. */
struct channel_ops {
    /** Begin, or go on with, what has to be done before the first byte. */
    unsigned (*open)(struct conn *n);
    /** Hand what has come to the protocol, or discard it when none talks. */
    unsigned (*read)(struct conn *n, unsigned tcp_events);
    /** Send what the protocol has to say, as far as there is room. */
    unsigned (*write)(struct conn *n);
    /** Say that nothing more will be written; TCP's FIN follows. */
    void (*close)(struct conn *n);
    /** Whether to wait, before a reset, for what the peer says at its own time. */
    bool (*awaits_ticket)(const struct conn *n);
    /** Whether to wait, before a reset, for a sign that the peer is done with the handshake. */
    bool (*awaits_sign)(const struct conn *n);
    /** The ticket did not come in time. */
    void (*expect_no_ticket)(struct conn *n);
    /** TCP is over: read what came before the end. */
    unsigned (*read_last)(struct conn *n);
    /** Give back what it holds. */
    void (*release)(struct conn *n);
    bool is_deferred; /* open, read and write compute for long: never when a packet comes in, but in
                         a turn of core.crypto */
};

extern const struct channel_ops channel_plain, channel_tls;

/* -- what both need --------------------------------------------------------------------------- */

/* The protocol that the connection speaks. */
static inline const struct proto_ops *
conn_proto(const struct conn *n)
{
    unsigned choice = n->session->choice;

    return choice == 0 ? n->class->proto : n->class->choices[choice - 1];
}

static inline void *
conn_state(const struct conn *n)
{
    return (char *)n->session + n->core->state_offset;
}

/* Its place among the targets of its class; 0 on a server. */
static inline uint32_t
conn_target(const struct conn *n)
{
    return n->class->proto_opts.is_server ? 0 : n->record->link.target - n->class->first_target;
}

/* Where the class has TLS. */
static inline struct session_tls *
conn_tls(const struct conn *n)
{
    return (struct session_tls *)(n->session + 1);
}

/* Whether the protocol may be asked for what it has to say. */
static inline bool
conn_speaks(const struct conn *n)
{
    return n->session->talks && n->session->has_asked;
}

/* Whether our side may still write. */
static inline bool
conn_may_write(const struct conn *n)
{
    return n->session->phase != SESS_CLOSING && tcp_may_write(&n->record->tcp);
}

/* What is written and not acknowledged. */
static inline uint32_t
conn_unacked(const struct conn *n)
{
    return tcp_unacked(&n->record->tcp, &n->core->tcp);
}

/* The place in what this side sends of the next byte to be written. */
static inline uint32_t
conn_write_place(const struct conn *n)
{
    return tcp_write_seq(&n->record->tcp, &n->core->tcp) + n->session->origin;
}

/**
 * Room for what is to be written, in two stretches of the connection's ring; it is borrowed when
 * there is none. @return bytes of both; 0: the ring is full, or there is no memory.
 */
uint32_t conn_ring_room(struct conn *n, uint8_t *at[static 2], uint32_t len[static 2]);

/** @written bytes were put there: TCP has them to send. An empty ring is given back. */
void conn_ring_written(struct conn *n, uint32_t written);

/** Put @unacked, which went out before there was a session, where it would have been. @return
 * false: there is no memory. */
bool conn_ring_restore(struct conn *n, const struct proto_span *unacked);

/** Give the ring back if all that was in it is acknowledged. */
void conn_ring_release_idle(struct conn *n);

/** The @len bytes at @place of a ring, which lie in it. */
void core_ring_at(const struct core *c, uint32_t ring, uint32_t place, uint32_t len,
                  uint8_t *at[static 2], uint32_t at_len[static 2]);
