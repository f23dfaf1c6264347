/* SPDX-License-Identifier: BSD-3-Clause */
/* See host.h. */
#include "sess/host.h"

#include <assert.h>
#include <string.h>

#include "wire/arp.h"

enum { ETH_DST = 0, ETH_SRC = 6 }; /* offsets in a frame */

static bool
is_group(const uint8_t mac[static 6])
{
    return (mac[0] & 1) != 0;
}

/* A link always has some frames to groups; those to others come only if something is wrong. */
static void
ignore(struct host *h, const struct packet *p)
{
    if (is_group(p->frame + ETH_DST))
        STAT_COUNT(h->opts.stat, multicast_ignored);
    else
        STAT_COUNT(h->opts.stat, not_ours);
}

static bool
is_own_mac(const struct host *h, const uint8_t mac[static 6])
{
    return memcmp(mac, h->opts.mac, 6) == 0;
}

static bool
is_v6_group(const struct ip_addr *a)
{
    return a->is_v6 && a->hi >> 56 == 0xff;
}

static bool
is_v6_link_local(const struct ip_addr *a)
{
    return a->is_v6 && a->hi >> 54 == 0xfe80 >> 6;
}

/* The range whose link @a is on, NULL: none. */
static const struct ip_range *
find_link(const struct host *h, const struct ip_addr *a)
{
    for (unsigned i = 0; i < h->opts.n_local; i++)
        if (ip_range_on_link(&h->opts.local[i], a))
            return &h->opts.local[i];
    return NULL;
}

/* The range to ask for @a from: one on the same link, else the first of the family, else NULL. The
 * latter serves a gateway by its link-local address. */
static const struct ip_range *
find_source(const struct host *h, const struct ip_addr *a)
{
    const struct ip_range *link = find_link(h, a);

    if (link != NULL)
        return link;
    for (unsigned i = 0; i < h->opts.n_local; i++)
        if (h->opts.local[i].first.is_v6 == a->is_v6)
            return &h->opts.local[i];
    return NULL;
}

static void
note_conflict(struct host *h, const struct ip_addr *addr, const uint8_t mac[static 6])
{
    h->conflicts++;
    h->claimed = *addr;
    memcpy(h->claimed_by_mac, mac, 6);
}

static void
learn_arp(struct host *h, const struct packet *p, const struct arp *arp, uint64_t now_ns)
{
    neigh_input(&h->neigh,
                &(struct neigh_advert){
                    .addr = arp->sender,
                    .mac = arp->sender_mac,
                    .is_solicited = !arp->is_request && host_is_local(h, &arp->target) &&
                                    is_own_mac(h, p->frame + ETH_DST),
                    .overrides = true,
                },
                now_ns);
}

/* RFC 826, "Packet Reception": merge what the sender says of itself, then answer. */
static size_t
input_arp(struct host *h, const struct packet *p, uint64_t now_ns, uint8_t *out, size_t room)
{
    struct arp arp;

    if (!arp_parse(p, &arp)) {
        STAT_COUNT(h->opts.stat, bad_header);
        return 0;
    }
    STAT_COUNT(h->opts.stat, arp_received);
    if (is_own_mac(h, arp.sender_mac))
        return 0;
    if (host_is_local(h, &arp.sender)) {
        note_conflict(h, &arp.sender, arp.sender_mac);
        return 0;
    }
    learn_arp(h, p, &arp, now_ns);
    if (!arp.is_request || !host_is_local(h, &arp.target))
        return 0;
    if (h->is_tentative) {
        if (arp.sender.lo == 0) /* a probe: it wants the address, too (RFC 5227 2.1.1) */
            note_conflict(h, &arp.target, arp.sender_mac);
        return 0;
    }
    return arp_build_reply(&arp, h->opts.mac, h->opts.vlan, out, room);
}

/* RFC 4861 7.2.3. */
static void
learn_solicit(struct host *h, const struct packet *p, const struct icmp_msg *m, uint64_t now_ns)
{
    struct neigh_advert advert = {.addr = p->src, .mac = m->neigh.mac, .overrides = true};

    if (m->neigh.has_mac && !is_own_mac(h, m->neigh.mac))
        neigh_input(&h->neigh, &advert, now_ns);
}

