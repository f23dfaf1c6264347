/* SPDX-License-Identifier: BSD-3-Clause */
/* See rx_handoff.h. */
#include "app/rx_handoff.h"

/* The worker of the port whose packet @i is, after the look-up. */
static unsigned
owner_of(const struct worker *w, const struct packet *packets, const struct server_burst *b,
         unsigned i)
{
    if (w->opts.role == ROLE_CLIENT)
        return likely(packets[i].slot != RECORD_NONE)
                   ? w->opts.queue
                   : client_owner(&w->engine.client, &packets[i]);
    if (!w->opts.owns_by_hash)
        return w->opts.queue;
    return server_owner(b, packets, i, w->opts.n_queues, w->opts.queue);
}

unsigned
rx_handoff(struct worker *w, struct rte_mbuf **mbufs, struct packet *packets,
           const struct server_burst *b, unsigned n, unsigned n_handed)
{
    unsigned left = n_handed;

    for (unsigned i = n_handed; i < n; i++) {
        unsigned owner = packets[i].kind == PACKET_TCP ? owner_of(w, packets, b, i) : w->opts.queue;

        if (likely(owner == w->opts.queue)) {
            mbufs[left++] = mbufs[i];
            continue;
        }
        handoff_enqueue(w->opts.handoff, owner, mbufs[i]);
        packets[i].kind = PACKET_OTHER; /* not the engine's any more */
    }
    STAT_ADD(&w->stat, handoffs, n - left);
    handoff_flush(w->opts.handoff);
    return left;
}
