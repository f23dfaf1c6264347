/* SPDX-License-Identifier: BSD-3-Clause */
/* What tells this machine, and this boot of it, from others. Slow path. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define IDENTITY_WORDS 8 /* 64 bytes hold either */

/** The text of /etc/machine-id, zero-padded. @return bytes read; 0: there is none. */
size_t identity_of_machine(uint64_t words[static IDENTITY_WORDS]);

/** The same of the boot. */
size_t identity_of_boot(uint64_t words[static IDENTITY_WORDS]);
