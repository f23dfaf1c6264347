/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of io/doctor.h about the device and the kernel's ways to it. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/units.h"
#include "io/doctor_rows.h"
#include "io/pci.h"
#include "io/sysfs.h"

static bool
is_pci(const struct doctor_host *h)
{
    return h->setup->devices[0].kind == DEVICE_PCI;
}

/* Without a device that was named the machine as such is of interest. */
static bool
may_become_pci(const struct doctor_host *h)
{
    return is_pci(h) || h->setup->devices[0].kind == DEVICE_LOOPBACK;
}

/* IO_STEP_DEVICE knows what is wrong. */
void
doctor_look_device(const struct doctor_host *h, struct doctor_row *r)
{
    const struct device *d = &h->setup->devices[0];
    char driver[128];

    if (d->kind == DEVICE_LOOPBACK)
        doctor_say(r, DOCTOR_OK, "loopback, in the process; --device names another");
    else if (is_pci(h) && pci_driver(driver, sizeof(driver), d->name, h->setup->root))
        doctor_say(r, DOCTOR_OK, "%s, bound to %s", d->name, driver);
    else
        doctor_say(r, DOCTOR_OK, "%s", d->name);
}

/* The addresses that the kernel has on the interface @name, but for those of the link. */
static unsigned
find_addresses(const char *name, char *text, size_t size)
{
    struct ifaddrs *all = NULL;
    size_t used = 0;
    unsigned n = 0;

    text[0] = '\0';
    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *i = all; i != NULL && used < size; i = i->ifa_next) {
        const struct sockaddr_in *v4 = (const void *)i->ifa_addr;
        const struct sockaddr_in6 *v6 = (const void *)i->ifa_addr;
        char one[INET6_ADDRSTRLEN] = "";

        if (i->ifa_addr == NULL || strcmp(i->ifa_name, name) != 0)
            continue;
        if (v4->sin_family == AF_INET)
            inet_ntop(AF_INET, &v4->sin_addr, one, sizeof(one));
        else if (v6->sin6_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
            inet_ntop(AF_INET6, &v6->sin6_addr, one, sizeof(one));
        if (one[0] == '\0')
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", n > 0 ? ", " : "", one);
        n++;
    }
    freeifaddrs(all);
    return n;
}

void
doctor_look_interface(const struct doctor_host *h, struct doctor_row *r)
{
    const struct device *d = &h->setup->devices[0];
    char addresses[256];

    if (d->iface_role != DEVICE_IFACE_USED)
        return;
    if (find_addresses(d->iface, addresses, sizeof(addresses)) == 0) {
        doctor_say(r, DOCTOR_OK, "%s, without an address of the kernel's", d->iface);
        return;
    }
    doctor_say(
        r, DOCTOR_WARNING,
        "the kernel has addresses on %s (%s): what comes to one of them it answers too, with "
        "RST where it knows no connection",
        d->iface, addresses);
    doctor_mend(r, "ip address flush dev %s", d->iface);
}

void
doctor_look_privileges(const struct doctor_host *h, struct doctor_row *r)
{
    static const struct {
        unsigned bit;
        const char *name;
    } known[] = {{CAP_NET_RAW, "NET_RAW"},
                 {CAP_NET_ADMIN, "NET_ADMIN"},
                 {CAP_IPC_LOCK, "IPC_LOCK"},
                 {CAP_SYS_ADMIN, "SYS_ADMIN"}};
    uint64_t caps = h->setup->machine.capabilities;
    char text[128] = "";
    size_t used = 0;

    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        if ((caps >> known[i].bit & 1) != 0)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "",
                                     known[i].name);
    }
    if (used > 0 || h->setup->devices[0].kind != DEVICE_LOOPBACK) {
        doctor_say(r, DOCTOR_OK, "%s%s", used > 0 ? "CAP_" : "none", text);
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "none: enough for loopback and memif; kernel interfaces need CAP_NET_RAW, and a NIC "
               "needs its /dev/vfio/GROUP or root");
    doctor_mend(r, "sudo shakedown doctor --device D");
}

/* Whose IOMMU is on in Linux once it is in the firmware. */
static bool
is_amd(const char *root)
{
    char path[PATH_MAX], line[256];
    bool found = false;
    FILE *f;

    snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
    f = fopen(path, "re");
    while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
        found = strncmp(line, "vendor_id", 9) == 0 && strstr(line, "AuthenticAMD") != NULL;
    if (f != NULL)
        fclose(f);
    return found;
}

void
doctor_look_iommu(const struct doctor_host *h, struct doctor_row *r)
{
    unsigned groups = sysfs_count(h->setup->root, "/sys/kernel/iommu_groups", "");

    if (!may_become_pci(h))
        return;
    if (groups > 0) {
        doctor_say(r, DOCTOR_OK, "on, %u group%s", groups, groups == 1 ? "" : "s");
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "none, or it is switched off: vfio-pci takes no device, and with a UIO driver a NIC "
               "may write to all memory; switch it on in the firmware%s",
               is_amd(h->setup->root) ? "" : ", and in Linux");
    if (is_amd(h->setup->root))
        doctor_mend(r, "systemctl reboot --firmware-setup");
    else
        doctor_mend(r, "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&intel_iommu=on /' "
                       "/etc/default/grub && update-grub && reboot");
}

void
doctor_look_userspace_drivers(const struct doctor_host *h, struct doctor_row *r)
{
    static const char *const drivers[] = {"vfio-pci", "uio_pci_generic", "igb_uio"};
    const char *root = h->setup->root;
    char text[128] = "";
    size_t used = 0;

    if (!may_become_pci(h))
        return;
    for (unsigned i = 0; i < ARRAY_LEN(drivers); i++) {
        if (sysfs_has(root, "/sys/bus/pci/drivers/%s", drivers[i]))
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "",
                                     drivers[i]);
    }
    if (used > 0) {
        doctor_say(r, DOCTOR_OK, "%s", text);
        return;
    }
    doctor_say(
        r, DOCTOR_WARNING,
        "neither vfio-pci nor a UIO driver is loaded, and only those give a NIC to DPDK (not "
        "so Mellanox's, which stay with the kernel's)");
    doctor_mend(r, "modprobe %s",
                sysfs_count(root, "/sys/kernel/iommu_groups", "") > 0 ? "vfio-pci"
                                                                      : "uio_pci_generic");
}
