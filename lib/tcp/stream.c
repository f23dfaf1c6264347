/* SPDX-License-Identifier: BSD-3-Clause */
/* See stream.h and internal.h: a stream's memory. */
#include "tcp/stream.h"

#include <string.h>

#include "base/units.h"
#include "tcp/internal.h"

static_assert(sizeof(struct tcp_stream) <= 224, "with the user's part four cache lines");

int
tcp_pools_init(struct tcp_pools *p, const struct tcp_pools_opts *opts)
{
    assert(opts->n_streams <= TCP_STREAMS_MAX);
    assert(opts->stream_bytes >= sizeof(struct tcp_stream));
    assert((opts->buffer_bytes & (opts->buffer_bytes - 1)) == 0);

    if (slab_init(&p->streams, opts->n_streams, opts->stream_bytes) < 0)
        return -1;
    if (slab_init(&p->overflows, opts->n_streams, sizeof(struct tcp_overflow)) < 0)
        goto fini_streams;
    if (slab_init(&p->buffers, opts->n_buffers, u64_max(opts->buffer_bytes, 64)) < 0)
        goto fini_boards;
    return 0;

fini_boards:
    slab_fini(&p->overflows);
fini_streams:
    slab_fini(&p->streams);
    return -1;
}

void
tcp_pools_fini(struct tcp_pools *p)
{
    slab_fini(&p->buffers);
    slab_fini(&p->overflows);
    slab_fini(&p->streams);
}

struct tcp_stream *
stream_take(struct tcp_ctx *ctx, uint32_t *idx)
{
    struct tcp_stream *x;

    *idx = ctx->pools == NULL ? SLAB_NONE : slab_take(&ctx->pools->streams);
    if (*idx == SLAB_NONE) {
        STAT_COUNT(ctx->stat, streams_exhausted);
        return NULL;
    }
    x = slab_at(&ctx->pools->streams, *idx);
    memset(x + 1, 0, ctx->pools->streams.element_bytes - sizeof(*x));
    return x;
}

static struct tcp_overflow *
overflow_of(const struct tcp_stream *x, const struct tcp_ctx *ctx)
{
    return slab_at(&ctx->pools->overflows, x->overflow);
}

/* Move to an overflow area, if one is left. */
static void __attribute__((noinline)) grow(struct tcp_stream *x, struct tcp_ctx *ctx)
{
    x->overflow = slab_take(&ctx->pools->overflows);
    if (x->overflow == SLAB_NONE)
        return;
    memcpy(overflow_of(x, ctx)->extents, x->extents, x->n_extents * sizeof(x->extents[0]));
    memcpy(overflow_of(x, ctx)->reasm, x->reasm, x->n_reasm * sizeof(x->reasm[0]));
}

struct scoreboard
stream_scoreboard(const struct tcp_conn *c, struct tcp_stream *x, struct tcp_ctx *ctx,
                  unsigned more)
{
    if (unlikely(x->overflow == SLAB_NONE && x->n_extents + more > STREAM_EXTENTS))
        grow(x, ctx);
    if (likely(x->overflow == SLAB_NONE))
        return (struct scoreboard){x->extents, x->n_extents, STREAM_EXTENTS, c->snd_una};
    return (struct scoreboard){overflow_of(x, ctx)->extents, x->n_extents, OVERFLOW_EXTENTS,
                               c->snd_una};
}

struct seg_range *
stream_reasm(struct tcp_stream *x, struct tcp_ctx *ctx, bool grows, unsigned *capacity)
{
    if (grows && x->overflow == SLAB_NONE && x->n_reasm == STREAM_REASM)
        grow(x, ctx);
    *capacity = x->overflow == SLAB_NONE ? STREAM_REASM : OVERFLOW_REASM;
    return x->overflow == SLAB_NONE ? x->reasm : overflow_of(x, ctx)->reasm;
}

void
stream_shrink(struct tcp_stream *x, struct tcp_ctx *ctx)
{
    if (unlikely(x->overflow != SLAB_NONE) && x->n_extents <= 1 && x->n_reasm == 0) {
        memcpy(x->extents, overflow_of(x, ctx)->extents, x->n_extents * sizeof(x->extents[0]));
        slab_give(&ctx->pools->overflows, x->overflow);
        x->overflow = SLAB_NONE;
    }
    if (unlikely(x->buffer != SLAB_NONE) && x->unread == 0 && x->n_reasm == 0) {
        slab_give(&ctx->pools->buffers, x->buffer);
        x->buffer = SLAB_NONE;
    }
}

bool
stream_borrow_buffer(struct tcp_stream *x, struct tcp_ctx *ctx)
{
    if (x->buffer == SLAB_NONE)
        x->buffer = slab_take(&ctx->pools->buffers);
    return x->buffer != SLAB_NONE;
}

/* A byte's place in the ring follows from its number, so what comes in any order finds it. */
bool
stream_store(struct tcp_stream *x, struct tcp_ctx *ctx, uint32_t seq, const uint8_t *bytes,
             uint32_t len)
{
    uint32_t size = ctx->params->rcv_wnd, at = seq & (size - 1);
    uint32_t first = (uint32_t)u64_min(len, size - at);
    uint8_t *ring;

    assert(len <= size);

    if (!stream_borrow_buffer(x, ctx))
        return false;
    ring = slab_at(&ctx->pools->buffers, x->buffer);
    memcpy(ring + at, bytes, first);
    memcpy(ring, bytes + first, len - first);
    return true;
}

void
tcp_peek_at(const struct tcp_conn *c, const struct tcp_ctx *ctx, uint32_t seq, uint32_t len,
            struct tcp_span span[static 2])
{
    const struct tcp_stream *x = tcp_stream_of(c, ctx);
    uint32_t size = ctx->params->rcv_wnd, at = seq & (size - 1);
    const uint8_t *ring = slab_at(&ctx->pools->buffers, x->buffer);

    assert(x->buffer != SLAB_NONE && len <= x->unread && seq - x->read_seq <= x->unread - len);

    if (ctx->in_place != NULL) {
        span[0] = (struct tcp_span){ctx->in_place + (seq - ctx->in_place_seq), len};
        span[1] = (struct tcp_span){0};
        return;
    }
    span[0] = (struct tcp_span){ring + at, (uint32_t)u64_min(len, size - at)};
    span[1] = (struct tcp_span){ring, len - span[0].len};
}

void
tcp_release(struct tcp_conn *c, struct tcp_ctx *ctx)
{
    struct tcp_stream *x = tcp_stream_of(c, ctx);

    if (x == NULL)
        return;
    slab_give(&ctx->pools->overflows, x->overflow);
    slab_give(&ctx->pools->buffers, x->buffer);
    slab_give(&ctx->pools->streams, tcp_stream_idx(c));
    c->single_bytes = 0;
    c->app_flags = 0;
    c->options &= (uint8_t)~TCP_HAS_STREAM;
}
