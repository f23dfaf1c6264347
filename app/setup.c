/* SPDX-License-Identifier: BSD-3-Clause */
/* See setup.h. */
#include "app/setup.h"

#include <string.h>

#include "app/class_setup.h"
#include "conf/phases.h"
#include "conf/plan.h"
#include "conf/routes.h"
#include "sess/exchange.h"
#include "wire/vlan.h"

/* After the last connection has closed: one retransmission of the target's last FIN, if our ACK of
 * it was lost. Loopback loses none. */
static const uint64_t LINGER_NS = 250 * NS_PER_MS;

/* Connections that one of several workers may have beyond its share: chance alone gives 20 a few
 * more. */
static const uint64_t SHARE_SLACK = 64;

/* A process at the other end of a memif has its side of the link long before it has taken its
 * memory and begun to poll, and longer yet on a busy machine. */
static const uint64_t PEER_PATIENCE_NS = 15 * NS_PER_SEC;

/* A target that answers nothing for so long will not. */
static const uint64_t COUNTED_PATIENCE_NS = 60 * NS_PER_SEC;

static_assert(PLAN_STREAMS_MAX == TCP_STREAMS_MAX, "what is planned for is what there may be");
static_assert(sizeof(struct tcp_stream) + sizeof(struct session) == PLAN_STREAM_BYTES &&
                  sizeof(struct exchange) == PLAN_EXCHANGE_BYTES &&
                  CORE_RING_BYTES_MAX == PLAN_RING_BYTES &&
                  CORE_RING_BYTES == PLAN_HANDSHAKE_RING_BYTES,
              "the same");

static_assert(SERVER_RANGES_MAX >= CONF_RANGES_MAX + CONF_TARGETS_MAX, "every target has a place");

/* TCP is the same for all of a run's connections: as the first class says. */
static const struct conf_class *
tcp_class(const struct conf *conf)
{
    return &conf->classes[0];
}

static void
add_server_address(struct setup *s, const struct ip_addr *addr, uint8_t network)
{
    for (unsigned i = 0; i < s->n_server_ranges; i++) {
        if (ip_equal(&s->server_ranges[i].first, addr))
            return;
    }
    s->server_networks[s->n_server_ranges] = network;
    s->server_ranges[s->n_server_ranges++] =
        (struct ip_range){.first = *addr, .count = 1, .prefix_len = addr->is_v6 ? 128 : 32};
}

/* Loopback's server is whoever the client talks to: every target. It has no gateway. Behind a
 * device under test it has addresses of its own, in one network. */
static void
collect_server_ranges(struct setup *s, const struct conf *conf)
{
    s->n_server_ranges = 0;
    s->server_network =
        (struct conf_network){.gateway = conf->server.gateway, .vlan = conf->server.vlan};
    if (conf_has_middle(conf)) {
        memcpy(s->server_ranges, conf->server.local.range, sizeof(conf->server.local.range));
        memset(s->server_networks, 0, sizeof(s->server_networks));
        s->n_server_ranges = conf->server.local.n;
        return;
    }
    if (!conf->is_loopback) {
        memcpy(s->server_ranges, conf->local.range, sizeof(conf->local.range));
        memcpy(s->server_networks, conf->network_of, sizeof(conf->network_of));
        s->n_server_ranges = conf->local.n;
        return;
    }
    for (unsigned network = 0; network < conf->n_networks; network++)
        for (unsigned i = 0; i < conf->n_routes; i++)
            if (conf->routes[i].network == network)
                add_server_address(s, &conf->targets[conf->routes[i].target].addr,
                                   (uint8_t)network);
}

static bool
sends_pattern(const struct proto_ops *proto, const struct proto_opts *o)
{
    return (proto->traits & PROTO_SENDS_PATTERN) != 0 && o->send_bytes > 0;
}

static bool
sends_filler(const struct proto_ops *proto, const struct proto_opts *o)
{
    return (proto->traits & PROTO_SENDS_FILLER) != 0 &&
           (o->is_server || (o->http != NULL && o->http->filler_bytes > 0));
}

