/* SPDX-License-Identifier: BSD-3-Clause */
/* See course.h. Section numbers are RFC 9411's. */
#include "suite/course.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A last iteration that did not hold is made again with so much less, so often. */
static const double STEP_DOWN = 0.95;
enum { ATTEMPTS_MAX = 3 };
static_assert(2 + 2 * ATTEMPTS_MAX <= SUITE_STEPS_MAX, "the initial one, the search, and these");
/* 7.5.3.2: connections join with so much of the rate that 7.2 found. */
static const double OF_RATE = 0.5;
/* 7.4.3.2: latency is measured at so much of what 7.2 and 7.3 found. */
static const double OF_FOUND = 0.5;
/* Of a connection, until a run has shown it: bytes of headers of a request and its answer, of
 * TCP's segments around them, and of a TLS handshake. */
static const double BYTES_OF_REQUEST = 450, BYTES_OF_CONNECTION = 500, BYTES_OF_TLS = 3500;
static const double HEADERS = 1.05; /* a full segment's share */

const char *const suite_stage_names[SUITE_STAGES] = {
    [SUITE_INITIAL] = "initial",
    [SUITE_TARGET] = "target",
    [SUITE_SEARCH] = "search",
    [SUITE_FINAL] = "final",
};

/* -- cases ---------------------------------------------------------------------------------- */

const char *
suite_size_name(uint64_t bytes, char buf[static VALUE_TEXT_MAX])
{
    if (bytes == SUITE_MIXED)
        snprintf(buf, VALUE_TEXT_MAX, "mixed");
    else
        value_format_count(bytes, buf);
    return buf;
}

static int
find_case(const struct suite_cases *all, int test, uint64_t bytes)
{
    for (unsigned i = 0; i < all->n; i++)
        if ((int)all->list[i].test == test && (bytes == 0 || all->list[i].bytes == bytes))
            return (int)i;
    return SUITE_NONE;
}

static struct suite_case *
add_case(struct suite_cases *all, enum suite_id test, uint64_t bytes, const char *suffix)
{
    struct suite_case *c = &all->list[all->n];
    char size[VALUE_TEXT_MAX];

    assert(all->n < SUITE_CASES_MAX);
    *c = (struct suite_case){.test = test,
                             .bytes = bytes,
                             .requests = suite_tests[test].requests,
                             .needs = SUITE_NONE,
                             .is_throughput = suite_tests[test].kind == SUITE_THROUGHPUT ||
                                              suite_tests[test].kind == SUITE_MIX};
    snprintf(c->name, sizeof(c->name), "%s%s%s%s", suite_tests[test].id, bytes > 0 ? "-" : "",
             bytes > 0 ? suite_size_name(bytes, size) : "", suffix);
    all->n++;
    return c;
}

/* 7.4.1: one transaction a connection, and ten. */
static void
add_latency(struct suite_cases *all, enum suite_id test, uint64_t bytes)
{
    const struct suite_test *t = &suite_tests[test];
    struct suite_case *c = add_case(all, test, bytes, "-single");

    c->needs = find_case(all, t->rate_of, bytes);
    c = add_case(all, test, bytes, "-ten");
    c->requests = 10;
    c->is_throughput = true;
    c->needs = find_case(all, t->throughput_of, bytes);
}

