/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of io/doctor.h about a port that is open. */
#include <stdio.h>

#include "io/doctor_rows.h"

void
doctor_ask_driver(struct doctor_port *p, const struct io *io, const struct io_opts *opts)
{
    const struct io_port_info *info = &io->ports[0];
    struct rte_eth_dev_info dev;
    struct rte_eth_link l = {0};

    *p = (struct doctor_port){
        .opts = opts,
        .info = info,
        .iface = io->devices[0].iface,
        .n_queues = io->n_queues,
    };
    if (rte_eth_dev_info_get(info->port_id, &dev) == 0) {
        p->queues_max = RTE_MIN(dev.max_rx_queues, dev.max_tx_queues);
        p->key_bytes = dev.hash_key_size;
        p->table_size = dev.reta_size;
        p->hashes_tcp4 = (dev.flow_type_rss_offloads & RTE_ETH_RSS_NONFRAG_IPV4_TCP) != 0;
        p->hashes_tcp6 = (dev.flow_type_rss_offloads & RTE_ETH_RSS_NONFRAG_IPV6_TCP) != 0;
    }
    if (rte_eth_link_get_nowait(info->port_id, &l) == 0) {
        p->speed_mbps = l.link_speed;
        p->is_full_duplex = l.link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
    }
}

/* It is open, or doctor_set_closed() had its say. */
void
doctor_look_port(const struct doctor_port *p, struct doctor_row *r)
{
    const uint8_t *mac = p->info->mac;

    doctor_say(r, DOCTOR_OK, "driver %s, MAC %02x:%02x:%02x:%02x:%02x:%02x", p->info->driver,
               mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void
doctor_look_link(const struct doctor_port *p, struct doctor_row *r)
{
    if (p->link != NULL)
        doctor_say(r, DOCTOR_STOP, "%s", p->link->text);
    else if (p->speed_mbps == 0 || p->speed_mbps == UINT32_MAX)
        doctor_say(r, DOCTOR_OK, "up; the driver does not tell its speed");
    else
        doctor_say(r, DOCTOR_OK, "up, %u Mbit/s, %s duplex", p->speed_mbps,
                   p->is_full_duplex ? "full" : "half");
    if (p->link == NULL && !p->is_full_duplex && p->is_pci && p->speed_mbps != 0 &&
        p->speed_mbps != UINT32_MAX)
        r->state = DOCTOR_WARNING;
}

void
doctor_look_queues(const struct doctor_port *p, struct doctor_row *r)
{
    doctor_say(r, DOCTOR_OK, "%u of %u queue pairs used; that many --lcores are possible",
               p->n_queues, p->queues_max);
}

/* "TCP over IPv4 and IPv6" */
static const char *
hashed_types(const struct doctor_port *p)
{
    if (p->hashes_tcp4 && p->hashes_tcp6)
        return "TCP over IPv4 and IPv6";
    if (p->hashes_tcp4)
        return "TCP over IPv4";
    return p->hashes_tcp6 ? "TCP over IPv6" : "no TCP";
}

void
doctor_look_rss(const struct doctor_port *p, struct doctor_row *r)
{
    bool is_offered = p->table_size > 0 && (p->hashes_tcp4 || p->hashes_tcp6);
    char offer[128] = "the port describes none";

    if (is_offered)
        snprintf(offer, sizeof(offer), "key of %u bytes, table of %u, types: %s",
                 p->key_bytes > 0 ? p->key_bytes : RSS_KEY_MIN, p->table_size, hashed_types(p));
    if (p->n_queues == 1) {
        doctor_say(r, DOCTOR_OK, "%s; one queue needs none", offer);
        return;
    }
    if (p->info->has_rss) {
        doctor_say(r, DOCTOR_OK, "%s", offer);
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "%s%s, so nobody knows beforehand which queue a reply comes to, and workers hand "
               "packets off to each other, which costs speed",
               offer, is_offered ? ", but not which of it is in use" : "");
    doctor_mend(r, "shakedown run --lcores 1");
}

void
doctor_look_offloads(const struct doctor_port *p, struct doctor_row *r)
{
    const struct io_port_info *i = p->info;
    const struct {
        bool is_on;
        const char *name;
    } all[] = {
        {i->tx_ipv4_csum, "IPv4 checksum"},          {i->tx_tcp_csum, "TCP checksum"},
        {i->rx_ipv4_csum, "received IPv4 checksum"}, {i->rx_tcp_csum, "received TCP checksum"},
        {i->tx_multi_seg, "frames in pieces"},       {i->tx_tso, "TSO"}};
    char text[256] = "";
    size_t used = 0;

    for (unsigned n = 0; n < RTE_DIM(all); n++) {
        if (all[n].is_on)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "",
                                     all[n].name);
    }
    if (p->opts->no_offload)
        doctor_say(r, DOCTOR_OK, "none, as --offload no says");
    else if (!i->tx_tcp_csum && p->is_pci)
        doctor_say(r, DOCTOR_WARNING, "%s%sTCP checksums are made in software, which costs speed",
                   used > 0 ? text : "none", used > 0 ? "; " : ": ");
    else
        doctor_say(r, DOCTOR_OK, "%s", used > 0 ? text : "none: checksums in software");
}

void
doctor_look_mtu(const struct doctor_port *p, struct doctor_row *r)
{
    if (p->info->mtu >= RTE_ETHER_MTU) {
        doctor_say(r, DOCTOR_OK, "%u", p->info->mtu);
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "%u, less than Ethernet's %u: segments are shorter, and longer "
               "frames of others are lost",
               p->info->mtu, RTE_ETHER_MTU);
    if (p->iface[0] != '\0')
        doctor_mend(r, "ip link set dev %s mtu %u", p->iface, RTE_ETHER_MTU);
}
