/* SPDX-License-Identifier: BSD-3-Clause */
/* Print what of docs/ is made from the lists of the code: print_docs options | counters |
 * latencies | doctor | metrics | bounds | plan | plan_schema, or print_docs schema TEMPLATE. In a
 * template a line that is "@LIST", or
 * "@LIST," where something follows, stands for the list's lines. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "conf/help.h"
#include "conf/options.h"
#include "io/doctor.h"
#include "metrics/family.h"
#include "report/result.h"
#include "report/rows.h"
#include "stat/counters.h"
#include "suite/plan.h"
#include "tls/tally.h"

static void
print_counter(struct stat_name c)
{
    printf("| `%s` | %s | %s |\n", c.name, c.unit, c.meaning);
}

static void
print_counters(void)
{
    puts("# Counters\n");
    puts("This page is made from the lists in `lib/stat/counters.h` and the tables of the "
         "protocols; "
         "the names are the keys\nof the JSON result. From where to where clocks run is in "
         "[MEASURING.md](MEASURING.md).\n");
    puts("## What is counted\n");
    puts("| counter | unit | meaning |\n|---|---|---|");
    for (unsigned row = 0; row < CTR_COUNT; row++)
        print_counter(counter_name(row));
    if (counter_rows() > CTR_COUNT)
        puts("\n## What application protocols count\n\n"
             "| counter | protocol | meaning |\n|---|---|---|");
    for (unsigned row = CTR_COUNT; row < counter_rows(); row++)
        print_counter(counter_name(row));
    puts("\n## Why a connection failed\n");
    puts("| cause | meaning |\n|---|---|");
    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        printf("| `%s` | %s |\n", stat_failure_names[i].name, stat_failure_names[i].meaning);
    puts("\n## What an open connection waits for\n");
    puts("| `open_by` | meaning |\n|---|---|");
    for (unsigned i = 0; i < OPEN_COUNT; i++)
        printf("| `%s` | %s |\n", stat_open_names[i].name, stat_open_names[i].meaning);
}

static void
print_latencies(void)
{
    puts("| histogram | measured with | from | to |\n|---|---|---|---|");
    for (unsigned row = 0; row < latency_rows(); row++) {
        struct stat_latency_name l = latency_name(row);

        printf("| `%s` | %s | %s | %s |\n", l.name, need_names[l.need], l.from, l.to);
    }
}

static void
print_metrics(void)
{
    static const char *const ends[] = {[METRICS_COUNTER] = "_total",
                                       [METRICS_GAUGE] = "",
                                       [METRICS_HISTOGRAM] = "",
                                       [METRICS_INFO] = "_info"};

    puts("| name | kind | labels | meaning |\n|---|---|---|---|");
    for (unsigned i = 0; i < metrics_families(); i++) {
        struct metrics_family f;

        metrics_family(i, &f);
        printf("| `%s%s` | %s | %s | %s |\n", f.name, ends[f.kind], metrics_kind_names[f.kind],
               f.labels, f.help);
    }
}

static void
print_bounds(void)
{
    puts("| bound | s | bound | s | bound | s | bound | s |\n|---|---|---|---|---|---|---|---|");
    for (unsigned i = 0; i < BOUNDS_COUNT; i++)
        printf("| %u | %.12g %s", i + 1, (double)bounds_ns(i) / (double)NS_PER_SEC,
               i % 4 == 3 || i == BOUNDS_COUNT - 1 ? "|\n" : "");
}

/* -- the schema --------------------------------------------------------------------------- */

/* Where the lines of a list go: @indent before each, a comma between them. */
struct list_place {
    int indent;
    bool has_printed;
};

static void
print_key(struct list_place *p, const char *key)
{
    printf("%s%*s\"%s\"", p->has_printed ? ",\n" : "", p->indent, "", key);
    p->has_printed = true;
}

/* @before and @text are the description, quoted where it has to be; @text NULL: there is none. */
static void
print_property(struct list_place *p, const char *key, const char *before, const char *text,
               const char *type)
{
    print_key(p, key);
    fputs(": {", stdout);
    if (text != NULL) {
        printf("\"description\": \"%s", before);
        for (; *text != '\0'; text++)
            printf(*text == '"' ? "\\%c" : "%c", *text);
        fputs("\", ", stdout);
    }
    printf("\"$ref\": \"#/$defs/%s\"}", type);
}

