/* SPDX-License-Identifier: BSD-3-Clause */
/* See neigh.h. Section numbers are RFC 4861. */
#include "neigh/neigh.h"

#include <assert.h>
#include <string.h>

static bool
is_station(const uint8_t mac[static 6])
{
    static const uint8_t zero[6];

    return (mac[0] & 1) == 0 && memcmp(mac, zero, 6) != 0;
}

static void
set_deadline(struct neigh *n, struct neigh_entry *e, uint64_t deadline_ns)
{
    e->deadline_ns = deadline_ns;
    n->deadline_ns = u64_min(n->deadline_ns, deadline_ns);
}

static void
find_deadline(struct neigh *n)
{
    n->deadline_ns = TIME_NEVER;
    for (uint32_t i = 0; i < n->n_entries; i++)
        n->deadline_ns = u64_min(n->deadline_ns, n->entries[i].deadline_ns);
}

static void
enter_reachable(struct neigh *n, struct neigh_entry *e, uint64_t now_ns)
{
    e->state = NEIGH_REACHABLE;
    set_deadline(n, e, now_ns + n->opts.refresh_ns);
}

/* The RFC's STALE with traffic waiting: ask at once, but never twice within retry_ns (7.2.2), or
 * two stations that fight over an address would make us send as fast as they do. */
static void
enter_probe(struct neigh *n, struct neigh_entry *e, uint64_t now_ns)
{
    uint64_t allowed_ns = e->requests > 0 ? e->solicited_ns + n->opts.retry_ns : now_ns;

    e->state = NEIGH_PROBE;
    e->solicits = 0;
    set_deadline(n, e, u64_max(now_ns, allowed_ns));
}

static bool
differs_from(const struct neigh_entry *e, const struct neigh_advert *advert)
{
    return e->has_mac && advert->mac != NULL && memcmp(advert->mac, e->mac, 6) != 0;
}

static void
set_mac(struct neigh *n, struct neigh_entry *e, const uint8_t mac[static 6])
{
    n->n_changed += e->has_mac && memcmp(mac, e->mac, 6) != 0;
    memcpy(e->mac, mac, 6);
    e->has_mac = true;
}

/* 7.2.5, no address was known or the one that was known no longer answers: any will do. */
static void
input_unknown(struct neigh *n, struct neigh_entry *e, const struct neigh_advert *advert,
              uint64_t now_ns)
{
    if (advert->mac != NULL)
        set_mac(n, e, advert->mac);
    if (advert->is_solicited)
        enter_reachable(n, e, now_ns);
    else
        enter_probe(n, e, now_ns);
}

/* 7.2.5, an address is known and believed. */
static void
input_known(struct neigh *n, struct neigh_entry *e, const struct neigh_advert *advert,
            uint64_t now_ns)
{
    bool differs = differs_from(e, advert);

    if (differs && !advert->overrides) { /* I: two claim it; ask the one we have */
        if (e->state == NEIGH_REACHABLE)
            enter_probe(n, e, now_ns);
        return;
    }
    if (differs) /* II */
        set_mac(n, e, advert->mac);
    if (advert->is_solicited)
        enter_reachable(n, e, now_ns);
    else if (differs)
        enter_probe(n, e, now_ns);
}

/* Until the next request in @e's state. */
static uint64_t
wait_ns(const struct neigh *n, const struct neigh_entry *e)
{
    switch ((enum neigh_state)e->state) {
    case NEIGH_FAILED:
        return n->opts.refresh_ns;
    case NEIGH_PROBE:
        return n->opts.probe_retry_ns;
    case NEIGH_INCOMPLETE:
    case NEIGH_REACHABLE:
        break;
    }
    return n->opts.retry_ns;
}

/* One request more: to the known MAC in PROBE, to everyone otherwise. */
static bool
solicit_now(struct neigh *n, struct neigh_entry *e, uint64_t now_ns, struct neigh_solicit *solicit)
{
    e->solicits = (uint8_t)(e->solicits + (e->solicits < UINT8_MAX));
    e->solicited_ns = now_ns;
    e->requests++;
    set_deadline(n, e, now_ns + wait_ns(n, e));

    *solicit = (struct neigh_solicit){.addr = e->addr, .is_unicast = e->state == NEIGH_PROBE};
    if (solicit->is_unicast)
        memcpy(solicit->mac, e->mac, 6);
    return true;
}

