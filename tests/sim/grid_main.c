/* SPDX-License-Identifier: BSD-3-Clause */
/* sim_grid > tests/sim/grid.txt */
#include <stdlib.h>

#include "grid.h"

int
main(void)
{
    return grid_write(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
