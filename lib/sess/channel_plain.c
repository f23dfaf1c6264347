/* SPDX-License-Identifier: BSD-3-Clause */
/* See channel.h: the protocol's bytes as they are. */
#include <string.h>

#include "base/seq.h"
#include "sess/channel.h"

/* Written ahead of what is acknowledged: more than any window, and what serial arithmetic bears. */
static const uint32_t AHEAD_MAX = UINT32_C(1) << 28;

static unsigned
plain_open(struct conn *n)
{
    (void)n;
    return CHANNEL_OPENED;
}

/* All that is unread, taken by nobody, or as far as the protocol wants it. */
static void
read_buffered(struct conn *n)
{
    struct record *r = n->record;
    struct session *s = n->session;
    struct tcp_span span[2];
    uint32_t len = tcp_peek(&r->tcp, &n->core->tcp, UINT32_MAX, span);
    uint32_t taken = s->talks ? 0 : len;

    for (int i = 0; s->talks && i < 2 && span[i].len > 0; i++) {
        struct proto_span in = {span[i].bytes, span[i].len};
        uint32_t n_in = conn_proto(n)->input(conn_state(n), &n->class->proto_opts, &in);

        taken += n_in;
        if (n_in < in.len)
            break;
    }
    s->has_unread = taken < len;
    if (taken > 0)
        tcp_consume(&r->tcp, &n->core->tcp, taken);
}

/* Only the number counts. */
static void
read_counted(struct conn *n)
{
    struct proto_span in = {NULL, n->core->tcp.delivered};

    if (n->session->talks)
        (void)conn_proto(n)->input(conn_state(n), &n->class->proto_opts, &in);
    if (n->had_stream)
        tcp_consume(&n->record->tcp, &n->core->tcp, in.len);
}

/* It stays until the peer has acknowledged what is sent back of it. */
static void
read_to_send_back(struct conn *n)
{
    struct proto_span in = {NULL, n->core->tcp.delivered};

    if (tcp_may_write(&n->record->tcp))
        (void)conn_proto(n)->input(conn_state(n), &n->class->proto_opts, &in);
}

static unsigned
plain_read(struct conn *n, unsigned tcp_events)
{
    const struct proto_ops *p = conn_proto(n);
    unsigned traits = p != NULL ? p->traits : PROTO_COUNTS_INPUT;
    unsigned events = 0;

    if ((tcp_events & TCP_EV_DATA) != 0) {
        if (n->session->talks && (traits & PROTO_SENDS_INPUT) != 0)
            read_to_send_back(n);
        else if ((traits & PROTO_COUNTS_INPUT) != 0)
            read_counted(n);
        else
            read_buffered(n);
        events |= CHANNEL_INPUT;
    } else if (n->session->has_unread) {
        read_buffered(n);
    }
    if ((tcp_events & TCP_EV_ACKED) != 0 && (traits & PROTO_SENDS_INPUT) != 0)
        tcp_consume(&n->record->tcp, &n->core->tcp, n->core->tcp.acked);
    if (tcp_peer_has_closed(&n->record->tcp) && !n->session->has_unread)
        events |= CHANNEL_ENDED;
    return events;
}

/* Once the peer has the PROXY protocol's header its places are others', when numbers come round. */
static void
forget_head(struct conn *n)
{
    if (n->session->has_head && !seq_lt(conn_write_place(n) - conn_unacked(n), 0))
        n->session->has_head = false;
}

/* TCP asks for the bytes by their numbers when it sends them. */
static unsigned
write_by_place(struct conn *n)
{
    uint32_t ahead = conn_unacked(n);
    uint32_t room = ahead < AHEAD_MAX ? AHEAD_MAX - ahead : 0;
    struct proto_span out;

    forget_head(n);
    while (room > 0 &&
           conn_proto(n)->output(conn_state(n), &n->class->proto_opts, room, &out) > 0) {
        (void)tcp_send(&n->record->tcp, &n->core->tcp, out.len); /* there is a stream */
        room -= out.len;
    }
    return room == 0 ? CHANNEL_NO_ROOM : 0;
}

/* Filler that is acknowledged is forgotten before numbers come round. */
static void
forget_filler(struct conn *n)
{
    struct session *s = n->session;
    uint32_t acked = conn_write_place(n) - conn_unacked(n);

    if (s->filler_len > 0 && seq_le(s->filler + s->filler_len, acked))
        s->filler_len = 0;
}

/* Note that the @len bytes at @place, the next to be written, are filler. One stretch of it can be
 * under way. @return false: there is another one. */
static bool
note_filler(struct session *s, uint32_t place, uint32_t len)
{
    if (s->filler_len == 0)
        s->filler = place;
    if (s->filler + s->filler_len != place)
        return false;
    s->filler_len += len;
    return true;
}

static unsigned
write_to_ring(struct conn *n)
{
    struct proto_span out;
    uint8_t *at[2];
    uint32_t len[2], written = 0;

    forget_filler(n);
    if (conn_ring_room(n, at, len) == 0)
        return CHANNEL_NO_ROOM;
    for (int i = 0; i < 2; i++) {
        while (len[i] > 0 &&
               conn_proto(n)->output(conn_state(n), &n->class->proto_opts, len[i], &out) > 0) {
            if (out.bytes != NULL)
                memcpy(at[i], out.bytes, out.len);
            else if (!note_filler(n->session, conn_write_place(n) + written, out.len))
                memset(at[i], PROTO_FILLER_BYTE, out.len);
            at[i] += out.len;
            len[i] -= out.len;
            written += out.len;
        }
    }
    conn_ring_written(n, written);
    return len[0] + len[1] == 0 ? CHANNEL_NO_ROOM : 0;
}

static unsigned
plain_write(struct conn *n)
{
    const struct proto_ops *p = conn_proto(n);

    if (!conn_speaks(n) || !conn_may_write(n))
        return 0;
    if ((p->traits & (PROTO_SENDS_PATTERN | PROTO_SENDS_INPUT)) != 0)
        return write_by_place(n);
    if (p->has_output != NULL && !p->has_output(conn_state(n), &n->class->proto_opts))
        return 0;
    return write_to_ring(n);
}

static void
plain_close(struct conn *n)
{
    (void)n;
}

static bool
plain_awaits_nothing(const struct conn *n)
{
    (void)n;
    return false;
}

static unsigned
plain_read_last(struct conn *n)
{
    (void)n;
    return 0;
}

const struct channel_ops channel_plain = {
    .open = plain_open,
    .read = plain_read,
    .write = plain_write,
    .close = plain_close,
    .awaits_ticket = plain_awaits_nothing,
    .awaits_sign = plain_awaits_nothing,
    .expect_no_ticket = plain_close,
    .read_last = plain_read_last,
    .release = plain_close,
};
