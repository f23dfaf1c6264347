/* SPDX-License-Identifier: BSD-3-Clause */
/* See compare.h. */
#include "app/compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/streams.h"
#include "base/console.h"
#include "report/html.h"
#include "report/json_head.h"
#include "report/outfile.h"
#include "report/text_compare.h"
#include "version.h"

enum { OBJECTIONS_MAX = 16 };

struct compare {
    struct earlier *list[CONF_RESULTS_MAX];
    unsigned n_runs;
    struct compare_group groups[COMPARE_GROUPS_MAX];
    char objections[OBJECTIONS_MAX][COMPARE_WHY_MAX];
    struct criteria criteria;
    struct comparisons all;
};

static void
free_compare(struct compare *c)
{
    if (c == NULL)
        return;
    earlier_free_all(c->list, c->n_runs);
    free(c->all.list);
    free(c);
}

static int
read_groups(struct compare *c, const struct conf_results *results, struct fail *f)
{
    if (earlier_read_all(c->list, results->paths, results->n, f) < 0)
        return -1;
    c->n_runs = results->n;
    for (unsigned i = 0; i < results->n; i++) {
        struct compare_group *g = &c->groups[results->group_of[i]];

        if (g->n++ == 0)
            g->list = &c->list[i];
    }
    c->all.groups = c->groups;
    c->all.n_groups = results->n_groups;
    c->all.version = SHAKEDOWN_VERSION;
    c->all.objections = (const char(*)[COMPARE_WHY_MAX])c->objections;
    return 0;
}

static int
object(struct compare *c, bool allows, struct fail *f)
{
    char why[COMPARE_WHY_MAX];
    unsigned cursor = 0;

    while (compare_objection(c->groups, c->all.n_groups, &cursor, why)) {
        if (!allows)
            return fail_set(f, EXIT_USAGE,
                            "compare: %s; with --allow-different they are compared all the same",
                            why);
        if (c->all.n_objections < OBJECTIONS_MAX)
            snprintf(c->objections[c->all.n_objections++], COMPARE_WHY_MAX, "%s", why);
    }
    return 0;
}

/* Each group with the first. */
static int
judge(struct compare *c, struct fail *f)
{
    unsigned n = c->all.n_groups - 1;

    c->all.list = calloc(n > 0 ? n : 1, sizeof(c->all.list[0]));
    if (c->all.list == NULL)
        return fail_set(f, EXIT_HOST, "compare: not enough memory");
    c->all.n = n;
    for (unsigned i = 0; i < n; i++) {
        c->all.list[i].other = i + 1;
        c->all.list[i].criteria = c->criteria;
        c->all.n_compared +=
            compare_choose(&c->all.list[i], c->groups, c->all.n_groups, &c->criteria);
    }
    for (unsigned i = 0; i < n; i++)
        compare_judge(&c->all.list[i], c->groups, c->all.n_compared);
    return 0;
}

static int
write_to(const char *option, const char *path,
         int (*write)(FILE *out, const struct comparisons *all, struct fail *f),
         const struct comparisons *all, struct fail *f)
{
    struct outfile o;

    if (path[0] == '\0')
        return 0;
    if (outfile_begin(&o, option, path, true, f) < 0)
        return -1;
    if (write(o.out, all, f) == 0)
        return outfile_end(&o, f);
    outfile_abandon(&o);
    return -1;
}

static int
check_criteria(const struct compare *c, struct fail *f)
{
    unsigned n_broken = 0;

    for (unsigned i = 0; i < c->all.n; i++)
        for (unsigned k = 0; k < c->all.list[i].criteria.n; k++)
            n_broken += !c->all.list[i].criteria.list[k].holds;
    if (n_broken == 0)
        return 0;
    return fail_set(f, EXIT_CRITERION, "%u of %u criteria %s not hold", n_broken,
                    c->all.n * c->criteria.n, n_broken == 1 ? "does" : "do");
}

static int
compare(struct compare *c, const struct conf_results *results, const struct compare_places *places,
        bool refuses, struct fail *f)
{
    bool is_taken = outfile_is_stdout(places->json) || outfile_is_stdout(places->html);

    if (read_groups(c, results, f) < 0 || object(c, !refuses, f) < 0 || judge(c, f) < 0)
        return -1;
    text_compare(is_taken ? console_stream() : stdout, &c->all);
    if (write_to(JSON_OPTION, places->json, json_compare, &c->all, f) < 0 ||
        write_to(HTML_OPTION, places->html, html_write_comparisons, &c->all, f) < 0)
        return -1;
    return streams_flush(f);
}

/* Runs took their time, so what they came to is told all the same. */
static int
check_objections(const struct compare *c, bool allows, struct fail *f)
{
    if (allows || c->all.n_objections == 0)
        return 0;
    return fail_set(f, EXIT_CRITERION,
                    "compare: the runs say little of the target: %s; with --allow-different that "
                    "is no failure",
                    c->objections[0]);
}

static int
check_places(const struct compare_places *places, struct fail *f)
{
    if (places->json[0] != '\0' && outfile_check(JSON_OPTION, places->json, f) < 0)
        return -1;
    return places->html[0] == '\0' ? 0 : outfile_check(HTML_OPTION, places->html, f);
}

int
compare_check(const char *criteria, const struct compare_places *places, struct fail *f)
{
    struct criteria read;

    if (criteria_parse_ratios(&read, criteria, f) < 0)
        return -1;
    return check_places(places, f);
}

int
compare_files(const struct conf *conf, const struct conf_results *results, const char *criteria,
              const struct compare_places *places, bool were_just_made, struct fail *f)
{
    struct compare *c = calloc(1, sizeof(*c));
    int err;

    if (c == NULL)
        return fail_set(f, EXIT_HOST, "compare: not enough memory");
    err = criteria_parse_ratios(&c->criteria, criteria, f);
    if (err == 0)
        err = check_places(places, f);
    if (err == 0)
        err = compare(c, results, places, !conf->allow_different && !were_just_made, f);
    if (err == 0)
        err = check_criteria(c, f);
    if (err == 0)
        err = check_objections(c, conf->allow_different, f);
    free_compare(c);
    return err;
}

int
compare_spread(const struct conf_results *results, struct fail *f)
{
    struct compare *c = calloc(1, sizeof(*c));
    struct comparison *one = calloc(1, sizeof(*one));
    int err = -1;

    if (c == NULL || one == NULL) {
        (void)fail_set(f, EXIT_HOST, "compare: not enough memory");
    } else if (read_groups(c, results, f) == 0) {
        compare_choose(one, c->groups, c->all.n_groups, &c->criteria);
        text_spread(stdout, one, &c->groups[0]);
        err = streams_flush(f);
    }
    free(one);
    free_compare(c);
    return err;
}
