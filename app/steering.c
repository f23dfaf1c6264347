/* SPDX-License-Identifier: BSD-3-Clause */
/* See steering.h. */
#include "app/steering.h"

#include "flow/tuples.h"

/* Ports of each address that the worker with fewest surely has when replies are steered by @rss; 0
 * when there is one that has none. */
static uint32_t
fewest_ports(const struct conf *conf, const struct rss *rss, bool is_v6)
{
    uint32_t fewest = UINT32_MAX;

    for (unsigned i = 0; i < conf->lcores; i++) {
        struct tuples_opts tuples = {.port_first = conf->ports.first,
                                     .port_last = conf->ports.last,
                                     .worker = i,
                                     .n_workers = conf->lcores,
                                     .rss = rss};
        uint32_t n = tuples_per_address(&tuples, is_v6);

        fewest = n < fewest ? n : fewest;
    }
    return fewest;
}

/* Plan with the ports that replies can be steered to. @return whether that is possible. */
static bool
plan_again(struct plan *plan, const struct conf *conf, const struct rss *rss)
{
    uint32_t ports[2];
    struct fail ignored;

    for (int v6 = 0; v6 < 2; v6++) {
        ports[v6] = fewest_ports(conf, rss, v6);
        if (ports[v6] == 0)
            return false;
    }
    return plan_make(plan, conf, ports, 0, &ignored) == 0;
}

struct plan
steering_init(struct steering *st, const struct conf *conf, const struct plan *equal_shares,
              unsigned n_queues, const struct rss_opts *rss)
{
    struct plan steered;

    *st = (struct steering){.reason = STEER_ONE_QUEUE};
    if (n_queues == 1)
        return *equal_shares;
    if (rss == NULL)
        st->reason = STEER_NO_HASH;
    else if (conf->command == CONF_SERVE)
        st->reason = STEER_BY_SYN;
    else if (rss_init(&st->rss, rss) < 0)
        st->reason = STEER_NO_CHOICE;
    else if (!plan_again(&steered, conf, &st->rss))
        st->reason = STEER_FEW_PORTS;
    else
        st->reason = STEER_BY_PORT;
    if (st->reason != STEER_BY_PORT)
        return *equal_shares;
    st->by = &st->rss;
    return steered;
}

void
steering_report(const struct steering *st, const struct queue_check *check,
                struct steering_facts *facts)
{
    *facts = (struct steering_facts){.reason = st->reason};
    if (st->by == NULL)
        return;
    facts->probes = check->sent;
    facts->answers = check->answered;
    facts->misrouted = check->misrouted;
}
