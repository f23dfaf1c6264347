/* SPDX-License-Identifier: BSD-3-Clause */
/* See mem.h. */
#include "tls/mem.h"

#include <openssl/crypto.h>

#include "base/blocks.h"

static _Thread_local struct blocks mem;

static void *
take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return blocks_take(&mem, n);
}

static void
give(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    blocks_give(&mem, block);
}

static void *
retake(void *block, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return blocks_retake(&mem, block, n);
}

int
tls_mem_install(void)
{
    if (blocks_are_mallocs)
        return 0;
    return CRYPTO_set_mem_functions(take, retake, give) == 1 ? 0 : -1;
}

uint64_t
tls_mem_in_use(void)
{
    return blocks_in_use(&mem);
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
