/* SPDX-License-Identifier: BSD-3-Clause */
/* See mem.h. */
#include "tls/mem.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

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

/* Blocks have 32 bytes, then four sizes in each doubling (40, 48, 56, 64, 80, ...), up to 64 KiB,
 * which holds a record and its buffers. Larger ones are malloc()'s. */
enum { BITS_MIN = 5, BITS_MAX = 16, STEPS = 4, CLASSES = 1 + (BITS_MAX - BITS_MIN) * STEPS };
enum { CLASS_LARGE = CLASSES };

/* Before each block; as long as malloc()'s alignment, which thereby stays. */
struct head {
    size_t bytes; /* of the block with its head */
    size_t class;
};
static_assert(sizeof(struct head) == alignof(max_align_t), "blocks are aligned as malloc()'s are");

struct mem {
    void *free[CLASSES]; /* lists through the blocks' first words */
    int64_t in_use_bytes;
    int64_t peak_bytes;
};

static _Thread_local struct mem mem;

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
account(int64_t bytes)
{
    mem.in_use_bytes += bytes;
    if (mem.in_use_bytes > mem.peak_bytes)
        mem.peak_bytes = mem.in_use_bytes;
}

static __attribute__((noinline, cold)) void *
take_new(size_t bytes, size_t class)
{
    struct head *h;

    if (class != CLASS_LARGE)
        bytes = class_bytes(class);
    h = malloc(bytes);
    if (h == NULL)
        return NULL;
    *h = (struct head){.bytes = bytes, .class = class};
    account((int64_t)bytes);
    return h + 1;
}

/* As OpenSSL's own: nothing is no block. */
static void *
take(size_t n, const char *file, int line)
{
    void *block;
    size_t class;

    (void)file;
    (void)line;
    if (unlikely(n == 0 || n > SIZE_MAX - sizeof(struct head)))
        return NULL;
    class = class_of(n + sizeof(struct head));
    if (unlikely(class == CLASS_LARGE || mem.free[class] == NULL))
        return take_new(n + sizeof(struct head), class);
    block = mem.free[class];
    memcpy(&mem.free[class], block, sizeof(mem.free[class]));
    account((int64_t)head_of(block)->bytes);
    return block;
}

static void
give(void *block, const char *file, int line)
{
    struct head *h;

    (void)file;
    (void)line;
    if (block == NULL)
        return;
    h = head_of(block);
    account(-(int64_t)h->bytes);
    if (unlikely(h->class == CLASS_LARGE)) {
        free(h);
        return;
    }
    memcpy(block, &mem.free[h->class], sizeof(mem.free[h->class]));
    mem.free[h->class] = block;
}

static void *
retake(void *block, size_t n, const char *file, int line)
{
    size_t has;
    void *other;

    if (block == NULL)
        return take(n, file, line);
    if (n == 0) {
        give(block, file, line);
        return NULL;
    }
    has = head_of(block)->bytes - sizeof(struct head);
    if (n <= has && n > has / 2)
        return block;
    other = take(n, file, line);
    if (other == NULL)
        return NULL; /* @block stays, as with realloc() */
    memcpy(other, block, n < has ? n : has);
    give(block, file, line);
    return other;
}

int
tls_mem_install(void)
{
    if (IS_SANITIZED)
        return 0;
    return CRYPTO_set_mem_functions(take, retake, give) == 1 ? 0 : -1;
}

uint64_t
tls_mem_in_use(void)
{
    return mem.in_use_bytes > 0 ? (uint64_t)mem.in_use_bytes : 0;
}

void
tls_mem_mark(void)
{
    mem.peak_bytes = mem.in_use_bytes;
}

uint64_t
tls_mem_peak(void)
{
    return mem.peak_bytes > 0 ? (uint64_t)mem.peak_bytes : 0;
}
