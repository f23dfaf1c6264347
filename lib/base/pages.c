/* SPDX-License-Identifier: BSD-3-Clause */
/* See pages.h. */
#include "base/pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

static const size_t HUGE_BYTES = (size_t)2 << 20;

static size_t
round_up(size_t bytes)
{
    return (bytes + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
}

/* Have every page there now: a first touch costs microseconds, or milliseconds where a hypervisor
 * has to find the memory too, and a run is no time for it. Kernels before 5.14 do it by the touch.
 */
static bool
populate(char *mem, size_t len)
{
#ifdef MADV_POPULATE_WRITE
    if (madvise(mem, len, MADV_POPULATE_WRITE) == 0)
        return true;
    if (errno != EINVAL)
        return false;
#endif
    for (size_t i = 0; i < len; i += 4096)
        *(volatile char *)&mem[i] = 0;
    return true;
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
    if (!populate(mem, len)) {
        munmap(mem, len);
        return NULL;
    }
    return mem;
}

void
pages_unmap(void *mem, size_t bytes)
{
    if (mem != NULL)
        munmap(mem, round_up(bytes));
}
