/* SPDX-License-Identifier: BSD-3-Clause */
/* See value.h: what is neither a number, nor ports, nor addresses. */
#include "conf/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

int
value_refuse(struct value_why *why, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(why->text, sizeof(why->text), fmt, args);
    va_end(args);
    return -1;
}

int
value_bool(const char *text, bool *b, struct value_why *why)
{
    static const struct {
        const char *word;
        bool b;
    } words[] = {{"yes", true}, {"true", true},   {"on", true},
                 {"no", false}, {"false", false}, {"off", false}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(text, words[i].word) == 0) {
            *b = words[i].b;
            return 0;
        }
    }
    return value_refuse(why, "'%.60s' is neither yes nor no; write yes or no", text);
}
