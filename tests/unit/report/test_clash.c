/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/clash.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sample.h"

static char dir[] = "/tmp/test_clash.XXXXXX";
static struct sample s;
static struct fail f;

static void
enter_dir(void)
{
    cr_assert(ne(ptr, mkdtemp(dir), NULL));
    cr_assert(zero(int, chdir(dir)));
    sample_init(&s);
}

static void
remove_dir(void)
{
    unlink("a");
    unlink("link");
    rmdir(dir);
}

TestSuite(clash, .init = enter_dir, .fini = remove_dir);

static void
make(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT, 0600);

    cr_assert(ge(int, fd, 0));
    close(fd);
}

/* What is wrong with --json @json and --csv @csv; "": nothing. */
static char *
fault(const char *json, const char *csv)
{
    const struct clash_report reports[] = {{"--json", json}, {"--csv", csv}};

    f.text[0] = '\0';
    if (clash_check(reports, 2, &s.conf, &f) == 0)
        return "";
    cr_assert(eq(int, f.status, EXIT_USAGE));
    return f.text;
}

Test(clash, two_reports_to_one_file_are_one_too_many_by_whatever_names)
{
    cr_assert(eq(str, fault("a", "b"), ""));
    cr_assert(
        eq(str, fault("a", "a"), "--csv a: --json writes to it already; give each its own file"));
    cr_assert(zero(int, symlink("a", "link")));
    cr_assert(ne(str, fault("./a", "link"), ""));
    make("a");
    cr_assert(eq(str, fault("./a", "link"),
                 "--csv link: --json writes to it already; give each its own file"));
}

Test(clash, standard_output_is_for_one_report)
{
    cr_assert(eq(str, fault("-", "/dev/stdout"),
                 "--csv /dev/stdout: --json has standard output already; give one of them a file"));
    cr_assert(eq(str, fault("-", "a"), ""));
}

Test(clash, standard_error_has_the_text_when_a_report_has_standard_output)
{
    static const char WHY[] = "has standard output, so text for people goes there; give one of "
                              "them a file";
    char expected[256];
    int fds[2];

    cr_assert(zero(int, pipe(fds))); /* or a caller's 2>&1 would make one of the two */
    cr_assert(eq(int, dup2(fds[1], STDERR_FILENO), STDERR_FILENO));
    snprintf(expected, sizeof(expected), "--csv /dev/stderr: --json %s", WHY);
    cr_assert(eq(str, fault("-", "/dev/stderr"), expected));
    snprintf(expected, sizeof(expected), "--json /dev/stderr: --csv %s", WHY);
    cr_assert(eq(str, fault("/dev/stderr", "-"), expected));
    cr_assert(eq(str, fault("a", "/dev/stderr"), ""));
}

Test(clash, what_is_thrown_away_is_in_nobodys_way)
{
    cr_assert(eq(str, fault("/dev/null", "/dev/null"), ""));
}

Test(clash, keys_are_no_report)
{
    strcpy(s.conf.classes[0].tls.keylog, "a");
    cr_assert(eq(str, fault("b", "./a"),
                 "--csv ./a: --keylog writes to it already; give each its own file"));
}

Test(clash, what_a_run_reads_is_not_replaced)
{
    make("a");
    strcpy(s.conf.source.name, "a");
    cr_assert(eq(str, fault("./a", "b"),
                 "--json ./a: the scenario is read from it, and would be lost; give another file"));
    s.conf.source.name[0] = '\0';
    strcpy(s.conf.classes[0].tls.cert, "a");
    cr_assert(eq(str, fault("a", "b"),
                 "--json a: --cert is read from it, and would be lost; give another file"));
    s.conf.classes[0].tls.cert[0] = '\0';
    strcpy(s.conf.classes[0].http.body, "a");
    cr_assert(eq(str, fault("a", "b"), ""), "a body that is no file");
    strcpy(s.conf.classes[0].http.body, "@a");
    cr_assert(eq(str, fault("a", "b"),
                 "--json a: --body is read from it, and would be lost; give another file"));
}