/* @e's deadline has come. @return whether @solicit is to be sent. */
static bool
entry_due(struct neigh *n, struct neigh_entry *e, uint64_t now_ns, struct neigh_solicit *solicit)
{
    const struct neigh_opts *o = &n->opts;

    switch ((enum neigh_state)e->state) {
    case NEIGH_REACHABLE:
        e->state = NEIGH_PROBE;
        e->solicits = 0;
        return solicit_now(n, e, now_ns, solicit);
    case NEIGH_PROBE:
        if (e->solicits >= o->probes) {
            n->n_silent++;
            e->state = NEIGH_INCOMPLETE;
            e->solicits = 0;
        }
        return solicit_now(n, e, now_ns, solicit);
    case NEIGH_INCOMPLETE:
        if (e->solicits < o->tries)
            return solicit_now(n, e, now_ns, solicit);
        e->state = NEIGH_FAILED;
        set_deadline(n, e, now_ns + o->refresh_ns);
        return false;
    case NEIGH_FAILED:
        return solicit_now(n, e, now_ns, solicit);
    }
    return false;
}

void
neigh_init(struct neigh *n, const struct neigh_opts *opts)
{
    assert(opts->retry_ns > 0);
    assert(opts->probe_retry_ns > 0);
    assert(opts->refresh_ns > 0);
    assert(opts->tries > 0);
    assert(opts->probes > 0);

    *n = (struct neigh){.deadline_ns = TIME_NEVER, .opts = *opts};
}

uint32_t
neigh_add(struct neigh *n, const struct ip_addr *addr)
{
    uint32_t index = neigh_find(n, addr);

    if (index != NEIGH_NONE)
        return index;
    if (n->n_entries == NEIGH_MAX)
        return NEIGH_NONE;
    index = n->n_entries++;
    n->entries[index] = (struct neigh_entry){.addr = *addr, .state = NEIGH_INCOMPLETE};
    set_deadline(n, &n->entries[index], 0);
    return index;
}

bool
neigh_input(struct neigh *n, const struct neigh_advert *advert, uint64_t now_ns)
{
    uint32_t index = neigh_find(n, &advert->addr);
    struct neigh_entry *e;

    if (index == NEIGH_NONE)
        return false;
    e = &n->entries[index];
    if (advert->mac != NULL ? !is_station(advert->mac) : !e->has_mac)
        return false;

    switch ((enum neigh_state)e->state) {
    case NEIGH_INCOMPLETE:
    case NEIGH_FAILED:
        input_unknown(n, e, advert, now_ns);
        break;
    case NEIGH_REACHABLE:
    case NEIGH_PROBE:
        input_known(n, e, advert, now_ns);
        break;
    }
    find_deadline(n);
    assert(e->has_mac);
    return true;
}

/* The cache's own deadline may stay: it is then found to be too early. */
void
neigh_confirm(struct neigh *n, uint32_t index, uint64_t now_ns)
{
    assert(index < n->n_entries);

    if (n->entries[index].has_mac)
        enter_reachable(n, &n->entries[index], now_ns);
}

bool
neigh_due(struct neigh *n, uint64_t now_ns, struct neigh_solicit *solicit)
{
    bool has_solicit = false;

    if (now_ns < n->deadline_ns)
        return false;
    for (uint32_t i = 0; i < n->n_entries && !has_solicit; i++)
        if (n->entries[i].deadline_ns <= now_ns)
            has_solicit = entry_due(n, &n->entries[i], now_ns, solicit);
    find_deadline(n);
    return has_solicit;
}

const uint8_t *
neigh_lookup(const struct neigh *n, uint32_t index)
{
    assert(index < n->n_entries);

    return n->entries[index].has_mac ? n->entries[index].mac : NULL;
}

uint32_t
neigh_find(const struct neigh *n, const struct ip_addr *addr)
{
    for (uint32_t i = 0; i < n->n_entries; i++)
        if (ip_equal(&n->entries[i].addr, addr))
            return i;
    return NEIGH_NONE;
}

bool
neigh_all_resolved(const struct neigh *n)
{
    return neigh_unresolved(n, NULL, 0) == 0;
}

bool
neigh_is_settled(const struct neigh *n)
{
    for (uint32_t i = 0; i < n->n_entries; i++)
        if (!n->entries[i].has_mac && n->entries[i].state != NEIGH_FAILED)
            return false;
    return true;
}

uint32_t
neigh_unresolved(const struct neigh *n, uint32_t *indices, uint32_t max)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n->n_entries; i++) {
        if (n->entries[i].has_mac)
            continue;
        if (count < max)
            indices[count] = i;
        count++;
    }
    return count;
}
