/* SPDX-License-Identifier: BSD-3-Clause */
/* PCI devices as /sys shows them. Reads only; nothing is bound or unbound here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

/**
 * Write the full form (0000:3b:00.0) of the address that begins @text, with or without its domain,
 * and with device arguments after a comma or nothing.
 *
 * @return false when @text begins with no PCI address; @addr is untouched
 */
bool pci_parse(char *addr, size_t size, const char *text);

/**
 * See whether the device at @addr is there, is a network device, and is bound to a driver that lets
 * DPDK have it. @root is put before /sys.
 *
 * @param[out] needs_physical  it is bound to a UIO driver, which knows physical addresses only
 * @return 0, or -1 with @f set (EXIT_HOST)
 */
int pci_check(const char *addr, const char *root, bool *needs_physical, struct fail *f);
