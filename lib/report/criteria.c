/* SPDX-License-Identifier: BSD-3-Clause */
/* See criteria.h. */
#include "report/criteria.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "conf/options.h"
#include "conf/scenario.h"
#include "conf/value.h"
#include "report/verdict.h"

/* Behind a figure, by enum criterion_of. */
static const char *const suffixes[] = {
    [CRITERION_OF_RUN] = "",
    [CRITERION_OF_RATIO] = ".ratio",
    [CRITERION_OF_RATIO_LOW] = ".ratio_low",
    [CRITERION_OF_RATIO_HIGH] = ".ratio_high",
};

static const char FORM[] = "write FIGURE OP NUMBER, e.g. failed < 0.1%, connect.p99 < 2ms";

/* The longer first, where one begins the other. */
static const struct {
    const char *text;
    enum criterion_op op;
} ops[] = {{"<=", OP_AT_MOST}, {">=", OP_AT_LEAST}, {"==", OP_EQUAL}, {"!=", OP_OTHER},
           {"<", OP_LESS},     {">", OP_GREATER},   {"=", OP_EQUAL}};

/* -- reading ------------------------------------------------------------------------------- */

static void
trim(char *text)
{
    size_t begin = strspn(text, " \t\n"), len = strlen(text + begin);

    memmove(text, text + begin, len + 1);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
}

/* "generator": only whether it is the same can be asked. */
static int
read_word(struct criterion *c, const char *text, struct value_why *why)
{
    const char *near = suggest_nearest(text, verdict_limit_names, LIMIT_COUNT);

    if (c->op != OP_EQUAL && c->op != OP_OTHER)
        return value_refuse(why, "it is a word; compare it with == or !=");
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        if (strcmp(text, verdict_limit_names[i]) == 0) {
            c->limit = i;
            return 0;
        }
    return value_refuse(why,
                        "'%.40s' is no limit%s%s%s; allowed are none, target, generator and "
                        "network",
                        text, near != NULL ? ", did you mean " : "", near != NULL ? near : "",
                        near != NULL ? "?" : "");
}

/* A number of the metric's unit. @return 0, or -1 with @why set. */
static int
read_limit(struct criterion *c, const char *text, struct value_why *why)
{
    uint64_t n;
    uint32_t ppm;

    switch (metric_unit(&c->metric)) {
    case METRIC_UNIT_COUNT:
        if (value_count(text, &n, why) < 0)
            return -1;
        c->limit = (double)n;
        return 0;
    case METRIC_UNIT_PER_SEC:
        if (value_rate(text, &n, why) < 0)
            return -1;
        c->limit = (double)n / 1000;
        return 0;
    case METRIC_UNIT_BITS_PER_SEC:
        if (value_bit_rate(text, &n, why) < 0)
            return -1;
        c->limit = (double)n;
        return 0;
    case METRIC_UNIT_NS:
        if (value_duration(text, &n, why) < 0)
            return -1;
        c->limit = (double)n;
        return 0;
    case METRIC_UNIT_WORD:
        return read_word(c, text, why);
    case METRIC_UNIT_SHARE:
        break;
    }
    if (value_share(text, &ppm, why) < 0)
        return -1;
    c->limit = (double)ppm / VALUE_SHARE_ALL;
    return 0;
}

/* "0.001%", finer than a part of a million is wanted here. */
static int
read_share(struct criterion *c, const char *text, struct value_why *why)
{
    struct metric whole;
    char *end;
    double percent = strtod(text, &end);

    if (!metric_whole(&c->metric, &whole))
        return value_refuse(why, "a percentage of it says nothing; write a number without %%");
    if (end == text || strcmp(end, "%") != 0 || !(percent >= 0 && percent <= 100))
        return value_refuse(why, "'%.40s' is not a percentage, 0%% to 100%%", text);
    c->is_share = true;
    c->limit = percent / 100;
    return 0;
}

static int
refuse_metric(const char *text, const char *name, struct fail *f)
{
    char buf[CRITERION_TEXT_MAX];
    const char *near = metric_nearest(name, buf, sizeof(buf));

    return fail_set(f, EXIT_USAGE,
                    "--criteria: '%s': there is no figure '%.60s'%s%s%s; figures are the counters, "
                    "rates and latencies of the result, e.g. failed, cps, connect.p99",
                    text, name, near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
                    near != NULL ? "'?" : "");
}