static size_t
input_solicit(struct host *h, const struct packet *p, const struct icmp_msg *m, uint64_t now_ns,
              uint8_t *out, size_t room)
{
    STAT_COUNT(h->opts.stat, ndp_received);
    if (host_is_local(h, &p->src)) {
        note_conflict(h, &p->src, p->frame + ETH_SRC);
        return 0;
    }
    if (m->neigh.has_mac && is_own_mac(h, m->neigh.mac))
        return 0;
    learn_solicit(h, p, m, now_ns);
    if (!host_is_local(h, &m->neigh.target))
        return 0;
    if (h->is_tentative) {
        if ((p->src.hi | p->src.lo) == 0) /* it wants the address, too (RFC 4862 5.4.3) */
            note_conflict(h, &m->neigh.target, p->frame + ETH_SRC);
        return 0;
    }
    return icmp_build_neigh_advert(p, m, h->opts.mac, h->opts.vlan, out, room);
}

static void
learn_advert(struct host *h, const struct packet *p, const struct icmp_neigh *advert,
             uint64_t now_ns)
{
    if (!host_is_local(h, &p->dst) && !is_v6_group(&p->dst))
        return;
    if (advert->has_mac && is_own_mac(h, advert->mac))
        return;
    neigh_input(&h->neigh,
                &(struct neigh_advert){
                    .addr = advert->target,
                    .mac = advert->has_mac ? advert->mac : NULL,
                    .is_solicited = advert->is_solicited,
                    .overrides = advert->overrides,
                },
                now_ns);
}

static void
input_advert(struct host *h, const struct packet *p, const struct icmp_msg *m, uint64_t now_ns)
{
    const struct icmp_neigh *advert = &m->neigh;

    STAT_COUNT(h->opts.stat, ndp_received);
    if (host_is_local(h, &advert->target)) {
        note_conflict(h, &advert->target, advert->has_mac ? advert->mac : p->frame + ETH_SRC);
        return;
    }
    learn_advert(h, p, advert, now_ns);
}

/* RFC 1122 3.2.2.6 and 3.2.2: an echo to or from more than one station is not answered. */
static size_t
input_echo(struct host *h, const struct packet *p, uint8_t *out, size_t room)
{
    size_t len;

    if (!host_is_local(h, &p->dst) || is_group(p->frame + ETH_DST) ||
        !ip_is_other_host(&p->src, h->opts.local, h->opts.n_local)) {
        ignore(h, p);
        return 0;
    }
    len = icmp_build_echo_reply(p, h->opts.mac, h->opts.vlan, out, room);
    if (len > 0)
        STAT_COUNT(h->opts.stat, icmp_echoed);
    else
        ignore(h, p);
    return len;
}

static void
describe_error(const struct icmp_msg *m, struct host_event *ev)
{
    ev->code = m->code;
    /* Soft errors: the connection goes on (RFC 1122 4.2.3.9), and what it comes to is told. */
    if (m->kind == ICMP_KIND_TIME_EXCEEDED || m->kind == ICMP_KIND_PARAM_PROBLEM)
        return;
    if (m->kind == ICMP_KIND_TOO_BIG) {
        ev->kind = HOST_EVENT_TOO_BIG;
        ev->too_big = m->quote;
        ev->mtu = m->mtu;
    } else {
        ev->kind = HOST_EVENT_UNREACHABLE;
        ev->unreachable = m->quote;
    }
}

static bool
is_our_error(const struct host *h, const struct packet *p, const struct icmp_msg *m)
{
    return host_is_local(h, &m->quote.local) && !is_group(p->frame + ETH_DST);
}

/* Count it by its kind, and keep the first of each. */
static void
note_error(struct host *h, const struct packet *p, const struct icmp_msg *m)
{
    static const enum stat_counter counters[ICMP_ERROR_KINDS] = {
        CTR_icmp_unreachable, CTR_icmp_too_big, CTR_icmp_time_exceeded, CTR_icmp_param_problem};
    unsigned i = m->kind - (unsigned)ICMP_KIND_UNREACHABLE;

    STAT_COUNT(h->opts.stat, icmp_errors);
    h->opts.stat->now->counters[counters[i]]++;
    if (!h->errors[i].is_set)
        h->errors[i] = (struct icmp_origin){true, m->type, m->code, p->src};
}

static void
input_error(struct host *h, const struct packet *p, const struct icmp_msg *m, struct host_event *ev)
{
    if (!is_our_error(h, p, m)) {
        ignore(h, p);
        return;
    }
    note_error(h, p, m);
    describe_error(m, ev);
}

static size_t
input_icmp(struct host *h, const struct packet *p, uint64_t now_ns, uint8_t *out, size_t room,
           struct host_event *ev)
{
    struct icmp_msg m;

