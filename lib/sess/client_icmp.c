/* SPDX-License-Identifier: BSD-3-Clause */
/* See client.h: what ICMP errors say of connections, which they quote. */
#include "capture/table.h"
#include "sess/client_side.h"
#include "sess/ends.h"
#include "sess/half_open.h"

/* The record of the connection that an ICMP error quotes; RECORD_NONE: there is none. */
static uint32_t
quoted(const struct client *c, const struct ip_addr *local, uint16_t local_port,
       const struct ip_addr *remote, uint16_t remote_port)
{
    struct packet p = {.src = *remote,
                       .dst = *local,
                       .seg = {.src_port = remote_port, .dst_port = local_port},
                       .kind = PACKET_TCP};
    unsigned network = tuples_network(&c->tuples, local);

    if (network == TUPLES_NO_NETWORK)
        return RECORD_NONE;
    p.network = (uint8_t)network;
    client_lookup(c, &p, 1);
    if (p.slot == RECORD_NONE || !client_is_between(c, &c->core.records[p.slot], &p))
        return RECORD_NONE;
    return p.slot;
}

void
client_unreachable(struct client *c, const struct ip_addr *local, uint16_t local_port,
                   const struct ip_addr *remote, uint16_t remote_port, uint32_t seq)
{
    uint32_t idx = quoted(c, local, local_port, remote, remote_port);
    struct record *r;

    if (idx == RECORD_NONE)
        return;
    r = &c->core.records[idx];
    if (half_open_is(r)) {
        if (half_open_unreachable(&c->core, core_class(&c->core, r), r, seq))
            client_end_half_open(c, idx);
        return;
    }
    if (!tcp_unreachable(&r->tcp, seq))
        return;
    core_note_opening(&c->core, core_class(&c->core, r), -1);
    core_fail(&c->core, core_class(&c->core, r), r, FAILURE_unreachable);
    side_forget(&c->core, r);
    tuples_release(&c->tuples, idx);
}

void
client_too_big(struct client *c, const struct ip_addr *local, uint16_t local_port,
               const struct ip_addr *remote, uint16_t remote_port, uint32_t seq, uint32_t mtu)
{
    uint32_t idx = quoted(c, local, local_port, remote, remote_port);

    if (idx != RECORD_NONE && !tcp_is_closed(&c->core.records[idx].tcp))
        side_too_big(&client_side, &c->core, idx, seq, mtu);
}

bool
client_is_open(const struct client *c, const struct recorder_tuple *t)
{
    uint32_t idx = quoted(c, &t->local, t->local_port, &t->remote, t->remote_port);

    return idx != RECORD_NONE &&
           (!tcp_is_over(&c->core.records[idx].tcp) || half_open_is(&c->core.records[idx]));
}
