/* SPDX-License-Identifier: BSD-3-Clause */
/* See recorder.h. */
#include "capture/recorder.h"

#include "base/units.h"
#include "wire/seg.h"

int
recorder_init(struct recorder *r, const struct recorder_opts *o)
{
    *r = (struct recorder){.opts = *o};
    return recorder_table_init(&r->table, &o->table);
}

void
recorder_fini(struct recorder *r)
{
    recorder_table_fini(&r->table);
}

/* By chance that is the same for a SYN that is sent again. */
static bool
is_in_sample(const struct recorder *r, const struct recorder_segment *s)
{
    return r->opts.sample <= 1 ||
           recorder_table_hash(&r->table, &s->tuple, s->seq) % r->opts.sample == 0;
}

/* The first frame of a new connection. @return it, or SLAB_NONE: it is not recorded */
static uint32_t
begin(struct recorder *r, const struct recorder_segment *s)
{
    uint32_t idx;

    if (!is_in_sample(r, s))
        return SLAB_NONE;
    r->n_begun++;
    idx = recorder_table_add(&r->table, &s->tuple);
    if (idx == SLAB_NONE) {
        r->n_missed += r->opts.sample > 0;
        return SLAB_NONE;
    }
    recorder_table_at(&r->table, idx)->number = r->n_begun;
    recorder_table_at(&r->table, idx)->isn = s->seq;
    return idx;
}

/* A SYN for a tuple that is there: of another connection, unless it is sent again. What is there is
 * over then. */
static bool
is_another(struct recorder *r, uint32_t idx, const struct recorder_segment *s)
{
    const struct recorder_conn *c = recorder_table_at(&r->table, idx);

    if (s->seq == c->isn)
        return false;
    if (c->state == RECORDER_ENDED)
        recorder_table_hide(&r->table, idx);
    else
        recorder_table_drop(&r->table, idx);
    return true;
}

uint32_t
recorder_take(struct recorder *r, const struct recorder_segment *s, const struct frame_data *d)
{
    struct recorder_conn *c;
    uint32_t idx;

    if (!r->is_on)
        return SLAB_NONE;
    idx = recorder_table_find(&r->table, &s->tuple);
    if (s->opens && (idx == SLAB_NONE || is_another(r, idx, s)))
        idx = begin(r, s);
    if (idx == SLAB_NONE)
        return SLAB_NONE;
    c = recorder_table_at(&r->table, idx);
    recorder_table_add_frame(&r->table, idx, d);
    if (c->state == RECORDER_ENDED)
        return SLAB_NONE;
    c->is_closing |= (s->flags & (SEG_FIN | SEG_RST)) != 0;
    c->is_answered |= !d->is_sent && !s->opens;
    if (c->is_answered)
        recorder_table_move(&r->table, idx, RECORDER_ANSWERED);
    return c->is_closing ? idx : SLAB_NONE;
}

void
recorder_take_about(struct recorder *r, const struct recorder_tuple *tuple,
                    const struct frame_data *d)
{
    uint32_t idx = recorder_table_find(&r->table, tuple);

    if (idx != SLAB_NONE)
        recorder_table_add_frame(&r->table, idx, d);
}

/* They give way to connections. */
void
recorder_take_neighbor(struct recorder *r, const struct frame_data *d)
{
    if (r->is_on && !frames_add(&r->table.store, &r->neighbors, d))
        r->neighbors.n_left_out++;
}

void
recorder_take_secret(struct recorder *r, const struct recorder_tuple *tuple, const char *line)
{
    uint32_t idx = recorder_table_find(&r->table, tuple);

    if (idx != SLAB_NONE)
        recorder_table_add_secret(&r->table, idx, line);
}

/* -- ends ------------------------------------------------------------------------------------- */

static void
set_end(struct recorder *r, uint32_t idx, enum recorder_end end, uint64_t ended_ns)
{
    struct recorder_conn *c = recorder_table_at(&r->table, idx);

    c->end = (uint8_t)end;
    c->ended_ns = ended_ns;
    recorder_table_move(&r->table, idx, RECORDER_ENDED);
}

void
recorder_fail(struct recorder *r, const struct recorder_tuple *tuple, uint8_t cause,
              uint64_t now_ns)
{
    uint32_t idx;

    if (!r->is_on)
        return;
    idx = recorder_table_find(&r->table, tuple);
    if (idx == SLAB_NONE) {
        r->n_missed += r->opts.sample == 0;
        return;
    }
    recorder_table_at(&r->table, idx)->cause = cause;
    set_end(r, idx, RECORDER_FAILED, now_ns);
}

void
recorder_close(struct recorder *r, uint32_t idx, uint64_t now_ns)
{
    if (recorder_table_at(&r->table, idx)->state == RECORDER_ENDED)
        return;
    if (r->opts.sample > 0)
        set_end(r, idx, RECORDER_CLOSED, now_ns);
    else
        recorder_table_drop(&r->table, idx);
}

/* Memory that lingers is wanted by others. */
static bool
is_scarce(const struct slab *s)
{
    return s->n_borrowed > s->n_elements - s->n_elements / 4;
}

static bool
is_due(const struct recorder *r, const struct recorder_conn *c, uint64_t now_ns)
{
    return r->is_ending || r->opts.sample > 0 || now_ns >= c->ended_ns + r->opts.linger_ns ||
           is_scarce(&r->table.conns) || is_scarce(&r->table.store.cells);
}

/* The neighbors' frames, as a connection of their own. @return SLAB_NONE: there are none */
static uint32_t
hand_over_neighbors(struct recorder *r)
{
    uint32_t idx = r->neighbors.n > 0 ? recorder_table_add(&r->table, NULL) : SLAB_NONE;
    struct recorder_conn *c;

    if (idx == SLAB_NONE)
        return SLAB_NONE;
    c = recorder_table_at(&r->table, idx);
    c->end = RECORDER_NEIGHBORS;
    c->frames = r->neighbors;
    r->neighbors = (struct frame_list){0};
    recorder_table_move(&r->table, idx, RECORDER_HANDED);
    return idx;
}

uint32_t
recorder_next(struct recorder *r, uint64_t now_ns)
{
    uint32_t idx = r->table.lists[RECORDER_ENDED].first, neighbors;

    if (idx == SLAB_NONE || !is_due(r, recorder_table_at(&r->table, idx), now_ns))
        return SLAB_NONE;
    neighbors = hand_over_neighbors(r);
    if (neighbors != SLAB_NONE)
        return neighbors;
    recorder_table_hide(&r->table, idx);
    recorder_table_move(&r->table, idx, RECORDER_HANDED);
    return idx;
}

void
recorder_give_back(struct recorder *r, uint32_t idx)
{
    recorder_table_drop(&r->table, idx);
}

void
recorder_end(struct recorder *r)
{
    const struct recorder_table *t = &r->table;

    r->is_ending = true;
    for (uint32_t i = 1; r->opts.sample > 0 && i <= t->conns.n_touched; i++) {
        uint8_t state = recorder_table_at(t, i)->state;

        if (state == RECORDER_ASKING || state == RECORDER_ANSWERED)
            set_end(r, i, RECORDER_OPEN, 0);
    }
}
