/* SPDX-License-Identifier: BSD-3-Clause */
/* See search.h. */
#include "conf/search.h"

#include <stdio.h>
#include <string.h>

#include "conf/options.h"
#include "conf/phases.h"
#include "conf/search_goal.h"
#include "search/preset.h"

/* Loads are whole connections a second, where that is fine enough for the usual width. */
static const uint64_t WHOLE_FROM_MILLI = 1000000;

/* From the largest load down, unless told otherwise. */
static const uint64_t DEFAULT_RANGE = 1000;

double
conf_search_load(const struct conf *c, double load)
{
    return c->search_on == SEARCH_ON_CONNECTIONS ? load : load / 1000;
}

const char *
conf_search_unit(const struct conf *c)
{
    static const char *const units[] = {[SEARCH_ON_RATE] = "connections/s",
                                        [SEARCH_ON_CONNECTIONS] = "connections",
                                        [SEARCH_ON_REQUESTS] = "requests/s"};

    return units[c->search_on];
}

static int
check_unused(const struct conf *c, struct fail *f)
{
    static const char *const names[] = {"--search-min", "--search-max", "--search-pause",
                                        "--search-reset"};
    const bool are_set[] = {c->search_min_milli > 0, c->search_max_milli > 0,
                            c->search_pause_ns > 0, c->search_reset[0] != '\0'};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (are_set[i])
            return fail_set(f, EXIT_USAGE,
                            "%s: would be ignored without a search; give --search PRESET, or "
                            "--search-goal",
                            names[i]);
    return 0;
}

/* Each line is a goal, and was looked at when it was read. */
static int
read_goals(struct conf *c, struct fail *f)
{
    const struct search_preset *preset = search_preset_by_name(conf_search_names[c->search_preset]);
    struct search_opts *o = &c->search;
    struct value_why why;

    if (preset != NULL && c->search_goals[0] != '\0')
        return fail_set(f, EXIT_USAGE,
                        "--search-goal: --search %s has goals of its own; leave one of the two out",
                        preset->name);
    if (preset != NULL) {
        memcpy(o->goals, preset->goals, sizeof(o->goals));
        o->n_goals = preset->n_goals;
        return 0;
    }
    for (const char *line = c->search_goals; *line != '\0'; line += strcspn(line, "\n") + 1) {
        char text[CONF_LINES_MAX];

        if (o->n_goals == SEARCH_GOALS_MAX)
            return fail_set(f, EXIT_USAGE, "--search-goal: there are more than %d goals",
                            SEARCH_GOALS_MAX);
        snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
        if (search_goal_parse(text, &o->goals[o->n_goals++], &why) < 0)
            return fail_set(f, EXIT_USAGE, "--search-goal: %s", why.text);
    }
    return 0;
}

/* What is searched on where nobody said: what has a largest value. */
static enum conf_search_on
guess_on(const struct conf *c)
{
    if (c->request_rate_milli > 0)
        return SEARCH_ON_REQUESTS;
    return c->rate_milli == 0 && c->search_max_milli == 0 && c->given[OPTION_CONNECTIONS]
               ? SEARCH_ON_CONNECTIONS
               : SEARCH_ON_RATE;
}

/* The load that the search goes by has no other course. */
static int
check_load(const struct conf *c, struct fail *f)
{
    bool has_rate = c->rate_milli > 0 || c->shape.shape != NULL;

    if (c->search_on == SEARCH_ON_RATE && c->request_rate_milli > 0)
        return fail_set(f, EXIT_USAGE,
                        "--search-on: rate is of connections, and --request-rate "
                        "paces requests; allowed is --search-on requests");
    if (c->search_on == SEARCH_ON_RATE && c->shape.shape != NULL &&
        strcmp(c->shape.shape->name, "constant") != 0)
        return fail_set(f, EXIT_USAGE,
                        "--shape: a search has a rate of its own in each trial; leave %s out",
                        c->shape.shape->name);
    if (c->search_on == SEARCH_ON_CONNECTIONS && (has_rate || c->request_rate_milli > 0))
        return fail_set(f, EXIT_USAGE,
                        "--search-on: connections is of a closed loop; leave --rate, --shape and "
                        "--request-rate out");
    if (conf_has_phases(c))
        return fail_set(f, EXIT_USAGE,
                        "--search: the trials of a search are its phases; leave --init, --ramp-up, "
                        "--warm-up and --ramp-down out");
    if (c->requests_total > 0)
        return fail_set(f, EXIT_USAGE,
                        "--requests-total: a search ends by itself; leave the option out");
    return 0;
}

/* The largest load, by the option that is the load, whose value @given is. 0: nobody said. */
static int
choose_max(struct conf *c, const char *option, uint64_t *given, uint64_t factor, struct fail *f)
{
    uint64_t max = c->search_max_milli / factor;

    if (*given == 0 && max == 0)
        return fail_set(f, EXIT_USAGE,
                        "--search: the largest load to be tried is missing; give %s, or "
                        "--search-max",
                        option);
    if (*given > 0 && max > *given)
        return fail_set(f, EXIT_USAGE,
                        "--search-max: is more than %s allows; raise that, or leave it out",
                        option);
    if (*given == 0)
        *given = max;
    c->search.max = max > 0 ? max : *given;
    return 0;
}

static int
choose_loads(struct conf *c, struct fail *f)
{
    struct search_opts *o = &c->search;
    uint64_t connections = c->given[OPTION_CONNECTIONS] ? c->connections : 0;
    uint64_t factor = c->search_on == SEARCH_ON_CONNECTIONS ? 1000 : 1;
    int err = 0;

    if (c->search_on == SEARCH_ON_RATE)
        err = choose_max(c, "--rate", &c->rate_milli, factor, f);
    else if (c->search_on == SEARCH_ON_REQUESTS)
        err = choose_max(c, "--request-rate", &c->request_rate_milli, factor, f);
    else
        err = choose_max(c, "--connections", &connections, factor, f);
    if (err < 0)
        return -1;
    if (c->search_on == SEARCH_ON_CONNECTIONS) {
        c->connections = connections;
        c->given[OPTION_CONNECTIONS] = true;
    }
    o->grain = factor == 1 && o->max >= WHOLE_FROM_MILLI ? 1000 : 1;
    o->max = o->max / o->grain * o->grain;
    o->min = c->search_min_milli > 0 ? c->search_min_milli / factor : o->max / DEFAULT_RANGE;
    o->min = u64_max(o->grain, o->min / o->grain * o->grain);
    if (o->min > o->max)
        return fail_set(f, EXIT_USAGE,
                        "--search-min: is more than the largest load; give a smaller one");
    return 0;
}

static int
check_grid(const struct conf *c, struct fail *f)
{
    const struct search_opts *o = &c->search;

    for (unsigned i = 0; i < o->n_goals; i++)
        if (!search_fits(o->min, o->max, o->goals[i].width))
            return fail_set(f, EXIT_USAGE,
                            "--search-min: from there to the largest load there are more steps of "
                            "the goal's width than a search can tell apart; raise it");
    return 0;
}

int
conf_finish_search(struct conf *c, struct fail *f)
{
    c->search = (struct search_opts){0};
    if (c->search_preset == 0 && c->search_goals[0] == '\0')
        return check_unused(c, f);
    if (!c->given[OPTION_SEARCH_ON])
        c->search_on = guess_on(c);
    if (check_load(c, f) < 0 || read_goals(c, f) < 0 || choose_loads(c, f) < 0)
        return -1;
    if (!c->given[OPTION_DURATION])
        c->duration_ns = OPTION_DAY;
    return check_grid(c, f);
}
