/* SPDX-License-Identifier: BSD-3-Clause */
/* See ranks.h: there was no transport to build with. */
#include "ranks/ranks.h"

bool
ranks_can_join(void)
{
    return false;
}

struct ranks *
ranks_join(struct fail *f)
{
    (void)fail_set(f, EXIT_USAGE,
                   "--hosts: this shakedown was built without Open MPI 4.1, which starts a run "
                   "on several machines; install libopenmpi-dev and openmpi-bin and build it anew");
    return NULL;
}
