/* SPDX-License-Identifier: BSD-3-Clause */
/* The reports that grow line by line: CSV and JSON Lines. */
#include "report/linefile.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>

#include "report/interval.h"
#include "sample.h"

extern const struct report_sink sink_csv, sink_json_lines;

static char dir[] = "/tmp/test_linefile.XXXXXX";
static char path[sizeof(dir) + 16];
static struct sample s;
static struct fail f;

static void
set_up(void)
{
    cr_assert(ne(ptr, mkdtemp(dir), NULL));
    snprintf(path, sizeof(path), "%s/out", dir);
    sample_init(&s);
}

static void
tear_down(void)
{
    unlink(path);
    rmdir(dir); /* which fails, and shows at the next look, where a file was left */
}

TestSuite(linefile, .init = set_up, .fini = tear_down);

static unsigned
n_files(void)
{
    DIR *d = opendir(dir);
    unsigned n = 0;

    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void *
opened(const struct report_sink *sink)
{
    struct sink_opts o = {.conf = &s.conf, .place = path};
    void *state = NULL;

    cr_assert(zero(int, sink->open(&state, &o, &f)));
    return state;
}

/* @n rows and the end; the @file. */
static char *
written(const struct report_sink *sink, unsigned n)
{
    static char text[1 << 17];
    void *state = opened(sink);
    FILE *in;

    for (unsigned i = 0; i < n; i++)
        sink->row(state, &s.r.intervals[0]);
    cr_assert(zero(int, sink->end(state, &s.r, &f)), "%s", f.text);
    sink->close(state);
    in = fopen(path, "r");
    text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
    fclose(in);
    return text;
}

/* Field @n of a line of CSV without quotes. */
static char *
field(const char *line, unsigned n)
{
    static char text[64];

    for (; n > 0; n--)
        line = strchr(line, ',') + 1;
    snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, ",\r"), line);
    return text;
}

static unsigned
column(const char *csv, const char *name)
{
    for (unsigned n = 0; n < interval_fields(); n++)
        if (strcmp(field(csv, n), name) == 0)
            return n;
    cr_assert(false, "there is no column %s", name);
    return 0;
}

static char *
value(const char *csv, const char *name)
{
    return field(strstr(csv, "\r\n") + 2, column(csv, name));
}

Test(linefile, csv_has_a_line_of_names_and_one_for_each_interval)
{
    const char *csv = written(&sink_csv, 2);

    cr_assert(eq(str, value(csv, "t_s"), "10.000000"));
    cr_assert(eq(str, value(csv, "attempted"), "1000"));
    cr_assert(eq(str, value(csv, "open"), "4"));
    cr_assert(eq(str, value(csv, "cps"), "99.8"));
    cr_assert(eq(str, value(csv, "busy.server"), "0.5000"));
    cr_assert(eq(str, value(csv, "latency.connect.count"), "998"));
    cr_assert(eq(str, value(csv, "latency.connect.p9999_us"), "50.000"));
    cr_assert(eq(str, value(csv, "latency.connect.max_us"), "50.000"));
    cr_assert(eq(str, value(csv, "latency.tls.count"), "0"));
    cr_assert(eq(str, value(csv, "latency.tls.p50_us"), ""), "it has no samples");
    csv = strstr(strstr(csv, "\r\n") + 2, "\r\n") + 2;
    cr_assert(eq(str, field(csv, 1), "1000"));
    cr_assert(eq(str, (char *)strstr(csv, "\r\n"), "\r\n"), "and no more");
}

Test(linefile, csv_of_a_side_that_is_not_there_is_empty)
{
    s.r.intervals[0] = report_result_interval(&s.r.cores[0].total, NULL, 10);
    cr_assert(eq(str, value(written(&sink_csv, 1), "busy.server"), ""));
}

Test(linefile, csv_of_a_run_without_an_interval_has_the_names)
{
    const char *csv = written(&sink_csv, 0);

    cr_assert(eq(str, field(csv, 0), "t_s"));
    cr_assert(eq(str, (char *)strstr(csv, "\r\n"), "\r\n"));
}

Test(linefile, fields_have_names_of_their_own)
{
    char a[INTERVAL_NAME_MAX], b[INTERVAL_NAME_MAX];

    for (unsigned i = 0; i < interval_fields(); i++)
        for (unsigned k = 0; k < i; k++)
            cr_assert(ne(str, (char *)interval_name(i, a), (char *)interval_name(k, b)));
}