static void
add_test(struct suite_cases *all, const struct suite_plan *p, enum suite_id test)
{
    const struct suite_test *t = &suite_tests[test];
    const struct suite_sizes *sizes = t->kind == SUITE_RATE         ? &p->rate_sizes
                                      : t->kind == SUITE_THROUGHPUT ? &p->throughput_sizes
                                      : t->kind == SUITE_LATENCY    ? &p->latency_sizes
                                                                    : NULL;

    /* Section 5: the smallest object of the throughput's; RFC 3511: one object. */
    if (test == SUITE_REFERENCE || test >= SUITE_3511_5_2) {
        add_case(all, test,
                 test == SUITE_REFERENCE ? p->throughput_sizes.list[0] : p->rate_sizes.list[0], "");
        return;
    }
    if (t->kind == SUITE_CAPACITY) { /* 7.5.3.2: 1 KB objects */
        struct suite_case *c = add_case(all, test, 1000, "");

        c->needs = find_case(all, t->rate_of, 1000);
        if (c->needs < 0)
            c->needs = find_case(all, t->rate_of, 0);
        return;
    }
    if (sizes == NULL) {
        add_case(all, test, 0, "");
        return;
    }
    for (unsigned i = 0; i < sizes->n; i++)
        if (t->kind == SUITE_LATENCY)
            add_latency(all, test, sizes->list[i]);
        else
            add_case(all, test, sizes->list[i], "");
}

void
suite_init(struct suite *s, const struct suite_plan *plan)
{
    *s = (struct suite){.plan = plan};
    for (int i = 0; i < SUITE_TESTS; i++)
        if (plan->has_test[i])
            add_test(&s->cases, plan, (enum suite_id)i);
    for (unsigned i = 0; i < s->cases.n; i++)
        s->courses[i].last = SUITE_NONE;
}

const char *
suite_unit(const struct suite_case *c)
{
    return suite_is_capacity(c) ? "" : c->is_throughput ? "bit/s" : "/s";
}

/* -- loads ---------------------------------------------------------------------------------- */

static double
mean_bytes(const struct suite_sizes *sizes)
{
    double sum = 0, mixed = 0;

    for (unsigned i = 0; i < SUITE_MIXED_SIZES; i++)
        mixed += suite_mixed[i];
    for (unsigned i = 0; i < sizes->n; i++)
        sum += sizes->list[i] == SUITE_MIXED ? mixed / SUITE_MIXED_SIZES : (double)sizes->list[i];
    return sum / sizes->n;
}

static double
guess_bits(const struct suite_sizes *sizes, double requests, bool is_tls)
{
    double bytes = requests * (mean_bytes(sizes) * HEADERS + BYTES_OF_REQUEST) +
                   BYTES_OF_CONNECTION + (is_tls ? BYTES_OF_TLS : 0);

    return 8 * bytes;
}

double
suite_application_bits(const struct suite_application *a)
{
    return guess_bits(&a->sizes, (double)a->requests, a->is_tls);
}

/* Connections of an application are as many as its share of the traffic asks for. */
static double
guess_mix(const struct suite_plan *p)
{
    double connections = 0;

    for (unsigned i = 0; i < p->n_applications; i++)
        connections += p->applications[i].share_ppm / suite_application_bits(&p->applications[i]);
    return VALUE_SHARE_ALL / connections;
}

/* Of a connection of the case: as the last step has shown it. */
static double
bits_of(const struct suite *s, unsigned i)
{
    const struct suite_case *c = &s->cases.list[i];
    const struct suite_course *course = &s->courses[i];
    const struct suite_sizes sizes = {.n = 1, .list = {c->bytes}};

    for (unsigned k = course->n; k > 0; k--)
        if (course->list[k - 1].bits > 0)
            return course->list[k - 1].bits;
    if (suite_tests[c->test].kind == SUITE_MIX)
        return guess_mix(s->plan);
    return guess_bits(&sizes, c->requests, suite_tests[c->test].is_tls);
}

/* The target objective. */
static double
target_of(const struct suite *s, unsigned i)
{
    const struct suite_case *c = &s->cases.list[i];
    const struct suite_side *side = &s->plan->sides[suite_tests[c->test].is_tls];

    if (c->test == SUITE_REFERENCE)
        return (double)s->plan->reference_bps;
    switch (suite_tests[c->test].kind) {
    case SUITE_THROUGHPUT:
        return (double)side->throughput_bps;
    case SUITE_MIX:
        return (double)s->plan->mix_bps;
    case SUITE_RATE:
    case SUITE_TEARDOWN:
        return (double)side->cps_milli / 1000;
    case SUITE_LATENCY:
        return OF_FOUND * s->courses[c->needs].value;
    case SUITE_CAPACITY:
        return (double)side->connections;
    }
    return 0;
}

