/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys that nobody else is to know. The key of initial sequence numbers is the same until the
 * machine boots again, as a kernel's is (RFC 6528 3), so that a second run's numbers go on from the
 * first's: it is kept in a file that only this user can read. Control thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/siphash.h"

/** A key of this process alone. It waits for the kernel's randomness, once after boot. */
struct siphash_key secret_new(void);

/**
 * The key in the folder @path, which is made if it is not there, as the key is.
 *
 * @return false with @why, when it cannot be kept there, or somebody else could have read it
 */
bool secret_keep(const char *path, struct siphash_key *key, char *why, size_t size);

/**
 * The key of this boot: kept in /run/shakedown by root, else under $XDG_RUNTIME_DIR; else one of
 * this process alone, with @why, which is "" otherwise.
 */
struct siphash_key secret_of_boot(char *why, size_t size);
