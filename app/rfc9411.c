/* SPDX-License-Identifier: BSD-3-Clause */
/* See rfc9411.h. */
#include "app/rfc9411.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/child.h"
#include "app/privilege.h"
#include "app/run_files.h"
#include "app/streams.h"
#include "conf/options.h"
#include "report/json_head.h"
#include "report/outfile.h"
#include "suite/chart.h"
#include "suite/judge.h"
#include "suite/page.h"
#include "suite/progress.h"
#include "suite/scenario.h"
#include "version.h"

static const char OPTION[] = "--folder", ENDING[] = ".suite";

struct making {
    struct suite_plan plan;
    struct suite suite;
    const char *program;
    char folder[PATH_MAX];
};

/* -- the folder ----------------------------------------------------------------------------- */

/* "plan.suite" of "plan.yaml". */
static void
choose_folder(struct making *m, const struct conf *c)
{
    const char *path = c->results.paths[0];
    size_t length = run_files_stem(path);

    if (c->folder[0] != '\0')
        snprintf(m->folder, sizeof(m->folder), "%.2900s", c->folder);
    else
        snprintf(m->folder, sizeof(m->folder), "%.*s%s", (int)(length < 2900 ? length : 2900), path,
                 ENDING);
}

/* It belongs to whoever a run becomes, once the device is open. */
static int
make_folder(const char *path, const struct privilege *user, struct fail *f)
{
    if (mkdir(path, 0777) < 0)
        return errno == EEXIST
                   ? 0
                   : fail_set(f, EXIT_USAGE, "%s: %.300s: %s", OPTION, path, strerror(errno));
    if (user->drops && chown(path, user->uid, user->gid) < 0)
        return fail_set(f, EXIT_HOST, "%s: %.300s: %s", OPTION, path, strerror(errno));
    return 0;
}

static int
make_folders(struct making *m, struct fail *f)
{
    char raw[PATH_MAX];
    struct privilege user;

    snprintf(raw, sizeof(raw), "%.3000s/raw", m->folder);
    if (privilege_choose_own(&user, m->plan.check->user, f) < 0 ||
        make_folder(m->folder, &user, f) < 0)
        return -1;
    return make_folder(raw, &user, f);
}

/* -- a step --------------------------------------------------------------------------------- */

static int
write_scenario(const struct making *m, const struct suite_case *c, const struct suite_step *step,
               const char *path, struct fail *f)
{
    json_t *scenario = suite_scenario(&m->plan, c, step);
    struct json_tree t = {.has_failed = scenario == NULL};
    struct outfile file;

    if (outfile_begin(&file, OPTION, path, true, f) < 0) {
        json_decref(scenario);
        return -1;
    }
    if (json_head_dump(&t, scenario, file.out, f) == 0)
        return outfile_end(&file, f);
    outfile_abandon(&file);
    return -1;
}

/* What the run said last, which is why it was none. */
static void
last_line(const char *path, char line[static SUITE_REASON_MAX])
{
    FILE *in = fopen(path, "r");
    char text[512];

    snprintf(line, SUITE_REASON_MAX, "it left no reason");
    while (in != NULL && fgets(text, sizeof(text), in) != NULL)
        if (strncmp(text, "shakedown: ", 11) == 0)
            snprintf(line, SUITE_REASON_MAX, "%.*s", (int)strcspn(text + 11, "\n"), text + 11);
    if (in != NULL)
        fclose(in);
}

/* @return its result, a reference; NULL with @f set: there is none, or it was interrupted */
static json_t *
run_step(const struct making *m, const struct suite_case *c, const struct suite_step *step,
         struct fail *f)
{
    char scenario[PATH_MAX], log[PATH_MAX], result[PATH_MAX], why[SUITE_REASON_MAX];
    const char *const words[] = {
        m->program, conf_command_names[CONF_RUN], scenario, JSON_OPTION, result, NULL};
    json_t *root;
    int status;

    suite_raw_path(m->folder, step->name, SUITE_INPUT, scenario);
    suite_raw_path(m->folder, step->name, SUITE_LOG, log);
    suite_raw_path(m->folder, step->name, SUITE_RESULT, result);
    unlink(result); /* of one that was interrupted */
    if (write_scenario(m, c, step, scenario, f) < 0)
        return NULL;
    status = child_run(CHILD_SELF, words, log, f);
    if (status < 0)
        return NULL;
    if (status == EXIT_INTERRUPTED) {
        (void)fail_set(f, EXIT_INTERRUPTED,
                       "interrupted at %s; the same command goes on from there", step->name);
        return NULL;
    }
    root =
        status == EXIT_RAN || status == EXIT_CRITERION ? suite_raw_result(m->folder, step) : NULL;
    if (root != NULL)
        return root;
    last_line(log, why);
    (void)fail_set(f, status == EXIT_USAGE ? EXIT_USAGE : EXIT_HOST,
                   "%s could not be made: %s (%.300s has all of it)", step->name, why, log);
    return NULL;
}

