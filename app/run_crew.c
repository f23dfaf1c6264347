/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_crew.h. */
#include "app/run_crew.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/signals.h"
#include "base/console.h"

/* Before the start, questions about the time until there are so many answers. */
static const unsigned ANSWERS = 64;
static const uint64_t MEET_NS = 20 * NS_PER_MS;

/* From the decision to the start, which is to come to all before: other machines, whose threads may
 * be kept from their CPUs. */
static const uint64_t GO_NS = 200 * NS_PER_MS;

/* In the middle of each second all look at each other's clocks at the same time, and answers come
 * at once. */
static const uint64_t DATE_NS = 2 * NS_PER_MS;
static const uint64_t DATE_LEAD_NS = 200 * NS_PER_US;

static_assert(sizeof(struct crew_row) <= RANKS_BYTES_MAX, "a row is a message");
static_assert(CREW_NAME_MAX <= RESULT_HOST_MAX, "a name has its place");

static uint64_t
now_of_run(const void *run)
{
    return run_now_ns(run);
}

/* -- before the start ----------------------------------------------------------------------- */

static void
take_row(void *arg, unsigned from, const struct ranks_message *m)
{
    struct run *run = arg;
    struct crew_row row;

    (void)from;
    if (m->kind != CREW_ROW)
        return;
    memcpy(&row, m->data, sizeof(row));
    crew_rows_add(&run->rows, &row);
}

/* A moment passes. @return whether there is still something to wait for */
static bool
wait_a_moment(struct run *run)
{
    if (signals_sleep(RUN_READY_NS) == SIGNALS_END)
        run_interrupt(run);
    run_crew_look(run);
    return !run->result->interrupted && !run->result->lost.has_happened;
}

static void
describe(struct run *run)
{
    struct result *r = run->result;
    const struct crew *c = run->opts->crew;
    struct result_rank *rank = &r->ranks[0];

    r->n_ranks = 1;
    rank->rank = crew_rank(c);
    snprintf(rank->host, sizeof(rank->host), "%s", c->members[rank->rank].name);
    for (unsigned i = 0; i < r->n_cores; i++)
        r->cores[i].rank = 1;
}

void
run_crew_meet(struct run *run)
{
    struct crew *c = run->opts->crew;

    if (c == NULL)
        return;
    crew_background_end(c);
    crew_set_clock(c, now_of_run, run);
    describe(run);
    if (crew_is_hub(c)) {
        c->take = take_row;
        c->taker = run;
        while (!crew_all_met(c) && wait_a_moment(run))
            ;
        return;
    }
    do
        crew_measure(c, run_now_ns(run) + MEET_NS);
    while (c->offset.n < ANSWERS && wait_a_moment(run));
    while (!crew_tell(c, CREW_MET, NULL, 0) && wait_a_moment(run))
        ;
}

bool
run_crew_is_ready(struct run *run)
{
    struct crew *c = run->opts->crew;

    if (!run->is_crew_told && !crew_is_hub(c))
        run->is_crew_told = crew_tell(c, CREW_READY, NULL, 0);
    run_crew_look(run);
    if (crew_is_hub(c) && !c->has_go && crew_all_ready(c))
        crew_go(c, c->go_ns > 0 ? c->go_ns : run_now_ns(run) + GO_NS);
    return c->has_go;
}

uint64_t
run_crew_go_ns(const struct run *run)
{
    return run->opts->crew->go_ns;
}

/* -- while it runs -------------------------------------------------------------------------- */

/* Nothing of it goes on: what is open stays as it is. */
static void
end_for_the_lost(struct run *run)
{
    const struct crew_loss *l = &run->opts->crew->lost;
    uint64_t start_ns = schedule_start_ns(&run->schedule);
    struct result_lost *lost = &run->result->lost;

    if (lost->has_happened)
        return;
    *lost = (struct result_lost){.has_happened = true, .rank = l->rank};
    snprintf(lost->host, sizeof(lost->host), "%s", run->opts->crew->members[l->rank].name);
    if (start_ns != TIME_NEVER)
        lost->since_s = ((double)l->since_ns - (double)start_ns) / (double)NS_PER_SEC;
    schedule_cut_short(&run->schedule, run_now_ns(run));
    schedule_quit(&run->schedule);
}

static void
follow_rate(struct run *run)
{
    struct crew_rate *rate = &run->opts->crew->rate;
    struct course_wish wish = {.has_rate = true, .rate_milli = rate->milli};
    struct result_rate_change change = {.to_milli = rate->milli};
    uint64_t now_ns = run_now_ns(run), start_ns = schedule_start_ns(&run->schedule), at_ns;

    if (!rate->is_pending || start_ns == TIME_NEVER || !run_course_is_free(run))
        return;
    rate->is_pending = false;
    wish.at_ns = start_ns + rate->after_ns;
    change.from_milli = course_rate_milli(&run->course, now_ns);
    at_ns = course_announce(&run->course, &wish, now_ns);
    change.t_s = (double)(at_ns - start_ns) / (double)NS_PER_SEC;
    if (!crew_is_hub(run->opts->crew))
        report_result_add_rate_change(run->result, &change);
}

