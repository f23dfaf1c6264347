/* SPDX-License-Identifier: BSD-3-Clause */
/* See setup.h. */
#include "app/setup.h"

#include <string.h>

#include "conf/plan.h"

/* After the last connection has closed: one retransmission of the target's last FIN, if our ACK of
 * it was lost. Loopback loses none. */
static const uint64_t LINGER_NS = 250 * NS_PER_MS;

static_assert(PLAN_STREAMS_MAX == TCP_STREAMS_MAX, "what is planned for is what there may be");
static_assert(sizeof(struct carrier) <= PLAN_STREAM_BYTES, "the same");
static_assert((int)CONGESTION_CUBIC == (int)CC_CUBIC &&
                  (int)CONGESTION_NEWRENO == (int)CC_NEWRENO &&
                  (int)CONGESTION_FIXED == (int)CC_FIXED,
              "an index of cc_algorithms");

/* Bytes a port is asked to cut at a time: what one IP packet may say it holds, headers apart. */
static const uint32_t TSO_MAX = 65535 - 120;

static_assert(SERVER_RANGES_MAX >= CONF_RANGES_MAX + CONF_TARGETS_MAX, "every target has a place");

/* The command line's, so far the only one. */
static const struct conf_class *
class_of(const struct conf *conf)
{
    return &conf->classes[0];
}

static void
add_server_address(struct setup *s, const struct ip_addr *addr)
{
    for (unsigned i = 0; i < s->n_server_ranges; i++) {
        if (ip_equal(&s->server_ranges[i].first, addr))
            return;
    }
    s->server_ranges[s->n_server_ranges++] =
        (struct ip_range){.first = *addr, .count = 1, .prefix_len = addr->is_v6 ? 128 : 32};
}

/* Loopback's responder is whoever the client talks to: every target, and the gateways. */
static void
collect_server_ranges(struct setup *s, const struct conf *conf)
{
    s->n_server_ranges = 0;
    if (!conf->is_loopback) {
        memcpy(s->server_ranges, conf->local.range, sizeof(conf->local.range));
        s->n_server_ranges = conf->local.n;
        return;
    }
    for (unsigned i = 0; i < conf->n_targets; i++)
        add_server_address(s, &conf->targets[i].addr);
    for (int v6 = 0; v6 < 2; v6++) {
        if (conf->gateway.is_set[v6])
            add_server_address(s, &conf->gateway.addr[v6]);
    }
}

/* Loopback gathers unless it is told not to; what is short enough to be copied then fits a small
 * buffer that is made for a handshake's frames. What TLS writes is always copied. */
bool
setup_copies_payload(const struct conf *conf)
{
    return !conf->is_loopback || (conf_has_payload(conf) && !conf->offload) || conf_is_tls(conf);
}

uint32_t
setup_payload_bytes(const struct conf *conf)
{
    bool sends = class_of(conf)->answer_bytes > 0 || class_of(conf)->send_bytes > 0 ||
                 (conf->is_loopback && class_of(conf)->receive_bytes > 0);

    return sends ? PAYLOAD_BYTES : 0;
}

void
setup_init(struct setup *s, const struct conf *conf, const struct setup_facts *facts)
{
    s->rss = facts->rss;
    s->tls = facts->tls;
    s->secret = facts->secret;
    s->seed = conf->seed != 0 ? conf->seed : facts->seed;
    collect_server_ranges(s, conf);
    if (facts->payload != NULL)
        payload_init(&s->payload, facts->payload);
}

/* As the engines have it: -1 is untagged. */
static int
vlan_of(const struct conf *conf)
{
    return conf->vlan != 0 ? (int)conf->vlan : -1;
}

/* Most payload of a segment that the link and the user allow. */
static uint16_t
link_mss(const struct conf *conf, const struct io_port_info *port, unsigned ip_len)
{
    unsigned mss = port->mtu - ip_len - 20;

    return (uint16_t)(conf->mss != 0 && (unsigned)conf->mss < mss ? (unsigned)conf->mss : mss);
}

