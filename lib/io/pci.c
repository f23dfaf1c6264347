/* SPDX-License-Identifier: BSD-3-Clause */
/* See pci.h. */
#include "io/pci.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"

static const char PCI_DIR[] = "/sys/bus/pci/devices";
static const unsigned PCI_CLASS_NETWORK = 0x02; /* the class code's highest byte */

enum pci_driver {
    PCI_NO_DRIVER,
    PCI_KERNEL, /* the kernel's own: must be taken off first */
    PCI_UIO,
    PCI_VFIO,
    PCI_SHARED, /* bifurcated: kernel and DPDK use the device side by side */
};

bool
pci_parse(char *addr, size_t size, const char *text)
{
    unsigned domain = 0, bus, slot, function;
    int len = 0;

    if (sscanf(text, "%8x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &len) != 4 || len == 0) {
        domain = 0;
        len = 0;
        if (sscanf(text, "%2x:%2x.%1x%n", &bus, &slot, &function, &len) != 3 || len == 0)
            return false;
    }
    if ((text[len] != '\0' && text[len] != ',') || slot > 31 || function > 7)
        return false;
    snprintf(addr, size, "%04x:%02x:%02x.%x", domain, bus, slot, function);
    return true;
}

static bool
is_network(const char *root, const char *addr)
{
    char path[PATH_MAX];
    unsigned code = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s%s/%s/class", root, PCI_DIR, addr);
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    if (fscanf(f, "%x", &code) != 1)
        code = 0;
    fclose(f);
    return code >> 16 == PCI_CLASS_NETWORK;
}

/* @name becomes the bound driver's, "" when there is none. */
static enum pci_driver
read_driver(const char *root, const char *addr, char *name, size_t size)
{
    static const struct {
        const char *name;
        enum pci_driver driver;
    } known[] = {
        {"vfio-pci", PCI_VFIO},    {"igb_uio", PCI_UIO},      {"uio_pci_generic", PCI_UIO},
        {"mlx4_core", PCI_SHARED}, {"mlx5_core", PCI_SHARED}, {"mana", PCI_SHARED},
    };
    char path[PATH_MAX], target[256];
    const char *base;
    ssize_t len;

    name[0] = '\0';
    snprintf(path, sizeof(path), "%s%s/%s/driver", root, PCI_DIR, addr);
    len = readlink(path, target, sizeof(target) - 1);
    if (len < 0)
        return PCI_NO_DRIVER;
    target[len] = '\0';
    base = strrchr(target, '/');
    snprintf(name, size, "%.63s", base == NULL ? target : base + 1);
    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(name, known[i].name) == 0)
            return known[i].driver;
    }
    return PCI_KERNEL;
}

static void
list_network(const char *root, char *text, size_t size)
{
    char path[PATH_MAX], driver[64];
    struct dirent *entry;
    size_t used = 0;
    DIR *dir;

    snprintf(text, size, "none");
    snprintf(path, sizeof(path), "%s%s", root, PCI_DIR);
    dir = opendir(path);
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL && used < size) {
        if (entry->d_name[0] == '.' || !is_network(root, entry->d_name))
            continue;
        read_driver(root, entry->d_name, driver, sizeof(driver));
        used += (size_t)snprintf(text + used, size - used, "%s%s (%s)", used > 0 ? ", " : "",
                                 entry->d_name, driver[0] != '\0' ? driver : "no driver");
    }
    closedir(dir);
}

/* VFIO needs a unit that translates a device's addresses, or the word of the user that it may do
 * without. */
static bool
can_do_vfio(const char *root)
{
    char path[PATH_MAX], word = 'N';
    struct dirent *entry = NULL;
    FILE *f;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/sys/kernel/iommu_groups", root);
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL && entry->d_name[0] == '.')
        ;
    if (dir != NULL)
        closedir(dir);
    if (entry != NULL)
        return true;
    snprintf(path, sizeof(path), "%s/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", root);
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    if (fread(&word, 1, 1, f) != 1)
        word = 'N';
    fclose(f);
    return word == 'Y';
}

