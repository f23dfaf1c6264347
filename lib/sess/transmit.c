/* SPDX-License-Identifier: BSD-3-Clause */
/* See transmit.h. */
#include "sess/transmit.h"

#include <string.h>

#include "sess/conn.h"

/* Below this a copy costs less than a second piece. With the headers it fits the least buf. */
static const uint32_t EXT_MIN = 128;

/* The sum of what lies in two pieces. */
static uint64_t
sum_spans(const struct tcp_span span[static 2])
{
    uint64_t sum = csum_partial(span[0].bytes, span[0].len, 0);
    uint16_t second;

    if (span[1].len == 0)
        return sum;
    second = csum_fold(csum_partial(span[1].bytes, span[1].len, 0));
    return csum_add(sum, span[0].len % 2 != 0 ? __builtin_bswap16(second) : second);
}

/* Payload that lies in a ring. The headers go first: they are written from a template that is
 * longer than they are. */
static uint16_t
write_copy(struct core *c, const struct emit_path *path, const struct seg *s,
           const struct tcp_span span[static 2], uint8_t *buf)
{
    uint64_t sum = c->emit.offload_tcp_csum ? 0 : sum_spans(span);
    uint16_t len = emit_tcp(&c->emit, path, s, sum, buf);

    memcpy(buf + len, span[0].bytes, span[0].len);
    memcpy(buf + len + span[0].len, span[1].bytes, span[1].len);
    return (uint16_t)(len + s->payload_len);
}

/* Where the payload of @s lies: in two stretches of a ring, when it does; else it is the constant
 * payload from *place on. */
static bool
find_in_ring(const struct core *c, const struct record *r, const struct seg *s, uint32_t *place,
             struct tcp_span span[static 2])
{
    const struct session *session = session_of(c, r);
    uint8_t *at[2];
    uint32_t len[2];

    if (session == NULL) { /* a single segment is all there is */
        *place = 0;
        return false;
    }
    *place = s->seq + session->origin;
    if (session->ring != SLAB_NONE) {
        core_ring_at(c, session->ring, *place, s->payload_len, at, len);
        span[0] = (struct tcp_span){at[0], len[0]};
        span[1] = (struct tcp_span){at[1], len[1]};
        return true;
    }
    if (!session_sends_input(c, r, session))
        return false;
    tcp_peek_at(&r->tcp, &c->tcp, *place, s->payload_len, span);
    return true;
}

void
transmit_payload(struct core *c, const struct record *r, const struct emit_path *path,
                 const struct seg *s)
{
    enum outbox_kind kind = path->local.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4;
    struct tcp_span span[2];
    uint32_t place;
    uint8_t *buf = outbox_buf(c->opts.outbox);
    uint64_t sum = 0;
    uint16_t len;

    if (unlikely(buf == NULL)) {
        STAT_COUNT(c->opts.stat, tx_dropped);
        return;
    }
    if (find_in_ring(c, r, s, &place, span)) {
        outbox_commit(c->opts.outbox, write_copy(c, path, s, span, buf), kind);
        return;
    }
    if (!c->emit.offload_tcp_csum)
        sum = payload_sum(c->opts.payload, place, s->payload_len);
    len = emit_tcp(&c->emit, path, s, sum, buf);
    if (c->opts.tx_multi_seg && s->payload_len >= EXT_MIN) {
        unsigned ip_len = ip_hdr_len(path->local.is_v6);

        outbox_commit_ext(c->opts.outbox, len, kind, payload_at(c->opts.payload, place),
                          s->payload_len, s->tso_segsz, (uint8_t)(len - c->emit.l2_len - ip_len));
        return;
    }
    memcpy(buf + len, payload_at(c->opts.payload, place), s->payload_len);
    outbox_commit(c->opts.outbox, (uint16_t)(len + s->payload_len), kind);
}

unsigned
transmit_session(struct core *c, uint32_t idx, const struct emit_path *path, struct port_pair ports,
                 unsigned budget)
{
    struct record *r = &c->records[idx];
    unsigned n = 0;
    struct seg s;

    while (n < budget && outbox_buf(c->opts.outbox) != NULL) {
        if (!tcp_output(&r->tcp, &c->tcp, &s))
            return n;
        s.src_port = ports.local;
        s.dst_port = ports.remote;
        if (s.payload_len > 0)
            transmit_payload(c, r, path, &s);
        else
            transmit_bare(c, path, &s);
        n++;
    }
    if (tcp_is_over(&r->tcp)) /* it cannot wait */
        STAT_ADD(c->opts.stat, tx_dropped, tcp_output(&r->tcp, &c->tcp, &s));
    else
        runq_put(&c->output, tcp_stream_idx(&r->tcp), 0);
    return n;
}

void
transmit_refusal(struct core *c, const struct packet *p, const struct emit_path *path)
{
    struct seg answer;

    if (tcp_refuse(&p->seg, &answer) && transmit_bare(c, path, &answer))
        STAT_COUNT(c->opts.stat, resets_sent);
}

void
transmit_no_connection(struct core *c, const struct packet *p, const struct emit_path *path)
{
    STAT_COUNT(c->opts.stat, no_connection);
    transmit_refusal(c, p, path);
}
