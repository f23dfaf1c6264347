/* SPDX-License-Identifier: BSD-3-Clause */
/* See conf.h: the command line. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "conf/habits.h"
#include "conf/options.h"
#include "conf/scenario.h"
#include "conf/url.h"

/* An option as the user named it ("--rate", "--set load.rate") fits in this. */
#define LABEL_MAX 96

static const char CLASSES[] = "classes.";

/* Between the results that are compared. */
static const char VS[] = "vs";

static const char USAGE_HINT[] = "shakedown --help lists them";

/* One pass over the command line. */
struct args {
    char *const *words; /* up to end */
    char *const *end;
    bool has_command;
    bool is_done; /* --help or --version: nothing after it counts */
    bool options_ended;
    bool is_named[OPTION_ROWS]; /* given by its own name; --set may come before or after it */
    const char *scenario;       /* the file; NULL: none */
    bool has_groups;            /* of results: there was a "vs", */
    bool begins_group;          /* and nothing behind it yet */
};

/* @label names the option in errors. A command line has one class. */
static int
take_value(struct conf *c, int row, const char *label, const char *value, struct fail *f)
{
    struct value_why why;

    if (option_assign(c, 0, row, value, &why) < 0)
        return fail_set(f, EXIT_USAGE, "%s: %s", label, why.text);
    option_set_given(c, 0, row);
    return 0;
}

/* "classes." is before it. What classes there are the scenario knows. */
static int
keep_class_setting(struct conf *c, const char *setting, struct fail *f)
{
    size_t used = strlen(c->class_settings), length = strlen(setting);

    if (used + length + 2 > CONF_LINES_MAX || strchr(setting, '\n') != NULL)
        return fail_set(f, EXIT_USAGE,
                        "--set classes.%.40s...: it is too long; write it into the scenario file",
                        setting);
    snprintf(c->class_settings + used, CONF_LINES_MAX - used, "%s\n", setting);
    return 0;
}

/* @setting is KEY=VALUE. */
static int
take_setting(struct conf *c, const char *setting, struct fail *f)
{
    const char *equals = strchr(setting, '=');
    size_t length = equals != NULL ? (size_t)(equals - setting) : 0;
    char label[LABEL_MAX] = "--set ";
    char *key = label + strlen(label);
    const char *near;
    int row;

    if (length == 0)
        return fail_set(f, EXIT_USAGE,
                        "--set: '%.60s' is not a setting; write KEY=VALUE, e.g. load.rate=200k",
                        setting);
    if (length >= LABEL_MAX - strlen(label))
        return fail_set(f, EXIT_USAGE, "--set: '%.40s...' is not a key; %s", setting, USAGE_HINT);
    memcpy(key, setting, length);
    key[length] = '\0';
    if (strncmp(key, CLASSES, strlen(CLASSES)) == 0)
        return keep_class_setting(c, setting + strlen(CLASSES), f);
    row = option_by_key(key);
    if (row >= 0)
        return take_value(c, row, label, equals + 1, f);
    near = option_near_key(key);
    if (near != NULL)
        return fail_set(f, EXIT_USAGE, "%s: there is no such key; did you mean %s?", label, near);
    return fail_set(f, EXIT_USAGE, "%s: there is no such key; %s", label, USAGE_HINT);
}

/* The same option twice is a slip; a value of --set is there to be overruled, or to overrule. */
static int
take_named(struct conf *c, struct args *a, int row, const char *value, struct fail *f)
{
    const struct conf_option *o = &conf_options[row];

    if (a->is_named[row] && !o->is_repeatable)
        return fail_set(f, EXIT_USAGE, "%s: '%.60s' is a second value; give %s once", o->name,
                        value, o->name);
    a->is_named[row] = true;
    return take_value(c, row, o->name, value, f);
}

/* The one that "--no-nagle" means; NULL: none. */
static const struct conf_option *
negated_option(const char *name)
{
    char option[LABEL_MAX];
    int row;

    if (strncmp(name, "--no-", 5) != 0)
        return NULL;
    snprintf(option, sizeof(option), "--%s", name + 5);
    row = option_by_name(option);
    return row >= 0 && conf_options[row].type == TYPE_BOOL ? &conf_options[row] : NULL;
}