static bool
sends_other(const struct proto_ops *proto, const struct proto_opts *o)
{
    return (proto->traits & PROTO_SENDS_PATTERN) == 0 && proto->is_planned(o);
}

static bool
is_planned(const struct proto_ops *proto, const struct proto_opts *o)
{
    return proto->is_planned(o);
}

/* Whether it is so in any class, on any side of this process. */
static bool
any_is(const struct conf *conf, bool (*is)(const struct proto_ops *, const struct proto_opts *))
{
    for (unsigned i = 0; i < conf->n_classes; i++) {
        const struct conf_class *k = &conf->classes[i];

        for (enum role role = 0; role < ROLE_COUNT; role++) {
            struct proto_opts o = conf_proto_opts(conf, k, role);

            if (conf_has_role(conf, role) && is(k->proto, &o))
                return true;
        }
    }
    return false;
}

/* Loopback's ports take several segments a frame unless they are told not to; what is short enough
 * to be copied then fits a small buffer that is made for a handshake's frames. What is not the
 * constant payload is always copied, and so is what TLS writes. */
bool
setup_copies_payload(const struct conf *conf)
{
    return !conf->is_loopback || (conf_has_payload(conf) && !conf->offload) || conf_is_tls(conf) ||
           any_is(conf, sends_other);
}

/* A handshake's frames are short, of whatever kernel. */
bool
setup_takes_long(const struct conf *conf)
{
    return conf->command == CONF_SERVE || conf_has_payload(conf) || conf_is_tls(conf);
}

uint32_t
setup_payload_bytes(const struct conf *conf)
{
    return any_is(conf, sends_pattern) || any_is(conf, sends_filler) ? PAYLOAD_BYTES : 0;
}

static void
fill_targets(struct setup *s, const struct conf *conf)
{
    for (unsigned i = 0; i < conf->n_routes; i++) {
        const struct conf_route *r = &conf->routes[i];
        const struct conf_target *t = &conf->targets[r->target];

        s->targets[i] = (struct client_target){.addr = t->addr,
                                               .port = t->port,
                                               .class_idx = t->class_idx,
                                               .turn = r->turn,
                                               .network = r->network};
    }
}

static void
open_port(struct setup *s, uint16_t port, unsigned class_idx)
{
    s->server_ports[port / 8] |= (uint8_t)(1u << port % 8);
    s->class_of_port[port] = (uint8_t)class_idx;
}

/* Where both sides are ours those of the targets belong to their classes; the others are of the
 * first that has them open. */
static void
collect_server_ports(struct setup *s, const struct conf *conf)
{
    for (unsigned i = conf->n_classes; i-- > 0;) {
        const uint8_t *listen = conf->classes[i].listen;

        for (unsigned port = 0; port < 65536; port++) {
            if ((listen[port / 8] >> port % 8 & 1) != 0)
                open_port(s, (uint16_t)port, i);
        }
    }
    for (unsigned i = 0; conf_has_both_sides(conf) && i < conf->n_targets; i++)
        open_port(s, conf->targets[i].port, conf->targets[i].class_idx);
}

static uint64_t
seed_of(const struct setup_facts *facts)
{
    return facts->conf->seed != 0 ? facts->conf->seed : facts->seed;
}

/* A search begins with no load, and each trial has its own. */
static bool
is_searched(const struct conf *conf, enum conf_search_on on)
{
    return conf->search.n_goals > 0 && conf->search_on == on;
}

uint64_t
setup_first_connections(const struct conf *conf)
{
    if (is_searched(conf, SEARCH_ON_CONNECTIONS))
        return 0;
    return conf_ramps_bound(conf) ? conf_bound_at(conf, 0) : conf->connections;
}

