/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory for libraries that allocate: blocks that were given back are kept in lists by size, and
 * taken from there, without a lock, a search or a cold line. One thread owns the lists; a block
 * that was taken from others joins those that it is given to.
 *
 * Blocks are not given back to malloc() before blocks_fini(). With an address or leak sanitizer
 * built in each is malloc()'s own, so that the lists hide no error, and the account reads 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCKS_BITS_MIN = 5, BLOCKS_BITS_MAX = 16, BLOCKS_STEPS = 4 };
enum { BLOCKS_CLASSES = 1 + (BLOCKS_BITS_MAX - BLOCKS_BITS_MIN) * BLOCKS_STEPS };

/* All zero: empty. */
struct blocks {
    void *free[BLOCKS_CLASSES]; /* lists through the blocks' first words */
    int64_t in_use_bytes;       /* heads and rounding included; < 0: others' blocks were given */
    int64_t peak_bytes;
};

/* Whether each block is malloc()'s own. */
extern const bool blocks_are_mallocs;

/** As malloc(), realloc() and free(), but nothing is no block: with @n 0 NULL is returned. */
void *blocks_take(struct blocks *b, size_t n);
void *blocks_retake(struct blocks *b, void *block, size_t n);
void blocks_give(struct blocks *b, void *block);

/** Bytes that were taken and not given back. */
static inline uint64_t
blocks_in_use(const struct blocks *b)
{
    return b->in_use_bytes > 0 ? (uint64_t)b->in_use_bytes : 0;
}

/** Give what is in the lists back to malloc(). */
void blocks_fini(struct blocks *b);
