/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/eal_args.h"

static const uint16_t two_cpus[] = {0, 1};

static const struct device loopback = {.kind = DEVICE_LOOPBACK};

/* All arguments in one line, a blank between two. */
static const char *
joined(const struct eal_args *a)
{
    static char line[8192];
    size_t used = 0;

    for (int i = 0; i < a->argc; i++)
        used +=
            (size_t)snprintf(line + used, sizeof(line) - used, i > 0 ? " %s" : "%s", a->argv[i]);
    cr_assert(eq(ptr, a->argv[a->argc], NULL));
    return line;
}

static struct eal_args_opts
base_opts(const struct device *d)
{
    return (struct eal_args_opts){.devices = d,
                                  .n_devices = 1,
                                  .cpus = two_cpus,
                                  .n_cpus = 2,
                                  .n_workers = 2,
                                  .memory_bytes = 100 << 20,
                                  .process_id = 7,
                                  .extra = ""};
}

Test(eal_args, without_huge_pages_memory_is_sized_and_nothing_is_shared)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(eq(
        str, (char *)joined(&a),
        "shakedown --lcores 0@(0-1),1@0,2@1 --main-lcore 0 --no-huge --no-shconf -m 100 --no-pci "
        "--no-telemetry --log-level=error --file-prefix=shakedown-7"));
}

Test(eal_args, a_shared_process_has_files_that_others_find)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.uses_hugepages = opts.is_shared = true;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(a.is_shared);
    cr_assert(eq(str, (char *)joined(&a),
                 "shakedown --lcores 0@(0-1),1@0,2@1 --main-lcore 0 --no-pci --no-telemetry "
                 "--log-level=error --file-prefix=shakedown-7"));
}

Test(eal_args, what_shares_nothing_is_refused_for_a_shared_process)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.uses_hugepages = opts.is_shared = true;
    opts.extra = "--in-memory";
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), -1));
    cr_assert(eq(int, (int)f.status, EXIT_USAGE));
    cr_assert(ne(ptr, strstr(f.text, "--eal-shared: with --in-memory"), NULL), "%s", f.text);
}

Test(eal_args, with_huge_pages_memory_is_taken_as_it_is_needed)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.uses_hugepages = true;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(
        eq(str, (char *)joined(&a),
           "shakedown --lcores 0@(0-1),1@0,2@1 --main-lcore 0 --in-memory --no-pci --no-telemetry "
           "--log-level=error --file-prefix=shakedown-7"));
}

Test(eal_args, a_fraction_of_a_mebibyte_counts_whole)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.memory_bytes = (100 << 20) + 1;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(ne(ptr, strstr(joined(&a), " -m 101 "), NULL));
}

Test(eal_args, a_pci_device_is_the_only_one_allowed)
{
    struct device d = {.kind = DEVICE_PCI, .needs_pci = true, .args = "0000:3b:00.0,x=1"};
    struct eal_args_opts opts = base_opts(&d);
    struct eal_args a;
    struct fail f;

    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(ne(ptr, strstr(joined(&a), " -a 0000:3b:00.0,x=1 "), NULL));
    cr_assert(eq(ptr, strstr(joined(&a), "--no-pci"), NULL));
}

Test(eal_args, a_vdev_needs_no_pci_scan_unless_it_stands_on_pci)
{
    struct device d = {.kind = DEVICE_VDEV, .args = "net_memif0,role=client"};
    struct eal_args_opts opts = base_opts(&d);
    struct eal_args a;
    struct fail f;

    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(ne(ptr, strstr(joined(&a), " --no-pci --vdev=net_memif0,role=client "), NULL));
    d.needs_pci = true;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(eq(ptr, strstr(joined(&a), "--no-pci"), NULL));
}

Test(eal_args, virtio_user_gets_its_memory_in_few_files)
{
    struct device d = {
        .kind = DEVICE_VDEV, .args = "virtio_user0", .needs_single_file_segments = true};
    struct eal_args_opts opts = base_opts(&d);
    struct eal_args a;
    struct fail f;

    opts.uses_hugepages = true;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(ne(ptr, strstr(joined(&a), " --single-file-segments --in-memory "), NULL));
}

