/* SPDX-License-Identifier: BSD-3-Clause */
/* Large tables, taken at start. Anonymous zeroed memory, on huge pages where the kernel offers
 * transparent ones (no privilege needed), aligned to 2 MiB. Every page is there when pages_map()
 * returns, on the NUMA node of the calling thread: a worker maps its own tables. */
#pragma once

#include <stddef.h>

/**
 * Map @bytes (> 0) of zeroed memory.
 *
 * @return NULL when the kernel refuses or has no memory; the caller names what was being allocated.
 */
void *pages_map(size_t bytes);

/** Unmap what pages_map() returned for the same @bytes. NULL is allowed. */
void pages_unmap(void *mem, size_t bytes);