static void
tell(const struct making *m, unsigned i, const struct suite_outcome *o)
{
    const struct suite_case *c = &m->suite.cases.list[i];
    const char *unit = suite_is_capacity(c) ? "connections" : "connections/s";
    char load[CHART_TEXT_MAX], bound[CHART_TEXT_MAX];

    printf("%2u of %u  %-28s %8s %s: ", i + 1, m->suite.cases.n, o->step.name,
           chart_number(o->step.load, load), unit);
    if (o->step.stage != SUITE_SEARCH) {
        printf("%s", o->holds ? "all criteria hold" : "does not hold:");
        for (int k = 0; !o->holds && k < SUITE_CRITERIA_COUNT; k++)
            if (o->criteria[k].applies && !o->criteria[k].holds)
                printf(" %s", suite_criteria[k].key);
        printf("\n");
    } else if (o->has_bound) {
        printf("%s %s are borne\n", chart_number(o->bound, bound), unit);
    } else {
        printf("nothing was found that is borne\n");
    }
    fflush(stdout);
}

static int
make_step(struct making *m, unsigned i, const struct suite_step *step, struct fail *f)
{
    const struct suite_case *c = &m->suite.cases.list[i];
    json_t *result = run_step(m, c, step, f);
    struct suite_outcome o;

    if (result == NULL)
        return -1;
    suite_judge(&o, &m->plan, c, step, result, "");
    json_decref(result);
    suite_add(&m->suite, i, &o);
    tell(m, i, &o);
    return suite_progress_save(&m->suite, m->folder, f);
}

/* -- the suite ------------------------------------------------------------------------------ */

static int
make_case(struct making *m, unsigned i, struct fail *f)
{
    const struct suite_course *course = &m->suite.courses[i];
    struct suite_step step;

    while (suite_next(&m->suite, i, &step))
        if (make_step(m, i, &step, f) < 0)
            return -1;
    if (course->end == SUITE_NOT_RUN)
        printf("%2u of %u  %-28s not run: %s\n", i + 1, m->suite.cases.n,
               m->suite.cases.list[i].name, course->why);
    return 0;
}

static int
make_all(struct making *m, struct fail *f)
{
    struct fail of_page;
    int err = 0;

    for (unsigned i = 0; err == 0 && i < m->suite.cases.n; i++) {
        err = make_case(m, i, f);
        if (suite_page_write(&m->suite, m->folder, SHAKEDOWN_VERSION, &of_page) < 0 && err == 0) {
            *f = of_page;
            err = -1;
        }
    }
    return err;
}

static int
conclude(const struct making *m, struct fail *f)
{
    unsigned n_passed = 0;

    for (unsigned i = 0; i < m->suite.cases.n; i++)
        n_passed += m->suite.courses[i].end == SUITE_PASSED;
    printf("%s/%s\n", m->folder, SUITE_PAGE);
    if (streams_flush(f) < 0)
        return -1;
    if (suite_has_passed(&m->suite))
        return 0;
    return fail_set(f, EXIT_CRITERION, "%u of %u passed; the report says what became of the others",
                    n_passed, m->suite.cases.n);
}

static int
make(struct making *m, struct fail *f)
{
    int n_made;

    suite_init(&m->suite, &m->plan);
    if (make_folders(m, f) < 0)
        return -1;
    n_made = suite_progress_load(&m->suite, m->folder, f);
    if (n_made < 0)
        return -1;
    if (n_made > 0)
        printf("%s has %d runs already; what is left is made\n", m->folder, n_made);
    if (m->plan.is_quick)
        printf("A quick look: times are scaled down, and nothing found is a result of RFC 9411.\n");
    if (make_all(m, f) < 0)
        return -1;
    return conclude(m, f);
}

int
rfc9411_make(const struct conf *c, const char *program, struct fail *f)
{
    struct making *m = calloc(1, sizeof(*m));
    int err;

    if (m == NULL)
        return fail_set(f, EXIT_HOST, "rfc9411: not enough memory");
    m->program = program;
    choose_folder(m, c);
    err = suite_plan_read(&m->plan, c->results.paths[0], c->quick, f);
    if (err == 0) {
        err = make(m, f);
        suite_plan_fini(&m->plan);
    }
    free(m);
    return err;
}
