/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of io/doctor.h about CPUs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/doctor_rows.h"
#include "io/eal_args.h"
#include "io/sysfs.h"

enum { LIST_BYTES = 256 };

void
doctor_worker_cpus(struct sysfs_cpus *c, const struct doctor_host *h)
{
    const struct machine *m = &h->setup->machine;
    struct eal_args_opts opts = {
        .cpus = m->cpus, .n_cpus = m->n_cpus, .from_last_cpu = h->setup->opts->serves};

    *c = (struct sysfs_cpus){0};
    for (unsigned w = 0; w < h->io->n_workers; w++)
        sysfs_cpus_add(c, eal_args_cpu(&opts, w));
}

void
doctor_look_cpus(const struct doctor_host *h, struct doctor_row *r)
{
    unsigned workers = h->io->n_workers, cpus = h->setup->machine.n_cpus;

    if (workers <= cpus) {
        doctor_say(r, DOCTOR_OK, "%u for %u worker%s", cpus, workers, workers == 1 ? "" : "s");
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "%u workers share %u CPU%s: figures will be lower than the machine's best", workers,
               cpus, cpus == 1 ? "" : "s");
    if (h->io->n_queues > 1)
        doctor_mend(r, "shakedown run --lcores %u",
                    cpus / h->io->n_ports > 0 ? cpus / h->io->n_ports : 1);
}

/* Whether all of @some are in @all. */
static bool
contains(const struct sysfs_cpus *all, const struct sysfs_cpus *some)
{
    for (unsigned i = 0; i < SYSFS_CPUS_MAX; i++)
        if (some->has[i] && !all->has[i])
            return false;
    return true;
}

/* An isolated CPU is in no process's set until somebody asks for it, so it has to be asked for. CPU
 * 0 stays with the kernel. */
void
doctor_look_cpu_isolation(const struct doctor_host *h, struct doctor_row *r)
{
    struct sysfs_cpus isolated, workers;
    char list[LIST_BYTES], on[LIST_BYTES];

    doctor_worker_cpus(&workers, h);
    sysfs_cpus_format(&workers, on, sizeof(on));
    sysfs_line(list, sizeof(list), h->setup->root, "/sys/devices/system/cpu/isolated");
    sysfs_cpus_parse(&isolated, list);
    if (contains(&isolated, &workers)) {
        doctor_say(r, DOCTOR_OK, "CPU %s", on);
        return;
    }
    if (isolated.n > 0) {
        doctor_say(r, DOCTOR_WARNING, "CPU %s is isolated, but the workers would run on CPU %s",
                   list, on);
        doctor_mend(r, "taskset -c %s shakedown run", list);
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "none: the kernel may run other programs on CPU %s, the workers', and each time "
               "packets wait",
               on);
    workers.n -= workers.has[0];
    workers.has[0] = false;
    if (workers.n > 0)
        doctor_mend(r,
                    "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&isolcpus=%s /' /etc/default/grub && "
                    "update-grub && reboot",
                    sysfs_cpus_format(&workers, on, sizeof(on)));
}

void
doctor_look_cpu_frequency(const struct doctor_host *h, struct doctor_row *r)
{
    struct sysfs_cpus workers, slow = {0};
    char governor[64], other[64] = "", list[LIST_BYTES];
    unsigned known = 0;

    doctor_worker_cpus(&workers, h);
    for (unsigned cpu = 0; cpu < SYSFS_CPUS_MAX; cpu++) {
        if (!workers.has[cpu] ||
            !sysfs_line(governor, sizeof(governor), h->setup->root,
                        "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu))
            continue;
        known++;
        if (strcmp(governor, "performance") == 0)
            continue;
        sysfs_cpus_add(&slow, cpu);
        strcpy(other, governor);
    }
    if (slow.n == 0) {
        doctor_say(r, DOCTOR_OK, "%s",
                   known > 0 ? "governor \"performance\"" : "the kernel does not change it");
        return;
    }
    doctor_say(r, DOCTOR_WARNING, "governor \"%s\" on CPU %s, which makes the first packets late",
               other, sysfs_cpus_format(&slow, list, sizeof(list)));
    doctor_mend(r, "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
}

void
doctor_look_numa(const struct doctor_host *h, struct doctor_row *r)
{
    const struct device *d = &h->setup->devices[0];
    const char *root = h->setup->root;
    unsigned nodes = sysfs_count(root, "/sys/devices/system/node", "node");
    struct sysfs_cpus workers, near;
    char text[64], list[LIST_BYTES], on[LIST_BYTES];
    int node;

    if (nodes <= 1 || d->kind != DEVICE_PCI) {
        doctor_say(r, DOCTOR_OK, "%u node%s", nodes > 0 ? nodes : 1, nodes > 1 ? "s" : "");
        return;
    }
    node = sysfs_line(text, sizeof(text), root, "/sys/bus/pci/devices/%s/numa_node", d->name)
               ? atoi(text)
               : -1;
    if (node < 0) {
        doctor_say(r, DOCTOR_OK, "%u nodes; the device's is not known", nodes);
        return;
    }
    sysfs_line(list, sizeof(list), root, "/sys/devices/system/node/node%d/cpulist", node);
    sysfs_cpus_parse(&near, list);
    doctor_worker_cpus(&workers, h);
    if (contains(&near, &workers)) {
        doctor_say(r, DOCTOR_OK, "the device and all workers are on node %d", node);
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "the device is on node %d, whose CPUs are %s, but the workers would run on CPU %s",
               node, list, sysfs_cpus_format(&workers, on, sizeof(on)));
    doctor_mend(r, "taskset -c %s shakedown run", list);
}
