/* SPDX-License-Identifier: BSD-3-Clause */
/* See sim_rule.h. */
#include "sim_rule.h"

#include "base/seq.h"

static bool
fits(const struct sim_rule *r, const struct sim_sent *sent)
{
    const struct seg *s = sent->seg;

    if (r->from != SIM_FROM_EITHER && r->from != (sent->from == 0 ? SIM_FROM_A : SIM_FROM_B))
        return false;
    if ((s->flags & r->flags) != r->flags || (s->flags & r->no_flags) != 0)
        return false;
    if (r->payload != SIM_ANY_PAYLOAD &&
        r->payload != (s->payload_len > 0 ? SIM_WITH_PAYLOAD : SIM_EMPTY))
        return false;
    if (r->times != SIM_EACH_TIME && r->times != (sent->is_again ? SIM_AGAIN : SIM_FIRST_TIME))
        return false;
    if (r->end > 0 && (s->payload_len == 0 || sent->offset >= r->end ||
                       sent->offset + s->payload_len <= r->begin))
        return false;
    return sent->ns >= r->from_ns && (r->until_ns == 0 || sent->ns < r->until_ns);
}

bool
sim_rule_applies(struct sim_rule *r, const struct sim_sent *sent)
{
    if (!fits(r, sent))
        return false;
    r->n_fitted++;
    return r->n_fitted > r->skip && (r->count == 0 || r->n_fitted <= r->skip + r->count);
}