/* What is asked of the generator for @objective: of a throughput not less than that. */
static double
load_of(const struct suite *s, unsigned i, double objective)
{
    return s->cases.list[i].is_throughput ? ceil(objective / bits_of(s, i) - 1e-9) : objective;
}

/* -- steps ---------------------------------------------------------------------------------- */

static bool
end_case(struct suite_course *course, enum suite_end end, const char *why)
{
    course->end = end;
    snprintf(course->why, sizeof(course->why), "%s", why);
    return false;
}

/* The case has passed with its last step. */
static bool
pass(struct suite *s, unsigned i)
{
    struct suite_course *course = &s->courses[i];
    const struct suite_case *c = &s->cases.list[i];
    const struct suite_outcome *o;

    course->last = (int)course->n - 1;
    o = &course->list[course->last];
    course->value = suite_is_capacity(c)                          ? o->kpis[SUITE_KPI_CONCURRENT]
                    : c->is_throughput                            ? o->kpis[SUITE_KPI_THROUGHPUT]
                    : suite_tests[c->test].kind == SUITE_TEARDOWN ? o->kpis[SUITE_KPI_CLOSES]
                                                                  : o->kpis[SUITE_KPI_CPS];
    return end_case(course, SUITE_PASSED, "");
}

static bool
make(struct suite *s, unsigned i, struct suite_step *step, enum suite_stage stage, double load)
{
    const struct suite_case *c = &s->cases.list[i];
    const struct suite_course *course = &s->courses[i];

    /* A rate that ramps has to be whole. */
    *step = (struct suite_step){.stage = stage, .load = load < 1 ? 1 : floor(load)};
    for (unsigned k = 0; k < course->n; k++)
        step->attempt += course->list[k].step.stage == stage;
    /* 7.5.3.2 */
    if (suite_is_capacity(c) && c->needs >= 0)
        step->ramp_up_s = step->load / (OF_RATE * s->courses[c->needs].value);
    snprintf(step->name, sizeof(step->name), "%s-%s", c->name, suite_stage_names[stage]);
    if (step->attempt > 0)
        snprintf(step->name, sizeof(step->name), "%s-%s-%u", c->name, suite_stage_names[stage],
                 step->attempt + 1);
    return true;
}

static bool
any_passed(const struct suite *s, int test)
{
    bool has_case = false;

    for (unsigned i = 0; i < s->cases.n; i++) {
        has_case |= (int)s->cases.list[i].test == test;
        if ((int)s->cases.list[i].test == test && s->courses[i].end == SUITE_PASSED)
            return true;
    }
    return !has_case; /* it is not made */
}

/* Whether what it goes by is there. */
static bool
may_begin(struct suite *s, unsigned i)
{
    const struct suite_case *c = &s->cases.list[i];
    const struct suite_test *t = &suite_tests[c->test];
    char why[SUITE_REASON_MAX];

    if (t->before >= 0 && !any_passed(s, t->before)) {
        snprintf(why, sizeof(why), "%s comes first, and nothing of it passed",
                 suite_tests[t->before].id);
        return end_case(&s->courses[i], SUITE_NOT_RUN, why);
    }
    if (c->needs < 0 && (t->kind == SUITE_LATENCY || t->rate_of >= 0))
        return end_case(&s->courses[i], SUITE_NOT_RUN,
                        "its load follows from a test with the same object size, which the plan "
                        "does not have");
    if (c->needs >= 0 && s->courses[c->needs].end != SUITE_PASSED) {
        snprintf(why, sizeof(why), "its load follows from %s, which did not pass",
                 s->cases.list[c->needs].name);
        return end_case(&s->courses[i], SUITE_NOT_RUN, why);
    }
    return true;
}

