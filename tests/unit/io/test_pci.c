/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/pci.h"

#define DEVICES "/sys/bus/pci/devices/"

static const struct machine root = {.sees_physical = true}, anybody;

/* 00.0 has a kernel driver, 00.1 vfio, 00.2 a uio driver, 00.3 mlx5's, 00.4 none; 1f.0 is a bridge.
 */
static void
make_bus(void)
{
    static const char *const drivers[] = {"ixgbe", "vfio-pci", "igb_uio", "mlx5_core"};
    char path[128], target[128];

    rig_make_root();
    for (unsigned i = 0; i < 5; i++) {
        snprintf(path, sizeof(path), DEVICES "0000:3b:00.%u/class", i);
        rig_file(path, "0x020000\n");
        if (i == 4)
            continue;
        snprintf(path, sizeof(path), DEVICES "0000:3b:00.%u/driver", i);
        snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", drivers[i]);
        rig_link(path, target);
    }
    rig_file(DEVICES "0000:00:1f.0/class", "0x060100\n");
}

/* The device with vfio is alone in group 4. */
static void
make_iommu(void)
{
    rig_file("/sys/kernel/iommu_groups/4/type", "DMA\n");
    rig_link(DEVICES "0000:3b:00.1/iommu_group", "../../../kernel/iommu_groups/4");
    rig_file("/dev/vfio/vfio", "");
    rig_file("/dev/vfio/4", "");
}

TestSuite(pci, .init = make_bus, .fini = rig_remove_root);

Test(pci, addresses_are_completed)
{
    char addr[64] = "";

    cr_assert(pci_parse(addr, sizeof(addr), "0000:3b:00.0"));
    cr_assert(eq(str, addr, "0000:3b:00.0"));
    cr_assert(pci_parse(addr, sizeof(addr), "3B:1f.7"));
    cr_assert(eq(str, addr, "0000:3b:1f.7"));
    cr_assert(pci_parse(addr, sizeof(addr), "10000:3b:00.0")); /* a domain behind a VMD */
    cr_assert(eq(str, addr, "10000:3b:00.0"));
    cr_assert(pci_parse(addr, sizeof(addr), "0001:3b:00.0,a=b"));
    cr_assert(eq(str, addr, "0001:3b:00.0"));
}

Test(pci, what_is_no_address_is_not_taken_for_one)
{
    static const char *const bad[] = {"",         "3b",       "3b:00",    "3b:00.8", "3b:20.0",
                                      "3b:00.0x", "loopback", "net_tap0", "fe80::1"};
    char addr[64] = "untouched";

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert(not(pci_parse(addr, sizeof(addr), bad[i])), "%s", bad[i]);
    cr_assert(eq(str, addr, "untouched"));
}

static void
check_fails_for(const char *addr, const struct machine *m, const char *says)
{
    struct pci_needs needs;
    struct fail f;

    cr_assert(eq(int, pci_check(addr, m, rig_root, &needs, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, says);
}

static void
check_fails(const char *addr, const char *says)
{
    check_fails_for(addr, &root, says);
}

Test(pci, a_device_that_is_not_there_is_answered_with_those_that_are)
{
    check_fails("0000:01:00.0", "0000:3b:00.0 (ixgbe)");
    check_fails("0000:01:00.0", "0000:3b:00.4 (no driver)");
}

Test(pci, a_bridge_is_no_network_device)
{
    check_fails("0000:00:1f.0", "not a network device");
}

Test(pci, a_kernel_driver_is_named_with_the_command_that_frees_the_device)
{
    make_iommu();
    check_fails("0000:3b:00.0", "the kernel driver ixgbe");
    check_fails("0000:3b:00.0", "dpdk-devbind.py -b vfio-pci 0000:3b:00.0");
}

Test(pci, a_device_without_driver_is_told_the_command_too)
{
    make_iommu();
    check_fails("0000:3b:00.4", "dpdk-devbind.py -b vfio-pci 0000:3b:00.4");
}

Test(pci, without_an_iommu_nobody_is_sent_to_vfio)
{
    for (unsigned i = 0; i <= 4; i += 4) {
        char addr[] = "0000:3b:00.0";

        addr[11] = (char)('0' + i);
        check_fails(addr, "no IOMMU");
        check_fails(addr, "intel_iommu=on");
        check_fails(addr, "dpdk-devbind.py -b uio_pci_generic 0000:3b:00.");
    }
}

Test(pci, a_user_who_does_without_an_iommu_is_taken_at_his_word)
{
    rig_file("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
    check_fails("0000:3b:00.4", "dpdk-devbind.py -b vfio-pci 0000:3b:00.4");
}

Test(pci, vfio_without_a_group_is_told_that_there_is_no_iommu)
{
    check_fails("0000:3b:00.1", "no IOMMU");
}

Test(pci, drivers_that_let_dpdk_in_are_accepted)
{
    struct pci_needs needs;
    struct fail f;

    make_iommu();
    cr_assert(eq(int, pci_check("0000:3b:00.1", &anybody, rig_root, &needs, &f), 0), "%s", f.text);
    cr_assert(not(needs.physical));
    cr_assert(needs.locked);
    cr_assert(eq(int, pci_check("0000:3b:00.3", &anybody, rig_root, &needs, &f), 0), "%s", f.text);
    cr_assert(not(needs.physical));
    cr_assert(not(needs.locked));
    cr_assert(eq(int, pci_check("0000:3b:00.2", &root, rig_root, &needs, &f), 0), "%s", f.text);
    cr_assert(needs.physical);
    cr_assert(not(needs.locked));
}

Test(pci, uio_is_for_root_only)
{
    check_fails_for("0000:3b:00.2", &anybody, "igb_uio");
    check_fails_for("0000:3b:00.2", &anybody, "run as root");
}

Test(pci, a_group_that_this_user_may_not_open_is_named)
{
    char path[256];

    make_iommu();
    snprintf(path, sizeof(path), "%s/dev/vfio/4", rig_root);
    cr_assert(eq(int, chmod(path, 0), 0));
    if (geteuid() == 0) { /* whom no mode keeps out */
        snprintf(path, sizeof(path),
                 "chmod -R go+rX %s; chmod go+w %s/dev/vfio/vfio; chmod 0 %s/dev/vfio/4", rig_root,
                 rig_root, rig_root);
        cr_assert(eq(int, system(path), 0));
        cr_assert(eq(int, seteuid(65534), 0));
    }
    check_fails_for("0000:3b:00.1", &anybody, "may not open /dev/vfio/4");
    check_fails_for("0000:3b:00.1", &anybody, "chown USER /dev/vfio/4");
    cr_assert(eq(int, seteuid(getuid()), 0));
}

Test(pci, a_machine_without_a_bus_says_none)
{
    struct pci_needs needs;
    struct fail f;

    cr_assert(eq(int, pci_check("0000:3b:00.0", &root, "/nowhere", &needs, &f), -1));
    rig_says(f, "none");
}
