/* SPDX-License-Identifier: BSD-3-Clause */
/* See io.h. */
#include "io/io.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "io/device.h"
#include "io/eal.h"
#include "io/eal_args.h"
#include "io/handoff.h"
#include "io/iface.h"
#include "io/loopback.h"
#include "io/machine.h"
#include "io/memif_link.h"
#include "io/pool.h"
#include "io/port.h"
#include "io/rss_loopback.h"

static const unsigned LINK_POLL_MS = 10;

/* What io_open() knows while it opens. */
struct io_setup {
    const struct io_opts *opts;
    struct machine machine;
    struct device device;
    struct pool_plan plan;
    struct eal_args args;
    struct eal_log log;
};

/* net_ring gives both ports no address of their own; locally administered ones tell the sides
 * apart. */
static const uint8_t loopback_macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

static void add_note(struct io *io, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
add_note(struct io *io, const char *fmt, ...)
{
    size_t used = strlen(io->note);
    va_list args;

    if (used > 0 && used + 1 < sizeof(io->note))
        used += (size_t)snprintf(io->note + used, sizeof(io->note) - used, "; ");
    va_start(args, fmt);
    vsnprintf(io->note + used, sizeof(io->note) - used, fmt, args);
    va_end(args);
}

/* Count queues and workers and see that there may be so many. */
static int
count_workers(struct io *io, const struct io_setup *o, struct fail *f)
{
    bool is_loopback = o->device.kind == DEVICE_LOOPBACK;
    unsigned most = is_loopback ? LOOPBACK_QUEUES_MAX : ARRAY_LEN(io->pools);

    if (o->opts->lcores == 0 || o->opts->lcores > most)
        return fail_set(f, EXIT_USAGE, "lcores: %u is out of range for device %s; allowed: 1 to %u",
                        o->opts->lcores, io->device, most);
    io->n_ports = is_loopback ? 2 : 1;
    io->n_queues = o->opts->lcores;
    io->n_workers = io->n_ports * io->n_queues;
    for (unsigned w = 0; w < io->n_workers; w++) { /* as eal_args_build() numbers and places them */
        io->lcores[w] = w + 1;
        io->shares_cpu[w] = w >= o->machine.n_cpus || w + o->machine.n_cpus < io->n_workers;
    }
    if (io->n_workers > o->machine.n_cpus)
        add_note(io, "%u workers share %u CPU%s: figures will be lower than the machine's best",
                 io->n_workers, o->machine.n_cpus, o->machine.n_cpus == 1 ? "" : "s");
    return 0;
}

/* Huge pages where there are enough of them, ordinary ones otherwise. */
static int
plan_memory(struct io *io, struct io_setup *o, struct fail *f)
{
    const struct machine *m = &o->machine;
    struct pool_wants wants = {
        .kind = o->device.kind,
        .n_workers = io->n_workers,
        .buffers = o->opts->mbufs,
        .payload_bytes = o->opts->payload_bytes,
        .copies_payload = o->opts->copies_payload,
        .uses_hugepages = true,
    };

    pool_plan(&o->plan, &wants);
    io->uses_hugepages =
        m->huge_free_bytes >= o->plan.bytes && !eal_args_has(o->opts->eal, "--no-huge");
    if (io->uses_hugepages)
        return 0;
    if (o->device.needs_physical)
        return fail_set(
            f, EXIT_HOST,
            "PCI device %s is bound to a UIO driver, which needs huge pages: %llu MiB are "
            "needed, %llu MiB free. Reserve them with: echo %llu > /proc/sys/vm/nr_hugepages",
            o->device.name, (unsigned long long)(o->plan.bytes >> 20),
            (unsigned long long)(m->huge_free_bytes >> 20),
            (unsigned long long)(o->plan.bytes >> 21) + 1);
    if (m->huge_free_bytes > 0 && m->huge_free_bytes < o->plan.bytes)
        add_note(io, "huge pages are not used: %llu MiB are free, %llu MiB needed",
                 (unsigned long long)(m->huge_free_bytes >> 20),
                 (unsigned long long)(o->plan.bytes >> 20));
    wants.uses_hugepages = false;
    pool_plan(&o->plan, &wants);
    if (m->available_bytes > 0 && m->available_bytes < o->plan.bytes)
        return fail_set(
            f, EXIT_HOST,
            "not enough memory for %llu packet buffers (%llu MiB): %llu MiB are available; use "
            "fewer --lcores, or free memory",
            (unsigned long long)o->plan.buffers * io->n_workers,
            (unsigned long long)(o->plan.bytes >> 20),
            (unsigned long long)(m->available_bytes >> 20));
    return 0;
}

static int
claim_device(struct io *io, const struct io_setup *o, struct fail *f)
{
    const char *name = o->device.kind == DEVICE_PCI ? o->device.name : o->device.iface;

    if (name[0] == '\0')
        return 0;
    io->lock_fd = iface_claim(name, f);
    return io->lock_fd < 0 ? -1 : 0;
}

static int
start_eal(const struct io *io, struct io_setup *o, struct fail *f)
{
    struct eal_args_opts opts = {
        .device = &o->device,
        .cpus = o->machine.cpus,
        .n_cpus = o->machine.n_cpus,
        .n_workers = io->n_workers,
        .from_last_cpu = o->opts->serves,
        .memory_bytes = o->plan.bytes,
        .uses_hugepages = io->uses_hugepages,
        .process_id = (unsigned)getpid(),
        .extra = o->opts->eal,
    };

    if (eal_args_build(&o->args, &opts, f) < 0)
        return -1;
    return eal_start(&o->args, &o->log, f);
}

static int
make_pools(struct io *io, const struct io_setup *o, struct fail *f)
{
    for (unsigned w = 0; w < io->n_workers; w++) {
        int node = rte_eth_dev_socket_id(io->ports[w / io->n_queues].port_id);

        io->pools[w] = pool_make(&o->plan, w, node, f);
        if (io->pools[w] == NULL)
            return -1;
    }
    return 0;
}

/* In one piece for devices too, which read it by IO addresses. */
static int
make_payload(struct io *io, const struct io_setup *o, struct fail *f)
{
    int node = rte_eth_dev_socket_id(io->ports[0].port_id);
    uint32_t bytes = o->opts->payload_bytes;

    if (bytes == 0)
        return 0;
    io->payload_zone = rte_memzone_reserve("payload", bytes, node, RTE_MEMZONE_IOVA_CONTIG);
    if (io->payload_zone == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for %u bytes of payload in one piece: %s",
                        bytes, rte_strerror(rte_errno));
    io->payload = io->payload_zone->addr;
    memset(io->payload, 0, bytes);
    return 0;
}

static int
make_ext_pools(struct io *io, const struct io_setup *o, struct fail *f)
{
    for (unsigned w = 0; w < io->n_workers; w++) {
        const struct io_port_info *port = &io->ports[w / io->n_queues];

        if (!port->tx_multi_seg)
            continue;
        io->ext_pools[w] =
            pool_make_ext(&o->plan, w, rte_eth_dev_socket_id(port->port_id), io->payload_zone, f);
        if (io->ext_pools[w] == NULL)
            return -1;
    }
    return 0;
}

static int
open_handoff(struct io *io, struct fail *f)
{
    if (io->n_queues == 1)
        return 0;
    io->handoff = calloc(io->n_workers, sizeof(*io->handoff));
    if (io->handoff == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for %u workers", io->n_workers);
    for (unsigned p = 0; p < io->n_ports; p++) {
        if (handoff_open(io->handoff + p * io->n_queues, io->n_queues, p, f) < 0)
            return -1;
    }
    return 0;
}

static void
close_handoff(struct io *io)
{
    if (io->handoff != NULL)
        handoff_close(io->handoff, io->n_workers);
    free(io->handoff);
    io->handoff = NULL;
}

/* Ports are closed and hold none of it any more. */
static void
free_pools(struct io *io)
{
    for (unsigned w = 0; w < io->n_workers; w++) {
        rte_mempool_free(io->ext_pools[w]);
        rte_mempool_free(io->pools[w]);
        io->ext_pools[w] = NULL;
        io->pools[w] = NULL;
    }
    if (io->payload_zone != NULL)
        (void)rte_memzone_free(io->payload_zone);
    io->payload_zone = NULL;
    io->payload = NULL;
}

/* The kernel's filter, MTU and losses stand before the driver's. */
static void
adapt_to_iface(struct io *io, bool needs_multicast)
{
    struct iface iface;

    if (iface_find(&iface, io->iface) && iface.mtu < io->ports[0].mtu)
        io->ports[0].mtu = iface.mtu;
    if (needs_multicast)
        io->multicast_fd = iface_join_multicast(io->iface);
    io->sockets = malloc(sizeof(*io->sockets));
    if (io->sockets == NULL)
        return;
    iface_sockets_find(io->sockets, io->iface);
    iface_sockets_widen(io->sockets);
}

static void
describe_loopback(struct io *io, unsigned port, enum device_rss rss_mode)
{
    struct io_port_info *info = &io->ports[port];

    memcpy(info->mac, loopback_macs[port], sizeof(loopback_macs[port]));
    info->has_rss = io->rss_loopback != NULL && rss_mode != DEVICE_RSS_HIDDEN;
    if (info->has_rss)
        rss_loopback_describe(&info->rss, io->n_queues);
}

static int
start_ports(struct io *io, const struct io_setup *o, struct fail *f)
{
    bool is_loopback = o->device.kind == DEVICE_LOOPBACK;

    for (unsigned p = 0; p < io->n_ports; p++) {
        struct port_opts opts = {
            .port_id = io->ports[p].port_id,
            .device = io->device,
            .quirks = o->device.quirks,
            .pools = io->pools + p * io->n_queues,
            .n_queues = io->n_queues,
            .needs_multicast = o->opts->needs_multicast && io->iface[0] == '\0',
            .speaks_v6 = o->opts->needs_multicast,
            .may_offload = !o->opts->no_offload,
            .may_multi_seg = o->opts->payload_bytes > 0,
            .starts_later = o->device.memif.is_memif,
        };

        if (port_start(&io->ports[p], &opts, f) < 0)
            return -1;
        if (o->device.csum_offload && !o->opts->no_offload)
            port_emulate_csum(&io->ports[p]);
        if (is_loopback)
            describe_loopback(io, p, o->device.rss_mode);
    }
    if (io->iface[0] != '\0')
        adapt_to_iface(io, o->opts->needs_multicast);
    if (!o->device.memif.is_memif)
        return 0;
    io->memif_link = memif_link_open(io->ports[0].port_id, &o->device.memif, io->device, f);
    return io->memif_link == NULL ? -1 : 0;
}

static void
close_descriptor(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
close_ports(struct io *io)
{
    close_descriptor(&io->multicast_fd);
    free(io->sockets);
    io->sockets = NULL;
    if (io->memif_link != NULL)
        memif_link_close(io->memif_link);
    for (unsigned p = 0; p < io->n_ports; p++)
        port_close(io->ports[p].port_id);
    rss_loopback_free(io->rss_loopback);
    io->rss_loopback = NULL;
    if (io->memif_link != NULL)
        memif_link_free(io->memif_link);
    io->memif_link = NULL;
    if (strcmp(io->device, "loopback") == 0)
        loopback_close(io->n_queues);
}

static int
find_loopback(struct io *io, enum device_rss rss_mode, struct fail *f)
{
    uint16_t ids[2];

    if (loopback_open(ids, io->n_queues, f) < 0)
        return -1;
    io->ports[0].port_id = ids[0];
    io->ports[1].port_id = ids[1];
    if (io->n_queues == 1)
        return 0;
    io->rss_loopback = rss_loopback_new(io->n_queues, rss_mode, f);
    if (io->rss_loopback != NULL)
        return 0;
    close_ports(io);
    return -1;
}

static int
find_ports(struct io *io, const struct io_setup *o, struct fail *f)
{
    if (o->device.kind == DEVICE_LOOPBACK)
        return find_loopback(io, o->device.rss_mode, f);
    if (rte_eth_dev_get_port_by_name(o->device.name, &io->ports[0].port_id) < 0)
        return fail_set(f, EXIT_HOST, "device %s: DPDK makes no port of it", io->device);
    return 0;
}

/* Everything that needs EAL. */
static int
open_ports(struct io *io, const struct io_setup *o, struct fail *f)
{
    if (find_ports(io, o, f) < 0)
        return -1;
    if (make_pools(io, o, f) < 0 || make_payload(io, o, f) < 0 || start_ports(io, o, f) < 0 ||
        make_ext_pools(io, o, f) < 0 || open_handoff(io, f) < 0) {
        close_handoff(io);
        close_ports(io);
        free_pools(io);
        return -1;
    }
    return 0;
}

int
io_open(struct io *io, const struct io_opts *opts, struct fail *f)
{
    struct io_setup o = {.opts = opts};

    *io = (struct io){.lock_fd = -1, .multicast_fd = -1};
    machine_read(&o.machine, "");
    if (device_parse(&o.device, opts->device, opts->lcores, opts->serves, f) < 0)
        return -1;
    snprintf(io->device, sizeof(io->device), "%s",
             o.device.kind == DEVICE_LOOPBACK ? "loopback" : o.device.name);
    snprintf(io->iface, sizeof(io->iface), "%s", o.device.iface);
    if (count_workers(io, &o, f) < 0 || device_check(&o.device, &o.machine, "", f) < 0 ||
        plan_memory(io, &o, f) < 0 || claim_device(io, &o, f) < 0)
        return -1;
    if (start_eal(io, &o, f) < 0)
        goto unclaim;
    if (open_ports(io, &o, f) < 0)
        goto stop_eal;
    eal_log_close(&o.log);
    return 0;
stop_eal:
    eal_log_explain(&o.log, f);
    eal_stop();
    eal_log_close(&o.log);
unclaim:
    close_descriptor(&io->lock_fd);
    return -1;
}

static bool
has_link(const struct io *io, unsigned port)
{
    struct rte_eth_link link = {0};
    struct iface iface;

    if (io->memif_link != NULL) {
        (void)memif_link_poll(io->memif_link);
        return memif_link_is_up(io->memif_link);
    }
    if (rte_eth_link_get_nowait(io->ports[port].port_id, &link) < 0 || !link.link_status)
        return false;
    /* af_packet calls its link up as soon as it is started. */
    return io->iface[0] == '\0' || (iface_find(&iface, io->iface) && iface.is_running);
}

bool
io_awaits_peer(const struct io *io)
{
    return io->memif_link != NULL && !io->memif_link->memif.is_server;
}

static int
fail_link(const struct io *io, struct fail *f)
{
    if (io->memif_link != NULL)
        return memif_link_explain(io->memif_link, io->device, f);
    return fail_set(f, EXIT_HOST,
                    "device %s: no link; check the cable, and that the other end is up",
                    io->device);
}

int
io_wait_link(const struct io *io, unsigned timeout_ms, struct fail *f)
{
    const struct timespec pause = {.tv_nsec = LINK_POLL_MS * NS_PER_MS};
    unsigned waited_ms = 0;

    if (io->memif_link != NULL && io->memif_link->memif.is_server)
        return 0;
    for (unsigned p = 0; p < io->n_ports; p++) {
        for (; !has_link(io, p); waited_ms += LINK_POLL_MS) {
            if (waited_ms >= timeout_ms)
                return fail_link(io, f);
            nanosleep(&pause, NULL);
        }
    }
    return 0;
}

void
io_close(struct io *io)
{
    close_handoff(io);
    close_ports(io);
    free_pools(io);
    eal_stop();
    close_descriptor(&io->lock_fd);
    io->n_ports = 0;
    io->n_workers = 0;
}

uint64_t
io_rx_missed(const struct io *io, unsigned port)
{
    struct rte_eth_stats stats;

    assert(port < io->n_ports);

    if (rte_eth_stats_get(io->ports[port].port_id, &stats) < 0)
        return 0;
    return stats.imissed + stats.rx_nombuf +
           (io->sockets != NULL ? iface_sockets_drops(io->sockets) : 0);
}

bool
io_poll_control(const struct io *io)
{
    if (io->sockets != NULL)
        iface_sockets_kick(io->sockets);
    return io->memif_link != NULL && memif_link_poll(io->memif_link);
}
