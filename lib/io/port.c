/* SPDX-License-Identifier: BSD-3-Clause */
/* See port.h. */
#include "io/port.h"

#include <stdio.h>
#include <string.h>

#include "io/queue.h"
#include "wire/emit.h"

/* Descriptors wanted; drivers adjust them. At 10 Mpps 2048 are 200 us of not being polled. */
static const uint16_t PORT_RX_DESCRIPTORS = 2048, PORT_TX_DESCRIPTORS = 2048;

static const uint64_t RX_OFFLOADS = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;
static const uint64_t TX_OFFLOADS = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
static const uint64_t RSS_TYPES = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP;
static const uint64_t TX_TSO =
    RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;

/* How long a buffer for TSO may be no driver says. One whose descriptors have 14 bits for the
 * length, and who does not split, sends other bytes than it was given and stops in the end
 * (net_vmxnet3). So it is as many unless the driver has been seen to send longer ones as they are.
 */
static const uint16_t TSO_MAX_UNKNOWN = (1 << 14) - 1;
static const char *const long_tso_drivers[] = {"net_virtio", "net_virtio_user", "net_vhost",
                                               "net_tap", "net_e1000_igb"};

static int
fail_port(const char *device, const char *what, int err, struct fail *f)
{
    return fail_set(f, EXIT_HOST, "device %s: %s: %s", device, what, rte_strerror(-err));
}

/* What can be said before the port is configured. */
static int
describe(struct io_port_info *info, const struct port_opts *opts, struct fail *f)
{
    uint16_t port_id = opts->port_id;
    struct rte_ether_addr mac;
    struct rte_eth_dev_info dev;
    int ret;

    *info =
        (struct io_port_info){.port_id = port_id, .peer_is_kernel = opts->quirks.peer_is_kernel};
    if ((ret = rte_eth_dev_info_get(port_id, &dev)) < 0)
        return fail_port(opts->device, "the driver does not describe it", ret, f);
    snprintf(info->driver, sizeof(info->driver), "%s", dev.driver_name);
    if ((ret = rte_eth_macaddr_get(port_id, &mac)) < 0)
        return fail_port(opts->device, "it has no MAC address", ret, f);
    memcpy(info->mac, opts->mac != NULL ? opts->mac : mac.addr_bytes, sizeof(info->mac));
    if (opts->mac == NULL && opts->quirks.mac_is_kernels) {
        info->mac[0] |= 0x02;
        info->mac[5] ^= 0x01;
    }
    return 0;
}

static int
check_queues(const struct port_opts *opts, const struct rte_eth_dev_info *dev, struct fail *f)
{
    unsigned most = RTE_MIN(dev->max_rx_queues, dev->max_tx_queues);

    if (opts->n_queues > most)
        return fail_set(f, EXIT_HOST, "device %s has %u queue pairs, not %u: use fewer --lcores",
                        opts->device, most, opts->n_queues);
    return 0;
}

/* The MTU for ethdev to set. As ethdev reckons, for its own refusal has no number in it. */
static int
choose_mtu(struct rte_eth_conf *conf, const struct port_opts *opts,
           const struct rte_eth_dev_info *dev, struct fail *f)
{
    uint32_t most = dev->max_mtu;

    if (opts->mtu == 0 || opts->quirks.mtu_by != DEVICE_MTU_PORT)
        return 0; /* 1500, or the driver's most if that is less */
    if (dev->max_mtu == UINT16_MAX && dev->max_rx_pktlen < UINT16_MAX)
        most = dev->max_rx_pktlen - RTE_ETHER_HDR_LEN - RTE_ETHER_CRC_LEN;
    if (opts->mtu < dev->min_mtu || opts->mtu > most)
        return fail_set(f, EXIT_HOST,
                        "--mtu: device %s takes an MTU of %u to %u, and %u is asked for",
                        opts->device, dev->min_mtu, most, opts->mtu);
    conf->rxmode.mtu = opts->mtu;
    return 0;
}

