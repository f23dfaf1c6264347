/* SPDX-License-Identifier: BSD-3-Clause */
/* See search.h. */
#include "report/search.h"

#include "conf/search.h"
#include "report/format.h"

static const char *const end_names[SEARCH_ENDS] = {
    [SEARCH_END_REGULAR] = "regular",     [SEARCH_END_MAX] = "max_load",
    [SEARCH_END_MIN] = "min_load",        [SEARCH_END_GENERATOR] = "generator",
    [SEARCH_END_CUT_SHORT] = "cut_short",
};

static const char *const end_words[SEARCH_ENDS] = {
    [SEARCH_END_REGULAR] = "both bounds are found, no farther apart than the goal's width",
    [SEARCH_END_MAX] = "the largest load that was tried is borne: there may be more",
    [SEARCH_END_MIN] = "the smallest load that was tried is too much: there may be less",
    [SEARCH_END_GENERATOR] = "this generator does not reach what would be too much",
    [SEARCH_END_CUT_SHORT] = "the search was ended before its end: the bounds are as far as known",
};

static const char *const bound_names[SEARCH_BOUNDS] = {
    [SEARCH_UNDECIDED] = "undecided",
    [SEARCH_LOWER] = "lower",
    [SEARCH_UPPER] = "upper",
};

static const char *const step_names[SEARCH_STEPS] = {
    [SEARCH_STEP_MAX] = "largest load",    [SEARCH_STEP_HINT] = "what was taken",
    [SEARCH_STEP_UP] = "further up",       [SEARCH_STEP_DOWN] = "further down",
    [SEARCH_STEP_HALVE] = "in the middle", [SEARCH_STEP_CONFIRM] = "confirm",
    [SEARCH_STEP_REPEAT] = "once more",    [SEARCH_STEP_AGAIN] = "again",
};

const char *
search_class_of(const struct search *s, const struct search_trial *t)
{
    if (t->outcome.is_generator)
        return "generator";
    return search_is_high(s, 0, t) ? "high_loss" : "low_loss";
}

int
search_check_found(const struct result *r, struct fail *f)
{
    const struct search *s = &r->search->search;

    for (unsigned i = 0; i < s->opts.n_goals; i++)
        if (!search_result_of(s, i).has_lower)
            return fail_set(f, EXIT_CRITERION, "goal %u of the search has no lower bound: %s",
                            i + 1, end_words[search_result_of(s, i).end]);
    return 0;
}

/* -- for people --------------------------------------------------------------------------- */

/* "19,937"; with decimals where it is small. */
static const char *
format_load(const struct conf *c, double load, char buf[static FORMAT_TEXT_MAX])
{
    double shown = conf_search_load(c, load);

    if (shown >= 1000)
        return format_grouped((uint64_t)(shown + 0.5), buf);
    snprintf(buf, FORMAT_TEXT_MAX, "%.*f", shown == (double)(uint64_t)shown ? 0 : 3, shown);
    return buf;
}

const char *
search_format_load(const struct result *r, uint64_t load, char buf[static SEARCH_LOAD_MAX])
{
    char number[FORMAT_TEXT_MAX];

    snprintf(buf, SEARCH_LOAD_MAX, "%s %s", format_load(r->conf, (double)load, number),
             conf_search_unit(r->conf));
    return buf;
}

static void
write_trial(FILE *out, const struct result *r, unsigned i)
{
    const struct search_trial *t = &r->search->search.trials[i];
    const struct result_trial *more = &r->search->trials[i];
    char load[FORMAT_TEXT_MAX];

    fprintf(out, "  %4u %13s %8.3f s %9.4f %%  %-9s  %s; %s\n", i + 1,
            format_load(r->conf, (double)t->load, load), (double)t->ns / 1e9,
            100 * t->outcome.loss_ratio, search_class_of(&r->search->search, t), more->why,
            step_names[t->step]);
}

void
text_search_trial(FILE *out, const struct result *r)
{
    unsigned n = r->search->search.n_trials;

    fputs("  trial", out);
    write_trial(out, r, n - 1);
    fflush(out);
}

static void
write_goal(FILE *out, const struct result *r, unsigned i)
{
    const struct search *s = &r->search->search;
    const struct search_goal *g = &s->opts.goals[i];
    struct search_result found = search_result_of(s, i);
    char lower[FORMAT_TEXT_MAX], upper[FORMAT_TEXT_MAX], through[FORMAT_TEXT_MAX];

    fprintf(out, "  goal %u: trials of %g s, %g s in all, loss %g %%, exceeded by %g %% of them\n",
            i + 1, (double)g->final_ns / 1e9, (double)g->sum_ns / 1e9, 100 * g->loss_ratio,
            100 * g->exceed_ratio);
    fprintf(out, "    relevant lower bound   %13s %s\n",
            found.has_lower ? format_load(r->conf, (double)found.lower, lower) : "none",
            conf_search_unit(r->conf));
    fprintf(out, "    relevant upper bound   %13s\n",
            found.has_upper ? format_load(r->conf, (double)found.upper, upper) : "none");
    fprintf(out, "    conditional throughput %13s\n",
            found.has_lower ? format_load(r->conf, found.conditional_throughput, through) : "none");
    fprintf(out, "    %s\n", end_words[found.end]);
}

