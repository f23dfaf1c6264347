/* SPDX-License-Identifier: BSD-3-Clause */
/* See fail.h. */
#include "base/fail.h"

#include <stdio.h>
#include <string.h>

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

const char *
fail_command(const char *text)
{
    static const char before[] = "with: ";
    const char *command = NULL;

    for (const char *p = strstr(text, before); p != NULL; p = strstr(p, before)) {
        p += sizeof(before) - 1;
        command = p;
    }
    return command;
}
