/* SPDX-License-Identifier: BSD-3-Clause */
/* See registry.h. */
#include "report/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/console.h"
#include "base/units.h"
#include "conf/options.h"
#include "report/clash.h"
#include "report/ink.h"
#include "report/outfile.h"

/* One line a report, in the order in which they end: its file is lib/report/<name>.c, its table
 * sink_<name>. */
#define SINKS(X)                                                                                   \
    X(live)                                                                                        \
    X(text)                                                                                        \
    X(json)                                                                                        \
    X(json_lines)                                                                                  \
    X(csv)                                                                                         \
    X(hdr)                                                                                         \
    X(html)                                                                                        \
    X(pcap)

#define DECLARE(name) extern const struct report_sink sink_##name;
#define ENTRY(name)   &sink_##name,

SINKS(DECLARE)

const struct report_sink *const report_sinks[] = {SINKS(ENTRY)};

const size_t n_report_sinks = ARRAY_LEN(report_sinks);

/* The value of the sink's option; "" for one that is not wanted, NULL for one without option. */
static const char *
place_of(const struct report_sink *s, const struct conf *c)
{
    int row;

    if (s->option == NULL)
        return NULL;
    row = option_by_name(s->option);
    assert(row >= 0);
    return option_field(c, 0, row);
}

static bool
is_wanted(const struct report_sink *s, const struct conf *c)
{
    const char *place = place_of(s, c);

    return place == NULL || place[0] != '\0';
}

/* A report that takes standard output has it for itself. */
FILE *
report_people(const struct report_sink *const *sinks, size_t n, const struct conf *c)
{
    for (size_t i = 0; i < n; i++) {
        const char *place = place_of(sinks[i], c);

        if (place != NULL && outfile_is_stdout(place))
            return console_stream();
    }
    return stdout;
}

int
report_check(const struct report_sink *const *sinks, size_t n, const struct conf *c, struct fail *f)
{
    struct clash_report reports[REPORT_SINKS_MAX];
    size_t n_reports = 0;

    assert(n <= REPORT_SINKS_MAX);

    for (size_t i = 0; i < n; i++) {
        const char *place = place_of(sinks[i], c);

        if (place == NULL || place[0] == '\0')
            continue;
        if (sinks[i]->check != NULL && sinks[i]->check(c, f) < 0)
            return -1;
        if (outfile_check(sinks[i]->option, place, f) < 0)
            return -1;
        reports[n_reports++] = (struct clash_report){sinks[i]->option, place};
    }
    return clash_check(reports, n_reports, c, f);
}

int
report_open(struct report *rp, const struct report_sink *const *sinks, size_t n,
            const struct conf *c, struct fail *f)
{
    FILE *out = report_people(sinks, n, c);
    struct sink_opts o = {.conf = c,
                          .out = out,
                          .out_is_terminal = isatty(fileno(out)) != 0,
                          .is_quiet = rp->is_quiet};

    o.has_ink = ink_is_wanted(o.out_is_terminal, getenv("NO_COLOR"), getenv("TERM"));

    assert(n <= REPORT_SINKS_MAX);

    rp->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct report_open_sink *s = &rp->open[rp->n];

        if (!is_wanted(sinks[i], c))
            continue;
        *s = (struct report_open_sink){.sink = sinks[i]};
        o.place = place_of(sinks[i], c);
        if (sinks[i]->open(&s->state, &o, f) < 0) {
            report_close(rp);
            return -1;
        }
        rp->n++;
    }
    return 0;
}

void
report_row(struct report *rp, const struct result_interval *row)
{
    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink->row != NULL)
            rp->open[i].sink->row(rp->open[i].state, row);
}

void
report_second(struct report *rp, const struct result_interval *second)
{
    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink->second != NULL)
            rp->open[i].sink->second(rp->open[i].state, second);
}

void
report_rate_change(struct report *rp, const struct result_rate_change *change)
{
    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink->rate_change != NULL)
            rp->open[i].sink->rate_change(rp->open[i].state, change);
}

void
report_trial(struct report *rp, const struct result *r)
{
    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink->trial != NULL)
            rp->open[i].sink->trial(rp->open[i].state, r);
}

void
report_snapshot(struct report *rp, const struct result *r)
{
    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink->snapshot != NULL)
            rp->open[i].sink->snapshot(rp->open[i].state, r);
}

int
report_end(struct report *rp, const struct result *r, struct fail *f)
{
    int err = 0;

    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink->end != NULL && rp->open[i].sink->end(rp->open[i].state, r, f) < 0)
            err = -1;
    return err;
}

void
report_close(struct report *rp)
{
    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink->close != NULL)
            rp->open[i].sink->close(rp->open[i].state);
    rp->n = 0;
}
