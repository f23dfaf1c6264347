/* SPDX-License-Identifier: BSD-3-Clause */
/* See verdict_signs.h. */
#include "report/verdict_signs.h"

#include <stdarg.h>
#include <stdio.h>

void
signs_add(struct signs *s, const struct sign *sign, const char *format, ...)
{
    struct sign *to = &s->list[s->n];
    va_list args;

    if (s->n == SIGNS_MAX)
        return;
    *to = *sign;
    va_start(args, format);
    vsnprintf(to->text, sizeof(to->text), format, args);
    va_end(args);
    s->n++;
}