/* "0.97", or "97%". */
static int
read_ratio(struct criterion *c, const char *text, struct value_why *why)
{
    char *end;
    double ratio = strtod(text, &end);
    bool is_percent = strcmp(end, "%") == 0;

    if (end == text || (*end != '\0' && !is_percent) || !(ratio >= 0 && ratio <= 1e9))
        return value_refuse(why, "'%.40s' is not a ratio, e.g. 0.97", text);
    c->limit = is_percent ? ratio / 100 : ratio;
    return 0;
}

/* Cut off what says that it is a ratio. */
static void
take_suffix(struct criterion *c, char *name)
{
    size_t length = strlen(name);

    for (int of = CRITERION_OF_RATIO; of <= CRITERION_OF_RATIO_HIGH; of++) {
        size_t end = strlen(suffixes[of]);

        if (length <= end || strcmp(name + length - end, suffixes[of]) != 0)
            continue;
        name[length - end] = '\0';
        c->of = (enum criterion_of)of;
        return;
    }
}

/* What may stand behind the number: "abort", "abort after 5s"; it is cut off. */
static int
read_abort(struct criterion *c, char *number, struct value_why *why)
{
    static const char ABORT[] = "abort", AFTER[] = "after";
    char *at = strstr(number, ABORT), *rest;

    if (at == NULL || at == number || !isspace((unsigned char)at[-1]))
        return 0;
    *at = '\0';
    trim(number);
    rest = at + strlen(ABORT);
    trim(rest);
    c->aborts = true;
    if (rest[0] == '\0')
        return 0;
    if (strncmp(rest, AFTER, strlen(AFTER)) != 0)
        return value_refuse(why, "'%.40s' is not known behind abort; write nothing, or after 5s",
                            rest);
    rest += strlen(AFTER);
    trim(rest);
    return value_duration(rest, &c->abort_after_ns, why);
}