void
setup_init(struct setup *s, const struct setup_facts *facts)
{
    s->facts = *facts;
    s->load = is_searched(facts->conf, SEARCH_ON_RATE) ? load_plan_pause()
                                                       : *conf_whole_load(facts->conf);
    s->load.seed = seed_of(facts);
    fill_targets(s, facts->conf);
    collect_server_ranges(s, facts->conf);
    collect_server_ports(s, facts->conf);
    if (facts->io->payload != NULL)
        payload_init(&s->payload, facts->io->payload);
}

/* Networks of @role's side. */
static unsigned
n_networks_of(const struct setup *s, enum role role)
{
    return role == ROLE_SERVER && conf_has_middle(s->facts.conf) ? 1 : s->facts.conf->n_networks;
}

static const struct conf_network *
network_of(const struct setup *s, enum role role, unsigned i)
{
    return role == ROLE_SERVER && conf_has_middle(s->facts.conf) ? &s->server_network
                                                                 : &s->facts.conf->networks[i];
}

/* As the engines have it. */
static int
vlan_of(const struct conf_network *network)
{
    return network->vlan != 0 ? (int)network->vlan : VLAN_UNTAGGED;
}

/* Most payload of a segment that the link and the user allow. */
static uint16_t
link_mss(const struct conf *conf, const struct io_port_info *port, bool is_v6)
{
    unsigned mss = port->mtu - ip_hdr_len(is_v6) - 20;

    return (uint16_t)(conf->mss != 0 && (unsigned)conf->mss < mss ? (unsigned)conf->mss : mss);
}

static void
fill_tcp(const struct conf *conf, const struct io_port_info *port, struct tcp_params *tcp)
{
    const struct conf_class *k = tcp_class(conf);

    *tcp = (struct tcp_params){
        .connect_timeout_us = (uint32_t)(k->connect_timeout_ns / NS_PER_US),
        .close_timeout_us = (uint32_t)(k->close_timeout_ns / NS_PER_US),
        .piggyback = k->piggyback,
        .options_off = conf->timestamps ? 0 : SEG_OPT_TS,
        .nagle = conf->nagle,
        .retries_max = (uint8_t)conf->retries,
        .single = conf->congestion != CC_FIXED,
        .data_timeout_us = (uint32_t)(k->data_timeout_ns / NS_PER_US),
        .rcv_wnd = (uint32_t)conf->window_bytes,
        .ack = conf->ack,
        .delayed_ack_us = (uint32_t)(conf->delayed_ack_ns / NS_PER_US),
        .tso_max = port->tso_max,
        .cc = cc_algorithms[conf->congestion],
        .cc_opts = {.fixed_window = (uint32_t)conf->fixed_window_bytes},
    };
}

static void
fill_core(const struct setup *s, enum role role, const struct io_port_info *port,
          struct core_opts *core)
{
    const struct conf *conf = s->facts.conf;

    *core = (struct core_opts){
        .secret = s->facts.secret,
        .emit = {.vlan = vlan_of(network_of(s, role, 0)),
                 .mtu = port->mtu,
                 .mss = (uint16_t)conf->mss,
                 .wscale = TCP_RCV_WSCALE,
                 .offload_ipv4_csum = port->tx_ipv4_csum,
                 .offload_tcp_csum = port->tx_tcp_csum},
        .mss = {link_mss(conf, port, false), link_mss(conf, port, true)},
        .tx_multi_seg = port->tx_multi_seg,
        .payload = &s->payload,
    };
    fill_tcp(conf, port, &core->tcp);
    memcpy(core->emit.src_mac, port->mac, 6);
}

static struct tuples_opts
client_tuples(const struct setup *s, unsigned worker)
{
    const struct conf *conf = s->facts.conf;
    struct tuples_opts o = {
        .ranges = conf->local.range,
        .n_ranges = conf->local.n,
        .networks = conf->network_of,
        .port_first = conf->ports.first,
        .port_last = conf->ports.last,
        .worker = worker,
        .n_workers = s->facts.io->n_queues,
        .seed = seed_of(&s->facts),
        .rss = s->facts.rss,
    };

    for (unsigned i = 0; i < PLAN_GROUPS_MAX; i++) {
        o.records[i] = s->facts.plan->client_records[i];
        o.n_targets[i] = routes_count(conf, i / 2, i % 2);
    }
    return o;
}

