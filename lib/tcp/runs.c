/* SPDX-License-Identifier: BSD-3-Clause */
/* See runs.h. */
#include "tcp/runs.h"

#include <assert.h>
#include <string.h>

#include "base/units.h"

static uint32_t
length(const struct runs *rs, unsigned i)
{
    return rs->run[i].end - runs_begin(rs, i);
}

static bool
is_sacked(const struct run *r)
{
    return (r->flags & RUN_SACKED) != 0;
}

static void
remove_run(struct runs *rs, unsigned i)
{
    rs->n--;
    memmove(&rs->run[i], &rs->run[i + 1], (rs->n - i) * sizeof(rs->run[0]));
}

/* Make room for @more lines by joining neighbours that have the same fate, those first that were
 * sent least apart; they take the later instant, so that a loss is found later, never too early. */
static void
make_room(struct runs *rs, unsigned more)
{
    while (unlikely(rs->n + more > rs->room)) {
        uint32_t best_us = UINT32_MAX;
        unsigned best = 0;

        for (unsigned i = 0; i + 1 < rs->n; i++) {
            const struct run *a = &rs->run[i], *b = &rs->run[i + 1];
            uint32_t apart_us =
                seq_lt(a->sent_us, b->sent_us) ? b->sent_us - a->sent_us : a->sent_us - b->sent_us;

            if ((a->flags & RUN_LOST) != 0)
                apart_us = 0; /* when it was sent does not matter any more */
            if (((a->flags ^ b->flags) & (RUN_SACKED | RUN_LOST)) == 0 && apart_us < best_us) {
                best_us = apart_us;
                best = i;
            }
        }
        if (best_us == UINT32_MAX)
            return;
        if (rs->run[best].sent_us != rs->run[best + 1].sent_us)
            rs->run[best + 1].flags |= RUN_RESENT; /* its instant is true for a part only */
        if (seq_lt(rs->run[best + 1].sent_us, rs->run[best].sent_us))
            rs->run[best + 1].sent_us = rs->run[best].sent_us;
        rs->run[best + 1].flags |= rs->run[best].flags;
        remove_run(rs, best);
    }
}

/* Have a run end at @seq, which lies in run @i. @return false when there is no room for it. */
static bool
split(struct runs *rs, unsigned i, uint32_t seq)
{
    if (seq == rs->run[i].end)
        return true;
    if (rs->n == rs->room)
        return false;
    memmove(&rs->run[i + 1], &rs->run[i], (rs->n - i) * sizeof(rs->run[0]));
    rs->run[i].end = seq;
    rs->n++;
    return true;
}

/* Make one of run @i and the next when nothing tells them apart any more. */
static void
join_next(struct runs *rs, unsigned i)
{
    const struct run *next = &rs->run[i + 1];
    struct run *r = &rs->run[i];

    if (i + 1 >= rs->n)
        return;
    if (is_sacked(r) && is_sacked(next)) {
        if (seq_lt(r->sent_us, next->sent_us))
            r->sent_us = next->sent_us;
        r->flags |= next->flags;
    } else if (r->flags != next->flags || r->sent_us != next->sent_us) {
        return;
    }
    r->end = next->end;
    remove_run(rs, i + 1);
}

static void
join_around(struct runs *rs, unsigned i)
{
    join_next(rs, i);
    if (i > 0)
        join_next(rs, i - 1);
}

uint32_t
runs_in_flight(const struct runs *rs)
{
    uint32_t bytes = 0;

    for (unsigned i = 0; i < rs->n; i++)
        bytes += (rs->run[i].flags & (RUN_SACKED | RUN_LOST)) == 0 ? length(rs, i) : 0;
    return bytes;
}

uint32_t
runs_sacked_bytes(const struct runs *rs)
{
    uint32_t bytes = 0;

    for (unsigned i = 0; i < rs->n; i++)
        bytes += is_sacked(&rs->run[i]) ? length(rs, i) : 0;
    return bytes;
}

/* What is sent in several goes, a little apart, is one run up to this length: a window of 256 KiB
 * is sixteen lines. */
static const uint32_t APPEND_MAX = 16384;

void
runs_append(struct runs *rs, uint32_t end, uint32_t now_us, uint32_t grain_us)
{
    struct run *last;

    assert(rs->room > 0);

    make_room(rs, 1);
    last = rs->n > 0 ? &rs->run[rs->n - 1] : NULL;

    if (last != NULL && last->flags == 0 &&
        (last->sent_us == now_us ||
         (grain_us > 0 && now_us / grain_us == last->sent_us / grain_us &&
          length(rs, rs->n - 1) < APPEND_MAX))) {
        last->end = end;
        last->sent_us = now_us;
    } else if (rs->n < rs->room) {
        rs->run[rs->n++] = (struct run){.end = end, .sent_us = now_us};
    } else {
        last->end = end;
        last->sent_us = now_us;
        last->flags = RUN_RESENT; /* its instant is true for a part only */
    }
}

uint32_t
runs_fack(const struct runs *rs)
{
    for (unsigned i = rs->n; i > 0; i--) {
        if (is_sacked(&rs->run[i - 1]))
            return rs->run[i - 1].end;
    }
    return rs->una;
}

