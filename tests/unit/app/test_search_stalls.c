/* SPDX-License-Identifier: BSD-3-Clause */
/* A search against a server whose limit is known, by a generator that is taken from its CPU at any
 * time, as on a machine that others use, too: in virtual time, all of it but the wire. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <string.h>

#include "../bisection.h"
#include "app/trial_judge.h"
#include "base/rng.h"
#include "search/preset.h"
#include "sess/late.h"
#include "sess/limit.h"

/* A poll takes up to so long, and begins as many connections at most. */
static const uint64_t POLL_NS = 30 * NS_PER_US;
static const unsigned STARTS_PER_POLL = 32;

struct machine {
    double stalls_per_s;
    uint64_t stall_max_ns; /* as likely as any shorter one */
};

static struct machine machine;
static struct rng rng;
static struct limit limit;
static struct late late;
static struct conf conf;
static struct result part;
static struct criteria criteria;
static struct search search;
static uint64_t now_ns, stall_ns; /* the clock, and when the next stall begins */
static unsigned n_lossy;          /* trials of which something failed, and nothing on time */

static double
uniform(void)
{
    return (double)(rng_next(&rng) >> 11) / 9007199254740992.0;
}

/* One iteration passes, or what kept the worker from it. */
static void
pass(void)
{
    now_ns += 1 + (uint64_t)(uniform() * (double)POLL_NS);
    if (machine.stalls_per_s == 0 || now_ns < stall_ns)
        return;
    now_ns += (uint64_t)(uniform() * (double)machine.stall_max_ns);
    stall_ns = now_ns + (uint64_t)(-log(1 - uniform()) / machine.stalls_per_s * (double)NS_PER_SEC);
}

/* The server looks when the client does. What is due begins. */
static uint64_t
begin_due(struct stat_block *b, uint64_t begin_ns, uint64_t rate, uint64_t from, uint64_t n)
{
    struct late_batch batch = {0};
    uint64_t failed_ns[STARTS_PER_POLL], i = from;
    unsigned n_failed = 0;

    for (; i < n && i - from < STARTS_PER_POLL; i++) {
        uint64_t intended_ns = begin_ns + i * NS_PER_SEC / rate;

        if (intended_ns > now_ns)
            break;
        late_add(&batch, intended_ns, now_ns);
        hist_record(&b->latency[LAT_lateness], now_ns - intended_ns);
        if (!limit_take(&limit, now_ns))
            failed_ns[n_failed++] = intended_ns;
    }
    b->counters[CTR_late_starts] += batch.n_late;
    b->counters[CTR_starts_after_late] += late_mark_batch(&late, &batch, now_ns);
    for (unsigned k = 0; k < n_failed; k++)
        b->counters[CTR_late_failures] += late_has(&late, failed_ns[k]);
    b->counters[CTR_failed] += n_failed;
    limit_look(&limit, 0, now_ns);
    return i - from;
}

static struct search_outcome
try(const struct search_trial *t)
{
    struct trial_asked asked = {.due = (double)t->load * (double)t->ns / NS_PER_SEC,
                                .load_s = (double)t->ns / NS_PER_SEC};
    uint64_t n = (uint64_t)asked.due, begin_ns, i = 0;
    struct stat_block *b;
    struct search_outcome outcome;
    struct result_trial trial;
    struct fail f;

    cr_assert(eq(int, report_result_init(&part, 1, &f), 0));
    part.conf = &conf;
    part.cores[0].role = ROLE_CLIENT;
    b = &part.cores[0].total;
    now_ns += 100 * NS_PER_MS; /* a pause */
    begin_ns = now_ns;
    while (i < n) {
        pass();
        i += begin_due(b, begin_ns, t->load, i, n);
    }
    b->counters[CTR_attempted] = n;
    b->failures[FAILURE_refused] = b->counters[CTR_failed];
    b->counters[CTR_established] = b->counters[CTR_closed] = n - b->counters[CTR_failed];
    b->end_ns = now_ns - begin_ns;
    report_result_sum(&part);
    trial_judge(&part, &asked, &criteria, &outcome, &trial);
    n_lossy += trial.failed > 0 && !(outcome.loss_ratio > 0) && !outcome.is_generator;
    report_result_fini(&part);
    return outcome;
}

/* @return the seconds of all trials. */
static double
search_for(const char *preset, uint64_t target_limit, uint64_t max, uint64_t seed)
{
    struct search_opts opts = {.goals = {search_preset_by_name(preset)->goals[0]},
                               .n_goals = 1,
                               .min = max / 1000,
                               .max = max,
                               .grain = 1};
    const struct search_trial *t;
    double seconds = 0;

    rng = (struct rng){.state = seed};
    now_ns = NS_PER_SEC;
    stall_ns = 0;
    n_lossy = 0;
    conf.n_classes = 1;
    late_init(&late);
    limit_init(&limit, target_limit, 1);
    search_init(&search, &opts);
    while ((t = search_next(&search)) != NULL) {
        struct search_outcome outcome = try(t);

        seconds += (double)t->ns / NS_PER_SEC;
        search_add(&search, &outcome);
    }
    return seconds;
}

struct row {
    char preset[8];
    uint64_t limit, max;
    struct machine machine;
};

/* 4 to 5 ms now and then is what a busy host does; then one that is worse. */
ParameterizedTestParameters(search_stalls, the_answer_is_the_same_five_times)
{
    static struct row rows[] = {
        {"quick", 10000, 30000, {0, 0}},
        {"quick", 10000, 30000, {2, 5 * NS_PER_MS}},
        {"quick", 20000, 60000, {10, 5 * NS_PER_MS}},
        {"quick", 100000, 250000, {2, 5 * NS_PER_MS}},
        {"quick", 100000, 250000, {30, 400 * NS_PER_US}},
        {"rfc2544", 10000, 30000, {2, 5 * NS_PER_MS}},
        {"rfc2544", 20000, 60000, {5, 5 * NS_PER_MS}},
        {"tst009", 20000, 60000, {2, 10 * NS_PER_MS}},
    };

    return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct row *r, search_stalls, the_answer_is_the_same_five_times, .timeout = 300)
{
    uint64_t first = 0;

    machine = r->machine;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        double seconds = search_for(r->preset, r->limit, r->max, seed);
        struct search_result found = search_result_of(&search, 0);

        first = seed == 1 ? found.lower : first;
        cr_expect(eq(uint, found.end, SEARCH_END_REGULAR));
        cr_expect(le(dbl, fabs((double)found.lower - (double)r->limit), 0.01 * (double)r->limit));
        cr_expect(eq(u64, found.lower, first));
        if (machine.stall_max_ns > NS_PER_MS)
            cr_expect(lt(uint, 0, n_lossy));
        if (strcmp(r->preset, "rfc2544") == 0)
            cr_expect(le(dbl, seconds,
                         bisection_s((double)r->limit, (double)r->max / 1000, (double)r->max,
                                     &search.opts.goals[0]) /
                             3));
    }
}
