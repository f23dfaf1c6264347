/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of several results that were made side by side, interval by interval. Pure. */
#pragma once

#include "report/earlier.h"

/** Add what happened in @from, whose roles had @n_from cores each, to @into of the same interval,
 * whose had @n_into. */
void merge_interval(struct result_interval *into, const unsigned n_into[ROLE_COUNT],
                    const struct result_interval *from, const unsigned n_from[ROLE_COUNT]);

/** Add the rows of all results in @list to @r, which has none: rows that end at the same multiple
 * of a sample are one. */
void merge_rows(struct result *r, struct earlier *const list[], unsigned n);