/* @bytes of the run @r, up to @end, were delivered just now. */
static void
deliver(struct runs_delivered *d, const struct run *r, uint32_t bytes, uint32_t end)
{
    bool is_resent = (r->flags & RUN_RESENT) != 0;

    d->bytes += bytes;
    if (!is_resent && seq_lt(end, d->fack))
        d->has_reordered = true;
    /* 6.2 step 2: it may be the first copy that was delivered. */
    if (is_resent && d->now_us - r->sent_us < d->min_rtt_us)
        return;
    if (!d->has_latest || run_sent_after(r->sent_us, end, d->sent_us, d->end)) {
        d->has_latest = true;
        d->sent_us = r->sent_us;
        d->end = end;
        d->is_resent = is_resent;
    }
}

void
runs_acked(struct runs *rs, uint32_t ack, struct runs_delivered *d)
{
    unsigned n_gone = 0;

    for (unsigned i = 0; i < rs->n && seq_gt(ack, runs_begin(rs, i)); i++) {
        const struct run *r = &rs->run[i];
        uint32_t end = seq_lt(ack, r->end) ? ack : r->end;

        if (!is_sacked(r))
            deliver(d, r, end - runs_begin(rs, i), end);
        n_gone += end == r->end;
    }
    rs->n -= n_gone;
    memmove(&rs->run[0], &rs->run[n_gone], rs->n * sizeof(rs->run[0]));
    rs->una = ack;
}

/* The part of run @i that @block covers becomes SACKED. @return false when there is no room. */
static bool
sack_part(struct runs *rs, unsigned i, struct seg_range part, struct runs_delivered *d)
{
    if (part.begin != runs_begin(rs, i)) {
        if (!split(rs, i, part.begin))
            return false;
        i++;
    }
    if (!split(rs, i, part.end))
        return false;
    deliver(d, &rs->run[i], part.end - part.begin, part.end);
    rs->run[i].flags = (uint8_t)((rs->run[i].flags & ~RUN_LOST) | RUN_SACKED);
    join_around(rs, i);
    return true;
}

bool
runs_sacked(struct runs *rs, struct seg_range block, struct runs_delivered *d)
{
    make_room(rs, 2);
    for (unsigned i = 0; i < rs->n; i++) {
        struct run *r = &rs->run[i];
        struct seg_range part = {runs_begin(rs, i), r->end};

        if (seq_le(block.end, part.begin))
            break;
        if (seq_le(part.end, block.begin) || is_sacked(r))
            continue;
        if (seq_lt(part.begin, block.begin))
            part.begin = block.begin;
        if (seq_gt(part.end, block.end))
            part.end = block.end;
        if (!sack_part(rs, i, part, d))
            return false;
        make_room(rs, 2);
        i = UINT32_MAX; /* runs were split and joined: look from the beginning on */
    }
    return true;
}

uint32_t
runs_detect_lost(struct runs *rs, const struct runs_delivered *latest, uint32_t wait_us,
                 uint32_t now_us, uint32_t *lost)
{
    uint32_t longest_us = 0;

    *lost = 0;
    for (unsigned i = 0; i < rs->n; i++) {
        struct run *r = &rs->run[i];
        uint32_t passed_us = now_us - r->sent_us;

        if ((r->flags & (RUN_SACKED | RUN_LOST)) != 0 ||
            !run_sent_after(latest->sent_us, latest->end, r->sent_us, r->end))
            continue;
        /* New data and repetitions of one turn have one instant, but not the order of numbers. */
        if ((r->flags & RUN_RESENT) != 0 && !latest->is_resent && r->sent_us == latest->sent_us)
            continue;
        if (passed_us >= wait_us) {
            r->flags |= RUN_LOST;
            *lost += length(rs, i);
        } else if (wait_us - passed_us > longest_us) {
            longest_us = wait_us - passed_us;
        }
    }
    return longest_us;
}

uint32_t
runs_mark_lost(struct runs *rs, uint32_t end)
{
    uint32_t bytes = 0;

    make_room(rs, 1);
    for (unsigned i = 0; i < rs->n && seq_lt(runs_begin(rs, i), end); i++) {
        struct run *r = &rs->run[i];

        if ((r->flags & (RUN_SACKED | RUN_LOST)) != 0)
            continue;
        if (seq_gt(r->end, end))
            (void)split(rs, i, end); /* without room all of it is */
        r->flags |= RUN_LOST;
        bytes += length(rs, i);
    }
    return bytes;
}

void
runs_forget_sacks(struct runs *rs)
{
    for (unsigned i = 0; i < rs->n; i++)
        rs->run[i].flags &= (uint8_t)~RUN_SACKED;
}

bool
runs_next_lost(const struct runs *rs, struct seg_range *r)
{
    for (unsigned i = 0; i < rs->n; i++) {
        if ((rs->run[i].flags & RUN_LOST) != 0) {
            *r = (struct seg_range){runs_begin(rs, i), rs->run[i].end};
            return true;
        }
    }
    return false;
}

void
runs_resent(struct runs *rs, uint32_t begin, uint32_t end, uint32_t now_us)
{
    unsigned i = 0;

    make_room(rs, 2);
    while (i + 1 < rs->n && seq_le(rs->run[i].end, begin))
        i++;

    assert(rs->n > 0 && seq_le(runs_begin(rs, i), begin) && seq_le(end, rs->run[i].end));
    assert(!is_sacked(&rs->run[i]));

    /* Without room for a line the whole run counts as sent again; what was not is found later. */
    if (begin != runs_begin(rs, i) && split(rs, i, begin))
        i++;
    (void)split(rs, i, end);
    rs->run[i].flags = RUN_RESENT;
    rs->run[i].sent_us = now_us;
    join_around(rs, i);
}