static void
keep_date(struct run *run)
{
    struct crew *c = run->opts->crew;
    uint64_t start_ns = schedule_start_ns(&run->schedule), now_ns = run_now_ns(run);

    if (start_ns == TIME_NEVER || now_ns < start_ns)
        return;
    if (run->next_date_ns == 0) {
        run->next_date_ns = start_ns + NS_PER_SEC / 2;
        offset_begin(&c->offset);
    }
    if (now_ns + DATE_LEAD_NS < run->next_date_ns)
        return;
    if (crew_is_hub(c))
        crew_serve(c, run->next_date_ns + DATE_NS);
    else if (now_ns < run->next_date_ns + DATE_NS)
        crew_measure(c, run->next_date_ns + DATE_NS);
    while (run->next_date_ns <= now_ns + DATE_LEAD_NS)
        run->next_date_ns += NS_PER_SEC;
}

uint64_t
run_crew_rest_ns(const struct run *run, uint64_t ns)
{
    uint64_t now_ns = run_now_ns(run), at_ns = run->next_date_ns;

    if (run->opts->crew == NULL || at_ns == 0)
        return ns;
    return at_ns <= now_ns ? 0 : u64_min(ns, at_ns - now_ns);
}

static unsigned
count_there(const struct crew *c)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->ranks->n; i++)
        n += !c->members[i].is_lost;
    return n;
}

static void
show_rows(struct run *run, bool is_last)
{
    struct result_interval row;

    while (crew_rows_next(&run->rows, count_there(run->opts->crew), is_last, &row))
        report_second(run->opts->report, &row);
}

void
run_crew_look(struct run *run)
{
    struct crew *c = run->opts->crew;

    if (c == NULL)
        return;
    keep_date(run);
    crew_look(c);
    if (c->lost.has_happened)
        end_for_the_lost(run);
    if (c->wants_stop && !run->result->interrupted)
        run_interrupt(run);
    follow_rate(run);
    if (crew_is_hub(c))
        show_rows(run, false);
}

/* This one follows as the others do, when it has passed the last waypoint. */
bool
run_crew_tell_rate(struct run *run, uint64_t at_ns, uint64_t milli)
{
    struct crew *c = run->opts->crew;
    struct crew_rate rate = {
        .is_pending = true, .after_ns = at_ns - schedule_start_ns(&run->schedule), .milli = milli};

    if (c->rate.is_pending || c->is_rate_due)
        return false;
    crew_tell_rate(c, &rate);
    return true;
}

void
run_crew_second(struct run *run, const struct result_interval *second)
{
    struct crew *c = run->opts->crew;
    struct crew_row row = {.row = *second};

    if (c == NULL) {
        report_second(run->opts->report, second);
        return;
    }
    for (unsigned i = 0; i < run->result->n_cores; i++)
        row.n_cores[run->result->cores[i].role]++;
    if (crew_is_hub(c))
        crew_rows_add(&run->rows, &row);
    else
        (void)crew_tell(c, CREW_ROW, &row, sizeof(row)); /* what is late is not shown */
}

/* -- after the end -------------------------------------------------------------------------- */

static struct result_clock
clock_of(const struct offset_sample *s)
{
    return (struct result_clock){.offset_us = (double)s->ns / (double)NS_PER_US,
                                 .uncertainty_us = (double)s->uncertainty_ns / (double)NS_PER_US};
}

void
run_crew_gather(struct run *run)
{
    struct crew *c = run->opts->crew;
    struct result_rank *rank = &run->result->ranks[0];
    double ppb, uncertainty_ppb;

    if (c == NULL)
        return;
    if (crew_is_hub(c))
        show_rows(run, true);
    rank->has_clock = !crew_is_hub(c);
    rank->begin = clock_of(&c->offset.first);
    rank->end = clock_of(&c->offset.last);
    rank->has_drift = !crew_is_hub(c) && offset_drift(&c->offset, &ppb, &uncertainty_ppb);
    if (!rank->has_drift)
        return;
    rank->drift_ppm = ppb / 1000;
    rank->drift_uncertainty_ppm = uncertainty_ppb / 1000;
}

int
run_crew_end(struct run *run, struct fail *f)
{
    struct crew *c = run->opts->crew;
    bool is_lost;

    if (c == NULL)
        return 0;
    is_lost = run->result->lost.has_happened;
    c->take = NULL;
    crew_reset_clock(c);
    crew_background_begin(c);
    if (!is_lost || schedule_start_ns(&run->schedule) != TIME_NEVER)
        return 0;
    (void)crew_explain(c, TIME_NEVER, f);
    if (!crew_is_hub(c) && (c->lost.rank != 0 || crew_rank(c) != 1))
        f->text[0] = '\0'; /* once is enough */
    return -1;
}