    icmp_parse(p, &m);
    switch ((enum icmp_kind)m.kind) {
    case ICMP_KIND_ECHO_REQUEST:
        return input_echo(h, p, out, room);
    case ICMP_KIND_NEIGH_SOLICIT:
        return input_solicit(h, p, &m, now_ns, out, room);
    case ICMP_KIND_NEIGH_ADVERT:
        input_advert(h, p, &m, now_ns);
        return 0;
    case ICMP_KIND_UNREACHABLE:
    case ICMP_KIND_TOO_BIG:
    case ICMP_KIND_TIME_EXCEEDED:
    case ICMP_KIND_PARAM_PROBLEM:
        input_error(h, p, &m, ev);
        return 0;
    case ICMP_KIND_ECHO_REPLY:
    case ICMP_KIND_OTHER:
        ignore(h, p);
        return 0;
    case ICMP_KIND_BAD:
        STAT_COUNT(h->opts.stat, bad_header);
        return 0;
    }
    return 0;
}

void
host_init(struct host *h, const struct host_opts *opts)
{
    assert(!is_group(opts->mac));

    *h = (struct host){.opts = *opts};
    address_walk_init(&h->announce);
    neigh_init(&h->neigh, &opts->neigh);
}

bool
host_is_local(const struct host *h, const struct ip_addr *a)
{
    for (unsigned i = 0; i < h->opts.n_local; i++)
        if (ip_range_index(&h->opts.local[i], a) != UINT32_MAX)
            return true;
    return false;
}

uint32_t
host_route(struct host *h, const struct ip_addr *remote)
{
    if (find_source(h, remote) == NULL)
        return NEIGH_NONE;
    if (find_link(h, remote) != NULL || is_v6_link_local(remote))
        return neigh_add(&h->neigh, remote);
    if (!h->opts.has_gateway[remote->is_v6])
        return NEIGH_NONE;
    return neigh_add(&h->neigh, &h->opts.gateway[remote->is_v6]);
}

/* A port in promiscuous mode shows frames between others; some devices show our own. */
static bool
is_for_us(const struct host *h, const struct packet *p)
{
    return (is_own_mac(h, p->frame + ETH_DST) || is_group(p->frame + ETH_DST)) &&
           !is_own_mac(h, p->frame + ETH_SRC) && !is_group(p->frame + ETH_SRC);
}

size_t
host_input(struct host *h, const struct packet *p, uint64_t now_ns, uint8_t *out, size_t room,
           struct host_event *ev)
{
    uint32_t n_changed;
    size_t len;

    *ev = (struct host_event){.kind = HOST_EVENT_NONE};

    switch ((enum packet_kind)p->kind) {
    case PACKET_TCP:
    case PACKET_BAD_HEADER:
    case PACKET_BAD_CHECKSUM:
        return 0; /* the engine's, or dropped and counted before */
    case PACKET_OTHER:
        ignore(h, p);
        return 0;
    case PACKET_FRAGMENT:
    case PACKET_ARP:
    case PACKET_ICMP4:
    case PACKET_ICMP6:
        break;
    }
    if (!is_for_us(h, p) || (p->kind == PACKET_FRAGMENT && !host_is_local(h, &p->dst))) {
        ignore(h, p);
        return 0;
    }
    if (p->kind == PACKET_FRAGMENT) {
        STAT_COUNT(h->opts.stat, fragments);
        return 0;
    }
    n_changed = h->neigh.n_changed;
    len = p->kind == PACKET_ARP ? input_arp(h, p, now_ns, out, room)
                                : input_icmp(h, p, now_ns, out, room, ev);
    STAT_ADD(h->opts.stat, next_hop_changed, h->neigh.n_changed - n_changed);
    return len;
}

/* What input_arp() does without counting and answering. */
static void
snoop_arp(struct host *h, const struct packet *p, uint64_t now_ns)
{
    struct arp arp;

    if (arp_parse(p, &arp) && !is_own_mac(h, arp.sender_mac) && !host_is_local(h, &arp.sender))
        learn_arp(h, p, &arp, now_ns);
}

/* What input_icmp() does, the same. */
static void
snoop_icmp(struct host *h, const struct packet *p, uint64_t now_ns, struct host_event *ev)
{
    struct icmp_msg m;

    icmp_parse(p, &m);
    switch ((enum icmp_kind)m.kind) {
    case ICMP_KIND_NEIGH_SOLICIT:
        if (!host_is_local(h, &p->src))
            learn_solicit(h, p, &m, now_ns);
        break;
    case ICMP_KIND_NEIGH_ADVERT:
        if (!host_is_local(h, &m.neigh.target))
            learn_advert(h, p, &m.neigh, now_ns);
        break;
    case ICMP_KIND_UNREACHABLE:
    case ICMP_KIND_TOO_BIG:
    case ICMP_KIND_TIME_EXCEEDED:
    case ICMP_KIND_PARAM_PROBLEM:
        if (is_our_error(h, p, &m))
            describe_error(&m, ev);
        break;
    case ICMP_KIND_ECHO_REQUEST:
    case ICMP_KIND_ECHO_REPLY:
    case ICMP_KIND_OTHER:
    case ICMP_KIND_BAD:
        break;
    }
}

