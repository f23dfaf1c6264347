/* SPDX-License-Identifier: BSD-3-Clause */
/* See wrap.h. */
#include "base/wrap.h"

#include <string.h>

void
wrap_write(FILE *out, const struct wrap *l, const char *text, int at)
{
    int begin = l->indent;

    if (at > 0 && at >= begin) {
        fputc('\n', out);
        at = 0;
    }
    at += fprintf(out, "%*s", begin - at, "");
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");

        if (at > begin && at + 1 + length > l->width) {
            begin = l->indent + l->hang;
            fputc('\n', out);
            at = fprintf(out, "%*s", begin, "");
        }
        at += fprintf(out, "%s%.*s", at > begin ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}
