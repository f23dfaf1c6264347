/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments with numbers near a connection's own, from a few bytes: what a peer sends, or an
 * attacker who looks on. */
#pragma once

#include "bytes.h"
#include "tcp/tcp.h"

static inline uint32_t
near_delta(struct bytes *b, unsigned scale)
{
    static const int32_t units[4] = {1, 97, 1448, 0xffffff};

    return (uint32_t)((int8_t)take8(b) * units[scale % 4]);
}

/* A number in what is in flight, or around it. */
static inline uint32_t
near_place(struct bytes *b, const struct tcp_conn *c)
{
    uint64_t flight = c->snd_nxt - c->snd_una;
    uint8_t x = take8(b);

    return c->snd_una + (uint32_t)(flight * (x & 0x3f) / 32) + (x >> 6);
}

static inline void
near_options(struct bytes *b, const struct tcp_conn *c, struct seg *s)
{
    s->options = take8(b);
    if ((s->options & SEG_OPT_TS) != 0) {
        s->ts_val = c->ts_recent + near_delta(b, s->options >> 6);
        s->ts_ecr -= take8(b);
    }
    if ((s->flags & SEG_SYN) != 0) {
        s->mss = (s->options & SEG_OPT_MSS) != 0 ? take16(b) : 0;
        s->wscale = (s->options & SEG_OPT_WSCALE) != 0 ? take8(b) % 15 : 0;
        s->options &= (uint8_t)~SEG_OPT_SACK;
    }
    s->n_sack = (s->options & SEG_OPT_SACK) != 0 ? 1 + (s->options >> 5) % SEG_SACK_MAX : 0;
    for (unsigned i = 0; i < s->n_sack; i++) {
        s->sack[i].begin = near_place(b, c);
        s->sack[i].end = near_place(b, c);
    }
}

/* Flags, then a shape, whose bits say what is not as usual, then the payload's length. @x: NULL
 * without a stream. Ports and payload are the caller's. */
static inline struct seg
near_seg(struct bytes *b, const struct tcp_conn *c, const struct tcp_stream *x, uint32_t ts_now)
{
    struct seg s = {.flags = take8(b) & 0x3f};
    uint8_t shape = take8(b), len = take8(b);

    s.seq = (shape & 0x01) != 0 && x != NULL ? x->rcv_adv : c->rcv_nxt;
    s.ack = (shape & 0x02) != 0 ? near_place(b, c) : c->snd_nxt;
    s.window = (shape & 0x04) != 0 ? take16(b) : UINT16_MAX;
    if ((shape & 0x08) != 0)
        s.seq += near_delta(b, shape >> 6);
    if ((shape & 0x10) != 0)
        s.ack += near_delta(b, shape >> 6);
    s.options = c->options & SEG_OPT_TS;
    s.ts_val = c->ts_recent;
    s.ts_ecr = ts_now;
    if ((shape & 0x20) != 0)
        near_options(b, c, &s);
    s.payload_len = (uint16_t)(len < 0x40 ? len : (len - 0x3f) * 341);
    return s;
}
