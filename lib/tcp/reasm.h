/* SPDX-License-Identifier: BSD-3-Clause */
/* What has arrived beyond a gap: disjoint ranges of sequence numbers in order, none touching
 * another, all of them after the next number expected. The caller owns the array. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/seg.h"

/**
 * Add @r (not empty, within 2^31 of the others) to the @n ranges at @ranges, merging what touches
 * or overlaps; @capacity is the length of the array.
 *
 * @param[out] added bytes of @r that were not there before
 * @param[out] place the index of the range that now holds @r
 * @return the new number of ranges; @n with nothing changed and *added = 0, *place = n when @r
 * would need one more than @capacity
 */
unsigned reasm_add(struct seg_range *ranges, unsigned n, unsigned capacity, struct seg_range r,
                   uint32_t *added, unsigned *place);

/**
 * The next number expected has moved to *nxt: drop what lies before it. Ranges leave at the front
 * only, so the index of another falls by as many as have gone.
 *
 * @param[in,out] nxt moved on over a range that it touches or lies in
 * @return the new number of ranges
 */
unsigned reasm_advance(struct seg_range *ranges, unsigned n, uint32_t *nxt);

/**
 * Fill @blocks (room for @max >= 1) as RFC 2018 4 asks: first the range @latest, then the others,
 * beginning after the one that *cursor names, so that all are reported in a few segments. @latest
 * >= n: none is special. Indices may be of ranges that have moved or gone since: the order is
 * another then, but still no range comes twice.
 *
 * @param[in,out] cursor the last of the others that was reported
 * @return the number of blocks
 */
unsigned reasm_sack_blocks(const struct seg_range *ranges, unsigned n, unsigned latest,
                           unsigned *cursor, struct seg_range *blocks, unsigned max);
