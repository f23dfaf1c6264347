/* SPDX-License-Identifier: BSD-3-Clause */
/* See preset.h. */
#include "search/preset.h"

#include <string.h>

#include "base/units.h"

/* Half a percent is what FD.io CSIT reports with; RFC 9971 names no width. */
#define WIDTH 0.005

/* RFC 9971, "MLRsearch Compliant with RFC 2544" and "... with TST009". */
const struct search_preset search_presets[] = {
    {.name = "rfc2544",
     .help = "RFC 2544: no loss in a trial of 60 s",
     .goals = {{.initial_ns = NS_PER_SEC,
                .final_ns = 60 * NS_PER_SEC,
                .sum_ns = 60 * NS_PER_SEC,
                .width = WIDTH}},
     .n_goals = 1},
    {.name = "tst009",
     .help = "ETSI GS NFV-TST 009, 12.3.3: no loss in one of two trials of 60 s",
     .goals = {{.initial_ns = NS_PER_SEC,
                .final_ns = 60 * NS_PER_SEC,
                .sum_ns = 120 * NS_PER_SEC,
                .exceed_ratio = 0.5,
                .width = WIDTH}},
     .n_goals = 1},
    {.name = "quick",
     .help = "no loss in two of three trials of 2 s: for a first look",
     .goals = {{.initial_ns = NS_PER_SEC / 2,
                .final_ns = 2 * NS_PER_SEC,
                .sum_ns = 6 * NS_PER_SEC,
                .exceed_ratio = 0.4,
                .width = WIDTH}},
     .n_goals = 1},
};
const unsigned n_search_presets = sizeof(search_presets) / sizeof(search_presets[0]);

const struct search_preset *
search_preset_by_name(const char *name)
{
    for (unsigned i = 0; i < n_search_presets; i++)
        if (strcmp(search_presets[i].name, name) == 0)
            return &search_presets[i];
    return NULL;
}
