/* SPDX-License-Identifier: BSD-3-Clause */
/* Intervals as CSV (RFC 4180): a line of names, which are the paths of the keys in the JSON result,
 * then a line for each interval. What a run has no value for is an empty field. */
#include "report/interval.h"
#include "report/linefile.h"

#include <inttypes.h>

static const char OPTION[] = "--csv";

static int
csv_open(void **state, const struct sink_opts *o, struct fail *f)
{
    return linefile_open(state, OPTION, o, f);
}

static void
write_names(FILE *out)
{
    char name[INTERVAL_NAME_MAX];

    for (unsigned n = 0; n < interval_fields(); n++)
        fprintf(out, "%s%s", n > 0 ? "," : "", interval_name(n, name));
    fputs("\r\n", out);
}

static void
write_value(FILE *out, const struct interval_field *f)
{
    if (f->is_absent || f->is_empty)
        return;
    if (f->is_count)
        fprintf(out, "%" PRIu64, f->count);
    else
        fprintf(out, "%.*f", (int)f->decimals, f->number);
}

static void
csv_row(void *state, const struct result_interval *i)
{
    bool is_first;
    FILE *out = linefile_line(state, &is_first);

    if (out == NULL)
        return;
    if (is_first)
        write_names(out);
    for (unsigned n = 0; n < interval_fields(); n++) {
        struct interval_field f = interval_field(i, n);

        fputs(n > 0 ? "," : "", out);
        write_value(out, &f);
    }
    fputs("\r\n", out);
    linefile_flush(state);
}

/* A run without an interval has the names all the same. */
static int
csv_end(void *state, const struct result *r, struct fail *f)
{
    bool is_first;
    FILE *out = linefile_line(state, &is_first);

    (void)r;
    if (out != NULL && is_first)
        write_names(out);
    return linefile_end(state, f);
}

extern const struct report_sink sink_csv;
const struct report_sink sink_csv = {
    .name = "csv",
    .help = "a line of CSV for each interval",
    .option = OPTION,
    .open = csv_open,
    .row = csv_row,
    .end = csv_end,
    .close = linefile_close,
};