static void
list_counters(struct list_place *p, bool is_names)
{
    char unit[64];

    for (unsigned row = 0; row < counter_rows(); row++) {
        struct stat_name c = counter_name(row);

        snprintf(unit, sizeof(unit), "%s: ", c.unit);
        if (is_names)
            print_key(p, c.name);
        else
            print_property(p, c.name, unit, c.meaning, "count");
    }
}

static void
list_interval_counters(struct list_place *p, bool is_names)
{
    for (size_t i = 0; i < n_report_interval_counters; i++) {
        const char *name = stat_counter_names[report_interval_counters[i].counter].name;

        if (is_names)
            print_key(p, name);
        else
            print_property(p, name, "", NULL, "count");
    }
}

static void
list_failures(struct list_place *p, bool is_names)
{
    for (size_t i = 0; i < FAILURE_COUNT; i++) {
        if (is_names)
            print_key(p, stat_failure_names[i].name);
        else
            print_property(p, stat_failure_names[i].name, "", stat_failure_names[i].meaning,
                           "count");
    }
}

static void
list_opens(struct list_place *p, bool is_names)
{
    for (size_t i = 0; i < OPEN_COUNT; i++) {
        if (is_names)
            print_key(p, stat_open_names[i].name);
        else
            print_property(p, stat_open_names[i].name, "", stat_open_names[i].meaning, "count");
    }
}

static void
list_rates(struct list_place *p, bool is_names)
{
    for (size_t i = 0; i < n_report_rates; i++) {
        if (is_names)
            print_key(p, report_rates[i].name);
        else
            print_property(p, report_rates[i].name, "", report_rates[i].meaning, "rate");
    }
}

static void
list_latencies(struct list_place *p, bool is_names)
{
    for (unsigned row = 0; row < latency_rows(); row++) {
        struct stat_latency_name l = latency_name(row);
        char text[256];

        snprintf(text, sizeof(text), "%s to %s", l.from, l.to);
        if (is_names)
            print_key(p, l.name);
        else
            print_property(p, l.name, "", text, "latency");
    }
}

static void
list_interval_latencies(struct list_place *p, bool is_names)
{
    for (unsigned row = 0; row < latency_rows(); row++) {
        if (!latency_has_interval(row))
            continue;
        if (is_names)
            print_key(p, latency_name(row).name);
        else
            print_property(p, latency_name(row).name, "", NULL, "interval_latency");
    }
}

static void
list_quantiles(struct list_place *p, bool is_names)
{
    for (size_t i = 0; i < n_report_quantiles; i++) {
        if (is_names)
            print_key(p, report_quantiles[i].name);
        else
            print_property(p, report_quantiles[i].name, "", NULL, "us");
    }
}

static void
list_tls_tallies(struct list_place *p, bool is_names)
{
    for (size_t i = 0; i < n_tls_tally_names; i++) {
        if (is_names)
            print_key(p, tls_tally_names[i].name);
        else
            print_property(p, tls_tally_names[i].name, "", tls_tally_names[i].meaning, "names");
    }
}

static void
list_tls_causes(struct list_place *p, bool is_names)
{
    for (int i = TLS_CAUSE_NONE + 1; i < TLS_CAUSES; i++) {
        print_key(p, stat_failure_names[tls_cause_failures[i]].name);
        fputs(is_names ? "" : ": {\"type\": \"string\"}", stdout);
    }
}

#define DOCTOR_ROW(name, title, looks) {#name, title, looks},
static const struct {
    const char *name, *title, *looks;
} doctor_rows[] = {DOCTOR_ROWS(DOCTOR_ROW)};
#undef DOCTOR_ROW

static void
list_doctor_rows(struct list_place *p, bool is_names)
{
    (void)is_names;
    for (size_t i = 0; i < ARRAY_LEN(doctor_rows); i++)
        print_key(p, doctor_rows[i].name);
}

static void
print_doctor(void)
{
    puts("| row | JSON | what is looked at |\n|---|---|---|");
    for (size_t i = 0; i < ARRAY_LEN(doctor_rows); i++)
        printf("| %s | `%s` | %s |\n", doctor_rows[i].title, doctor_rows[i].name,
               doctor_rows[i].looks);
}

/* -- the scenario ------------------------------------------------------------------------- */

