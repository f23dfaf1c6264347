/* SPDX-License-Identifier: BSD-3-Clause */
/* See io_setup.h. */
#include "io/io_setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
ports_of(const struct device *d)
{
    return d->kind == DEVICE_LOOPBACK ? 2 : 1;
}

/* Count queues and workers and see that there may be so many. */
static int
count_workers(struct io *io, const struct io_setup *s, struct fail *f)
{
    unsigned most = io->is_loopback ? LOOPBACK_QUEUES_MAX : ARRAY_LEN(io->pools);

    if (s->opts->lcores == 0 || s->opts->lcores > most)
        return fail_set(f, EXIT_USAGE, "lcores: %u is out of range for device %s; allowed: 1 to %u",
                        s->opts->lcores, io->device, most);
    io->n_ports = ports_of(&s->device);
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
size_device(struct device *d, const struct io_opts *opts, const struct machine *m)
{
    uint64_t locked_bytes = rlimits_read(m->may_lock).locked_bytes;
    uint64_t bytes = m->available_bytes > 0 ? m->available_bytes / RING_SHARE : UINT64_MAX;
    struct device_wants wants = {
        .n_queues = opts->lcores,
        .frame_bytes = (opts->mtu != 0 ? opts->mtu : RTE_ETHER_MTU) + IO_L2_MAX,
        .takes_long = opts->takes_long,
        .ring_bytes_max = RTE_MIN(bytes, locked_bytes),
    };

    device_size(d, &wants);
}

static struct pool_wants
pool_wants(const struct io_opts *opts, const struct device *d, bool uses_hugepages)
{
    return (struct pool_wants){
        .kind = d->kind,
        .n_workers = ports_of(d) * opts->lcores,
        .buffers = opts->mbufs,
        .payload_bytes = opts->payload_bytes,
        .copies_payload = opts->copies_payload,
        .frame_bytes = d->frame_bytes,
        .uses_hugepages = uses_hugepages,
    };
}

/* What packets take beside the pools. */
static uint64_t
rings_bytes(const struct device *d)
{
    return d->ring_bytes + d->shared_bytes;
}

/* Huge pages where there are enough of them, ordinary ones otherwise. */
static int
plan_memory(struct io *io, struct io_setup *s, struct fail *f)
{
    const struct machine *m = &s->machine;
    struct pool_wants wants = pool_wants(s->opts, &s->device, true);

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
    if (s->device.pci.physical)
        return fail_set(
            f, EXIT_HOST,
            "PCI device %s is bound to a UIO driver, which needs huge pages: %llu MiB are "
            "needed, %llu MiB free. Reserve them with: echo %llu > /proc/sys/vm/nr_hugepages",
            s->device.name, (unsigned long long)(s->pools.bytes >> 20),
            (unsigned long long)(m->huge_free_bytes >> 20),
            (unsigned long long)(machine_huge_used(m, 2 << 20) + (s->pools.bytes >> 21) + 1));
    if (m->huge_free_bytes > 0 && m->huge_free_bytes < s->pools.bytes)
        io_setup_note(io, "huge pages are not used: %llu MiB are free, %llu MiB needed",
                      (unsigned long long)(m->huge_free_bytes >> 20),
                      (unsigned long long)(s->pools.bytes >> 20));
    wants.uses_hugepages = false;
    pool_plan(&s->pools, &wants);
    if (m->available_bytes > 0 && m->available_bytes < s->pools.bytes + rings_bytes(&s->device))
        return fail_set(
            f, EXIT_HOST,
            "not enough memory for %llu packet buffers (%llu MiB): %llu MiB are available; use "
            "fewer --lcores, or free memory",
            (unsigned long long)s->pools.buffers * io->n_workers,
            (unsigned long long)((s->pools.bytes + rings_bytes(&s->device)) >> 20),
            (unsigned long long)(m->available_bytes >> 20));
    return 0;
}

static int
check_limits(const struct io *io, struct io_setup *s, struct fail *f)
{
    struct rlimits limits = rlimits_read(s->machine.may_lock);
    struct rlimits_wants wants;

    s->locked_bytes = s->device.pci.locked ? s->pools.bytes : s->device.ring_bytes;
    wants = (struct rlimits_wants){
        .device = s->device.name,
        .n_workers = io->n_workers,
        .n_queues = io->is_loopback ? 0 : io->n_queues,
        .open_files = rlimits_open_files(),
        .locked_bytes = s->locked_bytes,
        .locked = s->device.pci.locked ? "packet buffers, which VFIO maps for it,"
                                       : "the rings of its sockets",
    };

    return rlimits_check(&limits, &wants, f);
}

uint64_t
io_packet_bytes(const struct io_opts *opts, const struct machine *m)
{
    struct pool_wants wants;
    struct pool_plan pools;
    struct device d;
    struct fail f;

    if (device_parse(&d, opts->device, opts->lcores, opts->serves, &f) < 0)
        return 0;
    size_device(&d, opts, m);
    wants = pool_wants(opts, &d, true);
    pool_plan(&pools, &wants);
    if (m->huge_free_bytes >= pools.bytes && !eal_args_has(opts->eal, "--no-huge"))
        return rings_bytes(&d);
    wants.uses_hugepages = false;
    pool_plan(&pools, &wants);
    return pools.bytes + rings_bytes(&d);
}

static int
claim_device(struct io *io, const struct io_setup *s, struct fail *f)
{
    const char *name = s->device.kind == DEVICE_PCI ? s->device.name : s->device.iface;

    if (name[0] == '\0')
        return 0;
    io->lock_fd = claim_make(name, f);
    return io->lock_fd < 0 ? -1 : 0;
}

static void
name_device(struct io *io, const struct device *d)
{
    io->is_loopback = d->kind == DEVICE_LOOPBACK;
    snprintf(io->device, sizeof(io->device), "%s",
             io->is_loopback ? DEVICE_LOOPBACK_NAME : d->name);
    snprintf(io->iface, sizeof(io->iface), "%s", d->iface);
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
    if (device_parse(&s->device, opts->device, opts->lcores, opts->serves, f) < 0)
        return -1;
    size_device(&s->device, opts, &s->machine);
    s->ops = dev_ops_of(&s->device);
    name_device(io, &s->device);
    io->runs_lacp = s->device.runs_lacp;
    if (io->runs_lacp)
        io_setup_note(io, "%s", io_lacp_needs);
    return 0;
}

int
io_setup_take(struct io_setup *s, struct io *io, enum io_step step, struct fail *f)
{
    switch (step) {
    case IO_STEP_WORKERS:
        return count_workers(io, s, f);
    case IO_STEP_DEVICE:
        return device_check(&s->device, &s->machine, s->root, f);
    case IO_STEP_MTU:
        return device_check_mtu(&s->device, s->opts->mtu, f);
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
    return claim_device(io, s, f);
}