static int
refuse_option(const char *name, struct fail *f)
{
    const struct conf_option *negated = negated_option(name);
    const struct habit *habit = habit_find(name);
    const char *near = habit != NULL ? habit->option : option_suggest_name(name);
    int row = option_by_key(name + strspn(name, "-"));

    if (negated != NULL)
        return fail_set(f, EXIT_USAGE, "%.60s: there is no such option; write %s no", name,
                        negated->name);
    if (row >= 0)
        near = conf_options[row].name;
    else if (habit != NULL && habit->option == NULL)
        return fail_set(f, EXIT_USAGE, "%.60s: there is no such option; %s", name, habit->instead);
    if (near != NULL)
        return fail_set(f, EXIT_USAGE, "%.60s: there is no such option; did you mean %s?", name,
                        near);
    return fail_set(f, EXIT_USAGE, "%.60s: there is no such option; %s", name, USAGE_HINT);
}

/* "help" and "version" are words as well as options. */
static bool
is_last_word(struct conf *c, struct args *a, const char *word)
{
    a->is_done = true;
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        c->command = CONF_HELP;
    else if (strcmp(word, "version") == 0 || strcmp(word, "--version") == 0)
        c->command = CONF_VERSION;
    else
        a->is_done = false;
    return a->is_done;
}

/* @word begins with a dash; its value may be the next word. */
static int
take_option(struct conf *c, struct args *a, const char *word, struct fail *f)
{
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct conf_option *o;
    const char *value;
    char name[LABEL_MAX];
    int row;

    if (length >= sizeof(name))
        return refuse_option(word, f);
    memcpy(name, word, length);
    name[length] = '\0';
    if (is_last_word(c, a, name)) /* --help=anything */
        return 0;
    row = option_by_name(name);
    if (row < 0)
        return refuse_option(name, f);

    o = &conf_options[row];
    if (equals != NULL)
        value = equals + 1;
    else if (o->metavar == NULL)
        value = "yes";
    else if (a->words < a->end && (o->takes_dashes || strncmp(*a->words, "--", 2) != 0))
        value = *a->words++;
    else
        return fail_set(f, EXIT_USAGE, "%s: the value is missing; write %s %s (%s)", name, name,
                        o->metavar, o->help);
    if (o->type == TYPE_SETTING)
        return take_setting(c, value, f);
    return take_named(c, a, row, value, f);
}

static int
take_command(struct conf *c, struct args *a, const char *word, struct fail *f)
{
    static const char *const commands[] = {"run",     "serve",  "check",  "doctor",
                                           "ctl",     "report", "merge",  "compare",
                                           "rfc9411", "help",   "version"};
    const char *near = suggest_nearest(word, commands, ARRAY_LEN(commands));

    if (is_last_word(c, a, word))
        return 0;
    for (int i = CONF_RUN; i < CONF_HELP; i++) {
        if (strcmp(word, conf_command_names[i]) == 0) {
            c->command = (enum conf_command)i;
            return 0;
        }
    }
    if (strstr(word, "://") != NULL)
        return fail_set(f, EXIT_USAGE,
                        "'%.100s': the command comes first; did you mean shakedown run %.100s?",
                        word, word);
    if (near != NULL)
        return fail_set(f, EXIT_USAGE, "'%.60s' is not a command; did you mean %s?", word, near);
    return fail_set(
        f, EXIT_USAGE,
        "'%.60s' is not a command; write run, serve, check, doctor, ctl, report, merge, compare or "
        "rfc9411 (shakedown --help tells more)",
        word);
}

/* What ends as such files do; what else is no URL is one if it is there. */
static bool
is_scenario(const char *word)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    const char *dot = strrchr(word, '.');

    if (strstr(word, "://") != NULL)
        return false;
    for (size_t i = 0; dot != NULL && i < ARRAY_LEN(endings); i++)
        if (strcmp(dot, endings[i]) == 0)
            return true;
    return access(word, F_OK) == 0;
}