/* Rows of the run's, or of a class, that have a key. */
static bool
is_listed(int row, bool is_of_class)
{
    const struct conf_option *o = &conf_options[row];

    return o->key != NULL && (!is_of_class || (o->is_of_class && !o->is_shared &&
                                               (o->commands & 1U << CONF_RUN) != 0));
}

/* How long what stands before the first dot of @key is; 0: there is no dot. */
static size_t
section_length(const char *key)
{
    const char *dot = strchr(key, '.');

    return dot != NULL ? (size_t)(dot - key) : 0;
}

static bool
is_same_section(int row, const char *key, size_t length)
{
    return conf_options[row].key != NULL && section_length(conf_options[row].key) == length &&
           strncmp(conf_options[row].key, key, length) == 0;
}

/* Whether no row before @row is of its section. */
static bool
is_first_of_section(int row, bool is_of_class)
{
    const char *key = conf_options[row].key;

    for (int i = 0; i < row; i++)
        if (is_listed(i, is_of_class) && is_same_section(i, key, section_length(key)))
            return false;
    return true;
}

/* "key: default", and behind it what is allowed, where the line has room for it. */
static void
print_scenario_key(int indent, const char *name, const struct conf_option *o)
{
    const char *def = o->is_repeatable ? "[]" : o->def != NULL ? o->def : "null";
    struct conf_option in_file = *o;
    char commands[OPTION_WORDS_MAX], range[OPTION_WORDS_MAX], line[128];

    in_file.commands &= ON_ALL; /* the others read no scenario */
    snprintf(line, sizeof(line), "%*s%s: %s", indent, "", name, def);
    printf("    %-38s # %s (%s)", line, o->name, option_commands_words(&in_file, ", ", commands));
    option_range_words(o, range);
    if (range[0] != '\0' && 45 + strlen(o->name) + strlen(commands) + strlen(range) < 112)
        printf(": %s", range);
    putchar('\n');
}

static void
list_scenario_keys(struct list_place *p, bool is_names)
{
    (void)p;
    (void)is_names;
    for (int row = 0; row < OPTION_ROWS; row++) {
        const char *key = conf_options[row].key;
        size_t length = key != NULL ? section_length(key) : 0;

        if (key == NULL || (length > 0 && !is_first_of_section(row, false)))
            continue;
        if (length == 0) {
            print_scenario_key(0, key, &conf_options[row]);
            continue;
        }
        printf("    %.*s:\n", (int)length, key);
        for (int i = row; i < OPTION_ROWS; i++)
            if (is_same_section(i, key, length))
                print_scenario_key(2, conf_options[i].key + length + 1, &conf_options[i]);
    }
}

static const char *
schema_type(const struct conf_option *o)
{
    if (o == &conf_options[OPTION_CRITERIA])
        return "criteria";
    if (o->is_mapping)
        return "goals";
    if (o->is_repeatable)
        return "texts";
    if (o->type == TYPE_BOOL)
        return "bool";
    return o->type == TYPE_INT || o->type == TYPE_COUNT || o->type == TYPE_RATE ||
                   o->type == TYPE_BYTES || o->type == TYPE_DURATION
               ? "number"
               : "text";
}

/* A word that YAML takes for a number is one to an editor. */
static void
print_choices(const struct conf_option *o)
{
    fputs("\"enum\": [", stdout);
    for (unsigned i = 0; o->choices[i] != NULL; i++) {
        bool is_number = o->choices[i][strspn(o->choices[i], "0123456789.")] == '\0';

        printf("\"%s\", ", o->choices[i]);
        if (is_number)
            printf("%s, ", o->choices[i]);
    }
    fputs("null]}", stdout);
}

static void
print_scenario_property(struct list_place *p, const char *name, const struct conf_option *o)
{
    char def[OPTION_WORDS_MAX], text[3 * OPTION_WORDS_MAX];
    bool has_def = *option_default_words(o, def) != '\0';

    snprintf(text, sizeof(text), "%s%s%s", o->help, has_def ? ". Default: " : "", def);
    if (o->choices == NULL) {
        print_property(p, name, "", text, schema_type(o));
        return;
    }
    print_key(p, name);
    fputs(": {\"description\": \"", stdout);
    for (const char *c = text; *c != '\0'; c++)
        printf(*c == '"' ? "\\%c" : "%c", *c);
    fputs("\", ", stdout);
    print_choices(o);
}

