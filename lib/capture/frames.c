/* SPDX-License-Identifier: BSD-3-Clause */
/* See frames.h. */
#include "capture/frames.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"

/* What a frame's first cell does not hold. */
struct rest {
    uint32_t more;
    uint8_t bytes[FRAMES_CELL_BYTES - 4];
};

static_assert(sizeof(struct kept_frame) == FRAMES_CELL_BYTES &&
                  sizeof(struct rest) == FRAMES_CELL_BYTES,
              "both are a cell");
/* What stays at the front, of long frames. */
static const unsigned CELLS_AT_FRONT = CELLS_PER_LIST / 4;

static_assert(CELLS_PER_LIST / 2 > FRAMES_SNAP_BYTES / sizeof(((struct rest *)NULL)->bytes) + 2,
              "behind the front there is room for the longest frame");

int
frames_init(struct frame_store *s, uint32_t n_cells)
{
    return slab_init(&s->cells, n_cells, FRAMES_CELL_BYTES);
}

void
frames_fini(struct frame_store *s)
{
    slab_fini(&s->cells);
}

static unsigned
cells_of(uint32_t bytes)
{
    static const unsigned HEAD = sizeof(((struct kept_frame *)NULL)->head),
                          REST = sizeof(((struct rest *)NULL)->bytes);

    return bytes <= HEAD ? 1 : 1 + (bytes - HEAD + REST - 1) / REST;
}

static void
give_cells(struct frame_store *s, uint32_t idx)
{
    uint32_t more = frames_at(s, idx)->more;

    slab_give(&s->cells, idx);
    while (more != SLAB_NONE) {
        const struct rest *r = slab_at(&s->cells, more);
        uint32_t next = r->more;

        slab_give(&s->cells, more);
        more = next;
    }
}

/* The oldest one that does not stay. There is one. */
static void
leave_out(struct frame_store *s, struct frame_list *l)
{
    struct kept_frame *before = frames_at(s, l->front_end);
    uint32_t idx = before->next;
    const struct kept_frame *f = frames_at(s, idx);

    before->next = f->next;
    if (l->last == idx)
        l->last = l->front_end;
    l->n--;
    l->n_cells = (uint16_t)(l->n_cells - cells_of(f->bytes));
    l->n_left_out++;
    give_cells(s, idx);
}

/* @return whether @l can take a frame of @n_cells within its bounds now. */
static bool
make_room(struct frame_store *s, struct frame_list *l, unsigned n_cells)
{
    while (l->n == FRAMES_PER_LIST || l->n_cells + n_cells > CELLS_PER_LIST) {
        if (l->front_end == SLAB_NONE || l->front_end == l->last)
            return false;
        leave_out(s, l);
    }
    return true;
}

/* One piece after the other into cell after cell; the store has as many as it takes. */
struct pour {
    struct frame_store *store;
    uint8_t *at;
    uint32_t room;
    uint32_t *link; /* to the next cell */
};

static void
pour(struct pour *p, const uint8_t *bytes, uint32_t len)
{
    while (len > 0) {
        uint32_t n;

        if (p->room == 0) {
            uint32_t idx = slab_take(&p->store->cells);
            struct rest *r = slab_at(&p->store->cells, idx);

            assert(idx != SLAB_NONE);

            *p->link = idx;
            r->more = SLAB_NONE;
            p->link = &r->more;
            p->at = r->bytes;
            p->room = sizeof(r->bytes);
        }
        n = (uint32_t)u64_min(len, p->room);
        memcpy(p->at, bytes, n);
        p->at += n;
        p->room -= n;
        bytes += n;
        len -= n;
    }
}

static uint32_t
write_frame(struct frame_store *s, const struct frame_data *d, uint32_t bytes)
{
    uint32_t idx = slab_take(&s->cells), first = (uint32_t)u64_min(d->len[0], bytes);
    struct kept_frame *f = frames_at(s, idx);
    struct pour p = {.store = s, .at = f->head, .room = sizeof(f->head), .link = &f->more};

    f->next = f->more = SLAB_NONE;
    f->time_ns = d->time_ns;
    f->wire_bytes = d->len[0] + d->len[1];
    f->bytes = (uint16_t)bytes;
    f->is_sent = d->is_sent;
    pour(&p, d->bytes[0], first);
    pour(&p, d->bytes[1], bytes - first);
    return idx;
}

/* What was received before something was sent may be taken in after it. */
static void
put_in_place(struct frame_store *s, struct frame_list *l, uint32_t idx)
{
    struct kept_frame *f = frames_at(s, idx), *last = frames_at(s, l->last);
    uint32_t *link = &l->first;

    if (last->time_ns <= f->time_ns) {
        last->next = idx;
        l->last = idx;
        return;
    }
    while (frames_at(s, *link)->time_ns <= f->time_ns)
        link = &frames_at(s, *link)->next;
    f->next = *link;
    *link = idx;
}

bool
frames_add(struct frame_store *s, struct frame_list *l, const struct frame_data *d)
{
    uint32_t bytes = (uint32_t)u64_min((uint64_t)d->len[0] + d->len[1], FRAMES_SNAP_BYTES);
    unsigned n_cells = cells_of(bytes);
    uint32_t idx;

    if (s->cells.n_elements - s->cells.n_borrowed < n_cells)
        return false;
    if (!make_room(s, l, n_cells)) {
        l->n_left_out++;
        return true;
    }
    idx = write_frame(s, d, bytes);
    if (l->first == SLAB_NONE)
        l->first = l->last = idx;
    else
        put_in_place(s, l, idx);
    l->n++;
    l->n_cells = (uint16_t)(l->n_cells + n_cells);
    if (l->front_end == SLAB_NONE && (l->n == FRAMES_AT_FRONT || l->n_cells >= CELLS_AT_FRONT))
        l->front_end = l->last;
    return true;
}

void
frames_clear(struct frame_store *s, struct frame_list *l)
{
    uint32_t idx = l->first;

    while (idx != SLAB_NONE) {
        uint32_t next = frames_at(s, idx)->next;

        give_cells(s, idx);
        idx = next;
    }
    *l = (struct frame_list){.n_left_out = l->n_left_out};
}

size_t
frames_copy(const struct frame_store *s, uint32_t idx, uint8_t to[static FRAMES_SNAP_BYTES])
{
    const struct kept_frame *f = frames_at(s, idx);
    size_t used = u64_min(f->bytes, sizeof(f->head));
    uint32_t more = f->more;

    memcpy(to, f->head, used);
    while (used < f->bytes) {
        const struct rest *r = slab_at(&s->cells, more);
        size_t n = u64_min(f->bytes - used, sizeof(r->bytes));

        memcpy(to + used, r->bytes, n);
        used += n;
        more = r->more;
    }
    return f->bytes;
}
