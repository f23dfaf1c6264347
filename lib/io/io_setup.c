/* SPDX-License-Identifier: BSD-3-Clause */
/* See io_setup.h. */
#include "io/io_setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/device_name.h"
#include "base/units.h"
#include "io/claim.h"
#include "io/eal_args.h"
#include "io/iface.h"
#include "io/loopback.h"
#include "io/queue.h"
#include "io/rlimits.h"

void
io_setup_note(struct io *io, const char *fmt, ...)
{
    size_t used = strlen(io->note);
    va_list args;

    if (used > 0 && used + 1 < sizeof(io->note))
        used += (size_t)snprintf(io->note + used, sizeof(io->note) - used, "; ");
    va_start(args, fmt);
    vsnprintf(io->note + used, sizeof(io->note) - used, fmt, args);
    va_end(args);
}

static unsigned
ports_of(const struct io_setup *s)
{
    return s->devices[0].kind == DEVICE_LOOPBACK ? 2 : s->n_devices;
}

/* Count queues and workers and see that there may be so many. */
static int
count_workers(struct io *io, const struct io_setup *s, struct fail *f)
{
    unsigned most = io->is_loopback ? LOOPBACK_QUEUES_MAX : ARRAY_LEN(io->pools) / ports_of(s);

    if (s->opts->lcores == 0 || s->opts->lcores > most)
        return fail_set(f, EXIT_USAGE, "lcores: %u is out of range for device %s; allowed: 1 to %u",
                        s->opts->lcores, io->devices[0].name, most);
    io->n_ports = ports_of(s);
    io->n_queues = s->opts->lcores;
    io->n_workers = io->n_ports * io->n_queues;
    for (unsigned w = 0; w < io->n_workers; w++) { /* as eal_args_build() numbers and places them */
        io->lcores[w] = w + 1;
        io->shares_cpu[w] = w >= s->machine.n_cpus || w + s->machine.n_cpus < io->n_workers;
    }
    if (io->n_workers > s->machine.n_cpus)
        io_setup_note(io,
                      "%u workers share %u CPU%s: figures will be lower than the machine's best",
                      io->n_workers, s->machine.n_cpus, s->machine.n_cpus == 1 ? "" : "s");
    return 0;
}

/* Rings of packet sockets are memory of the kernel's, which nothing can swap out. */
static const uint64_t RING_SHARE = 16; /* one in so many bytes that are available */

static void
size_device(struct device *d, const struct io_opts *opts, unsigned n_devices,
            const struct machine *m)
{
    uint64_t locked_bytes = rlimits_read(m->may_lock).locked_bytes;
    uint64_t bytes = m->available_bytes > 0 ? m->available_bytes / RING_SHARE : UINT64_MAX;
    struct device_wants wants = {
        .n_queues = opts->lcores,
        .frame_bytes = (opts->mtu != 0 ? opts->mtu : RTE_ETHER_MTU) + IO_L2_MAX,
        .takes_long = opts->takes_long,
        .ring_bytes_max = RTE_MIN(bytes, locked_bytes) / n_devices,
    };

    device_size(d, &wants);
}

/* EAL finds them by their names, and two memifs are told apart by their sockets (io/memif_link.h).
 */
static int
check_pair(const struct io_setup *s, struct fail *f)
{
    const struct device *a = &s->devices[0], *b = &s->devices[1];

    for (unsigned i = 0; i < s->n_devices; i++)
        if (s->devices[i].kind == DEVICE_LOOPBACK)
            return fail_set(f, EXIT_USAGE,
                            "ports: device 'loopback' is both sides already; leave ports out, or "
                            "give each its own device");
    if (strcmp(a->name, b->name) == 0 || (a->iface[0] != '\0' && strcmp(a->iface, b->iface) == 0))
        return fail_set(f, EXIT_USAGE,
                        "ports: both are device %s; each is another, with a name of its own, e.g. "
                        "net_af_packet0,iface=A and net_af_packet1,iface=B",
                        strcmp(a->name, b->name) == 0 ? a->name : a->iface);
    if (a->memif.is_memif && b->memif.is_memif &&
        (a->memif.socket[0] == '\0' || b->memif.socket[0] == '\0' ||
         strcmp(a->memif.socket, b->memif.socket) == 0))
        return fail_set(f, EXIT_USAGE,
                        "ports: of two memifs each has a socket of its own, with a path, e.g. "
                        "net_memif0,role=client,socket-abstract=no,socket=/run/a.sock and "
                        "net_memif1,role=client,socket-abstract=no,socket=/run/b.sock");
    return 0;
}

static int
parse_devices(struct io_setup *s, const struct machine *m, struct fail *f)
{
    const struct io_opts *o = s->opts;

    s->n_devices = o->server_device != NULL ? 2 : 1;
    for (unsigned i = 0; i < s->n_devices; i++) {
        if (device_parse(&s->devices[i], i == 0 ? o->device : o->server_device, o->lcores,
                         i > 0 || o->serves, f) < 0)
            return -1;
        size_device(&s->devices[i], o, s->n_devices, m);
    }
    return s->n_devices > 1 ? check_pair(s, f) : 0;
}

