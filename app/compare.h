/* SPDX-License-Identifier: BSD-3-Clause */
/* `shakedown compare`: what of two groups of runs differs beyond noise. Nothing is sent. */
#pragma once

#include <stdbool.h>

#include "base/fail.h"
#include "conf/conf.h"

/* Where a comparison is written, beside what is told; "": nowhere. */
struct compare_places {
    const char *json, *html;
};

/**
 * Compare the results in @results, by @criteria: to standard output, or to standard error where one
 * of @places takes that, and to @places. What should not be compared is refused, unless @c allows
 * it; of runs that @were_just_made it is told first, and is a failure then (EXIT_CRITERION).
 *
 * @return 0, or -1 with @f set: also where a criterion does not hold (EXIT_CRITERION)
 */
int compare_files(const struct conf *c, const struct conf_results *results, const char *criteria,
                  const struct compare_places *places, bool were_just_made, struct fail *f);

/** Tell how much runs of one program differ. @return the same */
int compare_spread(const struct conf_results *results, struct fail *f);

/** Before anything is done: whether @criteria can be read, and @places be written. @return the same
 */
int compare_check(const char *criteria, const struct compare_places *places, struct fail *f);
