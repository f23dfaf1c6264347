/* SPDX-License-Identifier: BSD-3-Clause */
/* See progress.h. */
#include "suite/progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/json_head.h"
#include "report/outfile.h"
#include "suite/judge.h"

static const char SCHEMA[] = "shakedown.suite/1", STATE[] = "suite.json", OPTION[] = "--folder";

const char *
suite_raw_path(const char *folder, const char *name, const char *ending, char buf[static PATH_MAX])
{
    snprintf(buf, PATH_MAX, "%.3000s/raw/%s%s", folder, name, ending);
    return buf;
}

json_t *
suite_raw_result(const char *folder, const struct suite_step *step)
{
    char path[PATH_MAX];
    json_error_t error;

    return json_load_file(suite_raw_path(folder, step->name, SUITE_RESULT, path), 0, &error);
}

/* -- reading -------------------------------------------------------------------------------- */

static int
refuse(const char *folder, struct fail *f, const char *why)
{
    return fail_set(f, EXIT_USAGE,
                    "--folder: %.300s has a suite already, %s; give another folder, or remove it",
                    folder, why);
}

static const char *
text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

static int
find(const struct suite *s, const char *name)
{
    for (unsigned i = 0; i < s->cases.n; i++)
        if (strcmp(s->cases.list[i].name, name) == 0)
            return (int)i;
    return SUITE_NONE;
}

static int
stage_of(const char *name)
{
    for (int i = 0; i < SUITE_STAGES; i++)
        if (strcmp(suite_stage_names[i], name) == 0)
            return i;
    return SUITE_NONE;
}

/* @return whether it could be taken: else it, and what follows, is made again */
static bool
take_step(struct suite *s, const char *folder, const json_t *row)
{
    int i = find(s, text_of(row, "case")), stage = stage_of(text_of(row, "stage"));
    struct suite_step step = {.stage = (enum suite_stage)stage,
                              .attempt =
                                  (unsigned)json_integer_value(json_object_get(row, "attempt")),
                              .load = json_number_value(json_object_get(row, "load")),
                              .bps = json_number_value(json_object_get(row, "bps")),
                              .least = json_number_value(json_object_get(row, "least")),
                              .ramp_up_s = json_number_value(json_object_get(row, "ramp_up_s"))};
    struct suite_outcome o;
    json_t *result;

    if (i < 0 || stage < 0 || s->courses[i].n == SUITE_STEPS_MAX)
        return false;
    snprintf(step.name, sizeof(step.name), "%s", text_of(row, "name"));
    result =
        json_is_true(json_object_get(row, "has_result")) ? suite_raw_result(folder, &step) : NULL;
    if (result == NULL && json_is_true(json_object_get(row, "has_result")))
        return false;
    suite_judge(&o, s->plan, &s->cases.list[i], &step, result, text_of(row, "why"));
    json_decref(result);
    suite_add(s, (unsigned)i, &o);
    return true;
}

int
suite_progress_load(struct suite *s, const char *folder, struct fail *f)
{
    char path[PATH_MAX];
    json_error_t error;
    json_t *state, *row;
    size_t i;
    int n = 0, err = 0;

    snprintf(path, sizeof(path), "%.3000s/%s", folder, STATE);
    if (access(path, F_OK) < 0)
        return 0;
    state = json_load_file(path, 0, &error);
    if (state == NULL || strcmp(text_of(state, "schema"), SCHEMA) != 0)
        err = refuse(folder, f, "whose state cannot be read");
    else if (strcmp(text_of(state, "plan"), s->plan->source.text) != 0)
        err = refuse(folder, f, "of another plan");
    else if (json_is_true(json_object_get(state, "quick")) != s->plan->is_quick)
        err = refuse(folder, f, s->plan->is_quick ? "without --quick" : "with --quick");
    if (err == 0)
        json_array_foreach(json_object_get(state, "steps"), i, row)
        {
            if (!take_step(s, folder, row))
                break;
            n++;
        }
    json_decref(state);
    return err < 0 ? -1 : n;
}

/* -- writing -------------------------------------------------------------------------------- */

static json_t *
step_json(struct json_tree *t, const struct suite_case *c, const struct suite_outcome *o)
{
    json_t *row = json_object();

    tree_put(t, row, "case", json_string(c->name));
    tree_put(t, row, "name", json_string(o->step.name));
    tree_put(t, row, "stage", json_string(suite_stage_names[o->step.stage]));
    tree_put(t, row, "attempt", tree_count(o->step.attempt));
    tree_put(t, row, "load", json_real(o->step.load));
    tree_put(t, row, "bps", json_real(o->step.bps));
    tree_put(t, row, "least", json_real(o->step.least));
    tree_put(t, row, "ramp_up_s", json_real(o->step.ramp_up_s));
    tree_put(t, row, "has_result", json_boolean(o->has_result));
    tree_put(t, row, "why", tree_text(o->why));
    return row;
}

static json_t *
state_json(struct json_tree *t, const struct suite *s)
{
    json_t *o = json_object(), *steps = json_array();

    for (unsigned i = 0; i < s->cases.n; i++)
        for (unsigned k = 0; k < s->courses[i].n; k++)
            tree_append(t, steps, step_json(t, &s->cases.list[i], &s->courses[i].list[k]));
    tree_put(t, o, "schema", json_string(SCHEMA));
    tree_put(t, o, "quick", json_boolean(s->plan->is_quick));
    tree_put(t, o, "plan", json_string(s->plan->source.text));
    tree_put(t, o, "steps", steps);
    return o;
}

int
suite_progress_save(const struct suite *s, const char *folder, struct fail *f)
{
    struct json_tree t = {0};
    struct outfile file;
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%.3000s/%s", folder, STATE);
    if (outfile_begin(&file, OPTION, path, true, f) < 0)
        return -1;
    if (json_head_dump(&t, state_json(&t, s), file.out, f) == 0)
        return outfile_end(&file, f);
    outfile_abandon(&file);
    return -1;
}
