/* SPDX-License-Identifier: BSD-3-Clause */
/* See repeat.h. */
#include "app/repeat.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/child.h"
#include "app/compare.h"
#include "app/run_files.h"
#include "base/console.h"
#include "base/units.h"
#include "conf/options.h"
#include "report/html.h"
#include "report/json_head.h"
#include "report/outfile.h"

enum { WORDS_MAX = 1024 };

/* Options that are this process's; a run gets its own in their place, or none. */
static const struct child_option own_options[] = {
    {"--repeat", true},  {"--against", true}, {"--allow-different", false},
    {JSON_OPTION, true}, {HTML_OPTION, true}, {"--criteria", true}};
static const size_t WITHOUT_CRITERIA = ARRAY_LEN(own_options) - 1;

struct repeat {
    const struct conf *c;
    char *const *argv;
    char dir[PATH_MAX]; /* for results that nobody wants to keep; "" */
    char paths[CONF_RESULTS_MAX][PATH_MAX];
    unsigned n;                                              /* of them */
    char of_runs[CONF_LINES_MAX], of_ratios[CONF_LINES_MAX]; /* criteria */
    unsigned n_broken;                                       /* runs in which one did not hold */
};

bool
repeat_is_wanted(const struct conf *c)
{
    return c->command == CONF_RUN && !c->prints_scenario &&
           (c->repeat > 1 || c->against[0] != '\0');
}

/* -- what is asked for ---------------------------------------------------------------------- */

static void
append(char *list, const char *text, size_t length)
{
    size_t used = strlen(list);

    snprintf(list + used, CONF_LINES_MAX - used, "%s%.*s", used > 0 ? "," : "", (int)length, text);
}

/* Ratios are of all runs, other criteria of each. */
static void
split_criteria(struct repeat *r)
{
    const char *text = r->c->criteria;

    while (*text != '\0') {
        size_t length = strcspn(text, ",\n");
        const char *ratio = strstr(text, ".ratio");
        bool is_ratio = ratio != NULL && ratio < text + length;

        append(is_ratio ? r->of_ratios : r->of_runs, text, length);
        text += length + (text[length] != '\0');
    }
}

/* Without another program there is nothing to write but each run's result. */
static struct compare_places
places_of(const struct conf *c)
{
    return c->against[0] != '\0' ? (struct compare_places){c->json, c->html}
                                 : (struct compare_places){"", ""};
}

static int
check(const struct repeat *r, struct fail *f)
{
    const struct conf *c = r->c;
    struct compare_places places = places_of(c);
    const char *const once[] = {c->json_lines, c->csv_out, c->hdr, c->pcap};
    static const char *const names[] = {"--json-lines", "--csv", "--hdr", "--pcap"};

    for (size_t i = 0; i < ARRAY_LEN(once); i++)
        if (once[i][0] != '\0')
            return fail_set(f, EXIT_USAGE,
                            "%s: each of several runs would write it anew; leave it out, and give "
                            "--json, which has a file for each",
                            names[i]);
    if (outfile_is_stdout(c->json) || outfile_is_stdout(c->html))
        return fail_set(f, EXIT_USAGE,
                        "%s: the results of several runs do not fit standard output; give a file",
                        outfile_is_stdout(c->json) ? JSON_OPTION : HTML_OPTION);
    if (r->of_ratios[0] != '\0' && c->against[0] == '\0')
        return fail_set(f, EXIT_USAGE,
                        "--criteria: there is nothing that '%.100s' could be a ratio to; give "
                        "--against PROGRAM",
                        r->of_ratios);
    if (c->against[0] != '\0' && access(c->against, X_OK) != 0)
        return fail_set(f, EXIT_USAGE, "--against: %.300s: %s", c->against, strerror(errno));
    return compare_check(r->of_ratios, &places, f);
}

/* -- files ---------------------------------------------------------------------------------- */

static const char *
against(bool is_against)
{
    return is_against ? ".against" : "";
}

static void
remove_dir(const struct repeat *r)
{
    for (unsigned i = 0; r->dir[0] != '\0' && i < r->n; i++)
        unlink(r->paths[i]);
    run_files_remove_dir(r->dir);
}

