/* SPDX-License-Identifier: BSD-3-Clause */
/* See tx.h. */
#include "app/tx.h"

static_assert(OUTBOX_BUFS <= IO_EXT_CACHE, "an external segment for each frame");

/* As many as the queue can still line up: what is written can always be kept. */
void
tx_refill(struct worker *w)
{
    struct outbox *o = &w->outbox;
    unsigned wanted = RTE_MIN(io_tx_free_count(&w->queue), (unsigned)OUTBOX_BUFS);

    if (w->opts.tx_multi_seg)
        wanted = RTE_MIN(wanted, io_ext_ready(&w->queue, OUTBOX_BUFS));
    while (o->n_bufs < wanted) {
        struct rte_mbuf *m = io_tx_take(&w->queue);

        if (unlikely(m == NULL))
            break;
        o->bufs[o->n_bufs++] = io_tx_buf(m);
    }
    while (unlikely(o->n_bufs > wanted)) {
        struct rte_mbuf *m = io_mbuf(o->bufs[--o->n_bufs]);

        io_recycle(&w->queue, &m, 1);
    }
}

void
tx_submit(struct worker *w)
{
    static const enum io_frame kinds[] = {
        [OUTBOX_OTHER] = IO_PLAIN, [OUTBOX_TCP4] = IO_TCP4, [OUTBOX_TCP6] = IO_TCP6};
    struct outbox *o = &w->outbox;
    uint64_t bytes = 0;

    if (unlikely(w->recording != NULL))
        recording_submit(w);
    if (unlikely(w->crossings != NULL))
        crossings_submit(w);
    for (unsigned i = 0; i < o->n_frames; i++) {
        const struct outbox_frame *f = &o->frames[i];

        bytes += f->len + f->ext_len;
        if (likely(f->ext_len == 0))
            io_tx_put(&w->queue, io_mbuf(f->data), f->len, kinds[f->kind], f->l2_len);
        else
            io_tx_put_ext(&w->queue, io_mbuf(f->data), f->len, kinds[f->kind], f->l2_len,
                          &(struct io_ext){o->exts[i], f->ext_len, f->tso_segsz, f->l4_len});
    }
    STAT_ADD(&w->stat, tx_bytes, bytes);
    o->n_frames = 0;
    tx_refill(w);
}

void
tx_give_up(struct worker *w)
{
    io_queue_give_up(&w->queue);
    STAT_COUNT(&w->stat, tx_given_up);
}

void
tx_flush(struct worker *w)
{
    unsigned n;

    if (w->queue.n_pending == 0)
        return;
    n = io_tx_flush(&w->queue);
    STAT_ADD(&w->stat, tx_packets, n);
    if (likely(w->queue.n_pending == 0))
        return;
    STAT_COUNT(&w->stat, tx_backpressure);
    backpressure_sent(&w->backpressure, n);
}
