/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/pci.h"

#define DEVICES "/sys/bus/pci/devices/"

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
check_fails(const char *addr, const char *says)
{
    bool needs_physical;
    struct fail f;

    cr_assert(eq(int, pci_check(addr, rig_root, &needs_physical, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, says);
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
    check_fails("0000:3b:00.0", "the kernel driver ixgbe");
    check_fails("0000:3b:00.0", "dpdk-devbind.py -b vfio-pci 0000:3b:00.0");
}

Test(pci, a_device_without_driver_is_told_the_command_too)
{
    check_fails("0000:3b:00.4", "dpdk-devbind.py -b vfio-pci 0000:3b:00.4");
}

Test(pci, drivers_that_let_dpdk_in_are_accepted)
{
    bool needs_physical = true;
    struct fail f;

    cr_assert(eq(int, pci_check("0000:3b:00.1", rig_root, &needs_physical, &f), 0));
    cr_assert(not(needs_physical));
    cr_assert(eq(int, pci_check("0000:3b:00.3", rig_root, &needs_physical, &f), 0));
    cr_assert(not(needs_physical));
    cr_assert(eq(int, pci_check("0000:3b:00.2", rig_root, &needs_physical, &f), 0));
    cr_assert(needs_physical);
}

Test(pci, a_machine_without_a_bus_says_none)
{
    bool needs_physical;
    struct fail f;

    cr_assert(eq(int, pci_check("0000:3b:00.0", "/nowhere", &needs_physical, &f), -1));
    rig_says(f, "none");
}