/* The next result's place. */
static const char *
next_path(struct repeat *r, bool is_against, unsigned run)
{
    char base[PATH_MAX];
    char *to = r->paths[r->n++];

    if (r->dir[0] != '\0')
        snprintf(base, sizeof(base), "%.4000s/r.json", r->dir);
    run_files_name(to, r->dir[0] != '\0' ? base : r->c->json, against(is_against), run);
    return to;
}

/* -- a run ---------------------------------------------------------------------------------- */

/* Options first, since a "--" may end them. */
static void
make_words(struct repeat *r, const char *program, const char *json, const char *html,
           const char *words[WORDS_MAX])
{
    size_t n = 0;

    words[n++] = program;
    words[n++] = conf_command_names[CONF_RUN];
    words[n++] = JSON_OPTION;
    words[n++] = json;
    if (html[0] != '\0') {
        words[n++] = HTML_OPTION;
        words[n++] = html;
    }
    if (r->of_ratios[0] != '\0' && r->of_runs[0] != '\0') {
        words[n++] = "--criteria";
        words[n++] = r->of_runs;
    }
    child_copy_words(own_options,
                     r->of_ratios[0] == '\0' ? WITHOUT_CRITERIA : ARRAY_LEN(own_options), r->argv,
                     words, n, WORDS_MAX);
}

static int
make_run(struct repeat *r, bool is_against, unsigned run, struct fail *f)
{
    const char *program = is_against ? r->c->against : r->argv[0], *words[WORDS_MAX];
    const char *json = next_path(r, is_against, run);
    char html[PATH_MAX] = "";
    int status;

    if (r->c->html[0] != '\0')
        run_files_name(html, r->c->html, against(is_against), run);
    fprintf(console_stream(), "shakedown: run %u of %u%s%s\n", run, (unsigned)r->c->repeat,
            r->c->against[0] != '\0' ? " of " : "", r->c->against[0] != '\0' ? program : "");
    make_words(r, program, json, html, words);
    status = child_run(is_against ? program : CHILD_SELF, words, NULL, f);
    r->n_broken += status == EXIT_CRITERION;
    if (status < 0)
        return -1;
    if (status == EXIT_RAN || status == EXIT_CRITERION)
        return 0;
    if (status == EXIT_INTERRUPTED) /* who did it knows */
        return fail_set(f, EXIT_INTERRUPTED, "%s", "");
    return fail_set(f, (enum exit_status)status, "run %u of %s could not be made", run, program);
}

/* In turn, so that what changes on this host changes for both. */
static int
make_runs(struct repeat *r, struct fail *f)
{
    for (unsigned run = 1; run <= r->c->repeat; run++)
        if ((r->c->against[0] != '\0' && make_run(r, true, run, f) < 0) ||
            make_run(r, false, run, f) < 0)
            return -1;
    return 0;
}

/* -- what they come to ---------------------------------------------------------------------- */

static int
compare_runs(const struct repeat *r, struct fail *f)
{
    bool has_against = r->c->against[0] != '\0';
    struct conf_results results = {.n = r->n, .n_groups = has_against ? 2 : 1};
    struct compare_places places = places_of(r->c);
    unsigned n = 0;

    /* Those it is compared with come first. */
    for (unsigned group = 0; group < results.n_groups; group++)
        for (unsigned i = group; i < r->n; i += results.n_groups) {
            results.paths[n] = r->paths[i];
            results.group_of[n++] = group;
        }
    if (!has_against)
        return compare_spread(&results, f);
    return compare_files(r->c, &results, r->of_ratios, &places, true, f);
}

int
repeat_runs(const struct conf *c, char *const argv[], struct fail *f)
{
    struct repeat *r = calloc(1, sizeof(*r));
    int err;

    if (r == NULL)
        return fail_set(f, EXIT_HOST, "--repeat: not enough memory");
    r->c = c;
    r->argv = argv;
    split_criteria(r);
    err = check(r, f);
    if (err == 0)
        err = c->json[0] == '\0' ? run_files_make_dir(r->dir, "--repeat", c->user, f) : 0;
    if (err == 0)
        err = make_runs(r, f);
    if (err == 0)
        err = compare_runs(r, f);
    if (err == 0 && r->n_broken > 0)
        err = fail_set(f, EXIT_CRITERION, "%u of %u runs did not pass", r->n_broken, r->n);
    remove_dir(r);
    free(r);
    return err;
}
