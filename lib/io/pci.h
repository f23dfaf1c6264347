/* SPDX-License-Identifier: BSD-3-Clause */
/* PCI devices as /sys and /dev show them. Reads only; nothing is bound or unbound here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "io/machine.h"

/* What the driver to which a device is bound asks of the host. */
struct pci_needs {
    bool physical; /* UIO: DMA by physical addresses */
    bool locked;   /* VFIO: all memory that the device may reach is locked */
};

/**
 * Write the full form (0000:3b:00.0) of the address that begins @text, with or without its domain,
 * and with device arguments after a comma or nothing.
 *
 * @return false when @text begins with no PCI address; @addr is untouched
 */
bool pci_parse(char *addr, size_t size, const char *text);

/**
 * See whether the device at @addr is there, is a network device, is bound to a driver that lets
 * DPDK have it, and may be opened by this process. @root is put before /sys and /dev.
 *
 * @return 0, or -1 with @f set (EXIT_HOST): what is wrong and what mends it
 */
int pci_check(const char *addr, const struct machine *m, const char *root, struct pci_needs *needs,
              struct fail *f);

/** Write the name of the kernel's driver that has the device. @return false when none has it. */
bool pci_driver(char *name, size_t size, const char *addr, const char *root);
