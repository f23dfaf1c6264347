/* SPDX-License-Identifier: BSD-3-Clause */
/* See scoreboard.h. */
#include "tcp/scoreboard.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"

static uint32_t
length(const struct scoreboard *sb, unsigned i)
{
    return sb->extent[i].end - sb_begin(sb, i);
}

static bool
is_sacked(const struct extent *r)
{
    return (r->flags & EXTENT_SACKED) != 0;
}

static void
remove_extent(struct scoreboard *sb, unsigned i)
{
    sb->n--;
    memmove(&sb->extent[i], &sb->extent[i + 1], (sb->n - i) * sizeof(sb->extent[0]));
}

/* Make room for @more lines by joining neighbours that have the same fate, those first that were
 * sent least apart; they take the later instant, so that a loss is found later, never too early. */
static void
make_room(struct scoreboard *sb, unsigned more)
{
    while (unlikely(sb->n + more > sb->capacity)) {
        uint32_t best_us = UINT32_MAX;
        unsigned best = 0;

        for (unsigned i = 0; i + 1 < sb->n; i++) {
            const struct extent *a = &sb->extent[i], *b = &sb->extent[i + 1];
            uint32_t apart_us =
                seq_lt(a->sent_us, b->sent_us) ? b->sent_us - a->sent_us : a->sent_us - b->sent_us;

            if ((a->flags & EXTENT_LOST) != 0)
                apart_us = 0; /* when it was sent does not matter any more */
            if (((a->flags ^ b->flags) & (EXTENT_SACKED | EXTENT_LOST)) == 0 &&
                apart_us < best_us) {
                best_us = apart_us;
                best = i;
            }
        }
        if (best_us == UINT32_MAX)
            return;
        if (sb->extent[best].sent_us != sb->extent[best + 1].sent_us)
            sb->extent[best + 1].flags |=
                EXTENT_RETRANSMITTED; /* its instant is true for a part only */
        if (seq_lt(sb->extent[best + 1].sent_us, sb->extent[best].sent_us))
            sb->extent[best + 1].sent_us = sb->extent[best].sent_us;
        sb->extent[best + 1].flags |= sb->extent[best].flags;
        remove_extent(sb, best);
    }
}

/* Have an extent end at @seq, which lies in extent @i. @return false when there is no room for it.
 */
static bool
split(struct scoreboard *sb, unsigned i, uint32_t seq)
{
    if (seq == sb->extent[i].end)
        return true;
    if (sb->n == sb->capacity)
        return false;
    memmove(&sb->extent[i + 1], &sb->extent[i], (sb->n - i) * sizeof(sb->extent[0]));
    sb->extent[i].end = seq;
    sb->n++;
    return true;
}

/* Make one of extent @i and the next when nothing tells them apart any more. */
static void
join_next(struct scoreboard *sb, unsigned i)
{
    const struct extent *next = &sb->extent[i + 1];
    struct extent *r = &sb->extent[i];

    if (i + 1 >= sb->n)
        return;
    if (is_sacked(r) && is_sacked(next)) {
        if (seq_lt(r->sent_us, next->sent_us))
            r->sent_us = next->sent_us;
        r->flags |= next->flags;
    } else if (r->flags != next->flags || r->sent_us != next->sent_us) {
        return;
    }
    r->end = next->end;
    remove_extent(sb, i + 1);
}

static void
join_around(struct scoreboard *sb, unsigned i)
{
    join_next(sb, i);
    if (i > 0)
        join_next(sb, i - 1);
}

uint32_t
sb_in_flight(const struct scoreboard *sb)
{
    uint32_t bytes = 0;

    for (unsigned i = 0; i < sb->n; i++)
        bytes += (sb->extent[i].flags & (EXTENT_SACKED | EXTENT_LOST)) == 0 ? length(sb, i) : 0;
    return bytes;
}

uint32_t
sb_sacked_bytes(const struct scoreboard *sb)
{
    uint32_t bytes = 0;

    for (unsigned i = 0; i < sb->n; i++)
        bytes += is_sacked(&sb->extent[i]) ? length(sb, i) : 0;
    return bytes;
}

/* What is sent in several goes, a little apart, is one extent up to this length: a window of 256
 * KiB is sixteen lines. */
static const uint32_t APPEND_MAX = 16384;

void
sb_append(struct scoreboard *sb, uint32_t end, uint32_t now_us, uint32_t grain_us)
{
    struct extent *last;

    assert(sb->capacity > 0);

    make_room(sb, 1);
    last = sb->n > 0 ? &sb->extent[sb->n - 1] : NULL;

    if (last != NULL && last->flags == 0 &&
        (last->sent_us == now_us ||
         (grain_us > 0 && now_us / grain_us == last->sent_us / grain_us &&
          length(sb, sb->n - 1) < APPEND_MAX))) {
        last->end = end;
        last->sent_us = now_us;
    } else if (sb->n < sb->capacity) {
        sb->extent[sb->n++] = (struct extent){.end = end, .sent_us = now_us};
    } else {
        last->end = end;
        last->sent_us = now_us;
        last->flags = EXTENT_RETRANSMITTED; /* its instant is true for a part only */
    }
}

uint32_t
sb_fack(const struct scoreboard *sb)
{
    for (unsigned i = sb->n; i > 0; i--) {
        if (is_sacked(&sb->extent[i - 1]))
            return sb->extent[i - 1].end;
    }
    return sb->una;
}