Test(linefile, json_lines_are_the_intervals_and_then_the_result)
{
    char *text = written(&sink_json_lines, 2), *line = strtok(text, "\n");
    json_t *last = NULL, *row;

    for (unsigned i = 0; i < 3; i++, line = strtok(NULL, "\n")) {
        cr_assert(ne(ptr, line, NULL), "line %u", i);
        row = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        cr_assert(ne(ptr, row, NULL), "line %u", i);
        if (i < 2)
            cr_assert(eq(sz, (size_t)json_integer_value(json_object_get(row, "attempted")), 1000));
        if (i == 1)
            last = json_incref(row);
        if (i < 2)
            json_decref(row);
    }
    cr_assert(zero(ptr, line), "and no more");
    cr_assert(
        eq(str, (char *)json_string_value(json_object_get(row, "schema")), "shakedown.result/1"));
    cr_assert(eq(int, json_equal(last, json_array_get(json_object_get(row, "intervals"), 0)), 1));
    json_decref(last);
    json_decref(row);
}

Test(linefile, until_the_end_nothing_has_the_name)
{
    void *state = opened(&sink_csv);

    sink_csv.row(state, &s.r.intervals[0]);
    cr_assert(ne(int, access(path, F_OK), 0));
    cr_assert(eq(uint, n_files(), 1));
    sink_csv.close(state);
    cr_assert(zero(uint, n_files()), "a run that broke off leaves nothing");
}

/* A run cannot wait for one: it has a load to look after. */
Test(linefile, a_fifo_that_nobody_reads_is_told_before_the_run)
{
    struct sink_opts o = {.conf = &s.conf, .place = path};
    void *state;

    cr_assert(zero(int, mkfifo(path, 0600)));
    cr_assert(zero(int, outfile_check("--csv", path, &f)));
    cr_assert(eq(int, sink_csv.open(&state, &o, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(
        ne(ptr, strstr(f.text, "/out: the file cannot be written: nobody reads this FIFO"), NULL));
}

Test(linefile, the_reader_of_a_fifo_has_each_line_at_once_and_the_names_once)
{
    char text[1 << 14] = "", *names;
    void *state;
    int in;

    cr_assert(zero(int, mkfifo(path, 0600)));
    in = open(path, O_RDONLY | O_NONBLOCK);
    state = opened(&sink_csv);
    sink_csv.row(state, &s.r.intervals[0]);
    cr_assert(lt(int, 0, (int)read(in, text, sizeof(text) - 1)));
    cr_assert(eq(str, field(text, 0), "t_s"));
    names = strstr(text, "\r\n");
    cr_assert(ne(ptr, strstr(names + 2, "\r\n"), NULL));
    sink_csv.row(state, &s.r.intervals[0]);
    memset(text, 0, sizeof(text));
    cr_assert(lt(int, 0, (int)read(in, text, sizeof(text) - 1)));
    cr_assert(eq(str, field(text, 0), "10.000000"));
    cr_assert(zero(int, sink_csv.end(state, &s.r, &f)));
    sink_csv.close(state);
    close(in);
}

/* The first lines fit, what comes later does not. */
Test(linefile, a_disk_that_fills_up_in_mid_run_is_told_at_its_end_with_option_and_path)
{
    struct rlimit some = {4000, 4000};
    void *state = opened(&sink_json_lines);

    signal(SIGXFSZ, SIG_IGN);
    cr_assert(zero(int, setrlimit(RLIMIT_FSIZE, &some)));
    for (unsigned i = 0; i < 9; i++)
        sink_json_lines.row(state, &s.r.intervals[0]);
    cr_assert(eq(int, sink_json_lines.end(state, &s.r, &f), -1));
    sink_json_lines.close(state);
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(ne(ptr, strstr(f.text, "--json-lines /tmp/test_linefile."), NULL));
    cr_assert(ne(ptr, strstr(f.text, ": the file cannot be written: File too large"), NULL));
    cr_assert(zero(uint, n_files()));
}

Test(linefile, a_folder_that_is_gone_is_told_at_the_end)
{
    void *state;

    rmdir(dir);
    state = opened(&sink_csv);
    sink_csv.row(state, &s.r.intervals[0]);
    sink_csv.row(state, &s.r.intervals[0]);
    cr_assert(eq(int, sink_csv.end(state, &s.r, &f), -1));
    sink_csv.close(state);
    cr_assert(ne(ptr, strstr(f.text, "/out: the file cannot be written: No such file"), NULL));
}
