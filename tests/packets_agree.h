/* SPDX-License-Identifier: BSD-3-Clause */
/* Two ways to parse a frame compared, for unit tests and fuzzers. */
#pragma once

#include "wire/packet.h"

/* Whether @a and @b say the same of a frame: its kind, and what is filled with that. */
static inline bool
packets_agree(const struct packet *a, const struct packet *b)
{
    const struct seg *s = &a->seg, *t = &b->seg;

    if (a->kind != b->kind)
        return false;
    if (a->kind != PACKET_TCP)
        return true;
    return a->frame == b->frame && a->l3_off == b->l3_off && a->l4_off == b->l4_off &&
           a->l4_len == b->l4_len && ip_equal(&a->src, &b->src) && ip_equal(&a->dst, &b->dst) &&
           s->seq == t->seq && s->ack == t->ack && s->ts_val == t->ts_val &&
           s->ts_ecr == t->ts_ecr && s->window == t->window && s->mss == t->mss &&
           s->payload_len == t->payload_len && s->payload == t->payload &&
           s->src_port == t->src_port && s->dst_port == t->dst_port && s->flags == t->flags &&
           s->options == t->options && s->wscale == t->wscale && s->n_sack == t->n_sack;
}
