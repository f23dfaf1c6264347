/* SPDX-License-Identifier: BSD-3-Clause */
/* What a host on a link does besides TCP: it answers ARP, neighbour solicitations and echo requests
 * for each of its addresses, finds the MAC of the next hops it needs, and turns ICMP errors about
 * its connections into events. Frames come in and go out by parameter; it does no I/O, reads no
 * clock and allocates nothing. Owned by one worker.
 *
 * It answers only frames for its own MAC or a group, from a station that is not itself; an answer
 * goes to one station, except the defence of an address that someone is about to take (RFC 4862
 * 5.4.3). No error, reply or advertisement is ever answered, so nothing can loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neigh/neigh.h"
#include "sess/address_walk.h"
#include "sess/probe.h"
#include "stat/block.h"
#include "wire/addr.h"
#include "wire/icmp.h"
#include "wire/packet.h"

#define HOST_REQUEST_MAX ICMP_NEIGH_FRAME_MAX /* bytes; the longest frame of host_output() */

struct host_opts {
    const struct ip_range *local; /* the caller's, as long as the host lives */
    unsigned n_local; /* 0: it answers nobody, and nothing is to be announced or asked for */
    struct ip_addr gateway[2]; /* [is_v6] */
    bool has_gateway[2];
    uint8_t mac[6];
    int vlan;           /* as in wire/vlan.h */
    struct stats *stat; /* the worker's */
    struct neigh_opts neigh;
};

enum host_event_kind {
    HOST_EVENT_NONE,
    HOST_EVENT_UNREACHABLE, /* unreachable, code: end the connection only if it is in SYN-SENT and
                               the sequence number is its SYN's (RFC 5927 4.1, RFC 5461 4) */
    HOST_EVENT_TOO_BIG,     /* too_big, mtu: the connection sends smaller segments, if the sequence
                               number is in flight and they are larger now (RFC 5927 7.2) */
};

struct host_event {
    uint8_t kind; /* enum host_event_kind */
    uint8_t code; /* of the ICMP or ICMPv6 message */
    union {
        struct icmp_quote unreachable, too_big;
    };
    uint32_t mtu; /* bytes; as in struct icmp_msg */
};

/* Next hops that never answered, by the first of them. */
struct host_unresolved {
    struct ip_addr addr, source; /* asked for, and asked from */
    uint32_t requests;           /* sent for it */
    uint32_t count;              /* next hops without a MAC, this one too */
    bool is_gateway;
};

struct host {
    struct host_opts opts;
    struct icmp_origin errors[ICMP_ERROR_KINDS]; /* the first of each kind, as icmp_kind has them */
    struct neigh neigh;                          /* next hops, by the index of host_route() */
    struct address_walk announce;                /* of opts.local: where they are */
    struct probe probe;                          /* of opts.local: whose they are */
    bool is_tentative;         /* whether they are ours is being asked: nothing is said of them */
    uint64_t conflicts;        /* packets that claimed an address of ours (RFC 5227) */
    struct ip_addr claimed;    /* by the latest of them, with conflicts > 0 */
    uint8_t claimed_by_mac[6]; /* the same */
};

void host_init(struct host *h, const struct host_opts *opts);

/** Whether @a is an address of this host. */
bool host_is_local(const struct host *h, const struct ip_addr *a);

/**
 * Find the next hop to @remote, itself when it is on-link, else its family's gateway, and have it
 * asked for its MAC. O(next hops): for set-up, not for each packet.
 *
 * @return its index in h->neigh; NEIGH_NONE when there is no local address of the family, no way to
 *         @remote, or NEIGH_MAX other next hops.
 */
uint32_t host_route(struct host *h, const struct ip_addr *remote);

/**
 * Take a packet whose kind is neither TCP nor bad (those are left alone), count it, and write the
 * answer, if there is one, to @out. An answer that does not fit @room is not sent; an echo reply is
 * as long as its request, everything else fits HOST_REQUEST_MAX.
 *
 * @param p        with p->frame still there
 * @param[out] ev  always set, mostly to HOST_EVENT_NONE
 * @return the answer's length in bytes, 0: none
 */
size_t host_input(struct host *h, const struct packet *p, uint64_t now_ns, uint8_t *out,
                  size_t room, struct host_event *ev);

/**
 * Take a packet that another worker of the port has answered and counted: what it says of
 * neighbours is learned, and an ICMP error becomes an event as in host_input(). Nothing is counted.
 */
void host_snoop(struct host *h, const struct packet *p, uint64_t now_ns, struct host_event *ev);

/** Tell the link where our addresses are, from @now_ns on; host_output() writes it: an ARP
 * announcement for each of IPv4 (RFC 5227 2.3), an unsolicited neighbour advertisement for each of
 * IPv6 (RFC 4861 7.2.6). Whoever still remembers another MAC for one of them, or a switch another
 * port, is put right before the first SYN. */
static inline void
host_announce(struct host *h, uint64_t now_ns)
{
    address_walk_begin(&h->announce, now_ns);
}

/**
 * Write the announcement of the first of our addresses, whenever the caller has a use for a frame
 * that does no harm.
 *
 * @param room  at least HOST_REQUEST_MAX
 * @return the frame's length in bytes
 */
size_t host_write_first(const struct host *h, uint8_t *out, size_t room);

/** Whether all that host_announce() wanted told is told. */
static inline bool
host_has_announced(const struct host *h)
{
    return address_walk_is_over(&h->announce);
}

/**
 * Ask from @now_ns on whether our addresses are another station's, by host_output() of the one of
 * the port's hosts that @sends. Until host_probe_end() nothing is said of them to anybody, and no
 * next hop asked for; who claims one of them, or asks for it the same way, is a conflict.
 */
void host_probe_begin(struct host *h, uint64_t now_ns, bool sends);
void host_probe_end(struct host *h);

/** Whether whoever has one of them would have answered: h->conflicts tells. */
static inline bool
host_has_probed(const struct host *h, uint64_t now_ns)
{
    return probe_is_over(&h->probe, now_ns);
}

/**
 * Write the next ARP request or neighbour solicitation that is due, or announcement. Call until it
 * returns 0, after host_confirm() for each next hop with progress.
 *
 * @param room  at least HOST_REQUEST_MAX
 * @return the frame's length in bytes, 0: nothing is due
 */
size_t host_output(struct host *h, uint64_t now_ns, uint8_t *out, size_t room);

/** What goes through next hop @index gets on, see neigh_confirm(). */
static inline void
host_confirm(struct host *h, uint32_t index, uint64_t now_ns)
{
    neigh_confirm(&h->neigh, index, now_ns);
}

/** When host_output() is to be called next; TIME_NEVER: there is no next hop, and
 * nothing to be announced. */
static inline uint64_t
host_deadline_ns(const struct host *h)
{
    return h->is_tentative ? h->probe.walk.next_ns
                           : u64_min(neigh_deadline_ns(&h->neigh), h->announce.next_ns);
}

/** Which next hop did not answer; there is one without a MAC. */
struct host_unresolved host_unresolved(const struct host *h);
