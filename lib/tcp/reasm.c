/* SPDX-License-Identifier: BSD-3-Clause */
/* See reasm.h. */
#include "tcp/reasm.h"

#include <assert.h>
#include <string.h>

#include "base/seq.h"

/* Put @r in place of the @old ranges at @at. */
static void
replace(struct seg_range *ranges, unsigned n, unsigned at, unsigned old, struct seg_range r)
{
    memmove(&ranges[at + 1], &ranges[at + old], (n - at - old) * sizeof(ranges[0]));
    ranges[at] = r;
}

unsigned
reasm_add(struct seg_range *ranges, unsigned n, unsigned capacity, struct seg_range r,
          uint32_t *added, unsigned *place)
{
    uint32_t known = 0;
    unsigned at = 0, after;

    assert(seq_lt(r.begin, r.end));

    while (at < n && seq_lt(ranges[at].end, r.begin))
        at++;
    /* Those in [at, after) touch or overlap what is added, or what it has grown to: r.end moves
     * only to the end of a range, which the next does not touch. */
    for (after = at; after < n && seq_le(ranges[after].begin, r.end); after++) {
        known += ranges[after].end - ranges[after].begin;
        if (seq_lt(ranges[after].begin, r.begin))
            r.begin = ranges[after].begin;
        if (seq_lt(r.end, ranges[after].end))
            r.end = ranges[after].end;
    }
    if (after == at && n >= capacity) {
        *added = 0;
        *place = n;
        return n;
    }

    replace(ranges, n, at, after - at, r);
    *added = r.end - r.begin - known;
    *place = at;
    return n + 1 - (after - at);
}

unsigned
reasm_advance(struct seg_range *ranges, unsigned n, uint32_t *nxt)
{
    unsigned over = 0;

    for (; over < n && seq_le(ranges[over].begin, *nxt); over++)
        if (seq_lt(*nxt, ranges[over].end))
            *nxt = ranges[over].end;
    if (over > 0)
        memmove(ranges, &ranges[over], (n - over) * sizeof(ranges[0]));
    return n - over;
}

unsigned
reasm_sack_blocks(const struct seg_range *ranges, unsigned n, unsigned latest, unsigned *cursor,
                  struct seg_range *blocks, unsigned max)
{
    unsigned idx = *cursor;
    unsigned filled = 0;

    assert(max >= 1);

    if (latest < n)
        blocks[filled++] = ranges[latest];
    for (unsigned i = 0; i < n && filled < max; i++) {
        idx = idx + 1 < n ? idx + 1 : 0;
        if (idx == latest)
            continue;
        blocks[filled++] = ranges[idx];
        *cursor = idx;
    }
    return filled;
}
