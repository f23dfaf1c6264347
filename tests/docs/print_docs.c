/* SPDX-License-Identifier: BSD-3-Clause */
/* Print what of docs/ is made from the lists of the code: print_docs options | counters |
 * latencies | doctor, or print_docs schema TEMPLATE. In a template a line that is "@LIST", or
 * "@LIST," where something follows, stands for the list's lines. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "conf/help.h"
#include "io/doctor.h"
#include "report/result.h"
#include "report/rows.h"
#include "stat/counters.h"
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

/* -- the schema --------------------------------------------------------------------------- */

/* Where the lines of a list go: @indent before each, a comma between them. */
struct place {
    int indent;
    bool has_printed;
};

static void
print_key(struct place *p, const char *key)
{
    printf("%s%*s\"%s\"", p->has_printed ? ",\n" : "", p->indent, "", key);
    p->has_printed = true;
}

/* @before and @text are the description, quoted where it has to be; @text NULL: there is none. */
static void
print_property(struct place *p, const char *key, const char *before, const char *text,
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
list_counters(struct place *p, bool is_names)
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
list_interval_counters(struct place *p, bool is_names)
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
list_failures(struct place *p, bool is_names)
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
list_opens(struct place *p, bool is_names)
{
    for (size_t i = 0; i < OPEN_COUNT; i++) {
        if (is_names)
            print_key(p, stat_open_names[i].name);
        else
            print_property(p, stat_open_names[i].name, "", stat_open_names[i].meaning, "count");
    }
}

static void
list_rates(struct place *p, bool is_names)
{
    for (size_t i = 0; i < n_report_rates; i++) {
        if (is_names)
            print_key(p, report_rates[i].name);
        else
            print_property(p, report_rates[i].name, "", report_rates[i].meaning, "rate");
    }
}

static void
list_latencies(struct place *p, bool is_names)
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
list_interval_latencies(struct place *p, bool is_names)
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
list_quantiles(struct place *p, bool is_names)
{
    for (size_t i = 0; i < n_report_quantiles; i++) {
        if (is_names)
            print_key(p, report_quantiles[i].name);
        else
            print_property(p, report_quantiles[i].name, "", NULL, "us");
    }
}

static void
list_tls_tallies(struct place *p, bool is_names)
{
    for (size_t i = 0; i < n_tls_tally_names; i++) {
        if (is_names)
            print_key(p, tls_tally_names[i].name);
        else
            print_property(p, tls_tally_names[i].name, "", tls_tally_names[i].meaning, "names");
    }
}

static void
list_tls_causes(struct place *p, bool is_names)
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
list_doctor_rows(struct place *p, bool is_names)
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

static const struct {
    const char *name;
    void (*print)(struct place *p, bool is_names);
} lists[] = {
    {"counters", list_counters},       {"interval_counters", list_interval_counters},
    {"failures", list_failures},       {"rates", list_rates},
    {"latencies", list_latencies},     {"interval_latencies", list_interval_latencies},
    {"quantiles", list_quantiles},     {"tls_tallies", list_tls_tallies},
    {"tls_causes", list_tls_causes},   {"opens", list_opens},
    {"doctor_rows", list_doctor_rows},
};

/* @line is "@NAME", "@NAME names", or one of them with a comma. */
static bool
print_list(const char *line, int indent)
{
    size_t length = strcspn(line + 1, " ,\n");

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct place p = {.indent = indent};

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
    if (argc == 2 && strcmp(argv[1], "options") == 0)
        conf_options_markdown(stdout);
    else if (argc == 2 && strcmp(argv[1], "counters") == 0)
        print_counters();
    else if (argc == 2 && strcmp(argv[1], "latencies") == 0)
        print_latencies();
    else if (argc == 2 && strcmp(argv[1], "doctor") == 0)
        print_doctor();
    else if (argc == 3 && strcmp(argv[1], "schema") == 0)
        return print_schema(argv[2]) ? 0 : 1;
    else
        return 2;
    return 0;
}
