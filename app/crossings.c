/* SPDX-License-Identifier: BSD-3-Clause */
/* See crossings.h. */
#include "app/crossings.h"

#include <rte_ring_elem.h>

#include "app/recording.h"
#include "app/worker.h"

void
crossings_begin(struct worker *w)
{
    if (w->opts.crossings.out != NULL)
        w->crossings = &w->crossings_of_it;
}

void
crossings_end(struct worker *w)
{
    w->crossings = NULL;
}

static enum middle_direction
direction_of(const struct worker *w, bool is_sent)
{
    return is_sent == (w->opts.role == ROLE_CLIENT) ? MIDDLE_TO_SERVER : MIDDLE_TO_CLIENT;
}

/* What is asked of the other side is compared, what comes of nobody's asking is not: a SYN to a
 * client, its answer from there. */
static void
tell(struct worker *w, const struct packet *p, enum middle_kind kind, uint64_t time_ns,
     bool is_sent)
{
    struct crossing c;

    if (kind == MIDDLE_OTHER ||
        direction_of(w, is_sent) != (kind == MIDDLE_SYN ? MIDDLE_TO_SERVER : MIDDLE_TO_CLIENT))
        return;
    crossing_of(&c, p, time_ns, is_sent);
    if (crossing_is_sampled(c.tag, w->opts.crossings.sample) &&
        rte_ring_sp_enqueue_elem(w->opts.crossings.out, &c, sizeof(c)) != 0)
        w->crossings->untold++;
}

void
crossings_fetched(struct worker *w)
{
    w->crossings->fetched_ns[w->rx.idx] = schedule_now_ns(w->opts.schedule);
}

/* A burst that was fetched before the load began has no instant. */
void
crossings_receive(struct worker *w, const struct packet *packets, unsigned n)
{
    uint64_t received_ns =
        u64_max(w->crossings->fetched_ns[w->rx.idx ^ 1], w->rx.fetched_ns[w->rx.idx ^ 1]);
    uint64_t *arrived = w->crossings->counts[direction_of(w, false)].arrived;

    for (unsigned i = 0; i < n; i++) {
        enum middle_kind kind;

        if (packets[i].kind != PACKET_TCP)
            continue;
        kind = middle_kind_of(packets[i].seg.flags);
        arrived[kind]++;
        tell(w, &packets[i], kind, received_ns, false);
    }
}

/* The port cuts it into so many segments. */
static unsigned
segments_of(const struct outbox_frame *f)
{
    return f->ext_len == 0 || f->tso_segsz == 0 ? 1
                                                : (f->ext_len + f->tso_segsz - 1u) / f->tso_segsz;
}

void
crossings_submit(struct worker *w)
{
    uint64_t *sent = w->crossings->counts[direction_of(w, true)].sent;
    const struct outbox *o = &w->outbox;
    uint64_t now_ns = o->n_frames > 0 ? schedule_now_ns(w->opts.schedule) : 0;

    for (unsigned i = 0; i < o->n_frames; i++) {
        const struct outbox_frame *f = &o->frames[i];
        struct frame_data d = {.bytes = {f->data, f->ext_len > 0 ? o->exts[i] : NULL},
                               .len = {f->len, f->ext_len}};
        enum middle_kind kind;
        struct packet p;

        if (f->kind == OUTBOX_OTHER)
            continue;
        recording_parse(w, &d, &p);
        kind = middle_kind_of(p.seg.flags);
        sent[kind] += segments_of(f);
        tell(w, &p, kind, now_ns, true);
    }
}
