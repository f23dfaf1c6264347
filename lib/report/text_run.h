/* SPDX-License-Identifier: BSD-3-Clause */
/* The summary's first lines: what ran. */
#pragma once

#include <stdio.h>

#include "report/result.h"

/** Write the program, the device, the load, the classes' options, cores and time. */
void text_run(FILE *out, const struct result *r);
