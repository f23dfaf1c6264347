/* SPDX-License-Identifier: BSD-3-Clause */
/* Results of several processes that made one load side by side, as one result. Counts add up, and
 * histograms have the same buckets everywhere, so their percentiles are those of all samples
 * together. Of rows, which have percentiles and no histogram, the largest stands: an interval was
 * not worse than that. Control thread. */
#pragma once

#include "report/earlier.h"

struct merge {
    struct conf conf; /* of the first, with all rates, connections, cores and addresses */
    struct result result;
};

/**
 * Make one of the @n results in @list.
 *
 * @param[out] m  borrows from the first of them; merge_fini() gives back what is its own
 * @return 0, or -1 with @f set: EXIT_USAGE, what keeps which two of them apart; EXIT_HOST, no
 *         memory, or EXIT_CRITERION, the sum is wrong (report_result_check_identity())
 */
int merge_results(struct merge *m, struct earlier *const list[], unsigned n, struct fail *f);
void merge_fini(struct merge *m);