/* Every device's frames fit every buffer. */
static struct pool_wants
pool_wants(const struct io_setup *s, bool uses_hugepages)
{
    struct pool_wants wants = {
        .kind = s->devices[0].kind,
        .n_workers = ports_of(s) * s->opts->lcores,
        .buffers = s->opts->mbufs,
        .payload_bytes = s->opts->payload_bytes,
        .copies_payload = s->opts->copies_payload,
        .uses_hugepages = uses_hugepages,
    };

    for (unsigned i = 0; i < s->n_devices; i++)
        wants.frame_bytes = RTE_MAX(wants.frame_bytes, s->devices[i].frame_bytes);
    return wants;
}

/* What packets take beside the pools. */
static uint64_t
rings_bytes(const struct io_setup *s)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < s->n_devices; i++)
        bytes += s->devices[i].ring_bytes + s->devices[i].shared_bytes;
    return bytes;
}

/* What a UIO driver or VFIO needs of memory, of whichever device needs it; NULL: none does. */
static const struct device *
find_device(const struct io_setup *s, bool (*is)(const struct device *d))
{
    for (unsigned i = 0; i < s->n_devices; i++)
        if (is(&s->devices[i]))
            return &s->devices[i];
    return NULL;
}

static bool
is_physical(const struct device *d)
{
    return d->pci.physical;
}

static bool
is_locked(const struct device *d)
{
    return d->pci.locked;
}

/* Huge pages where there are enough of them, ordinary ones otherwise. */
static int
plan_memory(struct io *io, struct io_setup *s, struct fail *f)
{
    const struct machine *m = &s->machine;
    const struct device *physical = find_device(s, is_physical);
    struct pool_wants wants = pool_wants(s, true);

    pool_plan(&s->pools, &wants);
    s->huge_bytes = s->pools.bytes;
    if (s->opts->is_shared && m->huge_free_bytes < s->pools.bytes)
        return fail_set(
            f, EXIT_HOST,
            "--eal-shared: other processes can share memory on huge pages only: %llu MiB are "
            "needed, %llu MiB free. Reserve them with: echo %llu > /proc/sys/vm/nr_hugepages",
            (unsigned long long)(s->pools.bytes >> 20),
            (unsigned long long)(m->huge_free_bytes >> 20),
            (unsigned long long)(machine_huge_used(m, 2 << 20) + (s->pools.bytes >> 21) + 1));
    io->uses_hugepages =
        m->huge_free_bytes >= s->pools.bytes && !eal_args_has(s->opts->eal, "--no-huge");
    if (io->uses_hugepages)
        return 0;
    if (physical != NULL)
        return fail_set(
            f, EXIT_HOST,
            "PCI device %s is bound to a UIO driver, which needs huge pages: %llu MiB are "
            "needed, %llu MiB free. Reserve them with: echo %llu > /proc/sys/vm/nr_hugepages",
            physical->name, (unsigned long long)(s->pools.bytes >> 20),
            (unsigned long long)(m->huge_free_bytes >> 20),
            (unsigned long long)(machine_huge_used(m, 2 << 20) + (s->pools.bytes >> 21) + 1));
    if (m->huge_free_bytes > 0 && m->huge_free_bytes < s->pools.bytes)
        io_setup_note(io, "huge pages are not used: %llu MiB are free, %llu MiB needed",
                      (unsigned long long)(m->huge_free_bytes >> 20),
                      (unsigned long long)(s->pools.bytes >> 20));
    wants.uses_hugepages = false;
    pool_plan(&s->pools, &wants);
    if (m->available_bytes > 0 && m->available_bytes < s->pools.bytes + rings_bytes(s))
        return fail_set(
            f, EXIT_HOST,
            "not enough memory for %llu packet buffers (%llu MiB): %llu MiB are available; use "
            "fewer --lcores, or free memory",
            (unsigned long long)s->pools.buffers * io->n_workers,
            (unsigned long long)((s->pools.bytes + rings_bytes(s)) >> 20),
            (unsigned long long)(m->available_bytes >> 20));
    return 0;
}

static int
check_limits(const struct io *io, struct io_setup *s, struct fail *f)
{
    struct rlimits limits = rlimits_read(s->machine.may_lock);
    const struct device *locked = find_device(s, is_locked);
    struct rlimits_wants wants;

    s->locked_bytes = locked != NULL ? s->pools.bytes : 0;
    for (unsigned i = 0; locked == NULL && i < s->n_devices; i++)
        s->locked_bytes += s->devices[i].ring_bytes;
    wants = (struct rlimits_wants){
        .device = locked != NULL ? locked->name : s->devices[0].name,
        .n_workers = io->n_workers,
        .n_queues = io->is_loopback ? 0 : io->n_ports * io->n_queues,
        .open_files = rlimits_open_files(),
        .locked_bytes = s->locked_bytes,
        .locked =
            locked != NULL ? "packet buffers, which VFIO maps for it," : "the rings of its sockets",
    };

    return rlimits_check(&limits, &wants, f);
}

