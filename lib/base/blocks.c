/* SPDX-License-Identifier: BSD-3-Clause */
/* See blocks.h. */
#include "base/blocks.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

const bool blocks_are_mallocs = IS_SANITIZED;

/* Blocks have 32 bytes, then four sizes in each doubling (40, 48, 56, 64, 80, ...), up to 64 KiB,
 * which holds a record and its buffers. Larger ones are malloc()'s. */
enum { BITS_MIN = BLOCKS_BITS_MIN, BITS_MAX = BLOCKS_BITS_MAX, STEPS = BLOCKS_STEPS };
enum { CLASS_LARGE = BLOCKS_CLASSES };

/* Before each block; as long as malloc()'s alignment, which thereby stays. */
struct head {
    size_t bytes; /* of the block with its head */
    size_t class;
};
static_assert(sizeof(struct head) == alignof(max_align_t), "blocks are aligned as malloc()'s are");

static size_t
class_of(size_t bytes)
{
    size_t bits, step;

    if (bytes <= (size_t)1 << BITS_MIN)
        return 0;
    if (bytes > (size_t)1 << BITS_MAX)
        return CLASS_LARGE;
    bits = 63 - (size_t)__builtin_clzl(bytes - 1); /* 2^bits < bytes <= 2^(bits + 1) */
    step = (bytes - 1) >> (bits - 2) & (STEPS - 1);
    return 1 + (bits - BITS_MIN) * STEPS + step;
}

static size_t
class_bytes(size_t class)
{
    size_t bits, step;

    if (class == 0)
        return (size_t)1 << BITS_MIN;
    bits = BITS_MIN + (class - 1) / STEPS;
    step = (class - 1) % STEPS;
    return (STEPS + step + 1) << (bits - 2);
}

static struct head *
head_of(void *block)
{
    return (struct head *)block - 1;
}

static void
account(struct blocks *b, int64_t bytes)
{
    b->in_use_bytes += bytes;
    if (b->in_use_bytes > b->peak_bytes)
        b->peak_bytes = b->in_use_bytes;
}

static __attribute__((noinline, cold)) void *
take_new(struct blocks *b, size_t bytes, size_t class)
{
    struct head *h;

    if (class != CLASS_LARGE)
        bytes = class_bytes(class);
    h = malloc(bytes);
    if (h == NULL)
        return NULL;
    *h = (struct head){.bytes = bytes, .class = class};
    account(b, (int64_t)bytes);
    return h + 1;
}

void *
blocks_take(struct blocks *b, size_t n)
{
    void *block;
    size_t class;

    if (unlikely(n == 0 || n > SIZE_MAX - sizeof(struct head)))
        return NULL;
    if (IS_SANITIZED)
        return malloc(n);
    class = class_of(n + sizeof(struct head));
    if (unlikely(class == CLASS_LARGE || b->free[class] == NULL))
        return take_new(b, n + sizeof(struct head), class);
    block = b->free[class];
    memcpy(&b->free[class], block, sizeof(b->free[class]));
    account(b, (int64_t)head_of(block)->bytes);
    return block;
}

void
blocks_give(struct blocks *b, void *block)
{
    struct head *h;

    if (block == NULL)
        return;
    if (IS_SANITIZED) {
        free(block);
        return;
    }
    h = head_of(block);
    account(b, -(int64_t)h->bytes);
    if (unlikely(h->class == CLASS_LARGE)) {
        free(h);
        return;
    }
    memcpy(block, &b->free[h->class], sizeof(b->free[h->class]));
    b->free[h->class] = block;
}

void *
blocks_retake(struct blocks *b, void *block, size_t n)
{
    size_t has;
    void *other;

    if (block == NULL)
        return blocks_take(b, n);
    if (n == 0) {
        blocks_give(b, block);
        return NULL;
    }
    if (IS_SANITIZED)
        return realloc(block, n);
    has = head_of(block)->bytes - sizeof(struct head);
    if (n <= has && n > has / 2)
        return block;
    other = blocks_take(b, n);
    if (other == NULL)
        return NULL; /* @block stays, as with realloc() */
    memcpy(other, block, n < has ? n : has);
    blocks_give(b, block);
    return other;
}

void
blocks_fini(struct blocks *b)
{
    for (size_t class = 0; class < BLOCKS_CLASSES; class ++) {
        while (b->free[class] != NULL) {
            void *block = b->free[class];

            memcpy(&b->free[class], block, sizeof(b->free[class]));
            free(head_of(block));
        }
    }
}
