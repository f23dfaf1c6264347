/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines: one object for each interval, as in "intervals" of the result, and for each change of
 * rate, as in "rate_changes", then the result. */
#include "report/json.h"
#include "report/json_course.h"
#include "report/json_head.h"
#include "report/linefile.h"

static const char OPTION[] = "--json-lines";

static int
lines_open(void **state, const struct sink_opts *o, struct fail *f)
{
    return linefile_open(state, OPTION, o, f);
}

/* What goes wrong with the file is told at the end; without memory there is one line fewer. Takes
 * @object over. */
static void
put_line(struct linefile *l, struct json_tree *t, json_t *object)
{
    bool is_first;
    FILE *out = linefile_line(l, &is_first);

    if (out == NULL) {
        json_decref(object);
        return;
    }
    (void)json_head_dump_line(t, object, out);
    linefile_flush(l);
}

static void
lines_row(void *state, const struct result_interval *i)
{
    struct json_tree t = {0};

    put_line(state, &t, json_interval(&t, i));
}

static void
lines_rate_change(void *state, const struct result_rate_change *change)
{
    struct json_tree t = {0};

    put_line(state, &t, json_rate_change(&t, change));
}

static int
lines_end(void *state, const struct result *r, struct fail *f)
{
    bool is_first;
    FILE *out = linefile_line(state, &is_first);

    if (out != NULL && !json_result_write(out, r, true) && !ferror(out))
        return fail_set(f, EXIT_HOST, "%s: not enough memory for the result", OPTION);
    return linefile_end(state, f);
}

extern const struct report_sink sink_json_lines;
const struct report_sink sink_json_lines = {
    .name = "json_lines",
    .help = "a line of JSON for each interval, then one with the result",
    .option = OPTION,
    .open = lines_open,
    .row = lines_row,
    .rate_change = lines_rate_change,
    .end = lines_end,
    .close = linefile_close,
};
