/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_course.h. */
#include "report/text_course.h"

#include "base/wrap.h"
#include "conf/phases.h"
#include "conf/value.h"

static const struct wrap line = {.indent = 0, .hang = 2, .width = WRAP_TERMINAL};

/* More are in the result's file. */
static const unsigned CHANGES_SHOWN = 5;

static void
write_measured(FILE *out, const void *arg)
{
    const struct result *r = arg;

    fprintf(out,
            "measured: %s, %.1f s to %.1f s; limit, criteria, rates and latencies are of that, "
            "counts of the whole run",
            conf_phase_names[PHASE_SUSTAIN], r->measured_begin_s, r->measured_end_s);
}

static void
write_changes(FILE *out, const void *arg)
{
    const struct result *r = arg;
    char from[VALUE_TEXT_MAX], to[VALUE_TEXT_MAX];

    for (unsigned i = 0; i < r->n_rate_changes && i < CHANGES_SHOWN; i++) {
        const struct result_rate_change *c = &r->rate_changes[i];

        fprintf(out, "%s at %.1f s %s/s to %s/s", i == 0 ? "rate changed:" : ",", c->t_s,
                value_format_rate(c->from_milli, from), value_format_rate(c->to_milli, to));
    }
    if (r->n_rate_changes > CHANGES_SHOWN)
        fprintf(out, ", and %u times more", r->n_rate_changes - CHANGES_SHOWN);
}

static void
write_abort(FILE *out, const void *arg)
{
    const struct result *r = arg;

    fprintf(out, "aborted: after %.1f s, since '%s' did not hold", r->abort.t_s,
            r->abort.criterion);
}

void
text_course(FILE *out, const struct result *r)
{
    if (r->measured != NULL)
        wrap_call(out, &line, write_measured, r);
    if (r->n_rate_changes > 0)
        wrap_call(out, &line, write_changes, r);
    if (r->abort.has_fired)
        wrap_call(out, &line, write_abort, r);
}
