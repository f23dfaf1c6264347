/* SPDX-License-Identifier: BSD-3-Clause */
/* See routes.h. */
#include "conf/routes.h"

#include "base/units.h"
#include "conf/options.h"

/* Shares are exact while their common denominator is no larger; beyond, to a millionth. */
static const uint64_t DENOMINATOR_MAX = 1000000;

/* -- networks ------------------------------------------------------------------------------- */

/* How much of @a is the prefix of the network's link that it is on; -1: it is on none. */
static int
prefix_on_link(const struct conf *c, unsigned network, const struct ip_addr *a)
{
    int longest = -1;

    for (unsigned i = 0; i < c->local.n; i++) {
        const struct ip_range *r = &c->local.range[i];

        if (c->network_of[i] == network && ip_range_on_link(r, a) && r->prefix_len > longest)
            longest = r->prefix_len;
    }
    if (longest < 0 && conf_is_on_link(c, network, a))
        longest = 0; /* link-local */
    return longest;
}

/* The network on whose link @a is; CONF_NETWORKS_MAX: it is on none. */
static unsigned
find_link(const struct conf *c, const struct ip_addr *a)
{
    unsigned found = CONF_NETWORKS_MAX;
    int longest = -1;

    for (unsigned i = 0; i < c->n_networks; i++) {
        int prefix_len = prefix_on_link(c, i, a);

        if (prefix_len > longest) {
            longest = prefix_len;
            found = i;
        }
    }
    return found;
}

static bool
is_way(const struct conf *c, unsigned network, const struct ip_addr *a)
{
    unsigned link = find_link(c, a);

    if (link != CONF_NETWORKS_MAX)
        return network == link;
    return c->networks[network].gateway.is_set[a->is_v6] &&
           conf_network_count(c, network, a->is_v6) > 0;
}

static unsigned
count_ways(const struct conf *c, const struct ip_addr *a)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_networks; i++)
        n += is_way(c, i, a);
    return n;
}

bool
routes_lead_to(const struct conf *c, const struct ip_addr *a)
{
    return count_ways(c, a) > 0;
}

/* -- turns ---------------------------------------------------------------------------------- */

/* What of a class's targets a turn has: those of one family, where families have shares, that are
 * reached from the same number of networks. */
struct part {
    bool is_v6;
    unsigned n_ways;
};

static unsigned
class_targets(const struct conf *c, unsigned class_idx, bool is_v6)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_targets; i++)
        n += c->targets[i].class_idx == class_idx && c->targets[i].addr.is_v6 == is_v6;
    return n;
}

/* Whether the class's families have shares that mean something. */
static bool
has_families(const struct conf *c, unsigned class_idx)
{
    return c->classes[class_idx].family_weights[0] > 0 && class_targets(c, class_idx, false) > 0 &&
           class_targets(c, class_idx, true) > 0;
}

static bool
is_of_part(const struct conf *c, unsigned class_idx, const struct part *p, unsigned target)
{
    const struct conf_target *t = &c->targets[target];

    return t->class_idx == class_idx && count_ways(c, &t->addr) == p->n_ways &&
           (!has_families(c, class_idx) || t->addr.is_v6 == p->is_v6);
}

static unsigned
part_targets(const struct conf *c, unsigned class_idx, const struct part *p)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_targets; i++)
        n += is_of_part(c, class_idx, p, i);
    return n;
}

/* The part's share of its class: @n of @d. */
static void
part_share(const struct conf *c, unsigned class_idx, const struct part *p, uint64_t *n, uint64_t *d)
{
    const uint64_t *weights = c->classes[class_idx].family_weights;

    *n = part_targets(c, class_idx, p);
    *d = class_targets(c, class_idx, false) + class_targets(c, class_idx, true);
    if (!has_families(c, class_idx))
        return;
    *n *= weights[p->is_v6];
    *d = (weights[0] + weights[1]) * class_targets(c, class_idx, p->is_v6);
}

/* Whether a turn of the class has it already. */
static bool
is_made(const struct conf *c, unsigned class_idx, const struct part *p)
{
    for (unsigned i = 0; i < c->n_routes; i++)
        if (is_of_part(c, class_idx, p, c->routes[i].target))
            return true;
    return false;
}

/* Network by network, so that targets take turns before networks do. */
static int
add_routes(struct conf *c, unsigned class_idx, const struct part *p, struct fail *f)
{
    for (unsigned network = 0; network < c->n_networks; network++) {
        for (unsigned i = 0; i < c->n_targets; i++) {
            if (!is_of_part(c, class_idx, p, i) || !is_way(c, network, &c->targets[i].addr))
                continue;
            if (c->n_routes == CONF_TARGETS_MAX)
                return fail_set(f, EXIT_USAGE,
                                "networks: each target counts once for each network it is reached "
                                "from, and together they are more than %d; give fewer of either",
                                CONF_TARGETS_MAX);
            c->routes[c->n_routes++] = (struct conf_route){
                .target = (uint16_t)i, .network = (uint8_t)network, .turn = (uint8_t)c->n_turns};
        }
    }
    return 0;
}

struct share {
    uint64_t n, d;
    unsigned class_idx;
};