/* @bytes of the extent @r, up to @end, were delivered just now. */
static void
deliver(struct sb_delivered *d, const struct extent *r, uint32_t bytes, uint32_t end)
{
    bool is_retransmitted = (r->flags & EXTENT_RETRANSMITTED) != 0;

    d->bytes += bytes;
    if (!is_retransmitted && seq_lt(end, d->fack))
        d->has_reordered = true;
    /* 6.2 step 2: it may be the first copy that was delivered. */
    if (is_retransmitted && d->now_us - r->sent_us < d->min_rtt_us)
        return;
    if (!d->has_latest || rack_sent_after(r->sent_us, end, d->sent_us, d->end)) {
        d->has_latest = true;
        d->sent_us = r->sent_us;
        d->end = end;
        d->is_retransmitted = is_retransmitted;
    }
}

void
sb_acked(struct scoreboard *sb, uint32_t ack, struct sb_delivered *d)
{
    unsigned n_gone = 0;

    for (unsigned i = 0; i < sb->n && seq_gt(ack, sb_begin(sb, i)); i++) {
        const struct extent *r = &sb->extent[i];
        uint32_t end = seq_lt(ack, r->end) ? ack : r->end;

        if (!is_sacked(r))
            deliver(d, r, end - sb_begin(sb, i), end);
        n_gone += end == r->end;
    }
    sb->n -= n_gone;
    memmove(&sb->extent[0], &sb->extent[n_gone], sb->n * sizeof(sb->extent[0]));
    sb->una = ack;
}

/* The part of extent @i that @block covers becomes SACKED. @return false when there is no room. */
static bool
sack_part(struct scoreboard *sb, unsigned i, struct seg_range part, struct sb_delivered *d)
{
    if (part.begin != sb_begin(sb, i)) {
        if (!split(sb, i, part.begin))
            return false;
        i++;
    }
    if (!split(sb, i, part.end))
        return false;
    deliver(d, &sb->extent[i], part.end - part.begin, part.end);
    sb->extent[i].flags = (uint8_t)((sb->extent[i].flags & ~EXTENT_LOST) | EXTENT_SACKED);
    join_around(sb, i);
    return true;
}

bool
sb_sacked(struct scoreboard *sb, struct seg_range block, struct sb_delivered *d)
{
    make_room(sb, 2);
    for (unsigned i = 0; i < sb->n; i++) {
        struct extent *r = &sb->extent[i];
        struct seg_range part = {sb_begin(sb, i), r->end};

        if (seq_le(block.end, part.begin))
            break;
        if (seq_le(part.end, block.begin) || is_sacked(r))
            continue;
        if (seq_lt(part.begin, block.begin))
            part.begin = block.begin;
        if (seq_gt(part.end, block.end))
            part.end = block.end;
        if (!sack_part(sb, i, part, d))
            return false;
        make_room(sb, 2);
        i = UINT32_MAX; /* extents were split and joined: look from the beginning on */
    }
    return true;
}

uint32_t
sb_detect_lost(struct scoreboard *sb, const struct sb_delivered *latest, uint32_t wait_us,
               uint32_t now_us, uint32_t *lost)
{
    uint32_t longest_us = 0;

    *lost = 0;
    for (unsigned i = 0; i < sb->n; i++) {
        struct extent *r = &sb->extent[i];
        uint32_t passed_us = now_us - r->sent_us;

        if ((r->flags & (EXTENT_SACKED | EXTENT_LOST)) != 0 ||
            !rack_sent_after(latest->sent_us, latest->end, r->sent_us, r->end))
            continue;
        /* New data and retransmissions of one poll have one instant, but not the order of numbers.
         */
        if ((r->flags & EXTENT_RETRANSMITTED) != 0 && !latest->is_retransmitted &&
            r->sent_us == latest->sent_us)
            continue;
        if (passed_us >= wait_us) {
            r->flags |= EXTENT_LOST;
            *lost += length(sb, i);
        } else if (wait_us - passed_us > longest_us) {
            longest_us = wait_us - passed_us;
        }
    }
    return longest_us;
}

uint32_t
sb_mark_lost(struct scoreboard *sb, uint32_t end)
{
    uint32_t bytes = 0;

    make_room(sb, 1);
    for (unsigned i = 0; i < sb->n && seq_lt(sb_begin(sb, i), end); i++) {
        struct extent *r = &sb->extent[i];

        if ((r->flags & (EXTENT_SACKED | EXTENT_LOST)) != 0)
            continue;
        if (seq_gt(r->end, end))
            (void)split(sb, i, end); /* without room all of it is */
        r->flags |= EXTENT_LOST;
        bytes += length(sb, i);
    }
    return bytes;
}

void
sb_forget_sacks(struct scoreboard *sb)
{
    for (unsigned i = 0; i < sb->n; i++)
        sb->extent[i].flags &= (uint8_t)~EXTENT_SACKED;
}

bool
sb_next_lost(const struct scoreboard *sb, struct seg_range *r)
{
    for (unsigned i = 0; i < sb->n; i++) {
        if ((sb->extent[i].flags & EXTENT_LOST) != 0) {
            *r = (struct seg_range){sb_begin(sb, i), sb->extent[i].end};
            return true;
        }
    }
    return false;
}

void
sb_retransmitted(struct scoreboard *sb, uint32_t begin, uint32_t end, uint32_t now_us)
{
    unsigned i = 0;

    make_room(sb, 2);
    while (i + 1 < sb->n && seq_le(sb->extent[i].end, begin))
        i++;

    assert(sb->n > 0 && seq_le(sb_begin(sb, i), begin) && seq_le(end, sb->extent[i].end));
    assert(!is_sacked(&sb->extent[i]));

    /* Without room for a line the whole extent counts as sent again; what was not is found later.
     */
    if (begin != sb_begin(sb, i) && split(sb, i, begin))
        i++;
    (void)split(sb, i, end);
    sb->extent[i].flags = EXTENT_RETRANSMITTED;
    sb->extent[i].sent_us = now_us;
    join_around(sb, i);
}