static void
fill_tcp(const struct conf *conf, const struct io_port_info *port, struct tcp_params *tcp)
{
    *tcp = (struct tcp_params){
        .connect_timeout_us = (uint32_t)(class_of(conf)->connect_timeout_ns / NS_PER_US),
        .close_timeout_us = (uint32_t)(class_of(conf)->close_timeout_ns / NS_PER_US),
        .piggyback = class_of(conf)->piggyback,
        .options_off = conf->timestamps ? 0 : SEG_OPT_TS,
        .nagle = conf->nagle,
        .retries_max = (uint8_t)conf->retries,
        .single = conf->congestion != CONGESTION_FIXED,
        .data_timeout_us = (uint32_t)(class_of(conf)->data_timeout_ns / NS_PER_US),
        .rcv_wnd = (uint32_t)conf->window_bytes,
        .delayed_ack_us = (uint32_t)(conf->delayed_ack_ns / NS_PER_US),
        .tso_max = port->tx_tso ? TSO_MAX : 0,
        .cc = cc_algorithms[conf->congestion],
        .cc_opts = {.fixed_window = (uint32_t)conf->fixed_window_bytes},
    };
}

static void
fill_core(const struct setup *s, const struct conf *conf, const struct io_port_info *port,
          struct core_opts *core)
{
    static const enum sess_close closes[] = {
        [CLOSE_FIN] = SESS_CLOSE_FIN, [CLOSE_RST] = SESS_CLOSE_RST, [CLOSE_PEER] = SESS_CLOSE_PEER};

    *core = (struct core_opts){
        .close = closes[class_of(conf)->close],
        .hold_ns = class_of(conf)->hold_ns,
        .secret = s->secret,
        .emit = {.vlan = vlan_of(conf),
                 .mtu = port->mtu,
                 .mss = (uint16_t)conf->mss,
                 .wscale = TCP_RCV_WSCALE,
                 .offload_ipv4_csum = port->tx_ipv4_csum,
                 .offload_tcp_csum = port->tx_tcp_csum},
        .mss = {link_mss(conf, port, 20), link_mss(conf, port, 40)},
        .tx_multi_seg = port->tx_multi_seg,
        .payload = &s->payload,
    };
    fill_tcp(conf, port, &core->tcp);
    memcpy(core->emit.src_mac, port->mac, 6);
}

static void
fill_client(const struct setup *s, const struct conf *conf, unsigned worker, unsigned n_workers,
            struct client_target *targets, struct client_opts *o)
{
    for (unsigned i = 0; i < conf->n_targets; i++)
        targets[i] =
            (struct client_target){.addr = conf->targets[i].addr, .port = conf->targets[i].port};
    o->targets = targets;
    o->n_targets = conf->n_targets;
    o->rate = conf->rate;
    o->open_max = (conf->connections + n_workers - 1 - worker) / n_workers;
    o->worker = worker;
    o->n_workers = n_workers;
    o->tuples = (struct tuples_opts){
        .ranges = conf->local.range,
        .n_ranges = conf->local.n,
        .port_first = conf->ports.first,
        .port_last = conf->ports.last,
        .worker = worker,
        .n_workers = n_workers,
        .n_targets = {conf_target_count(conf, false), conf_target_count(conf, true)},
        .seed = s->seed,
        .rss = s->rss,
    };
    for (int v6 = 0; v6 < 2; v6++)
        o->tuples.records[v6] = plan_records(conf, v6);
    o->core.n_streams = plan_streams(conf, false);
    o->core.exchange = (struct exchange_opts){
        .send_bytes = class_of(conf)->send_bytes,
        .expect_bytes = class_of(conf)->receive_bytes,
        .stall_us = (uint32_t)(class_of(conf)->data_timeout_ns / NS_PER_US),
    };
}

