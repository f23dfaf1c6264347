/* SPDX-License-Identifier: BSD-3-Clause */
/* See dead_man.h. */
#include "app/dead_man.h"

#include <stddef.h>

#include "base/units.h"

/* From one look to the next, at most; a worker that took longer was kept from its CPU. */
static const uint64_t USUAL_NS = 100 * NS_PER_MS;

/* Frames of somebody who may be the target: not what every link has. */
static uint64_t
count_heard(const uint64_t *c)
{
    return c[CTR_rx_packets] - c[CTR_arp_received] - c[CTR_ndp_received] - c[CTR_not_ours] -
           c[CTR_multicast_ignored];
}

/* What stands for frames that need an answer. */
static uint64_t
count_asked(const uint64_t *c)
{
    static const enum stat_counter asking[] = {CTR_attempted, CTR_retransmits, CTR_tx_payload_bytes,
                                               CTR_window_probes, CTR_tail_loss_probes};
    uint64_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(asking); i++)
        n += c[asking[i]];
    return n;
}

void
pulse_init(struct pulse *p, uint64_t start_ns)
{
    *p = (struct pulse){.heard_ns = start_ns, .asked_ns = start_ns, .looked_ns = start_ns};
}

void
pulse_look(struct pulse *p, const struct stat_set *set, uint64_t now_ns)
{
    uint64_t heard = count_heard(set->worker->now->counters);
    uint64_t asked = count_asked(set->worker->now->counters);

    for (unsigned i = 0; i < set->n_classes; i++)
        asked += count_asked(set->classes[i].now->counters);
    if (now_ns > p->looked_ns + USUAL_NS)
        p->deaf_ns += now_ns - p->looked_ns - USUAL_NS;
    p->looked_ns = now_ns;
    if (heard != p->heard)
        p->heard_ns = now_ns;
    if (asked != p->asked)
        p->asked_ns = now_ns;
    p->heard = heard;
    p->asked = asked;
}

void
pulse_begin_block(struct pulse *p)
{
    p->heard = p->asked = 0;
}

void
heartbeat_init(struct heartbeat *h, uint64_t start_ns)
{
    *h = (struct heartbeat){.heard_ns = start_ns, .asked_ns = start_ns, .looked_ns = UINT64_MAX};
}

void
heartbeat_add(struct heartbeat *h, const struct pulse *p, bool has_open)
{
    h->heard_ns = u64_max(h->heard_ns, p->heard_ns);
    h->deaf_ns += p->deaf_ns;
    if (!has_open)
        return;
    h->asked_ns = u64_max(h->asked_ns, p->asked_ns);
    h->looked_ns = u64_min(h->looked_ns, p->looked_ns);
}

/* What was sent and what came between the same two looks cannot be put in order: where an answer is
 * missing, it is asked for again. */
bool
silence_look(struct silence *s, const struct heartbeat *h, uint64_t patience_ns)
{
    if (h->heard_ns != s->heard_ns || h->asked_ns <= h->heard_ns)
        s->waits_ns = 0;
    s->heard_ns = h->heard_ns;
    if (h->asked_ns <= h->heard_ns)
        return false;
    if (s->waits_ns == 0) {
        s->waits_ns = h->asked_ns;
        s->deaf_ns = h->deaf_ns;
    }
    return patience_ns > 0 && h->looked_ns >= s->waits_ns + (h->deaf_ns - s->deaf_ns) + patience_ns;
}
