/* SPDX-License-Identifier: BSD-3-Clause */
/* Exchanges of a request and a response that come in one segment each, without a session: their
 * protocol judges a segment by its bytes (struct proto_brief), before TCP gets it. Whatever comes
 * otherwise takes a session, which goes on with the connection to its end; so do the exchanges that
 * follow the first one, unless the class keeps_brief. How far it is are bits of the record (enum
 * single_flag):
 *
 *     client   BEGUN|SENT: the response is awaited, with KEPT: not the connection's first one
 *              BEGUN|KEPT: the next request has not been sent      BEGUN|HEARD|DONE: all have come
 *     server   BEGUN: a request is awaited      BEGUN|KEPT: one was answered, the next is awaited
 *              BEGUN|HEARD|DONE: the last was
 *
 * What such a record keeps besides: a client in link.next how long its handshake took (ns), and
 * with KEPT how many exchanges are left; a server in link.port which answer it gave. */
#pragma once

#include "sess/channel.h"
#include "sess/single.h"

/** Look at @p, a segment of @r's with payload, which TCP gets next. @return whether it may be taken
 * in without a session: then core.seen tells what it is. */
bool brief_look(struct core *c, const struct record *r, const struct packet *p);

enum brief_turn {
    BRIEF_ACTED,         /* all is done */
    BRIEF_GOES_ON,       /* what remains is as for a connection that only shakes hands */
    BRIEF_NEEDS_SESSION, /* nothing was done */
};

/** Act on what TCP reported for @n, of a class that is brief, without a session. With BRIEF_ACTED
 * *is_over as session_event(). */
enum brief_turn brief_event(struct conn *n, unsigned events, bool *is_over);

/* Whether an exchange of the connection's is over, and it goes on. */
static inline bool
brief_is_kept(const struct core *c, const struct record *r)
{
    return (tcp_app_flags(&r->tcp, &c->tcp) & SINGLE_KEPT) != 0;
}

/* Exchanges that a client's @r has left, with the one under way; 0: no end, as on a server. */
static inline uint32_t
brief_left(const struct core *c, const struct sess_class *k, const struct record *r)
{
    return !k->proto_opts.is_server && brief_is_kept(c, r) ? r->link.next : k->n_exchanges;
}

/* What @r sends or has sent, as its protocol knows it. */
static inline struct proto_said
brief_said(const struct core *c, const struct sess_class *k, const struct record *r)
{
    if (k->proto_opts.is_server)
        return (struct proto_said){.which = r->link.port};
    return (struct proto_said){.which = r->link.target - k->first_target,
                               .is_last = brief_left(c, k, r) == 1};
}

/* The same as bytes, a single segment. */
static inline struct proto_text
brief_text(const struct core *c, const struct sess_class *k, const struct record *r)
{
    struct proto_text text;

    k->proto->brief->text(&k->proto_opts, brief_said(c, k, r), &text);
    return text;
}

/* Whether record.began_ns stays the instant of the start once the handshake is done: the first
 * request of a client's connection counts from there, too. */
static inline bool
brief_keeps_start(const struct sess_class *k)
{
    return k->is_brief && !k->proto_opts.is_server;
}

/* When the exchange began that is under way. */
static inline uint64_t
brief_began_ns(const struct conn *n)
{
    bool has_start = brief_keeps_start(n->class) && !brief_is_kept(n->core, n->record);

    return n->record->began_ns + (has_start ? n->record->link.next : 0);
}