static void
fill_server(const struct setup *s, const struct conf *conf, struct server_opts *o)
{
    o->ranges = s->server_ranges;
    o->n_ranges = s->n_server_ranges;
    o->listen = class_of(conf)->listen;
    o->n_records = (uint32_t)u64_min(plan_server_records(conf), RECORDS_MAX);
    o->core.n_streams = plan_streams(conf, true);
    o->core.n_buffers = plan_buffers(conf, true);
    o->core.tcp.buffers_rx = class_of(conf)->echo;
    o->core.exchange = (struct exchange_opts){
        .send_bytes = class_of(conf)->answer_bytes,
        .after_bytes = class_of(conf)->answer_after,
        .echo = class_of(conf)->echo,
    };
    if (!conf->is_loopback)
        return;
    /* The answer to what the client sends. */
    o->core.exchange.send_bytes = class_of(conf)->receive_bytes;
    o->core.exchange.after_bytes =
        class_of(conf)->receive_bytes > 0 ? class_of(conf)->send_bytes : 0;
    /* The other side of what the client was told: who waits for whom. */
    o->core.close = class_of(conf)->close == CLOSE_PEER ? SESS_CLOSE_FIN : SESS_CLOSE_PEER;
    o->core.reset_closes = class_of(conf)->close == CLOSE_RST;
}

static void
fill_tls(const struct setup *s, const struct conf *conf, bool is_server, struct worker_opts *o)
{
    struct core_opts *core = is_server ? &o->server.core : &o->client.core;

    if (s->tls == NULL)
        return;
    o->has_tls = true;
    tls_setup_opts(s->tls, conf, is_server, &o->tls);
    /* On loopback the generator gives up, if anybody does: it may be the one that is slow. */
    core->tls_timeout_ns = is_server && conf->is_loopback ? 0 : class_of(conf)->tls.timeout_ns;
    core->n_buffers = plan_buffers(conf, is_server);
    core->tcp.buffers_rx = true;
    core->tcp.single = false;
}

/* Where a packet is answered with one at most, as in handshakes over loopback, what is under way
 * always fits the rings: starts need not wait, and bursts stay full. */
static bool
answers_first(const struct conf *conf)
{
    return !conf->is_loopback || conf_has_payload(conf) || conf_is_tls(conf) ||
           !class_of(conf)->piggyback;
}

void
setup_worker(const struct setup *s, const struct conf *conf, const struct io *io,
             struct schedule *schedule, unsigned index, struct client_target *targets,
             struct worker_opts *opts)
{
    unsigned port = index / io->n_queues;
    bool is_server = conf->command == CONF_SERVE || port == 1;
    struct core_opts core;

    fill_core(s, conf, &io->ports[port], &core);
    *opts = (struct worker_opts){
        .role = is_server ? ROLE_SERVER : ROLE_CLIENT,
        .io = io,
        .index = index,
        .schedule = schedule,
        .queue = index % io->n_queues,
        .n_queues = io->n_queues,
        .handoff = io->handoff != NULL ? &io->handoff[index] : NULL,
        .owns_by_hash = is_server && io->handoff != NULL && !io->ports[port].has_rss,
        .verifies_rss = !is_server && s->rss != NULL,
        .tx_multi_seg = io->ports[port].tx_multi_seg,
        .answers_first = answers_first(conf),
        .linger_ns = conf->is_loopback ? 0 : LINGER_NS,
        .host = {.local = is_server ? s->server_ranges : conf->local.range,
                 .n_local = is_server ? s->n_server_ranges : conf->local.n,
                 .gateway = {conf->gateway.addr[0], conf->gateway.addr[1]},
                 .has_gateway = {conf->gateway.is_set[0], conf->gateway.is_set[1]},
                 .vlan = vlan_of(conf),
                 .neigh = NEIGH_OPTS_DEFAULT},
    };
    memcpy(opts->host.mac, io->ports[port].mac, 6);
    if (is_server) {
        opts->server.core = core;
        fill_server(s, conf, &opts->server);
    } else {
        opts->client.core = core;
        fill_client(s, conf, index % io->n_queues, io->n_queues, targets, &opts->client);
    }
    fill_tls(s, conf, is_server, opts);
}
