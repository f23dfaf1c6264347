/* SPDX-License-Identifier: BSD-3-Clause */
/* See rss_check.h. */
#include "app/rss_check.h"

#include "base/record.h"

void
rss_check_input(struct rss_check *c, struct packet *packets, unsigned n, unsigned n_handed)
{
    for (unsigned i = 0; i < n; i++) {
        if (packets[i].kind != PACKET_TCP || packets[i].slot == RECORD_NONE)
            continue;
        c->answered++;
        c->misrouted += i < n_handed;
        if ((packets[i].seg.flags & SEG_RST) != 0)
            packets[i].kind = PACKET_OTHER;
    }
}

void
rss_check_merge(struct rss_check *into, const struct rss_check *from)
{
    into->sent += from->sent;
    into->answered += from->answered;
    into->misrouted += from->misrouted;
}
