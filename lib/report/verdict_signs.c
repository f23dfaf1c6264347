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

const struct sign *
signs_find(const struct signs *s, enum verdict_limit side, unsigned kinds, double least)
{
    for (unsigned i = 0; i < s->n; i++)
        if (s->list[i].side == side && (kinds & SIGN_BIT(s->list[i].kind)) != 0 &&
            s->list[i].share >= least)
            return &s->list[i];
    return NULL;
}
