/* SPDX-License-Identifier: BSD-3-Clause */
/* See core.h: the segments of connections that carry payload, and whose turn it is to send them. */
#include <string.h>

#include "sess/core.h"

/* Below this a copy costs less than a second segment. With the headers it fits the smallest buffer.
 */
static const uint32_t TAIL_MIN = 128;

/* The place in line that an exchange remembers. */
#define PLACE_MASK 0xffffffu

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

/* Payload that lies in a ring: what an echo received, or TLS wrote. The headers go first: they are
 * written from a template that is longer than they are. */
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

/* Whether the payload of @s lies in a ring: then where. */
static bool
find_in_ring(struct core *c, const struct record *r, const struct seg *s,
             struct tcp_span span[static 2])
{
    if (c->secure.ctx != NULL)
        secure_sent(c, r, s->seq, s->payload_len, span);
    else if (c->opts.exchange.echo)
        tcp_peek_at(&r->tcp, &c->tcp, exchange_place(&r->tcp, &c->tcp, s->seq), s->payload_len,
                    span);
    else
        return false;
    return true;
}

void
core_send_payload(struct core *c, const struct record *r, const struct emit_path *path,
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
    if (find_in_ring(c, r, s, span)) {
        outbox_commit(c->opts.outbox, write_copy(c, path, s, span, buf), kind);
        return;
    }
    place = exchange_place(&r->tcp, &c->tcp, s->seq);
    if (!c->emit.offload_tcp_csum)
        sum = payload_sum(c->opts.payload, place, s->payload_len);
    len = emit_tcp(&c->emit, path, s, sum, buf);
    if (c->opts.tx_multi_seg && s->payload_len >= TAIL_MIN) {
        unsigned ip_len = path->local.is_v6 ? 40 : 20;

        outbox_commit_ext(c->opts.outbox, len, kind, payload_at(c->opts.payload, place),
                          s->payload_len, s->tso_segsz, (uint8_t)(len - c->emit.l2_len - ip_len));
        return;
    }
    memcpy(buf + len, payload_at(c->opts.payload, place), s->payload_len);
    outbox_commit(c->opts.outbox, (uint16_t)(len + s->payload_len), kind);
}

/* The exchange that the entry of @idx at @place stands for; NULL: the connection has ended, or sent
 * what it had. */
static struct exchange *
waiting(struct core *c, uint32_t idx, uint32_t place)
{
    struct exchange *e = exchange_of(&c->records[idx].tcp, &c->tcp);

    if (e == NULL || (e->flags & EXCHANGE_READY) == 0 || (place & PLACE_MASK) != e->place)
        return NULL;
    return e;
}

static void
put_in_line(struct core *c, uint32_t idx, struct exchange *e)
{
    e->flags |= EXCHANGE_READY;
    e->place = ready_put(&c->ready, idx) & PLACE_MASK;
}

/* Have @idx wait for its turn. In a full line, entries of connections that have ended make room:
 * there are some, since there are twice as many places as streams. */
static void
wait_in_line(struct core *c, uint32_t idx, struct exchange *e)
{
    if ((e->flags & EXCHANGE_READY) != 0)
        return;
    while (unlikely(ready_is_full(&c->ready))) {
        uint32_t place, other = ready_take(&c->ready, &place);
        struct exchange *of_other = waiting(c, other, place);

        if (of_other != NULL)
            put_in_line(c, other, of_other);
    }
    put_in_line(c, idx, e);
}

uint32_t
core_next_ready(struct core *c)
{
    while (!ready_is_empty(&c->ready)) {
        uint32_t place, idx = ready_take(&c->ready, &place);
        struct exchange *e = waiting(c, idx, place);

        if (e != NULL) {
            e->flags &= ~(uint32_t)EXCHANGE_READY & 0xff;
            return idx;
        }
    }
    return RECORD_NONE;
}

unsigned
core_flush_stream(struct core *c, uint32_t idx, const struct emit_path *path, uint16_t local_port,
                  uint16_t remote_port, unsigned budget)
{
    struct record *r = &c->records[idx];
    unsigned n = 0;
    struct seg s;

    while (n < budget && outbox_buf(c->opts.outbox) != NULL) {
        if (!tcp_output(&r->tcp, &c->tcp, &s))
            return n;
        s.src_port = local_port;
        s.dst_port = remote_port;
        if (s.payload_len > 0)
            core_send_payload(c, r, path, &s);
        else
            core_send(c, path, &s);
        n++;
    }
    if (tcp_is_over(&r->tcp)) /* it cannot wait */
        STAT_ADD(c->opts.stat, tx_dropped, tcp_output(&r->tcp, &c->tcp, &s));
    else
        wait_in_line(c, idx, exchange_of(&r->tcp, &c->tcp));
    return n;
}
