/* SPDX-License-Identifier: BSD-3-Clause */
/* See queue_check.h. */
#include "app/queue_check.h"

#include "base/record.h"

/* The probe that @p answers; QUEUE_CHECK_PROBES when there is none. */
static unsigned
probe_of(const struct queue_check *c, const struct packet *p)
{
    for (unsigned i = 0; i < c->sent; i++)
        if (p->seg.dst_port == c->probes[i].local_port && ip_equal(&p->dst, &c->probes[i].local))
            return i;
    return QUEUE_CHECK_PROBES;
}

void
queue_check_input(struct queue_check *c, struct packet *packets, unsigned n, unsigned n_handed)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned probe;

        if (packets[i].kind != PACKET_TCP || packets[i].slot == RECORD_NONE)
            continue;
        probe = probe_of(c, &packets[i]);
        if (probe == QUEUE_CHECK_PROBES)
            continue;
        if (!c->has_answer[probe]) {
            c->has_answer[probe] = true;
            c->answered++;
            c->misrouted += i < n_handed;
        }
        if ((packets[i].seg.flags & SEG_RST) != 0)
            packets[i].kind = PACKET_OTHER;
    }
}

void
queue_check_merge(struct queue_check *into, const struct queue_check *from)
{
    into->sent += from->sent;
    into->answered += from->answered;
    into->misrouted += from->misrouted;
}