static int
make_turn(struct conf *c, unsigned class_idx, unsigned target, struct share *share, struct fail *f)
{
    struct part p = {.is_v6 = c->targets[target].addr.is_v6,
                     .n_ways = count_ways(c, &c->targets[target].addr)};
    uint64_t divisor;

    if (is_made(c, class_idx, &p))
        return 0;
    if (c->n_turns == CONF_TURNS_MAX)
        return fail_set(f, EXIT_USAGE,
                        "networks: targets that are reached from different numbers of networks are "
                        "more than %d kinds; give fewer classes or networks",
                        CONF_TURNS_MAX);
    if (add_routes(c, class_idx, &p, f) < 0)
        return -1;
    *share = (struct share){.class_idx = class_idx};
    part_share(c, class_idx, &p, &share->n, &share->d);
    divisor = u64_divisor(share->n, share->d);
    share->n /= divisor;
    share->d /= divisor;
    c->n_turns++;
    return 0;
}

/* Weights that are to each other as the shares are. */
static void
weigh_turns(struct conf *c, const struct share *shares)
{
    uint64_t scale = 1;

    for (unsigned i = 0; i < c->n_turns && scale < DENOMINATOR_MAX; i++)
        scale = u64_min(scale / u64_divisor(scale, shares[i].d) * shares[i].d, DENOMINATOR_MAX);
    for (unsigned i = 0; i < c->n_turns; i++) {
        const struct conf_class *k = &c->classes[shares[i].class_idx];

        c->turn_weights[i] =
            u64_max(u64_max(conf_class_weight(k), 1) * (scale * shares[i].n / shares[i].d), 1);
    }
}

static int
check_families(const struct conf *c, struct fail *f)
{
    bool is_given = false, is_heard = false;

    for (unsigned i = 0; i < c->n_classes; i++) {
        const uint64_t *weights = c->classes[i].family_weights;

        if ((weights[0] > 0) != (weights[1] > 0))
            return fail_set(f, EXIT_USAGE,
                            "%s: it says how many starts there are for so many of the other "
                            "family; give %s, too",
                            weights[0] > 0 ? "--ipv4-weight" : "--ipv6-weight",
                            weights[0] > 0 ? "--ipv6-weight" : "--ipv4-weight");
        is_given |= weights[0] > 0;
        is_heard |= has_families(c, i);
    }
    if (is_given && !is_heard)
        return fail_set(f, EXIT_USAGE,
                        "--ipv4-weight: %s targets of both families; give some of each, or "
                        "leave it and --ipv6-weight out",
                        c->has_classes ? "no class has" : "the run does not have");
    return 0;
}

int
routes_make(struct conf *c, struct fail *f)
{
    struct share shares[CONF_TURNS_MAX];

    c->n_routes = c->n_turns = 0;
    if (check_families(c, f) < 0)
        return -1;
    for (unsigned class_idx = 0; class_idx < c->n_classes; class_idx++)
        for (unsigned i = 0; i < c->n_targets; i++)
            if (c->targets[i].class_idx == class_idx &&
                make_turn(c, class_idx, i, &shares[c->n_turns < CONF_TURNS_MAX ? c->n_turns : 0],
                          f) < 0)
                return -1;
    weigh_turns(c, shares);
    return 0;
}

/* -- what a plan asks ----------------------------------------------------------------------- */

static bool
is_of_group(const struct conf *c, unsigned route, unsigned network, bool is_v6)
{
    return c->routes[route].network == network &&
           c->targets[c->routes[route].target].addr.is_v6 == is_v6;
}

unsigned
routes_count(const struct conf *c, unsigned network, bool is_v6)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_routes; i++)
        n += is_of_group(c, i, network, is_v6);
    return n;
}

static unsigned
turn_size(const struct conf *c, unsigned turn)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_routes; i++)
        n += c->routes[i].turn == turn;
    return n;
}

bool
routes_are_even(const struct conf *c, unsigned network, bool is_v6)
{
    const struct conf_route *first = NULL;

    for (unsigned i = 0; i < c->n_routes; i++) {
        const struct conf_route *r = &c->routes[i];

        if (!is_of_group(c, i, network, is_v6))
            continue;
        if (first == NULL)
            first = r;
        if (r->turn != first->turn &&
            (unsigned __int128)c->turn_weights[r->turn] * turn_size(c, first->turn) !=
                (unsigned __int128)c->turn_weights[first->turn] * turn_size(c, r->turn))
            return false;
    }
    return true;
}

uint64_t
routes_share(const struct conf *c, unsigned network, bool is_v6)
{
    unsigned __int128 sum = 0, share = 0;

    for (unsigned i = 0; i < c->n_turns; i++)
        sum += c->turn_weights[i];
    for (unsigned i = 0; i < c->n_routes; i++)
        if (is_of_group(c, i, network, is_v6))
            share += c->turn_weights[c->routes[i].turn] * (unsigned __int128)ROUTES_WHOLE /
                         turn_size(c, c->routes[i].turn) +
                     1;
    share = sum > 0 ? (share + sum - 1) / sum : ROUTES_WHOLE;
    return share < ROUTES_WHOLE ? (uint64_t)share : ROUTES_WHOLE;
}