static void
list_properties(struct list_place *p, bool is_of_class)
{
    for (int row = 0; row < OPTION_ROWS; row++) {
        const char *key = conf_options[row].key;
        size_t length = key != NULL ? section_length(key) : 0;
        struct list_place inner = {.indent = p->indent + 4};
        char section[64];

        if (!is_listed(row, is_of_class) || (length > 0 && !is_first_of_section(row, is_of_class)))
            continue;
        if (length == 0) {
            print_scenario_property(p, key, &conf_options[row]);
            continue;
        }
        snprintf(section, sizeof(section), "%.*s", (int)length, key);
        print_key(p, section);
        printf(": {\n%*s\"type\": [\"object\", \"null\"],\n%*s\"properties\": {\n", p->indent + 2,
               "", p->indent + 2, "");
        for (int i = row; i < OPTION_ROWS; i++)
            if (is_listed(i, is_of_class) && is_same_section(i, key, length))
                print_scenario_property(&inner, conf_options[i].key + length + 1, &conf_options[i]);
        printf("\n%*s},\n%*s\"additionalProperties\": false\n%*s}", p->indent + 2, "",
               p->indent + 2, "", p->indent, "");
    }
}

static void
list_scenario_properties(struct list_place *p, bool is_names)
{
    (void)is_names;
    list_properties(p, false);
}

static void
list_class_properties(struct list_place *p, bool is_names)
{
    (void)is_names;
    list_properties(p, true);
}

static const struct {
    const char *name;
    void (*print)(struct list_place *p, bool is_names);
} lists[] = {
    {"counters", list_counters},
    {"interval_counters", list_interval_counters},
    {"failures", list_failures},
    {"rates", list_rates},
    {"latencies", list_latencies},
    {"interval_latencies", list_interval_latencies},
    {"quantiles", list_quantiles},
    {"tls_tallies", list_tls_tallies},
    {"tls_causes", list_tls_causes},
    {"opens", list_opens},
    {"doctor_rows", list_doctor_rows},
    {"scenario_keys", list_scenario_keys},
    {"scenario_properties", list_scenario_properties},
    {"class_properties", list_class_properties},
};

/* @line is "@NAME", "@NAME names", or one of them with a comma. */
static bool
print_list(const char *line, int indent)
{
    size_t length = strcspn(line + 1, " ,\n");

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct list_place p = {.indent = indent};

        if (strlen(lists[i].name) != length || memcmp(lists[i].name, line + 1, length) != 0)
            continue;
        lists[i].print(&p, strncmp(line + 1 + length, " names", 6) == 0);
        puts(strchr(line, ',') != NULL ? "," : "");
        return true;
    }
    fprintf(stderr, "no such list: %s", line);
    return false;
}

static bool
print_schema(const char *template)
{
    FILE *in = fopen(template, "r");
    char line[1024];
    bool is_good = in != NULL;

    while (is_good && fgets(line, sizeof(line), in) != NULL) {
        int indent = (int)strspn(line, " ");

        if (line[indent] == '@')
            is_good = print_list(line + indent, indent);
        else
            fputs(line, stdout);
    }
    if (in != NULL)
        fclose(in);
    return is_good;
}

int
main(int argc, char *argv[])
{
    struct fail f;

    if (argc == 2 && strcmp(argv[1], "options") == 0)
        conf_options_markdown(stdout);
    else if (argc == 2 && strcmp(argv[1], "counters") == 0)
        print_counters();
    else if (argc == 2 && strcmp(argv[1], "latencies") == 0)
        print_latencies();
    else if (argc == 2 && strcmp(argv[1], "doctor") == 0)
        print_doctor();
    else if (argc == 2 && strcmp(argv[1], "metrics") == 0)
        print_metrics();
    else if (argc == 2 && strcmp(argv[1], "plan") == 0)
        suite_plan_markdown(stdout);
    else if (argc == 2 && strcmp(argv[1], "plan_schema") == 0)
        return suite_plan_schema(stdout, &f) < 0;
    else if (argc == 2 && strcmp(argv[1], "bounds") == 0)
        print_bounds();
    else if (argc == 3 && strcmp(argv[1], "schema") == 0)
        return print_schema(argv[2]) ? 0 : 1;
    else
        return 2;
    return 0;
}
