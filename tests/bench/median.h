/* SPDX-License-Identifier: BSD-3-Clause */
/* Of turns that were measured, the one in the middle. */
#pragma once

#include <stdlib.h>

static inline int
median_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Orders @values (n > 0). */
static inline double
median(double *values, unsigned n)
{
    qsort(values, n, sizeof(values[0]), median_order);
    return values[n / 2];
}
