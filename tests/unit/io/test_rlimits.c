/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include <sys/resource.h>

#include "io/rlimits.h"

static const struct rlimits none = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
static const struct rlimits_wants two_workers = {
    .device = "0000:3b:00.0", .n_workers = 2, .n_queues = 2, .open_files = 4};

static void
check_fails(struct rlimits l, struct rlimits_wants w, const char *says)
{
    struct fail f;

    cr_assert(eq(int, rlimits_check(&l, &w, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, says);
}

Test(rlimits, where_there_are_none_all_is_well)
{
    struct rlimits_wants w = two_workers;
    struct fail f;

    w.locked_bytes = 1ULL << 40;
    cr_assert(eq(int, rlimits_check(&none, &w, &f), 0), "%s", f.text);
    cr_assert(eq(int, rlimits_check_address(&none, 1ULL << 40, 1ULL << 40, &f), 0), "%s", f.text);
}

Test(rlimits, too_few_files_for_the_workers_are_told_with_both_numbers)
{
    struct rlimits l = none;
    struct rlimits_wants many = two_workers;
    struct fail f;

    l.files = 12;
    check_fails(l, two_workers, "ulimit -n: this process may have 12 files open");
    check_fails(l, two_workers, "2 workers need 32");
    l.files = 32;
    cr_assert(eq(int, rlimits_check(&l, &two_workers, &f), 0), "%s", f.text);
    many.n_workers = 3;
    check_fails(l, many, "3 workers need 36");
}

Test(rlimits, memory_that_may_not_be_locked_is_told_with_both_numbers)
{
    struct rlimits l = none;
    struct rlimits_wants w = two_workers;
    struct fail f;

    l.locked_bytes = 8 << 20;
    w.locked_bytes = 67 << 20;
    w.locked = "packet buffers";
    check_fails(l, w,
                "device 0000:3b:00.0: packet buffers are 67 MiB of locked memory, and ulimit "
                "-l allows 8 MiB");
    w.locked_bytes = 8 << 20;
    cr_assert(eq(int, rlimits_check(&l, &w, &f), 0), "%s", f.text);
}

Test(rlimits, address_space_that_is_not_there_is_told_with_all_numbers)
{
    struct rlimits l = none;
    struct fail f;

    l.address_bytes = 1000 << 20;
    cr_assert(eq(int, rlimits_check_address(&l, 600 << 20, 401 << 20, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, "ulimit -v: this run reserves 401 MiB of address space beside 600 MiB");
    rig_says(f, "the limit is 1000 MiB");
    cr_assert(eq(int, rlimits_check_address(&l, 600 << 20, 400 << 20, &f), 0), "%s", f.text);
    cr_assert(eq(int, rlimits_check_address(&l, 1001 << 20, 0, &f), -1));
}

Test(rlimits, what_the_kernel_says_is_read)
{
    struct rlimit files = {.rlim_cur = 100, .rlim_max = 200}, locked = {4 << 20, 4 << 20};
    struct rlimits l;

    cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &files), 0));
    cr_assert(eq(int, setrlimit(RLIMIT_MEMLOCK, &locked), 0));
    l = rlimits_read(false);
    cr_assert(eq(u64, l.files, 100));
    cr_assert(eq(u64, l.locked_bytes, 4 << 20));
    cr_assert(eq(u64, rlimits_read(true).locked_bytes, UINT64_MAX));
    rlimits_raise();
    cr_assert(eq(u64, rlimits_read(false).files, 200));
}

Test(rlimits, what_is_open_and_mapped_is_counted)
{
    unsigned before = rlimits_open_files();
    int fd = open("/dev/null", O_RDONLY);

    cr_assert(eq(uint, rlimits_open_files(), before + 1));
    close(fd);
    cr_assert(eq(uint, rlimits_open_files(), before));
    cr_assert(lt(u64, 1 << 20, rlimits_mapped_bytes()));
}
