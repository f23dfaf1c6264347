/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes as frames that reach a host between its TCP packets, and as time: ARP, neighbour discovery,
 * echo requests, errors. What it answers and asks must be frames that a host understands, its
 * events plausible, and no MAC be believed that no station has. */
#include <string.h>

#include "bytes.h"
#include "repair.h"
#include "sess/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define V4(last)                                                                                   \
    {                                                                                              \
        .lo = 0xc6120000 | (last)                                                                  \
    }
#define V6(last)                                                                                   \
    {                                                                                              \
        .hi = 0x2001000200000000, .lo = (last), .is_v6 = true                                      \
    }

static const uint8_t OUR_MAC[6] = {2, 0, 0, 0, 0, 2};
static const struct ip_range local[2] = {
    {.first = V4(20), .count = 3, .prefix_len = 24},
    {.first = V6(0x20), .count = 3, .prefix_len = 64},
};
/* On the link, behind the gateways, and a gateway with a link-local address. */
static const struct ip_addr targets[5] = {V4(10),
                                          V4(0x10000),
                                          V6(0x10),
                                          {.hi = 0x2001000200010000, .lo = 1, .is_v6 = true},
                                          {.hi = 0xfe80000000000000, .lo = 1, .is_v6 = true}};

static struct stats stats;

static bool
is_station(const uint8_t mac[static 6])
{
    static const uint8_t none[6];

    return (mac[0] & 1) == 0 && memcmp(mac, none, 6) != 0 && memcmp(mac, OUR_MAC, 6) != 0;
}

/* A frame of ours as another host sees it. */
static void
check_frame(const struct host *h, const uint8_t *frame, size_t len)
{
    const struct packet_rx rx = {.vlan = h->opts.vlan, .stripped_vlan = -1};
    struct packet p;

    packet_parse(&p, frame, (uint32_t)len, &rx);
    must(p.kind == PACKET_ARP || p.kind == PACKET_ICMP4 || p.kind == PACKET_ICMP6,
         "not a frame that a host understands");
    must(memcmp(frame + 6, OUR_MAC, 6) == 0, "sent under a false MAC");
    must(memcmp(frame, OUR_MAC, 6) != 0, "sent to itself");
    must(p.kind == PACKET_ARP || host_is_local(h, &p.src), "sent from a false address");
    must(p.kind == PACKET_ARP || !host_is_local(h, &p.dst), "sent to its own address");
}

static void
check_event(const struct host *h, const struct host_event *ev)
{
    switch ((enum host_event_kind)ev->kind) {
    case HOST_EVENT_NONE:
        break;
    case HOST_EVENT_UNREACHABLE:
        must(host_is_local(h, &ev->unreachable.local), "an error about a stranger's packet");
        must(ev->unreachable.remote.is_v6 == ev->unreachable.local.is_v6, "two families");
        break;
    case HOST_EVENT_TOO_BIG:
        must(host_is_local(h, &ev->too_big.local), "an error about a stranger's packet");
        must(ev->mtu >= (ev->too_big.local.is_v6 ? ICMP_MTU_MIN_V6 : ICMP_MTU_MIN_V4),
             "no link is so narrow");
        break;
    }
}

static void
check_conflicts(const struct host *h)
{
    if (h->conflicts == 0)
        return;
    must(host_is_local(h, &h->claimed), "a conflict about nothing");
    must(memcmp(h->claimed_by_mac, OUR_MAC, 6) != 0, "a conflict with itself");
}

static void
check_neighbours(const struct host *h, uint32_t n_entries)
{
    must(h->neigh.n_entries == n_entries, "a stranger is a next hop");
    for (uint32_t i = 0; i < n_entries; i++) {
        const uint8_t *mac = neigh_lookup(&h->neigh, i);

        must(mac == NULL || is_station(mac), "a MAC that no station has");
        must(h->neigh.entries[i].state != NEIGH_REACHABLE || mac != NULL, "reachable, but where");
        must(h->neigh.entries[i].deadline_ns >= h->neigh.deadline_ns, "a deadline is overlooked");
    }
}

/* A block of just the room's size, so that a sanitizer sees the first byte too many. */
static void
receive(struct host *h, struct bytes *b, uint64_t now_ns, uint8_t how)
{
    size_t len = take8(b), room = (how & 0x08) != 0 ? take8(b) : HOST_REQUEST_MAX + len, n;
    const struct packet_rx rx = {.vlan = h->opts.vlan, .stripped_vlan = -1};
    struct host_event ev;
    struct packet p;
    uint8_t *frame, *out = malloc(room + 1);

    if (len > (size_t)(b->end - b->at))
        len = (size_t)(b->end - b->at);
    frame = malloc(len + 1);
    memcpy(frame, b->at, len);
    b->at += len;
    if ((how & 0x10) != 0 && len >= 12)
        memcpy(frame, OUR_MAC, 6);
    if ((how & 0x20) == 0)
        repair_frame(frame, len);
    frame = realloc(frame, len > 0 ? len : 1);
    out = realloc(out, room > 0 ? room : 1);
    packet_parse(&p, frame, (uint32_t)len, &rx);
    n = host_input(h, &p, now_ns, out, room, &ev);
    must(n <= room, "the answer is longer than the room");
    must(n <= (len > HOST_REQUEST_MAX ? len : HOST_REQUEST_MAX), "the answer is long");
    if (n > 0)
        check_frame(h, out, n);
    check_event(h, &ev);
    free(out);
    free(frame);
}

static void
ask(struct host *h, uint64_t now_ns)
{
    uint8_t out[HOST_REQUEST_MAX];
    size_t len;

    for (unsigned n = 0; (len = host_output(h, now_ns, out, sizeof(out))) > 0; n++) {
        must(n < h->neigh.n_entries, "more requests than next hops");
        check_frame(h, out, len);
    }
    must(host_deadline_ns(h) > now_ns, "a request is due for ever");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes b = {data, data + len};
    uint8_t how = take8(&b);
    struct host_opts opts = {.local = local,
                             .n_local = 2,
                             .gateway = {V4(1), V6(1)},
                             .has_gateway = {true, true},
                             .vlan = (how & 0x01) != 0 ? 7 : -1,
                             .stat = &stats,
                             .neigh = NEIGH_OPTS_DEFAULT};
    uint64_t now_ns = NS_PER_SEC;
    struct host h;

    stat_init(&stats, now_ns);
    memcpy(opts.mac, OUR_MAC, 6);
    host_init(&h, &opts);
    for (unsigned i = 0; i < 5; i++)
        must(host_route(&h, &targets[i]) != NEIGH_NONE, "no way to a target");
    while (bytes_left(&b)) {
        how = take8(&b);
        if ((how & 0x03) == 0)
            now_ns += take_ns(&b);
        else
            receive(&h, &b, now_ns, how);
        if ((how & 0x04) != 0)
            ask(&h, now_ns);
        check_neighbours(&h, 5);
        check_conflicts(&h);
    }
    return 0;
}
