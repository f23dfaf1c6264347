/* SPDX-License-Identifier: BSD-3-Clause */
/* See linefile.h. */
#include "report/linefile.h"

#include <stdlib.h>

int
linefile_open(void **state, const char *option, const struct sink_opts *o, struct fail *f)
{
    struct linefile *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return fail_set(f, EXIT_HOST, "%s: not enough memory", option);
    l->option = option;
    l->path = o->place;
    if (outfile_stays(l->path)) {
        if (outfile_begin(&l->file, option, l->path, false, f) < 0) {
            free(l);
            return -1;
        }
        l->has_begun = true;
    }
    *state = l;
    return 0;
}

FILE *
linefile_line(struct linefile *l, bool *is_first)
{
    *is_first = !l->has_line;
    l->has_line = true;
    if (!l->has_begun && !l->has_failed) {
        l->has_begun = outfile_begin(&l->file, l->option, l->path, false, &l->why) == 0;
        l->has_failed = !l->has_begun;
        if (l->has_begun && l->is_private)
            outfile_make_private(&l->file);
    }
    return l->has_failed ? NULL : l->file.out;
}

void
linefile_flush(struct linefile *l)
{
    if (l->has_begun && !outfile_flush(&l->file))
        l->has_failed = true;
}

int
linefile_end(struct linefile *l, struct fail *f)
{
    if (!l->has_begun) {
        *f = l->why;
        return -1;
    }
    l->has_begun = false;
    return outfile_end(&l->file, f);
}

void
linefile_close(void *state)
{
    struct linefile *l = state;

    if (l->has_begun)
        outfile_abandon(&l->file);
    free(l);
}