/* A driver without the call goes by what it was configured with. */
static int
set_mtu(const struct port_opts *opts, struct fail *f)
{
    int ret;

    if (opts->mtu == 0 || opts->quirks.mtu_by != DEVICE_MTU_PORT)
        return 0;
    ret = rte_eth_dev_set_mtu(opts->port_id, opts->mtu);
    if (ret < 0 && ret != -ENOTSUP)
        return fail_port(opts->device, "--mtu: it cannot be set", ret, f);
    return 0;
}

/* What is used: where ethdev does not know, what was asked for. */
static uint16_t
read_mtu(const struct port_opts *opts)
{
    uint16_t mtu;

    if (opts->mtu != 0 && opts->quirks.mtu_by != DEVICE_MTU_PORT)
        return opts->mtu;
    return rte_eth_dev_get_mtu(opts->port_id, &mtu) < 0 ? RTE_ETHER_MTU : mtu;
}

/* Of what the port offers, what is to be switched on. TSO without TCP's checksum or frames of
 * several segments is of no use. Behind two tags many a NIC finds no IP header, and ethdev cannot
 * say which do: then checksums are software's. */
static void
choose_offloads(struct rte_eth_conf *conf, const struct port_opts *opts,
                const struct rte_eth_dev_info *dev)
{
    bool may_tso = !opts->vlans->are_stacked && (!opts->quirks.tso_no_v6 || !opts->speaks_v6);

    if (opts->filters && opts->vlans->n > 0)
        conf->rxmode.offloads = dev->rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
    if (!opts->may_offload)
        return;
    if (!opts->vlans->are_stacked) {
        conf->rxmode.offloads |= dev->rx_offload_capa & RX_OFFLOADS;
        conf->txmode.offloads = dev->tx_offload_capa & TX_OFFLOADS;
    }
    if (!opts->may_multi_seg)
        return;
    conf->txmode.offloads |= dev->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    if (may_tso && (dev->tx_offload_capa & TX_TSO) == TX_TSO)
        conf->txmode.offloads |= TX_TSO;
}

/* TCP over both families by the port's own key and, where it takes one, a table of all queues,
 * round-robin. */
static void
choose_rss(struct rte_eth_conf *conf, const struct port_opts *opts,
           const struct rte_eth_dev_info *dev)
{
    uint64_t types = dev->flow_type_rss_offloads & RSS_TYPES;

    if (opts->n_queues == 1 || types == 0)
        return;
    /* Some hash IPv6 only if asked for this too (igb), although a packet with such headers is none
     * of ours. */
    if ((types & RTE_ETH_RSS_NONFRAG_IPV6_TCP) != 0)
        types |= dev->flow_type_rss_offloads & RTE_ETH_RSS_IPV6_TCP_EX;
    conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf->rx_adv_conf.rss_conf.rss_hf = types;
}

static bool
read_key(struct rss_opts *rss, const struct io_port_info *info, const struct port_opts *opts,
         const struct rte_eth_dev_info *dev)
{
    uint64_t needed = RTE_ETH_RSS_NONFRAG_IPV4_TCP;
    struct rte_eth_rss_conf conf = {.rss_key = rss->key,
                                    .rss_key_len =
                                        dev->hash_key_size == 0 ? RSS_KEY_MIN : dev->hash_key_size};

    if (opts->speaks_v6)
        needed |= RTE_ETH_RSS_NONFRAG_IPV6_TCP;
    if (conf.rss_key_len > RSS_KEY_MAX || rte_eth_dev_rss_hash_conf_get(info->port_id, &conf) < 0)
        return false;
    rss->key_bytes = conf.rss_key_len;
    return (conf.rss_hf & needed) == needed;
}

