/* SPDX-License-Identifier: BSD-3-Clause */
/* See steering.h. */
#include "app/steering.h"

#include <stdio.h>

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

    *st = (struct steering){.why_not = ""};
    if (n_queues == 1)
        return *equal_shares;
    if (rss == NULL)
        st->why_not = "the device does not say by which hash it spreads packets over its queues";
    else if (conf->command == CONF_SERVE)
        return *equal_shares;
    else if (rss_init(&st->rss, rss) < 0)
        st->why_not = "with the device's hash key and table no choice of ports leads to each queue";
    else if (!plan_again(&steered, conf, &st->rss))
        st->why_not = "of --ports too few lead to each of the device's queues";
    else
        st->by = &st->rss;
    return st->by != NULL ? steered : *equal_shares;
}

static void
report_check(const struct rss_check *c, struct result *r)
{
    char *why = r->steering_why;
    size_t size = sizeof(r->steering_why);

    r->steering = c->misrouted == 0 ? STEERING_RSS : STEERING_HANDOFF;
    r->steering_is_verified = c->misrouted == 0 && c->answered > 0;
    if (c->misrouted > 0)
        snprintf(why, size,
                 "workers hand packets off to each other: %u of %u answers to probes came to "
                 "another queue than RSS key and table say",
                 c->misrouted, c->answered);
    else if (c->answered > 0)
        snprintf(why, size,
                 "RSS brings replies to the queue of the worker that has the connection, verified "
                 "by %u answers to probes",
                 c->answered);
    else
        snprintf(why, size, "RSS steering not verified: no target answered any of %u probes",
                 c->sent);
}

void
steering_report(const struct steering *st, unsigned n_queues, const struct rss_check *check,
                struct result *r)
{
    if (n_queues == 1)
        return;
    if (st->by != NULL) {
        report_check(check, r);
    } else if (st->why_not[0] != '\0') {
        r->steering = STEERING_HANDOFF;
        snprintf(r->steering_why, sizeof(r->steering_why),
                 "workers hand packets off to each other: %s", st->why_not);
    } else {
        r->steering = STEERING_RSS;
        snprintf(r->steering_why, sizeof(r->steering_why),
                 "a connection belongs to the worker whose queue received its SYN");
    }
}
