/* SPDX-License-Identifier: BSD-3-Clause */
/* The advice about TLS: more rows for the table of hints.c. */
#pragma once

#include <stdbool.h>

#include "report/result.h"

struct hint {
    bool (*applies)(const struct result *r); /* NULL: the table ends here */
    const char *text;                        /* lines, indented by two */
};

extern const struct hint hints_tls[];
