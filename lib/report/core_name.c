/* SPDX-License-Identifier: BSD-3-Clause */
/* See result.h. */
#include <stdio.h>

#include "report/result.h"

const char *
report_result_core_name(const struct result *r, const struct result_core *core,
                        char buf[static RESULT_CORE_TEXT_MAX])
{
    const struct result_rank *rank = core->rank > 0 ? &r->ranks[core->rank - 1] : NULL;

    if (rank == NULL)
        snprintf(buf, RESULT_CORE_TEXT_MAX, "worker %u", core->lcore);
    else
        snprintf(buf, RESULT_CORE_TEXT_MAX, "worker %u of host %s (rank %u)", core->lcore,
                 rank->host, rank->rank);
    return buf;
}