/* Beyond what a connection may wait by itself. */
static uint64_t
counted_patience_ns(const struct conf *conf)
{
    uint64_t ns = 0;

    for (unsigned i = 0; i < conf->n_classes; i++)
        ns = u64_max(ns, conf->classes[i].think_ns + conf->classes[i].hold_ns);
    return ns + COUNTED_PATIENCE_NS;
}

/* Starts go round the workers, of all ranks where there are several. */
static struct load_turn
load_turn(const struct conf *conf, unsigned worker, unsigned n_workers)
{
    const struct conf_share *s = &conf->share;

    return load_turn_or((struct load_turn){.first = s->first + worker, .of = s->of}, worker,
                        n_workers);
}

static void
fill_client(const struct setup *s, unsigned worker, struct client_opts *o)
{
    const struct conf *conf = s->facts.conf;
    unsigned n_workers = s->facts.io->n_queues;

    o->targets = s->targets;
    o->n_targets = conf->n_routes;
    o->turn_weights = conf->n_turns > 1 ? conf->turn_weights : NULL;
    o->load = &s->load;
    o->core.late = s->facts.late;
    o->core.requests = (struct requests_opts){.n_classes = conf->n_classes,
                                              .is_counted = conf->requests_total > 0,
                                              .total = conf->requests_total,
                                              .worker = worker,
                                              .n_workers = n_workers,
                                              .turn = load_turn(conf, worker, n_workers)};
    for (unsigned i = 0; i < conf->n_classes; i++)
        o->core.requests.paces[i] =
            (struct requests_pace){.load = conf_class_whole_request_load(conf, &conf->classes[i]),
                                   .share = conf_class_weight(&conf->classes[i])};
    o->open_max = client_share(setup_first_connections(conf), worker, n_workers);
    o->worker = worker;
    o->n_workers = n_workers;
    o->turn = load_turn(conf, worker, n_workers);
    o->tuples = client_tuples(s, worker);
}

/* A worker's share of --connections. What a port's hash gives to several workers is not the same
 * for all: each may have a quarter more, and some. */
static uint32_t
worker_open_max(const struct conf *conf)
{
    uint64_t share = (conf->connections + conf->lcores - 1) / conf->lcores;

    return (uint32_t)u64_min(conf->connections,
                             conf->lcores == 1 ? share : share + share / 4 + SHARE_SLACK);
}

static void
fill_server(const struct setup *s, unsigned worker, struct server_opts *o)
{
    const struct conf *conf = s->facts.conf;

    o->ranges = s->server_ranges;
    o->n_ranges = s->n_server_ranges;
    o->networks = s->server_networks;
    o->listen = s->server_ports;
    o->class_of_port = conf->n_classes > 1 ? s->class_of_port : NULL;
    o->table_secret = s->facts.table;
    o->n_records = (uint32_t)u64_min(s->facts.plan->server_records, RECORDS_MAX);
    o->limit = conf->limit_cps > 0 ? s->facts.limit : NULL;
    o->limit_drops = conf->limit_mode == LIMIT_DROP;
    o->worker = worker;
    if (conf_has_both_sides(conf)) /* all clients are ours */
        return;
    o->open_max = worker_open_max(conf);
    o->tls_bytes_max = s->facts.plan->tls_bytes;
}

static void
fill_http(const struct http_opts *http, struct proto_opts *o)
{
    o->http = http;
    o->wants_ends = http->fills && !o->is_server;
}

