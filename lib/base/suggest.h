/* SPDX-License-Identifier: BSD-3-Clause */
/* "Did you mean ...?" Pure. */
#pragma once

#include <stddef.h>

/* Longer words are never near anything. */
#define SUGGEST_WORD_MAX 40

/**
 * Count the slips between @a and @b: letters wrong, missing, too many, or two neighbours swapped.
 *
 * @return at most SUGGEST_WORD_MAX; SUGGEST_WORD_MAX when a word is longer than that
 */
unsigned suggest_distance(const char *a, const char *b);

/**
 * The candidate nearest to @word: the same but for its case, or the first of the nearest.
 *
 * @return NULL when none is within two slips (one, for words of up to four letters), nor begins
 *         with @word, so that a guess would only confuse
 */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n);
