/* SPDX-License-Identifier: BSD-3-Clause */
/* See doctor_rows.h. */
#include <stdarg.h>
#include <stdio.h>

#include "io/doctor_rows.h"

void
doctor_say(struct doctor_row *r, enum doctor_state state, const char *fmt, ...)
{
    va_list args;

    r->state = state;
    r->is_looked_at = true;
    r->command[0] = '\0';
    va_start(args, fmt);
    vsnprintf(r->text, sizeof(r->text), fmt, args);
    va_end(args);
}

void
doctor_mend(struct doctor_row *r, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(r->command, sizeof(r->command), fmt, args);
    va_end(args);
}
