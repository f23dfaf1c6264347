/* SPDX-License-Identifier: BSD-3-Clause */
/* See wrap.h. */
#include "base/wrap.h"

#include <stdlib.h>
#include <string.h>

/* The length of the word that @text begins with; a percent sign, and s for seconds, stays with its
 * number. */
static int
word_length(const char *text)
{
    size_t length = strcspn(text, " ");

    if (strncmp(text + length, " %", 2) == 0 || strcmp(text + length, " s") == 0 ||
        strncmp(text + length, " s ", 3) == 0)
        length += 1 + strcspn(text + length + 1, " ");
    return (int)length;
}

void
wrap_write(FILE *out, const struct wrap *l, const char *text, int at)
{
    int begin = l->indent;

    if (*text == '\0') {
        fputc('\n', out);
        return;
    }
    if (at > 0 && at >= begin) {
        fputc('\n', out);
        at = 0;
    }
    at += fprintf(out, "%*s", begin - at, "");
    while (*text != '\0') {
        int length = word_length(text);

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

void
wrap_call(FILE *out, const struct wrap *l, void (*write)(FILE *out, const void *arg),
          const void *arg)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);

    if (memory == NULL)
        return;
    write(memory, arg);
    if (fclose(memory) == 0)
        wrap_write(out, l, text, 0);
    free(text);
}
