/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/sysfs.h"

TestSuite(sysfs, .init = rig_make_root, .fini = rig_remove_root);

Test(sysfs, a_line_comes_without_blanks_and_what_is_not_there_is_empty)
{
    char line[16];

    rig_file("/sys/a/b3", " performance \nsecond\n");
    cr_assert(sysfs_line(line, sizeof(line), rig_root, "/sys/a/b%u", 3));
    cr_assert(eq(str, line, "performance"));
    cr_assert(not(sysfs_line(line, sizeof(line), rig_root, "/sys/a/b4")));
    cr_assert(eq(str, line, ""));
}

Test(sysfs, entries_are_counted_by_what_they_begin_with)
{
    rig_file("/sys/node/node0/cpulist", "0\n");
    rig_file("/sys/node/node12/cpulist", "1\n");
    rig_file("/sys/node/nodes", "\n");
    cr_assert(eq(uint, sysfs_count(rig_root, "/sys/node", "node"), 2));
    cr_assert(eq(uint, sysfs_count(rig_root, "/sys/node", ""), 3));
    cr_assert(eq(uint, sysfs_count(rig_root, "/sys/nothing", ""), 0));
    cr_assert(sysfs_has(rig_root, "/sys/node/node%d", 12));
    cr_assert(not(sysfs_has(rig_root, "/sys/node/node%d", 1)));
}

Test(sysfs, lists_of_cpus_are_read_and_written)
{
    static const char *const lists[] = {"", "0", "0-3", "0-3,8", "1,3,5-6,1023"};
    struct sysfs_cpus c;
    char text[64];

    for (unsigned i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        sysfs_cpus_parse(&c, lists[i]);
        cr_assert(eq(str, (char *)sysfs_cpus_format(&c, text, sizeof(text)), (char *)lists[i]));
    }
    sysfs_cpus_parse(&c, "2-3,2,x");
    cr_assert(eq(uint, c.n, 2));
    sysfs_cpus_parse(&c, "1020-99999999"); /* more than a set holds */
    cr_assert(eq(uint, c.n, 4));
}