/* The class of that name; -1: there is none. */
static int
find_class(const struct conf *conf, const char *name)
{
    for (unsigned i = 0; conf != NULL && conf->has_classes && i < conf->n_classes; i++)
        if (strcmp(conf->classes[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* The phase of that name; PHASE_COUNT: there is none. */
static enum conf_phase_id
find_phase(const char *name)
{
    enum conf_phase_id i = 0;

    while (i < PHASE_COUNT && strcmp(conf_phase_names[i], name) != 0)
        i++;
    return i;
}

/* What stands before a figure is neither a class nor a phase. */
static int
refuse_prefix(const struct conf *conf, const char *text, const char *name, struct fail *f)
{
    const char *names[CONF_CLASSES_MAX + PHASE_COUNT], *near;
    bool has_classes = conf != NULL && conf->has_classes;
    size_t n = 0;

    for (unsigned i = 0; has_classes && i < conf->n_classes; i++)
        names[n++] = conf->classes[i].name;
    for (unsigned i = 0; i < PHASE_COUNT; i++)
        names[n++] = conf_phase_names[i];
    near = suggest_nearest(name, names, n);
    return fail_set(f, EXIT_USAGE, "--criteria: '%s': there is no %s '%.40s'%s%s%s", text,
                    has_classes ? "class or phase" : "phase", name,
                    near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
                    near != NULL ? "'?"
                                 : "; classes have the names of the scenario, and phases are init, "
                                   "ramp_up, warm_up, sustain and ramp_down");
}

/* Cut the class's name off, and the phase's; what is no such name stays. @return the rest */
static char *
cut_prefixes(struct criterion *c, const struct conf *conf, char *name)
{
    char *dot = strchr(name, '.');

    if (dot != NULL) {
        *dot = '\0';
        c->class_idx = find_class(conf, name);
        *dot = '.';
        name = c->class_idx >= 0 ? dot + 1 : name;
        dot = strchr(name, '.');
    }
    if (dot != NULL) {
        *dot = '\0';
        c->phase = find_phase(name);
        *dot = '.';
        name = c->phase != PHASE_COUNT ? dot + 1 : name;
    }
    return name;
}

/* What is of a phase that the load does not have will have no value. */
static int
check_phase(struct criterion *c, const struct conf *conf, struct fail *f)
{
    struct conf_phase p;

    if (c->phase == PHASE_SUSTAIN) {
        c->phase = PHASE_COUNT; /* it is what is measured */
        return 0;
    }
    if (c->phase == PHASE_COUNT)
        return 0;
    p = conf == NULL ? (struct conf_phase){0} : conf_phase(conf, c->phase);
    if (p.begin_ns < p.end_ns)
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--criteria: '%s': the load has no phase %s; give it a length, phases.%s",
                    c->text, conf_phase_names[c->phase], conf_phase_names[c->phase]);
}

/* The figure that @name is: "[CLASS.][PHASE.]FIGURE". */
static int
find_figure(struct criterion *c, const struct conf *conf, char *name, struct fail *f)
{
    struct metric m;
    char *dot;

    if (metric_find(name, &c->metric))
        return 0;
    name = cut_prefixes(c, conf, name);
    if (!metric_find(name, &c->metric)) {
        dot = strchr(name, '.');
        if (dot == NULL || !metric_find(dot + 1, &m))
            return refuse_metric(c->text, name, f);
        *dot = '\0';
        return refuse_prefix(conf, c->text, name, f);
    }
    if (check_phase(c, conf, f) < 0)
        return -1;
    if (c->class_idx >= 0 && !metric_is_of_class(&c->metric))
        return fail_set(f, EXIT_USAGE,
                        "--criteria: '%s': %s is of the whole run, not of one class; leave the "
                        "class's name out, outside of classes",
                        c->text, name);
    return 0;
}

/* @c->text is all of it. */
static int
read_criterion(struct criterion *c, const struct conf *conf, struct fail *f)
{
    char copy[CRITERION_TEXT_MAX], *number = NULL;
    struct value_why why = {0};
    size_t at = strcspn(c->text, "<>=!");

    strcpy(copy, c->text);
    for (size_t i = 0; i < ARRAY_LEN(ops) && number == NULL; i++) {
        if (strncmp(c->text + at, ops[i].text, strlen(ops[i].text)) != 0)
            continue;
        c->op = ops[i].op;
        number = copy + at + strlen(ops[i].text);
    }
    if (number == NULL)
        return fail_set(f, EXIT_USAGE, "--criteria: '%s' compares nothing; %s", c->text, FORM);
    copy[at] = '\0';
    trim(copy);
    trim(number);
    take_suffix(c, copy);
    if (c->of != CRITERION_OF_RUN && conf != NULL)
        return fail_set(f, EXIT_USAGE,
                        "--criteria: '%s': a ratio is of runs that are compared; shakedown compare "
                        "takes it, and shakedown run with --against",
                        c->text);
    if (find_figure(c, conf, copy, f) < 0)
        return -1;
    if (read_abort(c, number, &why) < 0)
        return fail_set(f, EXIT_USAGE, "--criteria: '%s': %s", c->text, why.text);
    if (c->of != CRITERION_OF_RUN)
        return read_ratio(c, number, &why) < 0
                   ? fail_set(f, EXIT_USAGE, "--criteria: '%s': %s", c->text, why.text)
                   : 0;
    if ((strchr(number, '%') != NULL && metric_unit(&c->metric) != METRIC_UNIT_SHARE
             ? read_share(c, number, &why)
             : read_limit(c, number, &why)) < 0)
        return fail_set(f, EXIT_USAGE, "--criteria: '%s': %s", c->text, why.text);
    return 0;
}

/* Of class @class_idx; -1: of the run. */
static int
read_list(struct criteria *c, const struct conf *conf, int class_idx, const char *text,
          struct fail *f)
{
    const char *all = text;

    while (text[strspn(text, " \t\n")] != '\0') {
        size_t len = strcspn(text, ",\n"), before = 0;
        struct criterion *one = &c->list[c->n];

        if (c->n == CRITERIA_MAX)
            return fail_set(f, EXIT_USAGE, "--criteria: more than %d are too many", CRITERIA_MAX);
        one->class_idx = -1;
        one->phase = PHASE_COUNT;
        if (len + CONF_NAME_MAX + 1 >= sizeof(one->text))
            return fail_set(f, EXIT_USAGE, "--criteria: '%.60s...' is too long; %s", text, FORM);
        if (class_idx >= 0)
            before = (size_t)snprintf(one->text, sizeof(one->text), "%s.",
                                      conf->classes[class_idx].name);
        memcpy(one->text + before, text, len);
        one->text[before + len] = '\0';
        trim(one->text + before);
        if (read_criterion(one, conf, f) < 0) {
            scenario_point_criterion(conf, class_idx, (size_t)(text - all), f);
            return -1;
        }
        c->n++;
        text += len + (text[len] != '\0');
    }
    return 0;
}

int
criteria_parse(struct criteria *c, const char *text, struct fail *f)
{
    *c = (struct criteria){0};
    return read_list(c, NULL, -1, text, f);
}

int
criteria_parse_ratios(struct criteria *c, const char *text, struct fail *f)
{
    if (criteria_parse(c, text, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->n; i++) {
        if (c->list[i].of == CRITERION_OF_RUN || c->list[i].aborts)
            return fail_set(f, EXIT_USAGE,
                            "--criteria: '%s': runs are compared by ratios; write e.g. cps.ratio > "
                            "0.97",
                            c->list[i].text);
        if (metric_unit(&c->list[i].metric) == METRIC_UNIT_WORD)
            return fail_set(f, EXIT_USAGE, "--criteria: '%s': words have no ratio",
                            c->list[i].text);
    }
    return 0;
}

int
criteria_read(struct criteria *c, const struct conf *conf, struct fail *f)
{
    *c = (struct criteria){0};
    if (read_list(c, conf, -1, conf->criteria, f) < 0)
        return -1;
    for (unsigned i = 0; conf->has_classes && i < conf->n_classes; i++)
        if (read_list(c, conf, (int)i, conf->classes[i].criteria, f) < 0)
            return -1;
    return 0;
}

/* -- judging ------------------------------------------------------------------------------- */

static bool
compares(double value, enum criterion_op op, double limit)
{
    switch (op) {
    case OP_LESS:
        return value < limit;
    case OP_AT_MOST:
        return value <= limit;
    case OP_GREATER:
        return value > limit;
    case OP_AT_LEAST:
        return value >= limit;
    case OP_EQUAL:
        return !(value < limit) && !(value > limit);
    case OP_OTHER:
        return value < limit || value > limit;
    }
    return false;
}

/* NULL: nothing is known of that phase. */
static void
judge(struct criterion *c, const struct result *r)
{
    struct metric whole;
    double all;

    c->has_value = r != NULL && metric_value_of(&c->metric, r, c->class_idx, &c->value);
    if (c->has_value && c->is_share) {
        c->has_value = metric_whole(&c->metric, &whole) &&
                       metric_value_of(&whole, r, c->class_idx, &all) && all > 0;
        c->value = c->has_value ? c->value / all : 0;
    }
    c->holds = c->has_value && compares(c->value, c->op, c->limit);
}

bool
criteria_have_phase(const struct criteria *c, enum conf_phase_id phase, bool aborts)
{
    for (unsigned i = 0; i < c->n; i++)
        if (c->list[i].phase == phase && (c->list[i].aborts || !aborts))
            return true;
    return false;
}

const struct criterion *
criteria_abort(struct criteria *c, enum conf_phase_id phase, const struct result *r,
               uint64_t measured_ns)
{
    for (unsigned i = 0; i < c->n; i++) {
        struct criterion *one = &c->list[i];

        if (!one->aborts || one->phase != phase || measured_ns < one->abort_after_ns)
            continue;
        judge(one, r);
        one->has_aborted = one->has_value && !one->holds;
        if (one->has_aborted)
            return one;
    }
    return NULL;
}

static const struct result *
part_of(const struct result *r, enum conf_phase_id phase)
{
    return phase == PHASE_COUNT ? report_result_measured(r) : r->phases[phase];
}

unsigned
criteria_judge_by(struct criteria *c, criterion_value *value_of, const void *arg)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n; i++) {
        struct criterion *one = &c->list[i];

        one->has_value = value_of(arg, one, &one->value);
        one->holds = one->has_value && compares(one->value, one->op, one->limit);
        n += !one->holds;
    }
    return n;
}

unsigned
criteria_judge(struct criteria *c, const struct result *r)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n; i++) {
        if (!c->list[i].has_aborted)
            judge(&c->list[i], part_of(r, c->list[i].phase));
        n += !c->list[i].holds;
    }
    return n;
}

const char *
criterion_unit(const struct criterion *c)
{
    if (c->of != CRITERION_OF_RUN)
        return "ratio";
    return metric_unit_name(c->is_share ? METRIC_UNIT_SHARE : metric_unit(&c->metric));
}

const char *
criterion_format(const struct criterion *c, double value, char buf[static CRITERION_VALUE_MAX])
{
    if (c->of != CRITERION_OF_RUN)
        snprintf(buf, CRITERION_VALUE_MAX, "%.4g", value);
    else if (c->is_share)
        snprintf(buf, CRITERION_VALUE_MAX, "%.4g %%", 100 * value);
    else
        return metric_format(&c->metric, value, buf);
    return buf;
}