/* ctl's words, in their order. */
static int
take_ctl(struct conf_ctl *ctl, const char *word, struct fail *f)
{
    if (ctl->socket == NULL)
        ctl->socket = word;
    else if (ctl->verb == NULL)
        ctl->verb = word;
    else if (ctl->value == NULL)
        ctl->value = word;
    else
        return fail_set(f, EXIT_USAGE, "'%.60s': shakedown ctl takes no more words", word);
    return 0;
}

static bool
takes_results(const struct conf *c)
{
    return c->command == CONF_REPORT || c->command == CONF_MERGE || c->command == CONF_COMPARE ||
           c->command == CONF_RFC9411;
}

/* A file, or "vs" between two groups of them. */
static int
take_result(struct conf *c, struct args *a, const char *word, struct fail *f)
{
    struct conf_results *r = &c->results;

    if (c->command == CONF_COMPARE && strcmp(word, VS) == 0) {
        if (r->n == 0 || a->begins_group)
            return fail_set(f, EXIT_USAGE, "compare: there is no result before '%s'", VS);
        a->has_groups = a->begins_group = true;
        return 0;
    }
    if (r->n == CONF_RESULTS_MAX)
        return fail_set(f, EXIT_USAGE, "'%.100s': more than %d results are too many", word,
                        CONF_RESULTS_MAX);
    r->n_groups += r->n == 0 || a->begins_group;
    a->begins_group = false;
    r->paths[r->n] = word;
    r->group_of[r->n++] = r->n_groups - 1;
    return 0;
}

static int
check_results(struct conf *c, const struct args *a, struct fail *f)
{
    struct conf_results *r = &c->results;

    if (!takes_results(c))
        return 0;
    for (unsigned i = 0; !a->has_groups && i < r->n; i++)
        r->group_of[i] = i;
    if (!a->has_groups)
        r->n_groups = r->n;
    if (a->begins_group)
        return fail_set(f, EXIT_USAGE, "compare: there is no result behind '%s'", VS);
    if (c->command == CONF_REPORT && r->n != 1)
        return fail_set(f, EXIT_USAGE,
                        "report: one result makes a page; write shakedown report RESULT.json");
    if (c->command == CONF_RFC9411 && r->n != 1)
        return fail_set(f, EXIT_USAGE,
                        "rfc9411: one plan makes a suite; write shakedown rfc9411 PLAN.yaml");
    if (c->command == CONF_MERGE && r->n < 2)
        return fail_set(f, EXIT_USAGE,
                        "merge: two results or more make one; write shakedown merge A.json B.json");
    if (c->command == CONF_COMPARE && r->n_groups < 2)
        return fail_set(f, EXIT_USAGE,
                        "compare: there is nothing to compare with; write shakedown compare A.json "
                        "B.json, or A1.json A2.json vs B1.json B2.json");
    return 0;
}

static int
take_operand(struct conf *c, struct args *a, const char *word, struct fail *f)
{
    struct value_why why;

    if (takes_results(c))
        return take_result(c, a, word, f);

    if (c->command == CONF_CTL)
        return take_ctl(&c->ctl, word, f);
    if (is_scenario(word)) {
        if (a->scenario != NULL)
            return fail_set(f, EXIT_USAGE, "'%.100s' and '%.100s' are two scenario files; give one",
                            a->scenario, word);
        a->scenario = word;
        return 0;
    }
    return url_add(c, word, 0, &why) < 0 ? fail_set(f, EXIT_USAGE, "%s", why.text) : 0;
}

static int
take_word(struct conf *c, struct args *a, const char *word, struct fail *f)
{
    bool is_option = !a->options_ended && word[0] == '-' && word[1] != '\0';

    if (is_option && strcmp(word, "--") == 0) {
        a->options_ended = true;
        return 0;
    }
    if (is_option && is_last_word(c, a, word))
        return 0;
    if (is_option)
        return take_option(c, a, word, f);
    if (a->has_command)
        return take_operand(c, a, word, f);
    a->has_command = true;
    return take_command(c, a, word, f);
}