void
text_search_so_far(FILE *out, const struct result *r)
{
    const struct search *s = &r->search->search;

    for (unsigned i = 0; i < s->opts.n_goals; i++) {
        struct search_result found = search_result_of(s, i);
        char lower[FORMAT_TEXT_MAX], upper[FORMAT_TEXT_MAX];

        fprintf(out, "  goal %u, loss %g %%: lower bound %s, upper bound %s %s\n", i + 1,
                100 * s->opts.goals[i].loss_ratio,
                found.has_lower ? format_load(r->conf, (double)found.lower, lower) : "none yet",
                found.has_upper ? format_load(r->conf, (double)found.upper, upper) : "none yet",
                found.has_lower || found.has_upper ? conf_search_unit(r->conf) : "");
    }
}

void
text_search_trials(FILE *out, const struct result *r)
{
    fprintf(out, "  %4s %13s %10s %11s  %-9s  %s\n", "", "load", "duration", "loss", "class",
            "why; what the trial was for");
    for (unsigned i = 0; i < r->search->search.n_trials; i++)
        write_trial(out, r, i);
}

void
text_search(FILE *out, const struct result *r)
{
    if (r->search == NULL)
        return;
    fputs("\nsearch\n", out);
    for (unsigned i = 0; i < r->search->search.opts.n_goals; i++)
        write_goal(out, r, i);
    text_search_trials(out, r);
}

/* -- JSON --------------------------------------------------------------------------------- */

static json_t *
load_json(const struct result *r, bool is_there, double load)
{
    return is_there ? tree_number(conf_search_load(r->conf, load), 3) : json_null();
}

static void
put_bounds(struct json_tree *t, json_t *o, const struct result *r,
           const struct search_result *found)
{
    tree_put(t, o, "relevant_lower_bound", load_json(r, found->has_lower, (double)found->lower));
    tree_put(t, o, "relevant_upper_bound", load_json(r, found->has_upper, (double)found->upper));
    tree_put(t, o, "conditional_throughput",
             load_json(r, found->has_lower, found->conditional_throughput));
}

static json_t *
trial_json(struct json_tree *t, const struct result *r, unsigned i)
{
    const struct search *s = &r->search->search;
    const struct search_trial *trial = &s->trials[i];
    const struct result_trial *more = &r->search->trials[i];
    json_t *o = json_object();

    tree_put(t, o, "load", load_json(r, true, (double)trial->load));
    tree_put(t, o, "duration_s", tree_number((double)trial->ns / 1e9, 3));
    tree_put(t, o, "measured_s", tree_number(more->duration_s, 6));
    tree_put(t, o, "attempted", tree_count(more->attempted));
    tree_put(t, o, "failed", tree_count(more->failed));
    tree_put(t, o, "late", tree_count(more->late));
    tree_put(t, o, "late_failed", tree_count(more->late_failed));
    tree_put(t, o, "loss_ratio", tree_number(trial->outcome.loss_ratio, 9));
    tree_put(t, o, "class", json_string(search_class_of(s, trial)));
    tree_put(t, o, "why", tree_text(more->why));
    tree_put(t, o, "step", json_string(step_names[trial->step]));
    tree_put(t, o, "goal", tree_count(trial->goal + 1));
    tree_put(t, o, "bound", json_string(bound_names[search_bound_of(s, 0, trial->load)]));
    return o;
}

static json_t *
goal_json(struct json_tree *t, const struct result *r, unsigned i)
{
    const struct search_goal *g = &r->search->search.opts.goals[i];
    struct search_result found = search_result_of(&r->search->search, i);
    json_t *o = json_object();

    tree_put(t, o, "final_trial_duration_s", tree_number((double)g->final_ns / 1e9, 3));
    tree_put(t, o, "duration_sum_s", tree_number((double)g->sum_ns / 1e9, 3));
    tree_put(t, o, "initial_trial_duration_s", tree_number((double)g->initial_ns / 1e9, 3));
    tree_put(t, o, "loss_ratio", tree_number(g->loss_ratio, 6));
    tree_put(t, o, "exceed_ratio", tree_number(g->exceed_ratio, 6));
    tree_put(t, o, "width", tree_number(g->width, 6));
    put_bounds(t, o, r, &found);
    tree_put(t, o, "regular", json_boolean(found.end == SEARCH_END_REGULAR));
    tree_put(t, o, "end", json_string(end_names[found.end]));
    return o;
}

json_t *
search_json(struct json_tree *t, const struct result *r)
{
    json_t *o, *trials, *goals;
    struct search_result first;

    if (r->search == NULL)
        return json_null();
    o = json_object();
    trials = json_array();
    goals = json_array();
    first = search_result_of(&r->search->search, 0);
    tree_put(t, o, "unit", json_string(conf_search_unit(r->conf)));
    put_bounds(t, o, r, &first);
    for (unsigned i = 0; i < r->search->search.n_trials; i++)
        tree_append(t, trials, trial_json(t, r, i));
    for (unsigned i = 0; i < r->search->search.opts.n_goals; i++)
        tree_append(t, goals, goal_json(t, r, i));
    tree_put(t, o, "trials", trials);
    tree_put(t, o, "goals", goals);
    return o;
}
