/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/outfile.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static char dir[] = "/tmp/test_outfile.XXXXXX";
static struct fail f;

static void
make_dir(void)
{
    cr_assert(ne(ptr, mkdtemp(dir), NULL));
}

static int
only_entries(const struct dirent *e)
{
    return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int
n_files(void)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, only_entries, alphasort);

    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    return n;
}

static void
remove_dir(void)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, only_entries, alphasort);
    char path[PATH_MAX];

    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
        unlink(path);
        free(entries[i]);
    }
    free(entries);
    rmdir(dir);
}

TestSuite(outfile, .init = make_dir, .fini = remove_dir);

static char *
in_dir(const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static char *
content(const char *path)
{
    static char text[64];
    FILE *in = fopen(path, "r");

    memset(text, 0, sizeof(text));
    if (in == NULL)
        return NULL;
    if (fread(text, 1, sizeof(text) - 1, in) == 0)
        text[0] = '\0';
    fclose(in);
    return text;
}

static void
put(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");

    fputs(text, out);
    fclose(out);
}

static int
write_hello(FILE *out, const struct result *r, struct fail *fail)
{
    (void)r;
    (void)fail;
    fputs("hello\n", out);
    return 0;
}

static int
write_and_fail(FILE *out, const struct result *r, struct fail *fail)
{
    (void)r;
    fputs("half of", out);
    return fail_set(fail, EXIT_HOST, "no memory");
}

Test(outfile, a_new_file_appears_whole_and_alone)
{
    cr_assert(zero(int, outfile_write("--json", in_dir("a"), write_hello, NULL, &f)));
    cr_assert(eq(str, content(in_dir("a")), "hello\n"));
    cr_assert(eq(int, n_files(), 1));
}

Test(outfile, an_old_file_is_replaced)
{
    put(in_dir("a"), "something longer than hello");
    cr_assert(zero(int, outfile_write("--json", in_dir("a"), write_hello, NULL, &f)));
    cr_assert(eq(str, content(in_dir("a")), "hello\n"));
    cr_assert(eq(int, n_files(), 1));
}

Test(outfile, an_old_file_stays_when_the_writer_fails)
{
    put(in_dir("a"), "old");
    cr_assert(eq(int, outfile_write("--json", in_dir("a"), write_and_fail, NULL, &f), -1));
    cr_assert(eq(str, f.text, "no memory"));
    cr_assert(eq(str, content(in_dir("a")), "old"));
    cr_assert(eq(int, n_files(), 1));
}

Test(outfile, a_symbolic_link_stays_a_link)
{
    char target[PATH_MAX];
    struct stat st;

    snprintf(target, sizeof(target), "%s", in_dir("target"));
    put(target, "old");
    cr_assert(zero(int, symlink(target, in_dir("link"))));
    cr_assert(zero(int, outfile_write("--json", in_dir("link"), write_hello, NULL, &f)));
    cr_assert(eq(str, content(target), "hello\n"));
    cr_assert(zero(int, lstat(in_dir("link"), &st)));
    cr_assert(eq(u32, st.st_mode & S_IFMT, S_IFLNK));
}

Test(outfile, a_symbolic_link_to_what_is_not_there_yet_makes_it)
{
    char target[PATH_MAX];
    struct stat st;

    snprintf(target, sizeof(target), "%s", in_dir("target"));
    cr_assert(zero(int, symlink("target", in_dir("link"))));
    cr_assert(zero(int, outfile_write("--json", in_dir("link"), write_hello, NULL, &f)));
    cr_assert(eq(str, content(target), "hello\n"));
    cr_assert(zero(int, lstat(in_dir("link"), &st)));
    cr_assert(eq(u32, st.st_mode & S_IFMT, S_IFLNK));
    cr_assert(eq(int, n_files(), 2));
}

Test(outfile, links_in_a_circle_are_told)
{
    cr_assert(zero(int, symlink("link", in_dir("link"))));
    cr_assert(eq(int, outfile_check("--json", in_dir("link"), &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "Too many levels"), NULL));
}

Test(outfile, an_old_file_keeps_its_mode_and_a_new_one_has_that_of_any_new_file)
{
    struct stat st;

    put(in_dir("a"), "old");
    cr_assert(zero(int, chmod(in_dir("a"), 0600)));
    umask(027);
    cr_assert(zero(int, outfile_write("--json", in_dir("a"), write_hello, NULL, &f)));
    cr_assert(zero(int, stat(in_dir("a"), &st)));
    cr_assert(eq(u32, st.st_mode & 07777, 0600));
    cr_assert(zero(int, outfile_write("--json", in_dir("b"), write_hello, NULL, &f)));
    cr_assert(zero(int, stat(in_dir("b"), &st)));
    cr_assert(eq(u32, st.st_mode & 07777, 0640));
}

/* As a process that was killed would have left it, where processes all have one number. */
Test(outfile, what_an_earlier_process_left_is_not_in_the_way)
{
    char name[64];

    snprintf(name, sizeof(name), "a.%ld.tmp", (long)getpid());
    put(in_dir(name), "left");
    cr_assert(zero(int, outfile_check("--json", in_dir("a"), &f)));
    cr_assert(zero(int, outfile_write("--json", in_dir("a"), write_hello, NULL, &f)));
    cr_assert(eq(str, content(in_dir("a")), "hello\n"));
}

Test(outfile, a_missing_directory_is_told_with_option_and_path)
{
    cr_assert(eq(int, outfile_check("--json", "/nonexistent/dir/x.json", &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(eq(
        str, f.text,
        "--json /nonexistent/dir/x.json: the file cannot be written: No such file or directory"));
    f.status = 0;
    cr_assert(
        eq(int, outfile_write("--json", "/nonexistent/dir/x.json", write_hello, NULL, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
}

Test(outfile, a_directory_is_no_file)
{
    cr_assert(eq(int, outfile_check("--json", dir, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, "Is a directory"), NULL));
    cr_assert(eq(int, outfile_write("--json", dir, write_hello, NULL, &f), -1));
}

Test(outfile, checking_leaves_nothing_behind_and_changes_nothing)
{
    cr_assert(zero(int, outfile_check("--json", in_dir("a"), &f)));
    cr_assert(zero(int, n_files()));
    put(in_dir("a"), "old");
    cr_assert(zero(int, outfile_check("--json", in_dir("a"), &f)));
    cr_assert(eq(str, content(in_dir("a")), "old"));
    cr_assert(eq(int, n_files(), 1));
}

Test(outfile, standard_output_is_always_fine)
{
    cr_assert(zero(int, outfile_check("--json", "-", &f)));
}

/* As >>app.txt leaves it to us. */
static void
give_stdout(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND);

    cr_assert(ge(int, fd, 0));
    cr_assert(eq(int, dup2(fd, STDOUT_FILENO), STDOUT_FILENO));
    close(fd);
}

Test(outfile, what_standard_output_goes_to_is_added_to_and_not_replaced)
{
    const char *const names[] = {"/dev/stdout", "/dev/fd/1", in_dir("a")};
    char expected[64] = "keep\n";

    put(in_dir("a"), expected);
    give_stdout(in_dir("a"));
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        cr_assert(outfile_is_stdout(names[i]));
        cr_assert(zero(int, outfile_check("--json", names[i], &f)));
        cr_assert(zero(int, outfile_write("--json", names[i], write_hello, NULL, &f)));
        cr_assert(zero(int, fflush(stdout)));
        strcat(expected, "hello\n");
        cr_assert(eq(str, content(in_dir("a")), expected));
    }
    cr_assert(eq(int, n_files(), 1));
    cr_assert(not(outfile_is_stdout(in_dir("b"))));
    cr_assert(not(outfile_is_stdout("")));
}

Test(outfile, a_pipe_of_the_shell_is_written_to)
{
    char name[32], text[16] = "";
    int fds[2];

    cr_assert(zero(int, pipe(fds)));
    snprintf(name, sizeof(name), "/dev/fd/%d", fds[1]);
    cr_assert(zero(int, outfile_check("--json", name, &f)));
    cr_assert(zero(int, outfile_write("--json", name, write_hello, NULL, &f)));
    cr_assert(eq(int, (int)read(fds[0], text, sizeof(text) - 1), 6));
    cr_assert(eq(str, text, "hello\n"));
}

Test(outfile, a_device_is_written_to_and_stays_a_device)
{
    struct stat st;

    cr_assert(zero(int, outfile_check("--json", "/dev/null", &f)));
    cr_assert(zero(int, outfile_write("--json", "/dev/null", write_hello, NULL, &f)));
    cr_assert(zero(int, stat("/dev/null", &st)));
    cr_assert(eq(u32, st.st_mode & S_IFMT, S_IFCHR));
}

Test(outfile, a_full_disk_is_told_with_option_and_path)
{
    cr_assert(eq(int, outfile_write("--json", "/dev/full", write_hello, NULL, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    cr_assert(
        eq(str, f.text, "--json /dev/full: the file cannot be written: No space left on device"));
}

Test(outfile, a_file_that_does_not_fit_leaves_the_old_one_and_no_rest)
{
    struct rlimit three_bytes = {3, 3};

    put(in_dir("a"), "old");
    signal(SIGXFSZ, SIG_IGN);
    cr_assert(zero(int, setrlimit(RLIMIT_FSIZE, &three_bytes)));
    cr_assert(eq(int, outfile_write("--json", in_dir("a"), write_hello, NULL, &f), -1));
    cr_assert(ne(ptr, strstr(f.text, ": the file cannot be written: File too large"), NULL));
    cr_assert(eq(str, content(in_dir("a")), "old"));
    cr_assert(eq(int, n_files(), 1));
}

Test(outfile, a_path_that_is_too_long_is_an_error)
{
    static char path[2 * PATH_MAX];

    memset(path, 'a', sizeof(path) - 1);
    cr_assert(eq(int, outfile_check("--json", path, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
}
