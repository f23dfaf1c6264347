/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors about our packets, in words. */
#pragma once

#include <stddef.h>

#include "report/result.h"

/** Write the first error of each kind that came: "time exceeded (ICMP type 11, code 0) from
 * 198.18.0.254; ...". "" for none; cut at @size. */
void icmp_text(const struct result *r, char *text, size_t size);
