/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements of one size, borrowed and given back in O(1). The one given back last is handed out
 * next, so that what is in use stays warm and memory that was never needed at once is never
 * touched. The memory is reserved by slab_init() and comes page by page with the first use, zeroed.
 * Running out of elements is SLAB_NONE, to be counted by the caller. One worker owns it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SLAB_NONE 0 /* the index that names no element; real ones begin at 1 */

struct slab {
    char *first;          /* the place of element 0, which is never handed out */
    size_t element_bytes; /* a multiple of 64 */
    size_t mapped_bytes;  /* 0: always empty */
    uint32_t n_elements;  /* may be borrowed at once */
    uint32_t n_touched;   /* elements 1..n_touched have been used */
    uint32_t n_borrowed;
    uint32_t free_head; /* of the list through the free elements' first words */
};

/** Reserve room for @n elements of @bytes (> 0; rounded up to a cache line). @n 0: a slab that is
 * always empty. @return 0; -1 when the address space is not to be had: @s is empty then, too. */
int slab_init(struct slab *s, uint32_t n, size_t bytes);
void slab_fini(struct slab *s);

/** Have the memory of the first @n elements there now, before the time counts: a first touch costs
 * microseconds, or milliseconds where a hypervisor has to find the memory too. */
void slab_populate(struct slab *s, uint32_t n);

/* The element @idx, which is borrowed. */
static inline void *
slab_at(const struct slab *s, uint32_t idx)
{
    return s->first + (size_t)idx * s->element_bytes;
}

/** Borrow an element; its bytes are whatever was left there, zero when it is new. @return its
 * index; SLAB_NONE: all are taken. */
uint32_t slab_take(struct slab *s);

/** Give @idx back, which is borrowed and whose first bytes are overwritten; SLAB_NONE is allowed.
 */
void slab_give(struct slab *s, uint32_t idx);
