/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/registry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "sample.h"

/* A report in a few lines: the run as a word a row. */
struct toy {
    struct sink_opts opts;
    char text[128];
    bool is_open, fails;
};

static struct toy toy, other;
static struct sample s;
static struct report rp;
static struct fail f;

static void
say(struct toy *t, const char *word)
{
    strcat(t->text, word);
}

static int
toy_check(const struct conf *c, struct fail *why)
{
    return strcmp(c->json, "never") == 0 ? fail_set(why, EXIT_USAGE, "--json never") : 0;
}

static int
open_as(struct toy *t, void **state, const struct sink_opts *o, struct fail *why)
{
    if (t->fails)
        return fail_set(why, EXIT_HOST, "no memory for a toy");
    t->opts = *o;
    t->is_open = true;
    *state = t;
    return 0;
}

static int
toy_open(void **state, const struct sink_opts *o, struct fail *why)
{
    return open_as(&toy, state, o, why);
}

static int
other_open(void **state, const struct sink_opts *o, struct fail *why)
{
    return open_as(&other, state, o, why);
}

static void
toy_row(void *state, const struct result_interval *i)
{
    say(state, i->failed > 0 ? "bad " : "good ");
}

static void
toy_second(void *state, const struct result_interval *i)
{
    (void)i;
    say(state, "second ");
}

static void
toy_snapshot(void *state, const struct result *r)
{
    (void)r;
    say(state, "snap ");
}

static int
toy_end(void *state, const struct result *r, struct fail *why)
{
    say(state, r->interrupted ? "cut" : "end");
    return r->interrupted ? fail_set(why, EXIT_HOST, "a toy broke") : 0;
}

static void
toy_close(void *state)
{
    ((struct toy *)state)->is_open = false;
}

/* Always wanted, as the summary is. */
static const struct report_sink plain_toy = {.name = "toy",
                                             .help = "words",
                                             .open = toy_open,
                                             .row = toy_row,
                                             .second = toy_second,
                                             .snapshot = toy_snapshot,
                                             .end = toy_end,
                                             .close = toy_close};
/* Wanted with an option, and told of nothing but the end. */
static const struct report_sink file_toy = {.name = "file",
                                            .help = "a word",
                                            .option = "--json",
                                            .check = toy_check,
                                            .open = other_open,
                                            .end = toy_end};
static const struct report_sink *const toys[] = {&plain_toy, &file_toy};

static void
begin(const char *json)
{
    memset(&toy, 0, sizeof(toy));
    memset(&other, 0, sizeof(other));
    sample_init(&s);
    strcpy(s.conf.json, json);
}

Test(registry, a_sink_is_given_the_rows_and_the_result_between_open_and_close)
{
    struct result_interval good = {.t_s = 1}, bad = {.t_s = 2, .failed = 1};

    begin("");
    cr_assert(zero(int, report_open(&rp, toys, ARRAY_LEN(toys), &s.conf, &f)));
    cr_assert(toy.is_open);
    report_row(&rp, &good);
    report_row(&rp, &bad);
    report_second(&rp, &bad);
    report_snapshot(&rp, &s.r);
    cr_assert(zero(int, report_end(&rp, &s.r, &f)));
    report_close(&rp);
    cr_assert(eq(str, toy.text, "good bad second snap end"));
    cr_assert(not(toy.is_open));
    cr_assert(eq(str, other.text, ""));
}

Test(registry, a_sink_with_an_option_is_opened_where_it_has_a_value)
{
    begin("there");
    cr_assert(zero(int, report_open(&rp, toys, ARRAY_LEN(toys), &s.conf, &f)));
    cr_assert(eq(ptr, (void *)toy.opts.place, NULL));
    cr_assert(eq(str, (char *)other.opts.place, "there"));
    cr_assert(eq(ptr, toy.opts.out, stdout));
    report_row(&rp, &s.r.intervals[0]);
    cr_assert(zero(int, report_end(&rp, &s.r, &f)));
    cr_assert(eq(str, other.text, "end"));
}

Test(registry, people_read_standard_error_where_a_sink_has_standard_output)
{
    begin("-");
    cr_assert(zero(int, report_open(&rp, toys, ARRAY_LEN(toys), &s.conf, &f)));
    cr_assert(eq(ptr, toy.opts.out, stderr));
}

