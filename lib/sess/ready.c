/* SPDX-License-Identifier: BSD-3-Clause */
/* See ready.h. */
#include "sess/ready.h"

#include "base/pages.h"

int
ready_init(struct ready *q, uint32_t n)
{
    uint32_t size = 64;

    while (size < 2 * n)
        size *= 2;
    *q = (struct ready){.mask = size - 1};
    q->ring = pages_map(size * sizeof(q->ring[0]));
    return q->ring == NULL ? -1 : 0;
}

void
ready_fini(struct ready *q)
{
    pages_unmap(q->ring, (q->mask + (uint64_t)1) * sizeof(q->ring[0]));
    q->ring = NULL;
}