void
host_snoop(struct host *h, const struct packet *p, uint64_t now_ns, struct host_event *ev)
{
    *ev = (struct host_event){.kind = HOST_EVENT_NONE};
    if (!is_for_us(h, p))
        return;
    if (p->kind == PACKET_ARP)
        snoop_arp(h, p, now_ns);
    else if (p->kind == PACKET_ICMP4 || p->kind == PACKET_ICMP6)
        snoop_icmp(h, p, now_ns, ev);
}

/* An ARP announcement is a request for what one has (RFC 5227 1.1). */
static size_t
write_announcement(const struct host *h, const struct ip_addr *addr, uint8_t *out, size_t room)
{
    if (addr->is_v6)
        return icmp_build_unsolicited_advert(addr, h->opts.mac, h->opts.vlan, out, room);
    return arp_build_request(addr, h->opts.mac, addr, NULL, h->opts.vlan, out, room);
}

size_t
host_write_first(const struct host *h, uint8_t *out, size_t room)
{
    assert(room >= HOST_REQUEST_MAX);

    return write_announcement(h, &h->opts.local[0].first, out, room);
}

void
host_probe_begin(struct host *h, uint64_t now_ns, bool sends)
{
    h->is_tentative = true;
    probe_begin(&h->probe, now_ns, sends, h->opts.local, h->opts.n_local);
}

void
host_probe_end(struct host *h)
{
    h->is_tentative = false;
}

/* From no address: nobody is to learn anything from it. */
static size_t
output_probe(struct host *h, uint64_t now_ns, uint8_t *out, size_t room)
{
    struct ip_addr nobody = {0}, addr;

    if (!probe_due(&h->probe, now_ns, h->opts.local, h->opts.n_local, &addr))
        return 0;
    nobody.is_v6 = addr.is_v6;
    if (addr.is_v6)
        return icmp_build_neigh_solicit(&nobody, h->opts.mac, &addr, NULL, h->opts.vlan, out, room);
    return arp_build_request(&nobody, h->opts.mac, &addr, NULL, h->opts.vlan, out, room);
}

size_t
host_output(struct host *h, uint64_t now_ns, uint8_t *out, size_t room)
{
    struct ip_addr announced;
    const struct ip_range *source;
    const uint8_t *dst_mac;
    struct neigh_solicit solicit;
    uint32_t n_silent = h->neigh.n_silent;
    bool is_due;

    assert(room >= HOST_REQUEST_MAX);

    if (h->is_tentative)
        return output_probe(h, now_ns, out, room);
    if (address_walk_due(&h->announce, now_ns, h->opts.local, h->opts.n_local, &announced))
        return write_announcement(h, &announced, out, room);
    is_due = neigh_due(&h->neigh, now_ns, &solicit);
    STAT_ADD(h->opts.stat, next_hop_silent, h->neigh.n_silent - n_silent);
    if (!is_due)
        return 0;
    source = find_source(h, &solicit.addr);
    assert(source != NULL); /* host_route() saw to it */
    dst_mac = solicit.is_unicast ? solicit.mac : NULL;
    if (solicit.addr.is_v6)
        return icmp_build_neigh_solicit(&source->first, h->opts.mac, &solicit.addr, dst_mac,
                                        h->opts.vlan, out, room);
    return arp_build_request(&source->first, h->opts.mac, &solicit.addr, dst_mac, h->opts.vlan, out,
                             room);
}

struct host_unresolved
host_unresolved(const struct host *h)
{
    uint32_t index = 0, count = neigh_unresolved(&h->neigh, &index, 1);
    const struct neigh_entry *e = &h->neigh.entries[index];
    const struct ip_range *range = find_source(h, &e->addr);

    assert(count > 0);
    assert(range != NULL); /* host_route() saw to it */

    return (struct host_unresolved){
        .addr = e->addr,
        .source = range->first,
        .requests = e->requests,
        .count = count,
        .is_gateway = h->opts.has_gateway[e->addr.is_v6] &&
                      ip_equal(&h->opts.gateway[e->addr.is_v6], &e->addr),
    };
}