/* Not every driver lets the table be written, and what it then holds need not be what was. */
static bool
read_reta(struct rss_opts *rss, const struct io_port_info *info, const struct rte_eth_dev_info *dev)
{
    struct rte_eth_rss_reta_entry64 reta[RSS_RETA_MAX / RTE_ETH_RETA_GROUP_SIZE] = {0};

    rss->reta_size = dev->reta_size;
    if (rss->reta_size == 0 || rss->reta_size > RSS_RETA_MAX)
        return false;
    for (unsigned i = 0; i < rss->reta_size; i++) {
        reta[i / RTE_ETH_RETA_GROUP_SIZE].mask |= UINT64_C(1) << i % RTE_ETH_RETA_GROUP_SIZE;
        reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] =
            (uint16_t)(i % rss->n_queues);
    }
    (void)rte_eth_dev_rss_reta_update(info->port_id, reta, dev->reta_size);
    if (rte_eth_dev_rss_reta_query(info->port_id, reta, dev->reta_size) < 0)
        return false;
    for (unsigned i = 0; i < rss->reta_size; i++)
        rss->reta[i] = reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
    return true;
}

/* What the port says of itself. Drivers claim what they do not do; whether it is true is seen when
 * packets come. */
static void
describe_rss(struct io_port_info *info, const struct port_opts *opts)
{
    struct rte_eth_dev_info dev;

    info->rss = (struct rss_opts){.n_queues = opts->n_queues};
    info->has_rss = opts->n_queues > 1 && rte_eth_dev_info_get(info->port_id, &dev) == 0 &&
                    read_key(&info->rss, info, opts, &dev) && read_reta(&info->rss, info, &dev);
}

