/* SPDX-License-Identifier: BSD-3-Clause */
/* How much memory the control groups of this process still allow it, version 1 and 2: a container
 * ends a process that takes more, however much the machine has. */
#pragma once

#include <stdint.h>

/**
 * The least that any group from the process's own up to the root leaves: its limit, less what it
 * uses and could not give back (files that were not read lately can be dropped). @root is put
 * before /proc and /sys ("" for the real ones).
 *
 * @return bytes; UINT64_MAX: no group sets a limit, or none can be read
 */
uint64_t cgroup_available_bytes(const char *root);
