/* SPDX-License-Identifier: BSD-3-Clause */
/* See io.h. The steps of opening and closing, the same for all devices; what differs is in dev.h.
 */
#include "io/io.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "io/eal.h"
#include "io/eal_args.h"
#include "io/handoff.h"
#include "io/io_setup.h"
#include "io/memory.h"
#include "io/peer_socket.h"
#include "io/port.h"

static const unsigned LINK_POLL_MS = 10;

static int
start_eal(struct io *io, const struct io_setup *s, struct eal_args *args, struct fail *f)
{
    struct eal_args_opts opts = {
        .devices = s->devices,
        .n_devices = s->n_devices,
        .cpus = s->machine.cpus,
        .n_cpus = s->machine.n_cpus,
        .n_workers = io->n_workers,
        .from_last_cpu = s->opts->serves,
        .memory_bytes = s->pools.bytes,
        .uses_hugepages = io->uses_hugepages,
        .is_shared = s->opts->is_shared,
        .process_id = (unsigned)getpid(),
        .extra = s->opts->eal,
    };

    if (eal_args_build(args, &opts, f) < 0)
        return -1;
    for (unsigned i = 0; i < s->n_devices; i++)
        if (s->devices[i].socket[0] != '\0')
            traces_expect_socket(&io->traces, s->devices[i].socket);
    /* Whoever asks for more of DPDK's lines wants to see them. */
    if (eal_log_open(&io->log, &io->traces, args->has_log_level, f) < 0)
        return -1;
    if (eal_start(args, &io->log, &io->traces, f) < 0) {
        eal_log_close(&io->log);
        return -1;
    }
    if (args->is_shared)
        io_setup_note(io,
                      "other DPDK processes see this one by --file-prefix=%s, e.g. dpdk-proc-info "
                      "--file-prefix=%s -- --stats",
                      eal_file_prefix(), eal_file_prefix());
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

static int
start_port(struct io *io, unsigned p, const struct io_setup *s, struct fail *f)
{
    unsigned n = io_device_of(io, p);
    const struct device *d = &s->devices[n];
    const struct dev_ops *ops = io->devices[n].ops;
    struct port_opts opts = {
        .port_id = io->ports[p].port_id,
        .device = io->devices[n].name,
        .quirks = d->quirks,
        .pools = io->pools + p * io->n_queues,
        .n_queues = io->n_queues,
        .needs_multicast = s->opts->needs_multicast && !ops->filters_in_kernel,
        .speaks_v6 = s->opts->needs_multicast,
        .may_offload = !s->opts->no_offload,
        .may_multi_seg = s->opts->payload_bytes > 0,
        .starts_later = ops->starts_later,
        .filters = d->kind == DEVICE_PCI,
        .vlans = &s->opts->vlans,
        .mtu = s->opts->mtu,
    };

    if (s->opts->mac_is_asked || d->makes_mac)
        opts.mac = n == 0 ? s->opts->mac : s->opts->server_mac;
    return port_start(&io->ports[p], &opts, f);
}

static int
start_ports(struct io *io, const struct io_setup *s, struct fail *f)
{
    for (unsigned p = 0; p < io->n_ports; p++)
        if (start_port(io, p, s, f) < 0)
            return -1;
    for (unsigned n = 0; n < io->n_devices; n++)
        if (io->devices[n].ops->start != NULL && io->devices[n].ops->start(io, n, s, f) < 0)
            return -1;
    return 0;
}

static void
close_ports(struct io *io)
{
    for (unsigned n = 0; n < io->n_devices; n++)
        if (io->devices[n].ops->stop != NULL)
            io->devices[n].ops->stop(io, n);
    for (unsigned p = 0; p < io->n_ports; p++)
        port_close(io->ports[p].port_id);
    for (unsigned n = 0; n < io->n_devices; n++)
        if (io->devices[n].ops->release != NULL)
            io->devices[n].ops->release(io, n);
}

static int
find_ports(struct io *io, const struct io_setup *s, struct fail *f)
{
    for (unsigned n = 0; n < io->n_devices; n++) {
        if (io->devices[n].ops->find(io, n, s, f) == 0)
            continue;
        while (n-- > 0)
            port_close(io->ports[io->devices[n].port].port_id);
        return -1;
    }
    return 0;
}

/* Everything that needs EAL. */
static int
open_ports(struct io *io, const struct io_setup *s, struct fail *f)
{
    if (find_ports(io, s, f) < 0)
        return -1;
    if (memory_open(io, s, f) < 0 || start_ports(io, s, f) < 0 || memory_open_ext(io, s, f) < 0 ||
        open_handoff(io, f) < 0) {
        close_handoff(io);
        close_ports(io);
        memory_close(io);
        return -1;
    }
    return 0;
}

static void
end_eal(const struct io *io)
{
    for (unsigned n = 0; n < io->n_devices; n++)
        if (io->devices[n].ops->leaves_handlers)
            return;
    eal_stop(traces_are_shared(&io->traces));
}

/* What is true of all. */
static void
sum_devices(struct io *io)
{
    io->loses_nothing = io->counts_sent = true;
    for (unsigned n = 0; n < io->n_devices; n++) {
        io->loses_nothing &= io->devices[n].ops->loses_nothing;
        io->counts_sent &= !io->devices[n].ops->counts_none_sent;
    }
}

int
io_open(struct io *io, const struct io_opts *opts, struct fail *f)
{
    struct io_setup s = {0};
    struct eal_args args; /* EAL keeps what it points to */

    *io = (struct io){.n_devices = 0};
    for (unsigned n = 0; n < IO_DEVICES_MAX; n++)
        io->devices[n].lock_fd = -1;
    if (io_setup_plan(&s, io, opts, f) < 0)
        return -1;
    sum_devices(io);
    if (start_eal(io, &s, &args, f) < 0)
        goto unclaim;
    if (open_ports(io, &s, f) < 0)
        goto stop_eal;
    eal_log_poll(&io->log);
    return 0;
stop_eal:
    eal_log_explain(&io->log, f);
    end_eal(io);
    traces_remove(&io->traces);
    eal_log_close(&io->log);
unclaim:
    io_setup_unclaim(io);
    return -1;
}

void
io_abandon(const struct io *io)
{
    traces_remove(&io->traces);
}

static void
pause_ms(unsigned ms)
{
    const struct timespec pause = {.tv_nsec = ms * (long)NS_PER_MS};

    nanosleep(&pause, NULL);
}

static int
wait_server(const char *device, const struct io_opts *opts, unsigned timeout_ms, struct fail *f)
{
    struct device d;
    struct fail ignored;

    if (device_parse(&d, device, opts->lcores, opts->serves, &ignored) < 0 ||
        d.peer_socket[0] == '\0')
        return 0; /* io_open() says what is wrong */
    for (unsigned waited_ms = 0; !peer_socket_is_served(d.peer_socket); waited_ms += LINK_POLL_MS) {
        if (waited_ms >= timeout_ms)
            return fail_set(f, EXIT_HOST,
                            "device %s: no process serves %s yet; start it there, for instance "
                            "shakedown serve --device net_vhost0,iface=%s --local 198.19.0.1/15",
                            d.name, d.peer_socket, d.peer_socket);
        pause_ms(LINK_POLL_MS);
    }
    return 0;
}

int
io_wait_server(const struct io_opts *opts, unsigned timeout_ms, struct fail *f)
{
    if (wait_server(opts->device, opts, timeout_ms, f) < 0)
        return -1;
    return opts->server_device != NULL ? wait_server(opts->server_device, opts, timeout_ms, f) : 0;
}

static enum dev_peer
peer_of(const struct io *io, unsigned n)
{
    return io->devices[n].ops->peer != NULL ? io->devices[n].ops->peer(io, n) : DEV_PEER_NONE;
}

bool
io_awaits_peer(const struct io *io)
{
    for (unsigned n = 0; n < io->n_devices; n++)
        if (peer_of(io, n) == DEV_PEER_AWAITED)
            return true;
    return false;
}

static bool
has_link(const struct io *io, unsigned n)
{
    const struct dev_ops *ops = io->devices[n].ops;

    return ops->has_link != NULL ? ops->has_link(io, n) : dev_ethdev_has_link(io, n);
}

bool
io_has_link(const struct io *io)
{
    for (unsigned n = 0; n < io->n_devices; n++)
        if (!has_link(io, n))
            return false;
    return true;
}

enum io_link
io_link_state(const struct io *io, unsigned device)
{
    const struct dev_ops *ops = io->devices[device].ops;

    if (peer_of(io, device) != DEV_PEER_NONE || has_link(io, device))
        return IO_LINK_UP;
    return ops->is_gone != NULL && ops->is_gone(io, device) ? IO_LINK_GONE : IO_LINK_DOWN;
}

static int
fail_link(struct io *io, unsigned n, struct fail *f)
{
    const struct io_device *d = &io->devices[n];

    if (d->ops->explain_link != NULL)
        (void)d->ops->explain_link(io, n, f);
    else
        (void)fail_set(f, EXIT_HOST,
                       "device %s: no link; check the cable, and that the other end is up%s%s",
                       d->name, d->runs_lacp ? "; " : "", d->runs_lacp ? io_lacp_needs : "");
    eal_log_explain(&io->log, f);
    return -1;
}

int
io_wait_link(struct io *io, unsigned timeout_ms, struct fail *f)
{
    unsigned waited_ms = 0;

    for (unsigned n = 0; n < io->n_devices; n++) {
        if (peer_of(io, n) == DEV_PEER_OPTIONAL)
            continue;
        for (; !has_link(io, n); waited_ms += LINK_POLL_MS) {
            if (waited_ms >= timeout_ms)
                return fail_link(io, n, f);
            (void)io_poll_control(io);
            pause_ms(LINK_POLL_MS);
        }
    }
    return 0;
}

uint64_t
io_driver_lines(struct io *io, const char **first)
{
    eal_log_poll(&io->log);
    *first = io->log.first;
    return eal_log_lines(&io->log);
}

void
io_explain(struct io *io, struct fail *f)
{
    eal_log_explain(&io->log, f);
}

void
io_close(struct io *io)
{
    close_handoff(io);
    close_ports(io);
    memory_close(io);
    end_eal(io);
    eal_log_close(&io->log);
    traces_remove(&io->traces);
    io_setup_unclaim(io);
    io->n_ports = 0;
    io->n_workers = 0;
}

uint64_t
io_rx_missed(const struct io *io, unsigned port)
{
    unsigned n = io_device_of(io, port);
    const struct dev_ops *ops = io->devices[n].ops;
    struct rte_eth_stats stats;

    assert(port < io->n_ports);

    if (rte_eth_stats_get(io->ports[port].port_id, &stats) < 0)
        return 0;
    return stats.imissed + stats.rx_nombuf + (ops->rx_missed != NULL ? ops->rx_missed(io, n) : 0);
}

uint64_t
io_sent(const struct io *io)
{
    struct rte_eth_stats stats = {0};

    (void)rte_eth_stats_get(io->ports[0].port_id, &stats); /* it counts nothing then */
    return stats.opackets;
}

bool
io_poll_control(struct io *io)
{
    bool has_gone = false;

    eal_log_poll(&io->log);
    for (unsigned n = 0; n < io->n_devices; n++)
        has_gone |= io->devices[n].ops->poll != NULL && io->devices[n].ops->poll(io, n);
    return has_gone;
}
