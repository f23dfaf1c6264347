/* SPDX-License-Identifier: BSD-3-Clause */
/* See sim_link.h. */
#include "sim_link.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

enum { ETHER_HDR_LEN = 14, FLIPS_MAX = 8 };

void
sim_link_init(struct sim_link *l, const struct sim_link_opts *opts)
{
    *l = (struct sim_link){.opts = *opts};
}

void
sim_link_fini(struct sim_link *l)
{
    for (unsigned i = 0; i < l->n; i++)
        free(l->heap[i].frame);
    free(l->heap);
    *l = (struct sim_link){0};
}

static bool
happens(struct rng *rng, uint32_t ppm)
{
    return ppm > 0 && rng_below(rng, 1000000) < ppm;
}

static bool
is_before(const struct sim_arrival *a, const struct sim_arrival *b)
{
    return a->arrives_ns != b->arrives_ns ? a->arrives_ns < b->arrives_ns : a->order < b->order;
}

static void
swaps(struct sim_arrival *a, struct sim_arrival *b)
{
    struct sim_arrival kept = *a;

    *a = *b;
    *b = kept;
}

static void
heap_push(struct sim_link *l, struct sim_arrival a)
{
    unsigned i = l->n++;

    if (l->n > l->room) {
        l->room = l->room > 0 ? 2 * l->room : 64;
        l->heap = realloc(l->heap, l->room * sizeof(*l->heap));
        if (l->heap == NULL)
            abort();
    }
    l->heap[i] = a;
    for (; i > 0 && is_before(&l->heap[i], &l->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swaps(&l->heap[i], &l->heap[(i - 1) / 2]);
}

static struct sim_arrival
heap_pop(struct sim_link *l)
{
    struct sim_arrival first = l->heap[0];
    unsigned i = 0, child;

    l->heap[0] = l->heap[--l->n];
    while ((child = 2 * i + 1) < l->n) {
        if (child + 1 < l->n && is_before(&l->heap[child + 1], &l->heap[child]))
            child++;
        if (!is_before(&l->heap[child], &l->heap[i]))
            break;
        swaps(&l->heap[child], &l->heap[i]);
        i = child;
    }
    return first;
}

/* Flip bits that lie apart, so that none flips back. */
static void
corrupts(struct sim_frame *f, struct rng *rng)
{
    uint32_t n_bits = (f->len - ETHER_HDR_LEN) * 8;
    uint32_t each;

    f->n_flips = 1 + (unsigned)rng_below(rng, FLIPS_MAX);
    each = n_bits / f->n_flips;
    for (unsigned i = 0; i < f->n_flips; i++) {
        uint32_t bit = i * each + (uint32_t)rng_below(rng, each);

        f->bytes[ETHER_HDR_LEN + bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

/* One copy of @frame that has left the queue at @left_ns. */
static unsigned
flies(struct sim_link *l, struct rng *rng, uint64_t left_ns, const struct sim_frame *frame)
{
    size_t size = sizeof(*frame) + frame->len;
    struct sim_arrival a = {.order = l->order++, .frame = malloc(size)};
    unsigned fate = 0;

    if (a.frame == NULL)
        abort();
    memcpy(a.frame, frame, size);
    a.arrives_ns = left_ns + l->opts.delay_ns + rng_below(rng, l->opts.jitter_ns + 1);
    if (l->opts.keeps_order)
        a.arrives_ns = u64_max(a.arrives_ns, l->last_arrival_ns);
    l->last_arrival_ns = a.arrives_ns;
    if (happens(rng, l->opts.reorder_ppm)) {
        a.arrives_ns += l->opts.reorder_ns;
        fate |= SIM_REORDERED;
    }
    if (happens(rng, l->opts.corrupt_ppm)) {
        corrupts(a.frame, rng);
        fate |= SIM_CORRUPTED;
    }
    heap_push(l, a);
    return fate;
}

/* The queue before the bottleneck. @return when the last bit has left; TIME_NEVER: it is full. */
static uint64_t
queues(struct sim_link *l, uint64_t now_ns, uint32_t len)
{
    uint64_t rate = l->opts.rate_bps, waits_ns, waiting_bytes;

    if (rate == 0)
        return now_ns;
    waits_ns = l->busy_until_ns > now_ns ? l->busy_until_ns - now_ns : 0;
    waiting_bytes = (uint64_t)((unsigned __int128)waits_ns * rate / (8 * NS_PER_SEC));
    if (l->opts.queue_bytes > 0 && waiting_bytes + len > l->opts.queue_bytes)
        return TIME_NEVER;
    l->busy_until_ns = now_ns + waits_ns + len * 8 * NS_PER_SEC / rate;
    return l->busy_until_ns;
}

static bool
is_in_burst(struct sim_link *l, struct rng *rng)
{
    if (l->opts.burst_begin_ppm == 0)
        return false;
    if (happens(rng, l->is_bad ? l->opts.burst_end_ppm : l->opts.burst_begin_ppm))
        l->is_bad = !l->is_bad;
    return l->is_bad;
}

unsigned
sim_link_put(struct sim_link *l, struct rng *rng, uint64_t now_ns, uint64_t extra_ns,
             const struct sim_frame *frame)
{
    bool is_burst = is_in_burst(l, rng);
    uint64_t left_ns;
    unsigned fate;

    if (l->opts.mtu > 0 && frame->len - ETHER_HDR_LEN > l->opts.mtu)
        return SIM_TOO_BIG;
    left_ns = queues(l, now_ns, frame->len);
    if (left_ns == TIME_NEVER)
        return SIM_TAIL_DROPPED;
    if (happens(rng, l->opts.loss_ppm) || is_burst)
        return SIM_LOST;
    if (extra_ns > 0) { /* held back by a rule: those behind it go on */
        uint64_t last_ns = l->last_arrival_ns;

        fate = flies(l, rng, left_ns + extra_ns, frame);
        l->last_arrival_ns = last_ns;
        return fate;
    }
    fate = flies(l, rng, left_ns, frame);
    if (happens(rng, l->opts.dup_ppm))
        fate |= SIM_DUPLICATED | flies(l, rng, left_ns, frame);
    return fate;
}

uint64_t
sim_link_next_ns(const struct sim_link *l)
{
    return l->n > 0 ? l->heap[0].arrives_ns : TIME_NEVER;
}

struct sim_frame *
sim_link_take(struct sim_link *l)
{
    return heap_pop(l).frame;
}
