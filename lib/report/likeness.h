/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether two runs are of the same kind, by their scenarios: so that their counts may be added, or
 * their figures compared. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

enum likeness {
    LIKENESS_ADDED,    /* processes of one load: each has its share of the rate and connections */
    LIKENESS_COMPARED, /* the load is the same, whoever makes it and whatever takes it */
};

#define LIKENESS_TEXT_MAX 320

/** Find what keeps runs of @a and @b from it. @return false: nothing; true with @why set, which
 * says what of @a and of @b differs: "close is fin and rst" */
bool likeness_differs(const struct conf *a, const struct conf *b, enum likeness to,
                      char why[static LIKENESS_TEXT_MAX]);
