/* SPDX-License-Identifier: BSD-3-Clause */
/* See pages.h. */
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

static const size_t HUGE_BYTES = (size_t)2 << 20;

static size_t
round_up(size_t bytes)
{
    return (bytes + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
}

/* Over-maps by one huge page and trims both ends, because mmap() alone aligns to 4 KiB only. */
void *
pages_map(size_t bytes)
{
    size_t len = round_up(bytes);
    char *raw, *mem;
    size_t head;

    if (len < bytes)
        return NULL;
    raw = mmap(NULL, len + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED)
        return NULL;
    mem = (char *)round_up((uintptr_t)raw);
    head = (size_t)(mem - raw);
    if (head > 0)
        munmap(raw, head);
    if (HUGE_BYTES - head > 0)
        munmap(mem + len, HUGE_BYTES - head);
    (void)madvise(mem, len, MADV_HUGEPAGE); /* a wish: 4 KiB pages work too, only slower */
    return mem;
}

void
pages_unmap(void *mem, size_t bytes)
{
    if (mem != NULL)
        munmap(mem, round_up(bytes));
}
