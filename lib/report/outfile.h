/* SPDX-License-Identifier: BSD-3-Clause */
/* A report's file: there is either the whole of it or nothing. It is written beside its place under
 * another name and renamed when complete; what was there before stays until then. A path that is
 * no regular file (/dev/null, a FIFO, a terminal) is written to as it is; "-" is standard output.
 * Control thread. */
#pragma once

#include <stdio.h>

#include "base/fail.h"

struct result; /* only passed on */

typedef int report_writer(FILE *out, const struct result *r, struct fail *f);

/**
 * Find out now whether outfile_write() would be able to create @path; leaves no file behind.
 *
 * @param option  whose value @path is, for the message: "--json"
 * @return 0, or -1 with @f set (EXIT_USAGE)
 */
int outfile_check(const char *option, const char *path, struct fail *f);

/**
 * Write what @write has to say about @r to @path.
 *
 * @return 0, or -1 with @f set (EXIT_HOST) and no half-written file left
 */
int outfile_write(const char *option, const char *path, report_writer *write,
                  const struct result *r, struct fail *f);
