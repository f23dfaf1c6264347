/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/machine.h"

TestSuite(machine, .init = rig_make_root, .fini = rig_remove_root);

Test(machine, huge_pages_are_listed_by_size_with_what_is_free)
{
    struct machine m;

    rig_file("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "2\n");
    rig_file("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "1\n");
    rig_file("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "256\n");
    rig_file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "200\n");
    machine_read(&m, rig_root);

    cr_assert(eq(uint, m.n_huge, 2));
    cr_assert(eq(u64, m.huge[0].page_bytes, 2u << 20));
    cr_assert(eq(u64, m.huge[0].total_pages, 256));
    cr_assert(eq(u64, m.huge[0].free_pages, 200));
    cr_assert(eq(u64, m.huge[1].page_bytes, 1u << 30));
    cr_assert(eq(u64, m.huge_free_bytes, (UINT64_C(1) << 30) + (UINT64_C(400) << 20)));
}

Test(machine, memory_cpu_and_capabilities_come_from_proc)
{
    struct machine m;

    rig_file("/proc/meminfo", "MemTotal: 2048 kB\nMemAvailable:    1024 kB\n");
    rig_file("/proc/cpuinfo", "processor\t: 0\nmodel name\t: A Fine CPU\nmodel name\t: Another\n");
    rig_file("/proc/self/status", "Name:\tx\nCapEff:\t0000000000002000\n");
    machine_read(&m, rig_root);

    cr_assert(eq(u64, m.available_bytes, 1 << 20));
    cr_assert(eq(str, m.cpu_model, "A Fine CPU"));
    cr_assert(m.has_net_raw); /* bit 13 */
    cr_assert(not(m.has_net_admin));
}

Test(machine, what_cannot_be_read_is_unknown)
{
    struct machine m;

    machine_read(&m, rig_root);

    cr_assert(eq(uint, m.n_huge, 0));
    cr_assert(eq(u64, m.huge_free_bytes, 0));
    cr_assert(eq(u64, m.available_bytes, 0));
    cr_assert(eq(str, m.cpu_model, "unknown"));
    cr_assert(not(m.has_net_raw));
}

Test(machine, only_cpus_this_process_may_use_are_listed)
{
    struct machine all, one;
    cpu_set_t set;

    machine_read(&all, "");
    cr_assert(lt(uint, 0, all.n_cpus));
    CPU_ZERO(&set);
    CPU_SET(all.cpus[all.n_cpus - 1], &set);
    cr_assert(eq(int, sched_setaffinity(0, sizeof(set), &set), 0));
    machine_read(&one, "");

    cr_assert(eq(uint, one.n_cpus, 1));
    cr_assert(eq(uint, one.cpus[0], all.cpus[all.n_cpus - 1]));
    cr_assert(lt(u64, 0, all.available_bytes));
    cr_assert(ne(str, all.kernel, ""));
}
