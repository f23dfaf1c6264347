/* SPDX-License-Identifier: BSD-3-Clause */
/* Goals that have a name. */
#pragma once

#include "search/goal.h"

struct search_preset {
    const char *name, *help;
    struct search_goal goals[SEARCH_GOALS_MAX];
    unsigned n_goals;
};

extern const struct search_preset search_presets[];
extern const unsigned n_search_presets;

/** @return NULL when there is none of that name. */
const struct search_preset *search_preset_by_name(const char *name);