/* Step 3: less than the last one, until it holds. */
static bool
next_final(struct suite *s, unsigned i, struct suite_step *step)
{
    const struct suite_course *course = &s->courses[i];
    const struct suite_outcome *o = &course->list[course->n - 1];

    if (o->holds)
        return pass(s, i);
    if (o->step.attempt + 1 >= ATTEMPTS_MAX)
        return end_case(&s->courses[i], SUITE_FAILED,
                        "no load was found at which all criteria hold for the whole sustain phase");
    return make(s, i, step, SUITE_FINAL, STEP_DOWN * o->step.load);
}

/* Whether the load was there, and all that is wrong is that its connections were smaller than those
 * of the step before. */
static bool
was_too_small(const struct suite *s, const struct suite_outcome *o)
{
    const double limit = s->plan->limit_ppm[SUITE_OBJECTIVE] / (double)VALUE_SHARE_ALL;

    for (int k = 0; k < SUITE_CRITERIA_COUNT; k++)
        if (o->criteria[k].applies && !o->criteria[k].holds && k != SUITE_OBJECTIVE)
            return false;
    return o->step.bps > 0 && o->step.attempt + 1 < ATTEMPTS_MAX &&
           o->kpis[SUITE_KPI_CPS] > (1 - limit) * o->step.load;
}

static bool
make_target(struct suite *s, unsigned i, struct suite_step *step)
{
    const double target = s->courses[i].target;

    (void)make(s, i, step, SUITE_TARGET, load_of(s, i, target));
    step->bps = s->cases.list[i].is_throughput ? target : 0;
    return true;
}

static bool
next_after_target(struct suite *s, unsigned i, struct suite_step *step)
{
    struct suite_course *course = &s->courses[i];
    const struct suite_outcome *o = &course->list[course->n - 1];
    enum suite_kind kind = suite_tests[s->cases.list[i].test].kind;

    if (o->holds)
        return pass(s, i);
    if (was_too_small(s, o))
        return make_target(s, i, step);
    if (kind == SUITE_LATENCY) /* 7.4.4 has no third step */
        return end_case(course, SUITE_FAILED, "not all criteria hold at the target objective");
    if (s->cases.list[i].test == SUITE_REFERENCE)
        return end_case(course, SUITE_FAILED,
                        "without the device the testbed does not reach what is asked of it");
    (void)make(s, i, step, SUITE_SEARCH, o->step.load);
    step->least = course->list[0].step.load;
    return true;
}

bool
suite_next(struct suite *s, unsigned i, struct suite_step *step)
{
    struct suite_course *course = &s->courses[i];
    const struct suite_outcome *o = course->n > 0 ? &course->list[course->n - 1] : NULL;
    double initial = s->plan->initial_ppm / (double)VALUE_SHARE_ALL;

    if (course->end != SUITE_OPEN_END || (o == NULL && !may_begin(s, i)))
        return false;
    course->target = target_of(s, i);
    if (o == NULL)
        return make(s, i, step, SUITE_INITIAL, load_of(s, i, initial * course->target));
    if (!o->has_result)
        return end_case(course, SUITE_FAILED, o->why);
    switch (o->step.stage) {
    case SUITE_INITIAL: /* 7.1.4.1: MUST NOT be continued */
        if (!o->holds)
            return end_case(course, SUITE_FAILED,
                            "not all criteria hold at the initial objective, so it ended there");
        return make_target(s, i, step);
    case SUITE_TARGET:
        return next_after_target(s, i, step);
    case SUITE_SEARCH: /* at the initial objective all criteria held */
        return make(s, i, step, SUITE_FINAL,
                    o->has_bound && o->bound > o->step.least ? o->bound : o->step.least);
    case SUITE_FINAL:
        return next_final(s, i, step);
    case SUITE_STAGES:
        break;
    }
    return false;
}

void
suite_add(struct suite *s, unsigned i, const struct suite_outcome *o)
{
    struct suite_course *course = &s->courses[i];

    assert(course->n < SUITE_STEPS_MAX);
    course->list[course->n++] = *o;
    course->last = (int)course->n - 1;
}
