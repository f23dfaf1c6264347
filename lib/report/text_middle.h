/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of the summary about a device under test between two ports. Nothing for other runs. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/** Write what the device does, and what left each side, came to the other, was changed and took
 * how long. */
void text_middle(FILE *out, const struct result *r);
