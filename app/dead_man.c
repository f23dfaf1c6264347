/* SPDX-License-Identifier: BSD-3-Clause */
/* See dead_man.h. */
#include "app/dead_man.h"

#include <stddef.h>

#include "base/units.h"

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
    *p = (struct pulse){.heard_ns = start_ns, .asked_ns = start_ns};
}

void
pulse_look(struct pulse *p, const struct stat_set *set, uint64_t now_ns)
{
    uint64_t heard = count_heard(set->worker->now->counters);
    uint64_t asked = count_asked(set->worker->now->counters);

    for (unsigned i = 0; i < set->n_classes; i++)
        asked += count_asked(set->classes[i].now->counters);
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
silence_init(struct silence *s, uint64_t start_ns)
{
    *s = (struct silence){.heard_ns = start_ns, .asked_ns = start_ns};
}

void
silence_add(struct silence *s, uint64_t heard_ns, uint64_t asked_ns, bool has_open)
{
    s->heard_ns = u64_max(s->heard_ns, heard_ns);
    if (has_open)
        s->asked_ns = u64_max(s->asked_ns, asked_ns);
}

/* What was sent and what came between the same two looks cannot be put in order: where an answer is
 * missing, it is asked for again. */
bool
silence_is_long(const struct silence *s, uint64_t patience_ns, uint64_t now_ns)
{
    return patience_ns > 0 && s->asked_ns > s->heard_ns && now_ns - s->heard_ns >= patience_ns;
}
