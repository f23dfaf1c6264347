/* SPDX-License-Identifier: BSD-3-Clause */
/* A claim of a device (an interface, a PCI address), so that no two shakedowns poll one. It is an
 * abstract socket: it holds in this network namespace, and ends with the process. Anybody may take
 * such a name, so only those count that root or the same user has: the next name serves as well. */
#pragma once

#include "base/fail.h"

/**
 * Claim @name for this process.
 *
 * @return a descriptor to close when done; -1 with @f set (EXIT_HOST) when another shakedown has it
 */
int claim_make(const char *name, struct fail *f);
