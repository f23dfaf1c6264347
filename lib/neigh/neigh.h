/* SPDX-License-Identifier: BSD-3-Clause */
/* The neighbour cache: which MAC address each next hop has. ARP and NDP fill it alike; the states
 * are those of RFC 4861 7.3.2 without STALE and DELAY, because a load generator always has traffic.
 *
 *   INCOMPLETE ──answer──▶ REACHABLE ──refresh_ns──▶ PROBE ──no answer──▶ INCOMPLETE
 *       │                      ▲                       │
 *       └─no answer─▶ FAILED ──┴─answer or progress────┘
 *
 * Progress of what goes through a neighbour confirms it as an answer does (7.3.1), so while there
 * is some, none is asked. One that has changed its MAC, or fell silent, is asked within refresh_ns,
 * and everyone after it. An entry that once had a MAC keeps it in every state, so a silent
 * neighbour delays no connection.
 * Only next hops that were added are learnt, so a stranger cannot fill or flush the table. It does
 * no I/O, reads no clock and allocates nothing; owned by one worker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "wire/addr.h"

#define NEIGH_MAX  258 /* every target on-link, and a gateway for each family */
#define NEIGH_NONE UINT32_MAX

enum neigh_state {
    NEIGH_INCOMPLETE, /* asking everyone */
    NEIGH_REACHABLE,  /* heard of within refresh_ns */
    NEIGH_PROBE,      /* asking the MAC we have whether it is still right */
    NEIGH_FAILED,     /* gave up; asks everyone once each refresh_ns, in case it comes back */
};

struct neigh_opts {
    uint64_t retry_ns;       /* between two requests without an answer, > 0 */
    uint64_t probe_retry_ns; /* the same to a MAC that we have, > 0 */
    uint64_t refresh_ns;     /* how long an answer, or progress, is believed, > 0 */
    uint8_t tries;           /* requests to everyone before FAILED, >= 1 */
    uint8_t probes;          /* requests to the known MAC before asking everyone, >= 1 */
};

/* RFC 4861 10: RETRANS_TIMER, MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT. What a host may take its
 * time for, a run may not: its REACHABLE_TIME is 30 s, DELAY_FIRST_PROBE_TIME 5 s and three probes
 * 3 s more. A next hop that moved without a word is found after these at most, from the look that
 * still saw progress on: refresh_ns, again, and three probe_retry_ns. That is 2.75 s, well before
 * --dead-man takes the target for dead; a neighbour on the same link that is there answers within
 * 250 ms. */
#define NEIGH_OPTS_DEFAULT                                                                         \
    ((struct neigh_opts){.retry_ns = NS_PER_SEC,                                                   \
                         .probe_retry_ns = NS_PER_SEC / 4,                                         \
                         .refresh_ns = NS_PER_SEC,                                                 \
                         .tries = 3,                                                               \
                         .probes = 3})

struct neigh_entry {
    struct ip_addr addr;
    uint64_t deadline_ns;  /* when this entry has something to do; 0: at once */
    uint64_t solicited_ns; /* the last request, with requests > 0 */
    uint32_t requests;     /* sent in all */
    uint8_t mac[6];        /* with has_mac */
    uint8_t state;         /* enum neigh_state */
    uint8_t solicits;      /* requests sent in this state */
    bool has_mac;
};

struct neigh {
    uint64_t deadline_ns; /* no entry has something to do before this; TIME_NEVER when empty */
    struct neigh_opts opts;
    uint32_t n_changed; /* times another MAC took a known one's place */
    uint32_t n_silent;  /* times a known MAC no longer answered */
    uint32_t n_entries;
    struct neigh_entry entries[NEIGH_MAX];
};

/* A request to send now. */
struct neigh_solicit {
    struct ip_addr addr;
    uint8_t mac[6]; /* with is_unicast */
    bool is_unicast;
};

/* What an ARP packet or a neighbour advertisement said of an address. */
struct neigh_advert {
    struct ip_addr addr;
    const uint8_t *mac; /* 6 bytes; NULL: the message carried none (RFC 4861 7.2.4 allows it) */
    bool is_solicited;  /* it answers a request of ours, so the way works in both directions */
    bool overrides;     /* it may replace another MAC; always so with ARP (RFC 826) */
};

void neigh_init(struct neigh *n, const struct neigh_opts *opts);

/**
 * Make @addr a next hop; its first request is due at once. Adding it again changes nothing.
 *
 * @return its index, the same as long as @n lives; NEIGH_NONE when NEIGH_MAX others are there.
 */
uint32_t neigh_add(struct neigh *n, const struct ip_addr *addr);

/**
 * Take what was heard, by the rules of RFC 4861 7.2.5. Group and all-zero MACs are not believed.
 *
 * @return false, with nothing changed, when it is about no next hop of ours or said nothing usable.
 */
bool neigh_input(struct neigh *n, const struct neigh_advert *advert, uint64_t now_ns);

/**
 * What goes through next hop @index gets on: something of ours was acknowledged that had not been
 * (RFC 4861 7.3.1). It needs no answer then. Nothing changes as long as it has no MAC.
 */
void neigh_confirm(struct neigh *n, uint32_t index, uint64_t now_ns);

/**
 * The next request to send at @now_ns. Call until it returns false. O(NEIGH_MAX), so look at
 * neigh_deadline_ns() first.
 */
bool neigh_due(struct neigh *n, uint64_t now_ns, struct neigh_solicit *solicit);

/** When neigh_due() is to be called next; it may then find nothing to send. TIME_NEVER when empty.
 */
static inline uint64_t
neigh_deadline_ns(const struct neigh *n)
{
    return n->deadline_ns;
}

/** The MAC of next hop @index, 6 bytes that stay in place; NULL as long as it never answered. */
const uint8_t *neigh_lookup(const struct neigh *n, uint32_t index);

/** The index of @addr, NEIGH_NONE when it was not added. O(entries). */
uint32_t neigh_find(const struct neigh *n, const struct ip_addr *addr);

/** Whether every next hop has a MAC. True when there is none. */
bool neigh_all_resolved(const struct neigh *n);

/** Whether every next hop either has a MAC or FAILED: waiting longer changes little. */
bool neigh_is_settled(const struct neigh *n);

/**
 * Write the indices of next hops without a MAC to @indices, at most @max of them.
 *
 * @return how many there are in all, which may be more than @max.
 */
uint32_t neigh_unresolved(const struct neigh *n, uint32_t *indices, uint32_t max);
