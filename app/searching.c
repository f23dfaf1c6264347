/* SPDX-License-Identifier: BSD-3-Clause */
/* See searching.h. */
#include "app/searching.h"

#include "app/run_ui.h"
#include "app/trial_judge.h"

/* A reset may take so long. */
static const uint64_t RESET_MAX_NS = 60 * NS_PER_SEC;

static const struct search_trial *
wanted(const struct searching *s)
{
    return &s->found->search.trials[s->found->search.n_trials];
}

static void
finish(struct searching *s, struct run *run)
{
    s->state = SEARCHING_OVER;
    schedule_cut_short(&run->schedule, run_now_ns(run));
}

/* What is done before a trial: the reset first. */
static void
prepare(struct searching *s, struct run *run)
{
    const struct conf *conf = run->opts->conf;

    if (search_next(&s->found->search) == NULL) {
        finish(s, run);
        return;
    }
    s->state = SEARCHING_RESETS;
    if (conf->search_reset[0] != '\0' &&
        reset_hook_begin(&s->hook, conf->search_reset, run_now_ns(run), RESET_MAX_NS, &s->fail) < 0)
        finish(s, run);
}

static void
try(struct searching *s, const struct run *run)
{
    const struct conf *conf = run->opts->conf;
    const struct search_trial *t = wanted(s);
    bool has_rate = conf->search_on != SEARCH_ON_CONNECTIONS;
    struct trial_opts opts = {.has_rate = has_rate,
                              .rate_milli = has_rate ? t->load : 0,
                              .connections = has_rate ? 0 : t->load,
                              .load_ns = t->ns,
                              .drain_ns = conf->drain_ns};

    trial_begin(&s->trial, &opts);
    s->state = SEARCHING_TRIES;
}

static double
least_loss(const struct search_opts *o)
{
    double least = o->goals[0].loss_ratio;

    for (unsigned i = 1; i < o->n_goals; i++)
        least = o->goals[i].loss_ratio < least ? o->goals[i].loss_ratio : least;
    return least;
}

/* The window has what was measured. */
static void
judge(struct searching *s, struct run *run)
{
    const struct conf *conf = run->opts->conf;
    struct search *search = &s->found->search;
    uint64_t load_ns = s->trial.end_ns - s->trial.begin_ns;
    struct trial_asked asked = {.of_requests = conf->search_on == SEARCH_ON_REQUESTS,
                                .load_s = (double)load_ns / (double)NS_PER_SEC,
                                .loss_ratio = least_loss(&conf->search)};
    struct search_outcome outcome;

    if (conf->search_on != SEARCH_ON_CONNECTIONS)
        asked.due = (double)s->trial.opts.rate_milli / 1000 * asked.load_s;
    window_sum(&run->window, run->result, schedule_start_ns(&run->schedule), load_ns);
    trial_judge(&run->window.part, &asked, s->criteria, &outcome,
                &s->found->trials[search->n_trials]);
    search_add(search, &outcome);
    run_ui_trial(run);
    report_trial(run->opts->report, run->result);
}

int
searching_init(struct searching *s, struct run *run, struct fail *f)
{
    const struct conf *conf = run->opts->conf;

    *s = (struct searching){.state = SEARCHING_OFF};
    if (conf->search.n_goals == 0)
        return 0;
    if (window_init(&run->window, run->result, f) < 0)
        return -1;
    sampler_add_window(&run->sampler, &run->window);
    s->found = run->opts->search;
    s->criteria = run->opts->criteria;
    search_init(&s->found->search, &conf->search);
    run->result->search = s->found;
    return 0;
}

void
searching_begin(struct searching *s, struct run *run)
{
    if (s->found != NULL)
        prepare(s, run);
}

static void
look_at_trial(struct searching *s, struct run *run)
{
    struct trial_facts facts = {
        .course_is_free = run_course_is_free(run),
        .has_open = workers_have_open(&run->workers),
        .window_is_complete = window_is_complete(&run->window, run->sampler.is_done),
    };

    if (trial_look(&s->trial, &run->course, &run->window, &facts, run_now_ns(run)) != TRIAL_DONE)
        return;
    judge(s, run);
    prepare(s, run);
}

void
searching_look(struct searching *s, struct run *run)
{
    int runs;

    if (s->state != SEARCHING_OFF && run_now_ns(run) >= schedule_stop_ns(&run->schedule))
        s->state = SEARCHING_OVER; /* the user, --duration, or a silent target ended it */
    switch (s->state) {
    case SEARCHING_OFF:
    case SEARCHING_OVER:
        break;
    case SEARCHING_RESETS:
        runs = reset_hook_look(&s->hook, run_now_ns(run), &s->fail);
        if (runs < 0)
            finish(s, run);
        if (runs != 0)
            break;
        s->until_ns = run_now_ns(run) + run->opts->conf->search_pause_ns;
        s->state = SEARCHING_PAUSES;
        break;
    case SEARCHING_PAUSES:
        if (run_now_ns(run) >= s->until_ns)
            try(s, run);
        break;
    case SEARCHING_TRIES:
        look_at_trial(s, run);
        break;
    }
}

int
searching_end(struct searching *s, struct fail *f)
{
    reset_hook_end(&s->hook);
    if (s->fail.text[0] == '\0')
        return 0;
    *f = s->fail;
    return -1;
}
