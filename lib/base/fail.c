/* SPDX-License-Identifier: BSD-3-Clause */
/* See fail.h. */
#include "base/fail.h"

#include <stdio.h>

int
fail_set(struct fail *f, enum exit_status status, const char *fmt, ...)
{
    va_list args;

    f->status = status;
    va_start(args, fmt);
    vsnprintf(f->text, sizeof(f->text), fmt, args);
    va_end(args);
    return -1;
}
