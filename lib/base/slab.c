/* SPDX-License-Identifier: BSD-3-Clause */
/* See slab.h. */
#include "base/slab.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

static const size_t LINE_BYTES = 64;

/* Of larger elements, rings as a rule, most use no more than the beginning, and the kernel clears a
 * page before it is used: a huge one takes as long as a hundred connections. */
static const size_t SMALL_BYTES = 4096;

int
slab_init(struct slab *s, uint32_t n, size_t bytes)
{
    size_t each = (bytes + LINE_BYTES - 1) & ~(LINE_BYTES - 1);
    size_t mapped;
    char *mem;

    assert(bytes > 0);

    *s = (struct slab){0};
    if (n == 0)
        return 0;
    if (each < bytes || __builtin_mul_overflow((size_t)n + 1, each, &mapped))
        return -1;
    mem = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
               -1, 0);
    if (mem == MAP_FAILED)
        return -1;
    if (each <= SMALL_BYTES)
        (void)madvise(mem, mapped, MADV_HUGEPAGE); /* a wish: 4 KiB pages work too, only slower */
    *s =
        (struct slab){.first = mem, .element_bytes = each, .mapped_bytes = mapped, .n_elements = n};
    return 0;
}

void
slab_fini(struct slab *s)
{
    if (s->first != NULL)
        munmap(s->first, s->mapped_bytes);
    *s = (struct slab){0};
}

void
slab_populate(struct slab *s, uint32_t n)
{
    size_t bytes = (size_t)(n < s->n_elements ? n : s->n_elements) * s->element_bytes;

    if (s->n_elements == 0)
        return;
    for (size_t i = 0; i < bytes; i += 4096)
        *(volatile char *)&s->first[i] = 0;
}

uint32_t
slab_take(struct slab *s)
{
    uint32_t idx = s->free_head;

    if (idx != SLAB_NONE)
        memcpy(&s->free_head, slab_at(s, idx), sizeof(s->free_head));
    else if (s->n_touched < s->n_elements)
        idx = ++s->n_touched;
    else
        return SLAB_NONE;
    s->n_borrowed++;
    return idx;
}

void
slab_give(struct slab *s, uint32_t idx)
{
    if (idx == SLAB_NONE)
        return;

    assert(idx <= s->n_touched && s->n_borrowed > 0);

    memcpy(slab_at(s, idx), &s->free_head, sizeof(s->free_head));
    s->free_head = idx;
    s->n_borrowed--;
}