Test(eal_args, cpus_are_written_as_ranges_and_workers_share_them_in_turn)
{
    static const uint16_t cpus[] = {1, 2, 3, 8, 10, 11};
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.cpus = cpus;
    opts.n_cpus = 6;
    opts.n_workers = 8;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(eq(str, a.argv[2], "0@(1-3,8,10-11),1@1,2@2,3@3,4@8,5@10,6@11,7@1,8@2"));
}

Test(eal_args, workers_may_take_the_cpus_from_the_last_one_down)
{
    static const uint16_t cpus[] = {1, 2, 5};
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.cpus = cpus;
    opts.n_cpus = 3;
    opts.n_workers = 4;
    opts.from_last_cpu = true;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(eq(str, a.argv[2], "0@(1-2,5),1@5,2@2,3@1,4@5"));
}

Test(eal_args, extra_words_are_split_at_blanks_and_kept_together_by_quotes)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.extra = "  --log-level='pmd.*:debug'\t-d \"a b\" c\\ d '' ";
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(eq(str, a.argv[a.argc - 5], "--log-level=pmd.*:debug"));
    cr_assert(eq(str, a.argv[a.argc - 4], "-d"));
    cr_assert(eq(str, a.argv[a.argc - 3], "a b"));
    cr_assert(eq(str, a.argv[a.argc - 2], "c d"));
    cr_assert(eq(str, a.argv[a.argc - 1], ""));
}

Test(eal_args, the_users_choice_replaces_ours)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.extra = "-m 512 --file-prefix=mine --no-huge -a 0000:00:01.0";
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(eq(str, (char *)joined(&a),
                 "shakedown --lcores 0@(0-1),1@0,2@1 --main-lcore 0 --no-shconf --no-telemetry "
                 "--log-level=error -m 512 --file-prefix=mine --no-huge -a 0000:00:01.0"));
}

Test(eal_args, an_open_quote_is_refused)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.extra = "--log-level 'x";
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    rig_says(f, "quote");
}

Test(eal_args, lcores_and_help_are_not_the_users)
{
    static const char *const bad[] = {
        "-l 0-3", "--lcores=0@1", "-c0x3", "--main-lcore 1", "--help", "-h",
        /* getopt_long() takes what a name begins with */
        "--proc-ty=secondary", "--proc primary", "--lco=0@1", "--main-l=1", "--he", "--vers"};

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct eal_args_opts opts = base_opts(&loopback);
        struct eal_args a;
        struct fail f;

        opts.extra = bad[i];
        cr_assert(eq(int, eal_args_build(&a, &opts, &f), -1), "%s", bad[i]);
        cr_assert(eq(int, f.status, EXIT_USAGE));
    }
}

Test(eal_args, more_words_than_fit_are_refused)
{
    struct eal_args_opts opts = base_opts(&loopback);
    char many[2 * EAL_ARGS_MAX + 1] = "";
    struct eal_args a;
    struct fail f;

    for (unsigned i = 0; i < EAL_ARGS_MAX; i++)
        strcat(many, "x ");
    opts.extra = many;
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
}

Test(eal_args, options_are_found_alone_and_with_a_value)
{
    cr_assert(eal_args_has("-x --no-huge", "--no-huge"));
    cr_assert(eal_args_has("--file-prefix=a", "--file-prefix"));
    cr_assert(eal_args_has("-m512", "-m"));
    cr_assert(not(eal_args_has("--no-hugely", "--no-huge")));
    cr_assert(eal_args_has("--file-pre=a", "--file-prefix"));
    cr_assert(not(eal_args_has("--", "--no-huge")));
    cr_assert(not(eal_args_has("", "-m")));
    cr_assert(not(eal_args_has("--main-lcore", "-m")));
}

Test(eal_args, lines_that_the_user_asks_for_are_not_held_back)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    opts.extra = "--log-level=lib.eal:debug";
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(a.has_log_level);
    cr_assert(eq(ptr, strstr(joined(&a), "--log-level=error"), NULL));
}

Test(eal_args, telemetry_is_off_unless_it_is_asked_for)
{
    struct eal_args_opts opts = base_opts(&loopback);
    struct eal_args a;
    struct fail f;

    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(not(a.has_telemetry));
    opts.extra = "--telemetry";
    cr_assert(eq(int, eal_args_build(&a, &opts, &f), 0));
    cr_assert(a.has_telemetry);
    cr_assert(eq(ptr, strstr(joined(&a), "--no-telemetry"), NULL));
}
