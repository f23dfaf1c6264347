/* SPDX-License-Identifier: BSD-3-Clause */
/* See tally.h. */
#include "middle/tally.h"

#define MIDDLE_NAME(name, what) [MIDDLE_CHANGED_##name] = #name,
const char *const middle_change_names[] = {MIDDLE_CHANGES(MIDDLE_NAME)};
#undef MIDDLE_NAME

#define MIDDLE_WORDS(name, what) [MIDDLE_CHANGED_##name] = (what),
const char *const middle_change_words[] = {MIDDLE_CHANGES(MIDDLE_WORDS)};
#undef MIDDLE_WORDS

const char *const middle_direction_names[] = {
    [MIDDLE_TO_SERVER] = "to_server", [MIDDLE_TO_CLIENT] = "to_client"};

const char *const middle_device_names[] = {[MIDDLE_SILENT] = "silent",
                                           [MIDDLE_FORWARDS] = "forwards",
                                           [MIDDLE_TRANSLATES] = "translates",
                                           [MIDDLE_PROXIES] = "proxies"};

enum { ECN_BITS = 3 };

void
middle_tally_init(struct middle_tally *t, uint32_t sample)
{
    *t = (struct middle_tally){.sample = sample};
    for (enum middle_direction d = 0; d < MIDDLE_DIRECTIONS; d++)
        hist_init(&t->seen[d].delay);
}

void
middle_count_add(struct middle_count *to, const struct middle_count *from)
{
    for (enum middle_kind k = 0; k < MIDDLE_KINDS; k++) {
        to->sent[k] += from->sent[k];
        to->arrived[k] += from->arrived[k];
    }
}

static void
merge_seen(struct middle_seen *into, const struct middle_seen *from)
{
    into->matched += from->matched;
    into->unmatched_sent += from->unmatched_sent;
    into->unmatched_arrived += from->unmatched_arrived;
    for (enum middle_change c = 0; c < MIDDLE_CHANGE_COUNT; c++)
        into->changed[c] += from->changed[c];
    hist_merge(&into->delay, &from->delay);
}

void
middle_tally_merge(struct middle_tally *into, const struct middle_tally *from)
{
    for (enum middle_direction d = 0; d < MIDDLE_DIRECTIONS; d++) {
        middle_count_add(&into->counts[d], &from->counts[d]);
        merge_seen(&into->seen[d], &from->seen[d]);
    }
    into->untold += from->untold;
    into->sample = from->sample > into->sample ? from->sample : into->sample;
}

/* Whether an option is there in one only, or has another value. */
static bool
differs(const struct crossing *a, const struct crossing *b, uint8_t option, uint32_t of_a,
        uint32_t of_b)
{
    return ((a->options ^ b->options) & option) != 0 || of_a != of_b;
}

void
middle_seen_add(struct middle_seen *seen, const struct crossing *sent,
                const struct crossing *arrived)
{
    const struct crossing *a = sent, *b = arrived;
    uint64_t *n = seen->changed;

    n[MIDDLE_CHANGED_source_address] += !ip_equal(&a->src, &b->src);
    n[MIDDLE_CHANGED_source_port] += a->src_port != b->src_port;
    n[MIDDLE_CHANGED_target_address] += !ip_equal(&a->dst, &b->dst);
    n[MIDDLE_CHANGED_target_port] += a->dst_port != b->dst_port;
    n[MIDDLE_CHANGED_mss] += differs(a, b, SEG_OPT_MSS, a->mss, b->mss);
    n[MIDDLE_CHANGED_window_scale] += differs(a, b, SEG_OPT_WSCALE, a->wscale, b->wscale);
    n[MIDDLE_CHANGED_sack] += differs(a, b, SEG_OPT_SACK_OK, 0, 0);
    n[MIDDLE_CHANGED_timestamps] += differs(a, b, SEG_OPT_TS, a->ts_val, b->ts_val);
    n[MIDDLE_CHANGED_hop_limit] += a->hop_limit != b->hop_limit;
    n[MIDDLE_CHANGED_dscp] += (a->tos & ~ECN_BITS) != (b->tos & ~ECN_BITS);
    n[MIDDLE_CHANGED_ecn] += (a->tos & ECN_BITS) != (b->tos & ECN_BITS);
    seen->matched++;
    hist_record(&seen->delay, b->time_ns > a->time_ns ? b->time_ns - a->time_ns : 0);
}

uint64_t
middle_lost(const struct middle_count *c, enum middle_kind kind)
{
    return c->sent[kind] > c->arrived[kind] ? c->sent[kind] - c->arrived[kind] : 0;
}

uint64_t
middle_extra(const struct middle_count *c, enum middle_kind kind)
{
    return c->arrived[kind] > c->sent[kind] ? c->arrived[kind] - c->sent[kind] : 0;
}

/* Where most SYNs at the servers' port are nobody's that left the clients', those are others'. */
enum middle_device
middle_device_of(const struct middle_tally *t)
{
    const struct middle_seen *s = &t->seen[MIDDLE_TO_SERVER];

    if (t->counts[MIDDLE_TO_SERVER].arrived[MIDDLE_SYN] == 0)
        return MIDDLE_SILENT;
    if (s->unmatched_arrived > s->matched)
        return MIDDLE_PROXIES;
    for (enum middle_change c = MIDDLE_CHANGED_source_address; c <= MIDDLE_CHANGED_target_port; c++)
        if (s->changed[c] > 0)
            return MIDDLE_TRANSLATES;
    return MIDDLE_FORWARDS;
}
