/* SPDX-License-Identifier: BSD-3-Clause */
/* See secure_line.h. */
#include "sess/secure_line.h"

void
secure_line_put(struct core *c, const struct record *r, struct secure *s)
{
    struct secure_line *line;

    if (s->is_in_line)
        return;
    s->is_in_line = true;
    s->rank = s->tls.ssl != NULL ? SECURE_BEGUN : SECURE_NEW;
    line = &c->secure.lines[s->rank];
    s->next = SLAB_NONE;
    s->before = line->last;
    if (line->last != SLAB_NONE)
        secure_at(c, line->last)->next = tcp_stream_idx(&r->tcp);
    else
        line->first = tcp_stream_idx(&r->tcp);
    line->last = tcp_stream_idx(&r->tcp);
}

void
secure_line_drop(struct core *c, struct secure *s)
{
    struct secure_line *line = &c->secure.lines[s->rank];

    if (!s->is_in_line)
        return;
    s->is_in_line = false;
    if (s->before != SLAB_NONE)
        secure_at(c, s->before)->next = s->next;
    else
        line->first = s->next;
    if (s->next != SLAB_NONE)
        secure_at(c, s->next)->before = s->before;
    else
        line->last = s->before;
}

uint32_t
secure_next(struct core *c)
{
    const struct secure_line *lines = c->secure.lines;
    struct secure *s;

    if (!secure_has_work(&c->secure))
        return RECORD_NONE;
    s = secure_at(c, lines[SECURE_BEGUN].first != SLAB_NONE ? lines[SECURE_BEGUN].first
                                                            : lines[SECURE_NEW].first);
    secure_line_drop(c, s);
    return s->idx;
}