static void
describe_offloads(struct io_port_info *info, const struct rte_eth_conf *conf)
{
    uint64_t rx = conf->rxmode.offloads, tx = conf->txmode.offloads;

    info->rx_ipv4_csum = (rx & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0;
    info->rx_tcp_csum = (rx & RTE_ETH_RX_OFFLOAD_TCP_CKSUM) != 0;
    info->tx_ipv4_csum = (tx & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0;
    info->tx_tcp_csum = (tx & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) != 0;
    info->tx_multi_seg = (tx & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
    info->tx_tso = (tx & RTE_ETH_TX_OFFLOAD_TCP_TSO) != 0;
}

/* What IPv6 is asked for beside the usual may be more than the driver takes together. */
static int
configure_as(const struct io_port_info *info, const struct port_opts *opts,
             struct rte_eth_conf *conf)
{
    uint16_t n = (uint16_t)opts->n_queues;
    int ret = rte_eth_dev_configure(info->port_id, n, n, conf);

    if (ret == 0 || (conf->rx_adv_conf.rss_conf.rss_hf & RTE_ETH_RSS_IPV6_TCP_EX) == 0)
        return ret;
    conf->rx_adv_conf.rss_conf.rss_hf &= ~RTE_ETH_RSS_IPV6_TCP_EX;
    return rte_eth_dev_configure(info->port_id, n, n, conf);
}

static int
configure(struct io_port_info *info, const struct port_opts *opts, struct fail *f)
{
    struct rte_eth_conf conf = {0};
    struct rte_eth_dev_info dev;
    int ret;

    if ((ret = rte_eth_dev_info_get(info->port_id, &dev)) < 0)
        return fail_port(opts->device, "the driver does not describe it", ret, f);
    if (check_queues(opts, &dev, f) < 0 || choose_mtu(&conf, opts, &dev, f) < 0)
        return -1;
    choose_offloads(&conf, opts, &dev);
    choose_rss(&conf, opts, &dev);
    ret = configure_as(info, opts, &conf);
    if (ret < 0 && conf.rxmode.mq_mode != RTE_ETH_MQ_RX_NONE) { /* a claim without substance */
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
        conf.rx_adv_conf.rss_conf.rss_hf = 0;
        ret = configure_as(info, opts, &conf);
    }
    if (ret < 0)
        return fail_port(opts->device, "it cannot be configured", ret, f);
    describe_offloads(info, &conf);
    return set_mtu(opts, f);
}

/* Each transmit queue before its receive queue: net_tap of DPDK 24.11 refuses every frame for TSO
 * when it is the other way round. */
static int
set_up_queues(const struct io_port_info *info, const struct port_opts *opts, struct fail *f)
{
    uint16_t rx = PORT_RX_DESCRIPTORS, tx = PORT_TX_DESCRIPTORS;
    unsigned node = (unsigned)rte_eth_dev_socket_id(info->port_id);
    int ret;

    if ((ret = rte_eth_dev_adjust_nb_rx_tx_desc(info->port_id, &rx, &tx)) < 0)
        return fail_port(opts->device, "no number of descriptors suits it", ret, f);
    for (uint16_t q = 0; q < opts->n_queues; q++) {
        ret = rte_eth_tx_queue_setup(info->port_id, q, tx, node, NULL);
        if (ret < 0)
            return fail_port(opts->device, "a transmit queue cannot be set up", ret, f);
        ret = rte_eth_rx_queue_setup(info->port_id, q, rx, node, NULL, opts->pools[q]);
        if (ret < 0)
            return fail_port(opts->device, "a receive queue cannot be set up", ret, f);
    }
    return 0;
}

/* 14 + 4 + 40 + 60 bytes of headers at most. */
static uint16_t
longest_tso_segment(const struct io_port_info *info, const struct port_opts *opts)
{
    if (opts->quirks.tso_len_is_frame)
        return (uint16_t)RTE_MAX(info->mtu - 118, IO_TSO_SEGSZ_MIN);
    return UINT16_MAX;
}

/* A port that does not take the address may take everything. */
static int
set_mac(const struct io_port_info *info, const struct port_opts *opts, struct fail *f)
{
    struct rte_ether_addr mac;
    int ret;

    memcpy(mac.addr_bytes, info->mac, sizeof(info->mac));
    ret = rte_eth_dev_default_mac_addr_set(info->port_id, &mac);
    if (ret < 0 && rte_eth_promiscuous_enable(info->port_id) < 0)
        return fail_port(opts->device, "--mac: it keeps its own MAC address", ret, f);
    return 0;
}

/* Some NICs pass only the VLANs they were told of, and say nothing of it (virtio's do, and virtual
 * functions): one that takes no such word may take everything. */
static void
pass_vlan(const struct io_port_info *info, const struct port_opts *opts)
{
    for (unsigned i = 0; opts->filters && i < opts->vlans->n; i++)
        if (rte_eth_dev_vlan_filter(info->port_id, opts->vlans->ids[i], 1) < 0)
            (void)rte_eth_promiscuous_enable(info->port_id); /* neither: it filters none */
}

uint16_t
port_tso_max(const char *driver)
{
    for (size_t i = 0; i < RTE_DIM(long_tso_drivers); i++) {
        if (strcmp(driver, long_tso_drivers[i]) == 0)
            return EMIT_TSO_MAX;
    }
    return TSO_MAX_UNKNOWN;
}

int
port_start(struct io_port_info *info, const struct port_opts *opts, struct fail *f)
{
    uint16_t port_id = opts->port_id;
    int ret;

    if (describe(info, opts, f) < 0 || configure(info, opts, f) < 0 ||
        set_up_queues(info, opts, f) < 0)
        return -1;
    if (!opts->starts_later && (ret = rte_eth_dev_start(port_id)) < 0)
        return fail_port(opts->device, "it does not start", ret, f);
    (void)rte_eth_promiscuous_disable(port_id); /* a driver without the switch has no need of it */
    if (opts->mac != NULL && opts->filters && set_mac(info, opts, f) < 0)
        return -1;
    if (opts->needs_multicast && rte_eth_allmulticast_enable(port_id) < 0)
        (void)rte_eth_promiscuous_enable(
            port_id); /* neither: it filters nothing, or tests will show */
    pass_vlan(info, opts);
    info->mtu = read_mtu(opts);
    info->tso_segsz_max = longest_tso_segment(info, opts);
    info->tso_max = info->tx_tso ? port_tso_max(info->driver) : 0;
    describe_rss(info, opts);
    return 0;
}

void
port_emulate_csum(struct io_port_info *info)
{
    info->tx_ipv4_csum = info->tx_tcp_csum = true;
    info->rx_ipv4_csum = info->rx_tcp_csum = true;
    info->csum_is_emulated = true;
}

void
port_close(uint16_t port_id)
{
    (void)rte_eth_dev_stop(port_id); /* stopped already is well */
    (void)rte_eth_dev_close(port_id);
}
