/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of seconds, as ranks send them to rank 0, added up. Pure. */
#pragma once

#include <stdbool.h>

#include "report/result.h"

/* What is sent of a second. */
struct crew_row {
    unsigned n_cores[ROLE_COUNT]; /* of the rank */
    struct result_interval row;
};

#define CREW_ROWS_MAX 4 /* seconds that some ranks have told of, and others have not */

struct crew_rows {
    struct crew_rows_second {
        uint64_t second; /* of the run, from 1 on; 0: free */
        unsigned n_ranks;
        struct crew_row sum;
    } seconds[CREW_ROWS_MAX];
    uint64_t n_shown; /* seconds up to this one are over */
};

/** Add a rank's. One that comes too late for its second is left out. */
void crew_rows_add(struct crew_rows *r, const struct crew_row *row);

/** The next one that is to be shown: of @n_ranks, or one whose rest is too late. @is_last: no more
 * come. @return false: there is none */
bool crew_rows_next(struct crew_rows *r, unsigned n_ranks, bool is_last,
                    struct result_interval *row);