static void
fill_classes(const struct setup *s, struct worker_opts *o)
{
    const struct conf *conf = s->facts.conf;

    o->n_classes = conf->n_classes;
    o->lanes = conf_is_tls(conf) ? s->facts.lanes : NULL;
    for (unsigned i = 0; i < conf->n_classes; i++) {
        o->classes[i] = class_setup(conf, i, o->role);
        if (conf->classes[i].proto->has_path)
            fill_http(&s->facts.http[i].opts, &o->classes[i].proto_opts);
        o->class_has_tls[i] = conf->classes[i].is_tls;
        if (!conf->classes[i].is_tls)
            continue;
        tls_setup_opts(&s->facts.tls[i], o->role, &o->tls[i]);
        o->has_tls = true;
        o->class_warms_up[i] = o->tls[i].resume_ppm > 0 && conf->classes[i].tls.warmup &&
                               !conf->is_loopback && o->role == ROLE_CLIENT;
        o->warms_up |= o->class_warms_up[i];
    }
}

/* Send rings are for what goes through TLS, or is made by a protocol. */
static uint32_t
ring_bytes(const struct conf *conf)
{
    return any_is(conf, is_planned) ? CORE_RING_BYTES_MAX : CORE_RING_BYTES;
}

uint64_t
setup_mapped_bytes(const struct conf *conf, const struct plan *plan)
{
    uint64_t ring = conf_is_tls(conf) || any_is(conf, sends_other) ? ring_bytes(conf) : 0;
    uint64_t rings = 0;

    for (enum role role = 0; role < ROLE_COUNT; role++)
        rings += plan->streams[role] * ring + plan->buffers[role] * (uint64_t)conf->window_bytes;
    return plan->client_bytes + plan->server_bytes + conf->lcores * rings;
}

uint64_t
setup_resident_bytes(const struct conf *conf, const struct plan *plan)
{
    static const uint64_t EACH_SERVED =
        sizeof(struct record) + sizeof(struct table_key) + 2 * sizeof(uint32_t);
    uint64_t bytes = plan->server_records * EACH_SERVED;

    for (unsigned i = 0; i < PLAN_GROUPS_MAX; i++)
        bytes += plan->client_records[i] * sizeof(struct record);
    return conf->lcores * bytes;
}

static void
add_vlan(struct io_vlans *vlans, int vlan)
{
    bool is_stacked = vlan_is_stacked(vlan);

    if (vlan != 0)
        vlans->ids[vlans->n++] = (uint16_t)(is_stacked ? vlan_outer(vlan) : vlan);
    vlans->are_stacked |= is_stacked;
}

struct io_vlans
setup_vlans(const struct conf *conf)
{
    struct io_vlans vlans = {.n = 0};

    static_assert(CONF_NETWORKS_MAX + 1 <= IO_VLANS_MAX && CONF_NETWORKS_MAX <= CORE_NETWORKS_MAX &&
                      CONF_NETWORKS_MAX <= TUPLES_NETWORKS_MAX,
                  "all have a place for each network");
    for (unsigned i = 0; i < conf->n_networks; i++)
        add_vlan(&vlans, (int)conf->networks[i].vlan);
    add_vlan(&vlans, (int)conf->server.vlan);
    return vlans;
}

/* The host of a network: the ranges of that side that are in it lie side by side. Loopback's server
 * has no target in some. */
static struct host_opts
host_opts(const struct setup *s, enum role role, unsigned network, const struct io_port_info *port)
{
    const struct conf *conf = s->facts.conf;
    bool is_server = role == ROLE_SERVER;
    const struct ip_range *ranges = is_server ? s->server_ranges : conf->local.range;
    const uint8_t *networks = is_server ? s->server_networks : conf->network_of;
    unsigned n = is_server ? s->n_server_ranges : conf->local.n, first = 0;
    const struct conf_gateway *gateway = &network_of(s, role, network)->gateway;
    struct host_opts o = {
        .gateway = {gateway->addr[0], gateway->addr[1]},
        .has_gateway = {gateway->is_set[0], gateway->is_set[1]},
        .vlan = vlan_of(network_of(s, role, network)),
        .neigh = NEIGH_OPTS_DEFAULT,
    };

    while (first < n && networks[first] != network)
        first++;
    o.local = ranges + first;
    while (first + o.n_local < n && networks[first + o.n_local] == network)
        o.n_local++;
    memcpy(o.mac, port->mac, sizeof(o.mac));
    return o;
}

