/* SPDX-License-Identifier: BSD-3-Clause */
/* See match.h. */
#include "middle/match.h"

void
match_init(struct match *m, struct middle_tally *tally)
{
    m->tally = tally;
}

static struct middle_seen *
seen_of(const struct match *m, const struct crossing *c)
{
    return &m->tally->seen[c->kind == MIDDLE_SYN ? MIDDLE_TO_SERVER : MIDDLE_TO_CLIENT];
}

/* Tags are as good as random. */
static uint32_t *
head_of(struct match *m, uint32_t tag)
{
    return &m->heads[tag % MATCH_HEADS];
}

static void
unlink_entry(struct match *m, uint32_t idx)
{
    uint32_t *link = head_of(m, m->entries[idx].crossing.tag);

    while (*link != idx + 1)
        link = &m->entries[*link - 1].next;
    *link = m->entries[idx].next;
    m->entries[idx].is_waiting = false;
}

/* The other half of @c: the one with the same timestamp, or, where that was changed, the oldest.
 * @return its index; MATCH_WAITING: there is none */
static uint32_t
find_half(struct match *m, const struct crossing *c)
{
    uint32_t found = MATCH_WAITING;

    for (uint32_t i = *head_of(m, c->tag); i != 0; i = m->entries[i - 1].next) {
        const struct crossing *o = &m->entries[i - 1].crossing;

        if (o->tag != c->tag || o->kind != c->kind || o->is_sent == c->is_sent)
            continue;
        found = i - 1;
        if (o->ts_val == c->ts_val)
            break;
    }
    return found;
}

static void
count_unmatched(struct match *m, const struct crossing *c)
{
    struct middle_seen *s = seen_of(m, c);

    if (c->is_sent)
        s->unmatched_sent++;
    else
        s->unmatched_arrived++;
}

static void
wait_for_half(struct match *m, const struct crossing *c)
{
    struct match_entry *e = &m->entries[m->oldest];
    uint32_t *head = head_of(m, c->tag);

    if (e->is_waiting) {
        count_unmatched(m, &e->crossing);
        unlink_entry(m, m->oldest);
    }
    *e = (struct match_entry){.crossing = *c, .next = *head, .is_waiting = true};
    *head = m->oldest + 1;
    m->oldest = (m->oldest + 1) % MATCH_WAITING;
}

void
match_take(struct match *m, const struct crossing *c)
{
    uint32_t half = find_half(m, c);
    const struct crossing *o;

    if (half == MATCH_WAITING) {
        wait_for_half(m, c);
        return;
    }
    o = &m->entries[half].crossing;
    middle_seen_add(seen_of(m, c), c->is_sent ? c : o, c->is_sent ? o : c);
    unlink_entry(m, half);
}

void
match_end(struct match *m)
{
    for (uint32_t i = 0; i < MATCH_WAITING; i++) {
        if (!m->entries[i].is_waiting)
            continue;
        count_unmatched(m, &m->entries[i].crossing);
        unlink_entry(m, i);
    }
}
