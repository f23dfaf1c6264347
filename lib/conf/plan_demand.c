/* SPDX-License-Identifier: BSD-3-Clause */
/* See plan_demand.h. */
#include "conf/plan_demand.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "conf/routes.h"

const char *
plan_rate_option(const struct conf *c)
{
    return c->shape.shape != NULL ? "--shape" : "--rate";
}

const char *
plan_peak_words(const struct conf *c, char buf[static VALUE_TEXT_MAX])
{
    if (c->rate_milli > 0)
        return value_format_rate(c->rate_milli, buf);
    return value_format_count(load_plan_peak(&c->load), buf);
}

uint64_t
plan_begun_in(const struct conf *c, uint64_t ns)
{
    return load_plan_most(&c->load, ns);
}

uint64_t
plan_share(const struct conf *c, uint64_t connections, unsigned network, bool is_v6)
{
    if (c->n_turns == 1)
        return plan_scale(connections, routes_count(c, network, is_v6), c->n_routes);
    return plan_scale(connections, routes_share(c, network, is_v6), ROUTES_WHOLE);
}

struct plan_demand
plan_demand_of(const struct conf *c, const uint32_t *ports_of_worker, unsigned network, bool is_v6)
{
    uint64_t span = (uint64_t)c->ports.last - c->ports.first + 1;
    uint64_t share = ports_of_worker != NULL ? ports_of_worker[is_v6] : span / c->lcores;
    struct plan_demand d = {
        .is_v6 = is_v6,
        .network = network,
        .addresses = conf_network_count(c, network, is_v6),
        .ports = share * c->lcores,
        .targets = routes_count(c, network, is_v6),
    };

    /* Where one target gets more than another, what the others leave is none of its. */
    if (d.targets > 1 && !routes_are_even(c, network, is_v6))
        d.targets = 1;
    d.tuples = d.addresses * d.ports * d.targets;
    d.needed =
        plan_share(c, plan_add(c->connections, plan_begun_in(c, c->reuse_ns)), network, is_v6);
    d.needed = plan_scale(plan_scale(d.needed, 1, c->lcores), c->lcores, 1);
    return d;
}

struct plan_demand
plan_tightest_demand(const struct conf *c, const uint32_t *ports_of_worker)
{
    struct plan_demand tightest = {.targets = 0};

    for (unsigned i = 0; i < 2 * c->n_networks; i++) {
        struct plan_demand d = plan_demand_of(c, ports_of_worker, i / 2, i % 2);

        if (d.targets > 0 &&
            (tightest.targets == 0 || (unsigned __int128)d.needed * tightest.tuples >
                                          (unsigned __int128)tightest.needed * d.tuples))
            tightest = d;
    }
    return tightest;
}

uint64_t
plan_tuple_capacity(const struct conf *c)
{
    uint64_t capacity = UINT64_MAX;

    for (unsigned i = 0; i < 2 * c->n_networks; i++) {
        struct plan_demand d = plan_demand_of(c, NULL, i / 2, i % 2);

        if (d.targets > 0 && c->n_turns == 1)
            capacity = u64_min(capacity, d.tuples * c->n_routes / d.targets);
        else if (d.targets > 0)
            capacity = u64_min(capacity,
                               plan_scale(d.tuples, ROUTES_WHOLE, routes_share(c, i / 2, i % 2)));
    }
    return capacity;
}

static const char *
plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

int
plan_refuse_tuples(const struct conf *c, const struct plan_demand *d, struct fail *f)
{
    uint64_t addresses = plan_scale(d->needed, 1, d->ports * d->targets);
    char reuse[VALUE_TEXT_MAX], rate[VALUE_TEXT_MAX], share[96] = "";

    if (c->n_networks > 1)
        snprintf(share, sizeof(share), ", of which IPv%c in network %u gets %" PRIu64,
                 d->is_v6 ? '6' : '4', d->network + 1, d->needed);
    else if (d->targets < c->n_targets && c->n_classes == 1)
        snprintf(share, sizeof(share),
                 ", of which IPv%c has %" PRIu64 " of %u targets and so %" PRIu64,
                 d->is_v6 ? '6' : '4', d->targets, c->n_targets, d->needed);
    return fail_set(f, EXIT_USAGE,
                    "--local: %" PRIu64 " address%s x %" PRIu64 " port%s x %" PRIu64
                    " target%s = %" PRIu64 " tuples are too few; needed are --connections %" PRIu64
                    " + %s %s/s x --reuse %s = %" PRIu64 "%s; give %" PRIu64
                    " addresses with --local, or lower one of the three",
                    d->addresses, d->addresses == 1 ? "" : "es", d->ports, plural(d->ports),
                    d->targets, plural(d->targets), d->tuples, c->connections, plan_rate_option(c),
                    plan_peak_words(c, rate), value_format_duration(c->reuse_ns, reuse),
                    plan_add(c->connections, plan_begun_in(c, c->reuse_ns)), share, addresses);
}