static void
fill_networks(const struct setup *s, const struct io_port_info *port, struct worker_opts *o)
{
    o->n_networks = n_networks_of(s, o->role);
    for (unsigned i = 0; i < o->n_networks; i++) {
        o->hosts[i] = host_opts(s, o->role, i, port);
        if (i > 0)
            o->more_vlans[i - 1] = vlan_of(network_of(s, o->role, i));
    }
}

/* Where a packet is answered with one at most, as in handshakes over loopback, what is under way
 * always fits the rings: starts need not wait, and bursts stay full. */
static bool
answers_first(const struct conf *conf)
{
    return !conf->is_loopback || conf_has_payload(conf) || conf_is_tls(conf) ||
           !tcp_class(conf)->piggyback;
}

/* Where there are two ports the second is the server's. */
static enum role
role_of_port(const struct conf *conf, unsigned port)
{
    return conf->command == CONF_SERVE || (conf_has_both_sides(conf) && port == IO_PORT_SERVER)
               ? ROLE_SERVER
               : ROLE_CLIENT;
}

/* Of two sides the client's: on a loopback the frames are the same. */
static void
fill_recording(const struct setup *s, struct worker_opts *o)
{
    const struct conf *conf = s->facts.conf;

    o->recording = (struct recording_opts){
        .is_wanted =
            conf->pcap[0] != '\0' && (!conf_has_both_sides(conf) || o->role == ROLE_CLIENT),
        .sample = (uint32_t)conf->pcap_sample,
        .has_secrets = conf_is_tls(conf),
        .key = s->facts.table,
    };
}

void
setup_worker(const struct setup *s, struct schedule *schedule, unsigned index,
             struct worker_opts *opts)
{
    const struct conf *conf = s->facts.conf;
    const struct io *io = s->facts.io;
    const struct io_port_info *port = &io->ports[index / io->n_queues];
    enum role role = role_of_port(conf, index / io->n_queues);
    struct core_opts core;

    *opts = (struct worker_opts){
        .role = role,
        .io = io,
        .index = index,
        .schedule = schedule,
        .queue = index % io->n_queues,
        .sample_ns = conf->sample_ns,
        .seed = conf->seed != 0 ? conf->seed : s->facts.seed,
        .n_queues = io->n_queues,
        .handoff = io->handoff != NULL ? &io->handoff[index] : NULL,
        .owns_by_hash = role == ROLE_SERVER && io->handoff != NULL && !port->has_rss,
        .announces = !conf->is_loopback && index % io->n_queues == 0,
        .probes = conf->probe && !conf->is_loopback,
        .takes_turns = io->n_queues > 1 && io->counts_sent,
        .proves_queue = role == ROLE_CLIENT && io->n_queues > 1,
        .peer_is_kernel = port->peer_is_kernel,
        .tx_multi_seg = port->tx_multi_seg,
        .answers_first = answers_first(conf),
        .patience_ns = s->facts.awaits_peer ? PEER_PATIENCE_NS : 0,
        .counted_patience_ns = counted_patience_ns(conf),
        .linger_ns = conf->is_loopback ? 0 : LINGER_NS,
    };
    fill_networks(s, port, opts);
    fill_classes(s, opts);
    fill_recording(s, opts);
    fill_core(s, role, port, &core);
    core.more_vlans = opts->more_vlans;
    core.n_more_vlans = opts->n_networks - 1;
    core.n_streams = s->facts.plan->streams[role];
    core.n_buffers = s->facts.plan->buffers[role];
    core.n_rings = s->facts.plan->rings[role];
    core.ring_bytes = ring_bytes(conf);
    if (role == ROLE_SERVER) {
        opts->server.core = core;
        fill_server(s, opts->queue, &opts->server);
    } else {
        opts->client.core = core;
        fill_client(s, opts->queue, &opts->client);
    }
}