Test(registry, what_a_sink_cannot_do_is_found_before_the_run)
{
    begin("never");
    cr_assert(eq(int, report_check(toys, ARRAY_LEN(toys), &s.conf, &f), -1));
    cr_assert(eq(str, f.text, "--json never"));
    strcpy(s.conf.json, "");
    cr_assert(zero(int, report_check(toys, ARRAY_LEN(toys), &s.conf, &f)));
}

Test(registry, and_so_is_a_place_that_cannot_be_written_whatever_the_sink)
{
    begin("/proc/no/where");
    cr_assert(eq(int, report_check(toys, ARRAY_LEN(toys), &s.conf, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(eq(int, strncmp(f.text, "--json", strlen("--json")), 0));
}

/* Their lines would be mixed. */
Test(registry, standard_output_is_for_one_report)
{
    static const struct report_sink more = {
        .name = "more", .help = "a word", .option = "--csv", .open = other_open};
    static const struct report_sink *const three[] = {&plain_toy, &file_toy, &more};

    begin("-");
    strcpy(s.conf.csv_out, "-");
    cr_assert(eq(int, report_check(three, ARRAY_LEN(three), &s.conf, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(
        eq(str, f.text, "--csv -: --json has standard output already; give one of them a file"));
    strcpy(s.conf.csv_out, "/dev/fd/1");
    cr_assert(eq(int, report_check(three, ARRAY_LEN(three), &s.conf, &f), -1));
    cr_assert(eq(str, f.text,
                 "--csv /dev/fd/1: --json has standard output already; give one of them a file"));
    strcpy(s.conf.json, "/dev/null");
    cr_assert(zero(int, report_check(three, ARRAY_LEN(three), &s.conf, &f)));
}

Test(registry, what_is_open_is_closed_when_the_next_cannot_be_opened)
{
    begin("there");
    other.fails = true;
    cr_assert(eq(int, report_open(&rp, toys, ARRAY_LEN(toys), &s.conf, &f), -1));
    cr_assert(eq(str, f.text, "no memory for a toy"));
    cr_assert(not(toy.is_open));
    cr_assert(zero(sz, rp.n));
}

Test(registry, one_that_fails_at_the_end_keeps_no_other_from_it)
{
    begin("there");
    s.r.interrupted = true;
    cr_assert(zero(int, report_open(&rp, toys, ARRAY_LEN(toys), &s.conf, &f)));
    cr_assert(eq(int, report_end(&rp, &s.r, &f), -1));
    cr_assert(eq(str, f.text, "a toy broke"));
    cr_assert(eq(str, toy.text, "cut"));
    cr_assert(eq(str, other.text, "cut"));
}

Test(registry, every_sink_is_complete_and_has_a_name_of_its_own)
{
    cr_assert(le(sz, n_report_sinks, REPORT_SINKS_MAX));
    for (size_t i = 0; i < n_report_sinks; i++) {
        cr_assert(ne(str, (char *)report_sinks[i]->name, ""));
        cr_assert(ne(str, (char *)report_sinks[i]->help, ""));
        cr_assert(report_sinks[i]->open != NULL);
        for (size_t j = 0; j < i; j++)
            cr_assert(ne(str, (char *)report_sinks[i]->name, (char *)report_sinks[j]->name));
    }
}

/* The summary and the object, as the program writes them. */
Test(registry, the_sinks_of_the_program_write_a_run)
{
    char path[] = "/tmp/test_registry.XXXXXX";
    struct stat st;

    cr_assert(ge(int, mkstemp(path), 0));
    begin(path);
    cr_assert(zero(int, report_check(report_sinks, n_report_sinks, &s.conf, &f)));
    cr_assert(zero(int, report_open(&rp, report_sinks, n_report_sinks, &s.conf, &f)));
    report_row(&rp, &s.r.intervals[0]);
    cr_assert(zero(int, report_end(&rp, &s.r, &f)));
    report_close(&rp);
    cr_assert(zero(int, stat(path, &st)));
    cr_assert(lt(sz, 1000, (size_t)st.st_size));
    unlink(path);
}