uint64_t
io_packet_bytes(const struct io_opts *opts, const struct machine *m)
{
    struct io_setup s = {.opts = opts};
    struct pool_wants wants;
    struct fail f;

    if (parse_devices(&s, m, &f) < 0)
        return 0;
    wants = pool_wants(&s, true);
    pool_plan(&s.pools, &wants);
    if (m->huge_free_bytes >= s.pools.bytes && !eal_args_has(opts->eal, "--no-huge"))
        return rings_bytes(&s);
    wants.uses_hugepages = false;
    pool_plan(&s.pools, &wants);
    return s.pools.bytes + rings_bytes(&s);
}

static int
claim_device(struct io_device *io, const struct device *d, struct fail *f)
{
    const char *name = d->kind == DEVICE_PCI ? d->name : d->iface;

    if (name[0] == '\0')
        return 0;
    io->lock_fd = claim_make(name, f);
    return io->lock_fd < 0 ? -1 : 0;
}

static void
name_device(struct io_device *io, const struct device *d)
{
    *io = (struct io_device){
        .ops = dev_ops_of(d), .lock_fd = -1, .multicast_fd = -1, .promiscuous_fd = -1};
    snprintf(io->name, sizeof(io->name), "%s",
             d->kind == DEVICE_LOOPBACK ? DEVICE_LOOPBACK_NAME : d->name);
    snprintf(io->iface, sizeof(io->iface), "%s", d->iface);
    snprintf(io->socket, sizeof(io->socket), "%s",
             d->memif.is_server ? d->memif.socket : d->socket);
    io->closes_as_root = d->closes_as_root;
    io->runs_lacp = d->runs_lacp;
}

const char io_lacp_needs[] =
    "in bonding mode 4 nothing passes until the ports at the other end are an LACP group too "
    "(802.3ad), and every member takes what is for groups (01:80:c2:00:00:02), as af_packet's "
    "driver does not";

int
io_setup_begin(struct io_setup *s, struct io *io, const struct io_opts *opts, const char *root,
               struct fail *f)
{
    s->opts = opts;
    s->root = root;
    machine_read(&s->machine, root);
    if (parse_devices(s, &s->machine, f) < 0)
        return -1;
    io->n_devices = s->n_devices;
    io->is_loopback = s->devices[0].kind == DEVICE_LOOPBACK;
    for (unsigned i = 0; i < s->n_devices; i++) {
        name_device(&io->devices[i], &s->devices[i]);
        io->devices[i].port = i;
        if (io->devices[i].runs_lacp)
            io_setup_note(io, "%s", io_lacp_needs);
    }
    return 0;
}

static int
check_devices(struct io_setup *s, struct fail *f)
{
    for (unsigned i = 0; i < s->n_devices; i++)
        if (device_check(&s->devices[i], &s->machine, s->root, f) < 0)
            return -1;
    return 0;
}

static int
check_mtu(const struct io_setup *s, struct fail *f)
{
    for (unsigned i = 0; i < s->n_devices; i++)
        if (device_check_mtu(&s->devices[i], s->opts->mtu, f) < 0)
            return -1;
    return 0;
}

int
io_setup_take(struct io_setup *s, struct io *io, enum io_step step, struct fail *f)
{
    switch (step) {
    case IO_STEP_WORKERS:
        return count_workers(io, s, f);
    case IO_STEP_DEVICE:
        return check_devices(s, f);
    case IO_STEP_MTU:
        return check_mtu(s, f);
    case IO_STEP_MEMORY:
        return plan_memory(io, s, f);
    case IO_STEP_LIMITS:
        return check_limits(io, s, f);
    case IO_STEPS:
        break;
    }
    return 0;
}

int
io_setup_plan(struct io_setup *s, struct io *io, const struct io_opts *opts, struct fail *f)
{
    if (io_setup_begin(s, io, opts, "", f) < 0)
        return -1;
    for (enum io_step step = 0; step < IO_STEPS; step++) {
        if (io_setup_take(s, io, step, f) < 0)
            return -1;
    }
    for (unsigned i = 0; i < s->n_devices; i++) {
        if (claim_device(&io->devices[i], &s->devices[i], f) < 0) {
            io_setup_unclaim(io);
            return -1;
        }
    }
    return 0;
}

void
io_setup_unclaim(struct io *io)
{
    for (unsigned i = 0; i < io->n_devices; i++) {
        if (io->devices[i].lock_fd >= 0)
            close(io->devices[i].lock_fd);
        io->devices[i].lock_fd = -1;
    }
}
