/* SPDX-License-Identifier: BSD-3-Clause */
/* The report formats. To add one: write one file with a report_writer, and one line in registry.c.
 */
#pragma once

#include <stddef.h>

#include "report/outfile.h"

struct report_format {
    const char *name;
    const char *meaning;
    report_writer *write;
};

extern const struct report_format report_formats[];
extern const size_t n_report_formats;

/** @return the format called @name, NULL when there is none. */
const struct report_format *report_format_find(const char *name);
