/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_rate.h. */
#include "app/run_rate.h"

#include <inttypes.h>

#include "app/run_crew.h"
#include "conf/value.h"

int
run_rate_may_change(const struct run *run, struct fail *f)
{
    if (!run->sampler.has_role[ROLE_CLIENT])
        return fail_set(f, EXIT_USAGE, "rate: a server begins nothing, and has no rate");
    if (!course_has_rate(&run->course))
        return fail_set(f, EXIT_USAGE,
                        "rate: this run is a closed loop, which has no rate: it begins a "
                        "connection whenever fewer than --connections are open");
    if (run->searching.found != NULL)
        return fail_set(f, EXIT_USAGE,
                        "rate: this run is a search, which has a rate for each trial");
    return 0;
}

int
run_rate_read(const struct run *run, const char *text, uint64_t *milli, struct fail *f)
{
    struct value_why why;

    if (run_rate_may_change(run, f) < 0)
        return -1;
    if (value_rate(text, milli, &why) < 0)
        return fail_set(f, EXIT_USAGE, "rate: %s", why.text);
    if (*milli > 1000 * LOAD_RATE_MAX)
        return fail_set(f, EXIT_USAGE, "rate: %s is too much; allowed is 0 to %" PRIu64, text,
                        (uint64_t)LOAD_RATE_MAX);
    if (schedule_start_ns(&run->schedule) == TIME_NEVER)
        return fail_set(f, EXIT_HOST, "rate: the load has not begun");
    if (run_now_ns(run) >= schedule_stop_ns(&run->schedule))
        return fail_set(f, EXIT_HOST, "rate: the load has stopped; what is open drains");
    return 0;
}

uint64_t
run_rate_milli(const struct run *run)
{
    return course_rate_milli(&run->course, run_now_ns(run));
}

/* From @at_ns on, which lies a moment ahead. */
static struct result_rate_change
note_change(struct run *run, uint64_t at_ns, uint64_t from_milli, uint64_t to_milli)
{
    struct result_rate_change change = {.t_s = (double)(at_ns - schedule_start_ns(&run->schedule)) /
                                               (double)NS_PER_SEC,
                                        .from_milli = from_milli,
                                        .to_milli = to_milli};

    report_result_add_rate_change(run->result, &change);
    report_rate_change(run->opts->report, &change);
    return change;
}

/* Far enough ahead that every rank has heard of it. */
static const uint64_t TOGETHER_NS = 300 * NS_PER_MS;

static bool
change_together(struct run *run, uint64_t milli, struct result_rate_change *change)
{
    uint64_t now_ns = run_now_ns(run), at_ns = now_ns + TOGETHER_NS;
    uint64_t before = course_rate_milli(&run->course, now_ns);

    if (!run_crew_tell_rate(run, at_ns, milli))
        return false;
    *change = note_change(run, at_ns, before, milli);
    return true;
}

bool
run_rate_change(struct run *run, uint64_t milli, struct result_rate_change *change)
{
    struct course_wish wish = {.has_rate = true, .rate_milli = milli};
    uint64_t now_ns = run_now_ns(run), before = course_rate_milli(&run->course, now_ns);

    if (!run_course_is_free(run))
        return false;
    if (run->opts->crew != NULL)
        return change_together(run, milli, change);
    *change = note_change(run, course_announce(&run->course, &wish, now_ns), before, milli);
    return true;
}
