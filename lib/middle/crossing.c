/* SPDX-License-Identifier: BSD-3-Clause */
/* See crossing.h. */
#include "middle/crossing.h"

const char *const middle_kind_names[MIDDLE_KINDS] = {
    [MIDDLE_SYN] = "syn", [MIDDLE_SYN_ACK] = "syn_ack", [MIDDLE_OTHER] = "other"};

/* TOS (RFC 791 3.1) or traffic class (RFC 8200 3). */
static uint8_t
tos_of(const struct packet *p)
{
    const uint8_t *ip = p->frame + p->l3_off;

    return p->src.is_v6 ? (uint8_t)(ip[0] << 4 | ip[1] >> 4) : ip[1];
}

void
crossing_of(struct crossing *c, const struct packet *p, uint64_t time_ns, bool is_sent)
{
    enum middle_kind kind = middle_kind_of(p->seg.flags);

    *c = (struct crossing){
        .time_ns = time_ns,
        .src = p->src,
        .dst = p->dst,
        .tag = kind == MIDDLE_SYN ? p->seg.seq : p->seg.ack - 1,
        .ts_val = p->seg.ts_val,
        .src_port = p->seg.src_port,
        .dst_port = p->seg.dst_port,
        .mss = p->seg.mss,
        .wscale = p->seg.wscale,
        .options = p->seg.options,
        .hop_limit = packet_hop_limit(p),
        .tos = tos_of(p),
        .kind = (uint8_t)kind,
        .is_sent = is_sent,
    };
}
