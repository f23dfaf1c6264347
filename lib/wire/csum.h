/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum (RFC 1071) in 64-bit partial sums. A sum is taken over the words as they
 * lie in memory, so it is the same arithmetic on every byte order; csum_finish() gives the field
 * as it is to be stored. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wire/addr.h"

/* Add with end-around carry. */
static inline uint64_t
csum_add(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word);
}

/* The folded, not inverted sum: 16 bits. */
static inline uint16_t
csum_fold(uint64_t sum)
{
    uint32_t low = (uint32_t)sum, half = low + (uint32_t)(sum >> 32);

    half +=
        half < low; /* end-around carry; the upper 16 bits of the next sum have it by themselves */
    return (uint16_t)((half + (half << 16 | half >> 16)) >> 16);
}

/* The value for the checksum field. Over data that includes a correct field it is 0. */
static inline uint16_t
csum_finish(uint64_t sum)
{
    return (uint16_t)~csum_fold(sum);
}

/* Whether @sum, taken over data that includes the checksum field and is not all zero, is right. A
 * one's complement sum of 16-bit words is the number modulo 0xffff, and 2^32 and 2^64 are 1 there:
 * so no folding is needed, and the compiler makes this one multiplication. */
static inline bool
csum_is_valid(uint64_t sum)
{
    return sum % 0xffff == 0;
}

enum { CSUM_BLOCK = 32 };

/* From so many bytes on it pays to ask for the CPU's widest registers. */
enum { CSUM_WIDE = 256 };

/* Sum the @n blocks at @data. Each word goes in two halves to lanes that no carry leaves (below
 * 16 GiB), so that the compiler can use vectors, and nothing waits for the addition before. */
static inline uint64_t
csum_blocks(const uint8_t *data, size_t n)
{
    uint64_t low[CSUM_BLOCK / 8] = {0}, high[CSUM_BLOCK / 8] = {0}, w[CSUM_BLOCK / 8];
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++, data += CSUM_BLOCK) {
        memcpy(w, data, CSUM_BLOCK);
        for (int lane = 0; lane < CSUM_BLOCK / 8; lane++) {
            low[lane] += w[lane] & 0xffffffff;
            high[lane] += w[lane] >> 32;
        }
    }
    for (int lane = 0; lane < CSUM_BLOCK / 8; lane++)
        sum += low[lane] + high[lane];
    return sum;
}

/** The same, compiled for what this CPU has. */
uint64_t csum_blocks_wide(const uint8_t *data, size_t n);

/**
 * Add @len bytes at @data (any alignment; an odd last byte is padded with zero) to @sum. The data
 * must begin at an even offset of what is summed.
 */
static inline uint64_t
csum_partial(const void *data, size_t len, uint64_t sum)
{
    const uint8_t *p = data;
    uint64_t w;
    uint32_t half;
    uint16_t word;

    if (len >= CSUM_BLOCK) {
        size_t n = len / CSUM_BLOCK;

        sum = csum_add(sum, len >= CSUM_WIDE ? csum_blocks_wide(p, n) : csum_blocks(p, n));
        p += len / CSUM_BLOCK * CSUM_BLOCK;
        len %= CSUM_BLOCK;
    }
    for (; len >= 8; len -= 8, p += 8) {
        memcpy(&w, p, 8);
        sum = csum_add(sum, w);
    }
    if (len & 4) {
        memcpy(&half, p, 4);
        sum = csum_add(sum, half);
        p += 4;
    }
    if (len & 2) {
        memcpy(&word, p, 2);
        sum = csum_add(sum, word);
        p += 2;
    }
    return len & 1 ? csum_add(sum, htole16(*p)) : sum; /* the byte as the first of two */
}

/* The same for a small constant @len that is a multiple of 4, as a tree of plain additions: no
 * carry can be lost, and the processor adds several words at once. */
static inline uint64_t
csum_words(const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t sum = 0;
    uint32_t w;

    for (size_t i = 0; i < len; i += 4) {
        memcpy(&w, p + i, 4);
        sum += w;
    }
    return sum;
}

/* The sums of both halves of 16 bytes, two words of 32 bits in each: below 2^33, so that a few add
 * up without a carry. */
typedef uint64_t csum_pair __attribute__((vector_size(16)));

static inline csum_pair
csum_load_pair(const void *data)
{
    csum_pair v;

    memcpy(&v, data, sizeof(v));
    return (v & 0xffffffff) + (v >> 32);
}

/* A pseudo-header (RFC 9293 3.1, RFC 8200 8.1): protocol and length here, the addresses below. */
static inline uint64_t
csum_pseudo(uint8_t proto, uint16_t l4_len)
{
    return (uint64_t)htobe16(proto) + htobe16(l4_len);
}

/* Both halves of @w, so that a few of them add up without a carry. */
static inline uint64_t
csum_halves(uint64_t w)
{
    return (w >> 32) + (uint32_t)w;
}

/* Of two addresses of a family. The sums have less than 36 bits. */
static inline uint64_t
csum_addresses_v4(const struct ip_addr *src, const struct ip_addr *dst)
{
    return (uint64_t)htobe32((uint32_t)src->lo) + htobe32((uint32_t)dst->lo);
}

static inline uint64_t
csum_addresses_v6(const struct ip_addr *src, const struct ip_addr *dst)
{
    return csum_halves(htobe64(src->hi)) + csum_halves(htobe64(src->lo)) +
           csum_halves(htobe64(dst->hi)) + csum_halves(htobe64(dst->lo));
}

static inline uint64_t
csum_addresses(const struct ip_addr *src, const struct ip_addr *dst)
{
    return src->is_v6 ? csum_addresses_v6(src, dst) : csum_addresses_v4(src, dst);
}