/* @held: what stands in the way. */
static int
advise_binding(const char *addr, const char *root, const char *held, struct fail *f)
{
    if (can_do_vfio(root))
        return fail_set(f, EXIT_HOST,
                        "PCI device %s %s; give it to DPDK with: dpdk-devbind.py -b vfio-pci %s",
                        addr, held, addr);
    return fail_set(f, EXIT_HOST,
                    "PCI device %s %s, and this machine has no IOMMU for vfio-pci "
                    "(/sys/kernel/iommu_groups is empty); switch it on (in the firmware, and with "
                    "intel_iommu=on on the kernel's command line), or give the device to DPDK as "
                    "root with: modprobe uio_pci_generic; dpdk-devbind.py -b uio_pci_generic %s",
                    addr, held, addr);
}

static int
check_uio(const char *addr, const struct machine *m, const char *driver, struct fail *f)
{
    if (m->sees_physical)
        return 0;
    return fail_set(f, EXIT_HOST,
                    "PCI device %s is bound to %s, which needs physical addresses, and those are "
                    "shown to root only: run as root, or bind the device to vfio-pci",
                    addr, driver);
}

/* @path, of /dev, may be read and written by this process. */
static int
check_dev(const char *addr, const char *root, const char *path, struct fail *f)
{
    char full[PATH_MAX];

    snprintf(full, sizeof(full), "%s%s", root, path);
    if (faccessat(AT_FDCWD, full, R_OK | W_OK, AT_EACCESS) == 0)
        return 0;
    if (errno == EACCES || errno == EPERM)
        return fail_set(f, EXIT_HOST,
                        "PCI device %s is bound to vfio-pci, but this user may not open %s: run as "
                        "root, or hand it over with: chown USER %s",
                        addr, path, path);
    return fail_set(f, EXIT_HOST, "PCI device %s is bound to vfio-pci, but %s cannot be opened: %s",
                    addr, path, strerror(errno));
}

static int
check_vfio(const char *addr, const char *root, struct fail *f)
{
    char path[PATH_MAX], full[2 * PATH_MAX], target[256];
    const char *group;
    ssize_t len;

    snprintf(path, sizeof(path), "%s%s/%s/iommu_group", root, PCI_DIR, addr);
    len = readlink(path, target, sizeof(target) - 1);
    if (len < 0)
        return advise_binding(addr, root, "is bound to vfio-pci", f);
    target[len] = '\0';
    group = strrchr(target, '/');
    group = group == NULL ? target : group + 1;
    snprintf(path, sizeof(path), "/dev/vfio/%.64s", group);
    snprintf(full, sizeof(full), "%s%s", root, path);
    if (access(full, F_OK) != 0) /* the user's word was enough */
        snprintf(path, sizeof(path), "/dev/vfio/noiommu-%.64s", group);
    return check_dev(addr, root, "/dev/vfio/vfio", f) < 0 ? -1 : check_dev(addr, root, path, f);
}

int
pci_check(const char *addr, const struct machine *m, const char *root, struct pci_needs *needs,
          struct fail *f)
{
    char path[PATH_MAX], text[256], held[320];

    *needs = (struct pci_needs){0};
    snprintf(path, sizeof(path), "%s%s/%s", root, PCI_DIR, addr);
    if (access(path, F_OK) != 0) {
        list_network(root, text, sizeof(text));
        return fail_set(f, EXIT_HOST,
                        "there is no PCI device %s; the network devices there are: %s", addr, text);
    }
    if (!is_network(root, addr))
        return fail_set(f, EXIT_HOST, "PCI device %s is not a network device (see: lspci -s %s)",
                        addr, addr);
    switch (read_driver(root, addr, text, sizeof(text))) {
    case PCI_NO_DRIVER:
        return advise_binding(addr, root, "has no driver", f);
    case PCI_KERNEL:
        snprintf(held, sizeof(held),
                 "is held by the kernel driver %s (its interface vanishes with it)", text);
        return advise_binding(addr, root, held, f);
    case PCI_UIO:
        needs->physical = true;
        return check_uio(addr, m, text, f);
    case PCI_VFIO:
        needs->locked = true;
        return check_vfio(addr, root, f);
    case PCI_SHARED:
        break;
    }
    return 0;
}

bool
pci_driver(char *name, size_t size, const char *addr, const char *root)
{
    return read_driver(root, addr, name, size) != PCI_NO_DRIVER;
}
