/* SPDX-License-Identifier: BSD-3-Clause */
/* The key of this machine's initial sequence numbers: the same until it boots again, as a kernel's
 * is (RFC 6528 3), so that a second run's numbers go on from the first's. */
#pragma once

#include "base/siphash.h"

/** Derive the key from the machine's and the boot's identity; random where the system tells
 * neither. */
struct siphash_key secret_of_boot(void);
