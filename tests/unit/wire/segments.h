/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments that the tests of emit share, and what has to come back of them. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "frames.h"
#include "wire/csum.h"
#include "wire/emit.h"
#include "wire/packet.h"

static const uint8_t MAC[6] = {2, 0, 0, 0, 0, 1};
static const struct emit_opts OPTS = {
    .src_mac = {2, 0, 0, 0, 0, 1}, .vlan = -1, .mtu = 1500, .wscale = 7};

static inline struct emit_path
path_of(bool is_v6)
{
    struct emit_path path = {.peer_mac = {2, 0, 0, 0, 0, 9}};

    ip_parse(is_v6 ? "2001:2::10" : "198.18.0.10", &path.local);
    ip_parse(is_v6 ? "2001:2::20" : "198.18.0.20", &path.remote);
    return path;
}

static inline struct seg
seg_of(const uint8_t form[2])
{
    return (struct seg){.seq = 0x11223344,
                        .ack = 0x55667788,
                        .ts_val = 0xaabbccdd,
                        .ts_ecr = 0x01020304,
                        .window = 0xfaf0,
                        .src_port = 40000,
                        .dst_port = 80,
                        .flags = form[0],
                        .options = form[1]};
}

/* Into room that ends where EMIT_FRAME_MAX says, with the payload of @s behind the headers. Its sum
 * is told only where it has to be. */
static inline struct frame
emit_data(const struct emit *e, const struct emit_path *path, const struct seg *s,
          const uint8_t *payload)
{
    uint8_t *out = memset(guarded(EMIT_FRAME_MAX), 0xee, EMIT_FRAME_MAX);
    struct frame f = {.proto = PROTO_TCP, .l3_off = e->l2_len};
    uint64_t sum = e->offload_tcp_csum ? 0xdead : csum_partial(payload, s->payload_len, 0);

    f.len = emit_tcp(e, path, s, sum, out);
    f.l4_off = f.l3_off + (path->local.is_v6 ? 40U : 20U);
    memcpy(f.bytes, out, f.len);
    if (s->payload_len > 0)
        memcpy(f.bytes + f.len, payload, s->payload_len);
    f.len += s->payload_len;
    return f;
}

static inline struct frame
emit_frame(const struct emit *e, const struct emit_path *path, const struct seg *s)
{
    return emit_data(e, path, s, (const uint8_t *)"");
}

static inline void
expect_same(const struct seg *sent, const struct packet *p, bool is_v6)
{
    const struct seg *got = &p->seg;

    cr_assert(eq(int, p->kind, PACKET_TCP));
    cr_assert(eq(u32, got->seq, sent->seq));
    cr_assert(eq(u32, got->ack, sent->ack));
    cr_assert(eq(int, got->flags, sent->flags));
    cr_assert(eq(int, got->window, sent->window));
    cr_assert(eq(int, got->src_port, sent->src_port));
    cr_assert(eq(int, got->dst_port, sent->dst_port));
    cr_assert(eq(int, got->payload_len, sent->payload_len));
    if (sent->options & SEG_OPT_TS) {
        cr_assert(eq(u32, got->ts_val, sent->ts_val));
        cr_assert(eq(u32, got->ts_ecr, sent->ts_ecr));
    }
    cr_assert(eq(int, got->n_sack, sent->n_sack));
    for (unsigned i = 0; i < sent->n_sack; i++) {
        cr_assert(eq(u32, got->sack[i].begin, sent->sack[i].begin));
        cr_assert(eq(u32, got->sack[i].end, sent->sack[i].end));
    }
    if (sent->flags & SEG_SYN) {
        cr_assert(eq(int, got->options, sent->options | SEG_OPT_MSS));
        cr_assert(eq(int, got->mss, is_v6 ? 1440 : 1460));
        if (sent->options & SEG_OPT_WSCALE)
            cr_assert(eq(int, got->wscale, 7));
    } else {
        cr_assert(eq(int, got->options, sent->options));
    }
}
