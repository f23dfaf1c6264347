/* SPDX-License-Identifier: BSD-3-Clause */
/* See transmit.h. */
#include "sess/transmit.h"

#include <string.h>

#include "base/seq.h"
#include "sess/brief.h"
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

/* Payload that lies in two pieces. The headers go first: they are written from a template that is
 * longer than they are. */
static uint16_t
write_copy(struct core *c, const struct emit_path *path, const struct seg *s,
           const struct tcp_span span[static 2], uint8_t *buf)
{
    const struct emit *emit = &c->emits[path->network];
    uint64_t sum = emit->offload_tcp_csum ? 0 : sum_spans(span);
    uint16_t len = emit_tcp(emit, path, s, sum, buf);

    memcpy(buf + len, span[0].bytes, span[0].len);
    if (span[1].len > 0) /* else it is nowhere */
        memcpy(buf + len + span[0].len, span[1].bytes, span[1].len);
    return (uint16_t)(len + s->payload_len);
}

/* Where the payload of a segment lies. */
enum source {
    SOURCE_SPANS,   /* in two pieces, to be copied */
    SOURCE_PATTERN, /* it is the constant payload */
    SOURCE_FILLER,  /* all of it is filler */
};

/* Write the filler that the segment of @len bytes at @place has part of, where it belongs. */
static void
fill_ring(const struct core *c, const struct session *s, uint32_t place, uint32_t len)
{
    uint32_t first = seq_gt(s->filler, place) ? s->filler : place;
    uint32_t end = s->filler + s->filler_len;
    uint8_t *at[2];
    uint32_t at_len[2];

    if (seq_gt(end, place + len))
        end = place + len;
    if (!seq_gt(end, first))
        return;
    core_ring_at(c, s->ring, first, end - first, at, at_len);
    memset(at[0], PROTO_FILLER_BYTE, at_len[0]);
    memset(at[1], PROTO_FILLER_BYTE, at_len[1]);
}

/* Payload that the protocol made. */
static enum source
find_in_ring(const struct core *c, const struct session *session, const struct seg *s,
             uint32_t place, struct tcp_span span[static 2])
{
    uint8_t *at[2];
    uint32_t len[2];

    if (session->filler_len > 0) {
        if (place - session->filler <= session->filler_len &&
            place - session->filler + s->payload_len <= session->filler_len)
            return SOURCE_FILLER;
        fill_ring(c, session, place, s->payload_len);
    }
    core_ring_at(c, session->ring, place, s->payload_len, at, len);
    span[0] = (struct tcp_span){at[0], len[0]};
    span[1] = (struct tcp_span){at[1], len[1]};
    return SOURCE_SPANS;
}

/* What @s, at @place, has of the PROXY protocol's header, and the constant payload behind that. */
static enum source
find_head(struct core *c, const struct record *r, const struct emit_path *path, const struct seg *s,
          uint32_t place, struct tcp_span span[static 2])
{
    uint32_t bytes = (uint32_t)proxy_header_write(
        core_class(c, r)->proxy, &path->local, s->src_port, &path->remote, s->dst_port, c->scratch);
    uint32_t len = (uint32_t)u64_min(s->payload_len, 0 - place);
    uint32_t offset = bytes + place;      /* modulo 2^32 */
    bool has_more = len < s->payload_len; /* else there may be no constant payload */

    span[0] = (struct tcp_span){c->scratch + offset, len};
    span[1] = (struct tcp_span){has_more ? payload_at(c->opts.payload, 0) : c->scratch,
                                s->payload_len - len};
    return SOURCE_SPANS;
}

/* Where the payload of @s lies, and its place in what this side sends. */
static enum source
find_payload(struct core *c, const struct record *r, const struct emit_path *path,
             const struct seg *s, uint32_t *place, struct tcp_span span[static 2])
{
    const struct session *session = session_of(c, r);

    if (session == NULL) { /* a single segment is all there is */
        *place = 0;
        return SOURCE_PATTERN;
    }
    *place = s->seq + session->origin;
    if (session->ring != SLAB_NONE)
        return find_in_ring(c, session, s, *place, span);
    if (session->has_head && seq_lt(*place, 0))
        return find_head(c, r, path, s, *place, span);
    if (!session_sends_input(c, r, session))
        return SOURCE_PATTERN;
    tcp_peek_at(&r->tcp, &c->tcp, *place, s->payload_len, span);
    return SOURCE_SPANS;
}

/* The constant payload from @place on, or filler. */
static void
transmit_constant(struct core *c, const struct emit_path *path, const struct seg *s,
                  enum source source, uint32_t place, uint8_t *buf)
{
    const struct emit *emit = &c->emits[path->network];
    enum outbox_kind kind = path->local.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4;
    bool is_filler = source == SOURCE_FILLER;
    uint64_t sum = 0;
    uint16_t len;

    if (!emit->offload_tcp_csum)
        sum = is_filler ? payload_filler_sum(s->payload_len)
                        : payload_sum(c->opts.payload, place, s->payload_len);
    len = emit_tcp(emit, path, s, sum, buf);
    if (c->opts.tx_multi_seg && s->payload_len >= EXT_MIN) {
        unsigned ip_len = ip_hdr_len(path->local.is_v6);
        const uint8_t *ext =
            is_filler ? payload_filler(c->opts.payload) : payload_at(c->opts.payload, place);

        outbox_commit_ext(c->opts.outbox, len, kind, emit->l2_len, ext, s->payload_len,
                          s->tso_segsz, (uint8_t)(len - emit->l2_len - ip_len));
        return;
    }
    if (is_filler)
        memset(buf + len, PROTO_FILLER_BYTE, s->payload_len);
    else
        memcpy(buf + len, payload_at(c->opts.payload, place), s->payload_len);
    outbox_commit(c->opts.outbox, (uint16_t)(len + s->payload_len), kind, emit->l2_len);
}

/* What all connections say alike: it was summed up once. */
static void
transmit_text(struct core *c, const struct record *r, const struct emit_path *path,
              const struct seg *s, uint8_t *buf)
{
    const struct emit *emit = &c->emits[path->network];
    struct proto_text text = brief_text(c, core_class(c, r), r);
    uint16_t len = emit_tcp(emit, path, s, emit->offload_tcp_csum ? 0 : text.sum, buf);

    assert(s->payload_len == text.len);

    memcpy(buf + len, text.bytes, text.len);
    outbox_commit(c->opts.outbox, (uint16_t)(len + text.len),
                  path->local.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4, emit->l2_len);
}

void
transmit_payload(struct core *c, const struct record *r, const struct emit_path *path,
                 const struct seg *s)
{
    struct tcp_span span[2];
    uint8_t *buf = outbox_buf(c->opts.outbox);
    enum source source;
    uint32_t place;

    if (unlikely(buf == NULL)) {
        STAT_COUNT(c->opts.stat, tx_dropped);
        return;
    }
    if (c->has_brief && !tcp_has_stream(&r->tcp) && core_class(c, r)->is_brief) {
        transmit_text(c, r, path, s, buf);
        return;
    }
    source = find_payload(c, r, path, s, &place, span);
    if (source == SOURCE_SPANS)
        outbox_commit(c->opts.outbox, write_copy(c, path, s, span, buf),
                      path->local.is_v6 ? OUTBOX_TCP6 : OUTBOX_TCP4,
                      c->emits[path->network].l2_len);
    else
        transmit_constant(c, path, s, source, place, buf);
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