/* An option that the command would ignore is a misunderstanding. */
static int
check_commands(const struct conf *c, struct fail *f)
{
    for (int i = 0; i < OPTION_ROWS; i++) {
        const struct conf_option *o = &conf_options[i];
        char commands[OPTION_WORDS_MAX];

        if (option_is_given(c, 0, i) && (o->commands & 1U << c->command) == 0)
            return fail_set(
                f, EXIT_USAGE, "%s: shakedown %s does not take this option; it is for %s", o->name,
                conf_command_names[c->command], option_commands_words(o, " and ", commands));
    }
    return 0;
}

static int
check_doctor(const struct conf *c, const struct args *a, struct fail *f)
{
    if (c->command != CONF_DOCTOR || (c->n_targets == 0 && a->scenario == NULL))
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "'%.100s': shakedown doctor takes no %s, for it sends nothing; shakedown "
                    "check takes one",
                    a->scenario != NULL ? a->scenario : c->targets[0].url,
                    a->scenario != NULL ? "scenario" : "URL");
}

static int
check_ctl(const struct conf *c, struct fail *f)
{
    static const char *const verbs[] = {"rate", "stop", "snapshot"};
    const struct conf_ctl *ctl = &c->ctl;
    bool is_known = false;

    if (c->command != CONF_CTL)
        return 0;
    for (size_t i = 0; ctl->verb != NULL && i < ARRAY_LEN(verbs); i++)
        is_known |= strcmp(ctl->verb, verbs[i]) == 0;
    if (ctl->verb != NULL && !is_known)
        return fail_set(f, EXIT_USAGE,
                        "ctl: '%.60s' is nothing that a run can be told; write rate R, stop or "
                        "snapshot",
                        ctl->verb);
    if (ctl->verb == NULL)
        return fail_set(f, EXIT_USAGE,
                        "ctl: %s is missing; write shakedown ctl SOCKET rate R, SOCKET stop or "
                        "SOCKET snapshot",
                        ctl->socket == NULL ? "the socket" : "what to do");
    if ((strcmp(ctl->verb, "rate") == 0) != (ctl->value != NULL))
        return fail_set(f, EXIT_USAGE,
                        ctl->value == NULL ? "ctl %s: the rate is missing; write it behind, e.g. "
                                             "300k"
                                           : "ctl %s takes no value",
                        ctl->verb);
    return 0;
}

static int
take_scenario(struct conf *c, const char *path, struct fail *f)
{
    if (path == NULL && c->variables[0] != '\0')
        return fail_set(f, EXIT_USAGE,
                        "--var: there is no scenario file whose variables it could set; give one");
    if (path == NULL && c->class_settings[0] != '\0')
        return fail_set(f, EXIT_USAGE,
                        "--set classes.%.*s: there is no scenario file whose classes it could set; "
                        "give one",
                        (int)strcspn(c->class_settings, "="), c->class_settings);
    if (path == NULL)
        return 0;
    if (source_read(&c->source, path, f) < 0)
        return -1;
    return scenario_read(c, f);
}

int
conf_parse_args(struct conf *c, int argc, char *const argv[], struct fail *f)
{
    struct args a = {.words = argv + (argc > 0), .end = argv + argc};

    conf_init(c);
    while (a.words < a.end && !a.is_done)
        if (take_word(c, &a, *a.words++, f) < 0)
            return -1;
    if (a.is_done)
        return 0;
    if (!a.has_command)
        return fail_set(f, EXIT_USAGE,
                        "the command is missing; write shakedown run, serve, check, doctor, ctl, "
                        "report, merge, "
                        "compare or rfc9411 (shakedown --help tells more)");
    if (check_commands(c, f) < 0 || check_doctor(c, &a, f) < 0 || check_ctl(c, f) < 0 ||
        check_results(c, &a, f) < 0 || take_scenario(c, a.scenario, f) < 0)
        return -1;
    option_fill_defaults(c, c->command);
    return 0;
}
