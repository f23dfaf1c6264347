/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/cgroup.h"
#include "io/machine.h"

TestSuite(cgroup, .init = rig_make_root, .fini = rig_remove_root);

static const char NO_LIMIT_V1[] = "9223372036854771712\n";

Test(cgroup, without_a_limit_there_is_none)
{
    cr_assert(eq(u64, cgroup_available_bytes(rig_root), UINT64_MAX));
    rig_file("/proc/self/cgroup", "9:name=systemd:/\n4:memory:/a\n0::/\n");
    rig_file("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", NO_LIMIT_V1);
    rig_file("/sys/fs/cgroup/memory/memory.limit_in_bytes", NO_LIMIT_V1);
    cr_assert(eq(u64, cgroup_available_bytes(rig_root), UINT64_MAX));
    rig_file("/sys/fs/cgroup/memory.max", "max\n");
    cr_assert(eq(u64, cgroup_available_bytes(rig_root), UINT64_MAX));
}

Test(cgroup, version_1_leaves_the_limit_less_what_cannot_be_dropped)
{
    rig_file("/proc/self/cgroup", "5:cpu,cpuacct:/\n4:hugetlb,memory:/a/b\n");
    rig_file("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "1000000\n");
    rig_file("/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", "300000\n");
    rig_file("/sys/fs/cgroup/memory/a/b/memory.stat",
             "cache 9\ninactive_file 5\ntotal_inactive_file 100000\n");

    cr_assert(eq(u64, cgroup_available_bytes(rig_root), 800000));
}

Test(cgroup, version_2_does_so_too_and_a_high_mark_is_a_limit)
{
    rig_file("/proc/self/cgroup", "0::/a\n");
    rig_file("/sys/fs/cgroup/a/memory.max", "1000000\n");
    rig_file("/sys/fs/cgroup/a/memory.high", "600000\n");
    rig_file("/sys/fs/cgroup/a/memory.current", "300000\n");
    rig_file("/sys/fs/cgroup/a/memory.stat", "anon 200000\ninactive_file 50000\n");

    cr_assert(eq(u64, cgroup_available_bytes(rig_root), 350000));
}

Test(cgroup, the_tightest_of_the_groups_above_counts)
{
    rig_file("/proc/self/cgroup", "0::/a/b/c\n");
    rig_file("/sys/fs/cgroup/a/b/c/memory.max", "max\n");
    rig_file("/sys/fs/cgroup/a/b/memory.max", "900000\n");
    rig_file("/sys/fs/cgroup/a/memory.max", "500000\n");
    rig_file("/sys/fs/cgroup/a/memory.current", "500001\n");

    cr_assert(eq(u64, cgroup_available_bytes(rig_root), 0));
}

Test(cgroup, a_path_of_the_host_is_the_mount_in_a_container)
{
    rig_file("/proc/self/cgroup", "0::/system.slice/one.scope\n");
    rig_file("/sys/fs/cgroup/memory.max", "700000\n");
    rig_file("/sys/fs/cgroup/memory.current", "200000\n");

    cr_assert(eq(u64, cgroup_available_bytes(rig_root), 500000));
}

Test(cgroup, what_is_available_on_the_machine_is_no_more_than_the_group_allows)
{
    struct machine m;

    rig_file("/proc/meminfo", "MemAvailable:    1024 kB\n");
    machine_read(&m, rig_root);
    cr_assert(eq(u64, m.available_bytes, 1 << 20));
    rig_file("/proc/self/cgroup", "0::/\n");
    rig_file("/sys/fs/cgroup/memory.max", "65536\n");
    machine_read(&m, rig_root);
    cr_assert(eq(u64, m.available_bytes, 65536));
}
