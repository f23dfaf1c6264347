/* SPDX-License-Identifier: BSD-3-Clause */
/* See grid.h. GRID_TXT is the file in the source tree. */
#include <criterion/criterion.h>
#include <string.h>

#include "grid.h"

static char now[16384], then[16384];

Test(sim_grid, goodput_is_what_it_was)
{
    FILE *f = fmemopen(now, sizeof(now) - 1, "w");

    cr_assert(grid_write(f), "see above");
    fclose(f);
    f = fopen(GRID_TXT, "r");
    cr_assert(f != NULL, "no %s", GRID_TXT);
    then[fread(then, 1, sizeof(then) - 1, f)] = '\0';
    fclose(f);
    cr_assert(strcmp(now, then) == 0,
              "goodput has changed; if it may, write the table anew and look at the difference:\n"
              "    ninja tests/sim/sim_grid && tests/sim/sim_grid > %s\nnow it is:\n%s",
              GRID_TXT, now);
}
