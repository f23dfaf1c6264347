/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/destination.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static char dir[] = "/tmp/test_destination.XXXXXX";

static void
enter_dir(void)
{
    cr_assert(ne(ptr, mkdtemp(dir), NULL));
    cr_assert(zero(int, chdir(dir)));
}

static void
remove_dir(void)
{
    static const char *const names[] = {"a", "b", "link", "folder/a", "fifo"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unlink(names[i]);
    rmdir("folder");
    rmdir(dir);
}

TestSuite(destination, .init = enter_dir, .fini = remove_dir);

static void
make(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT, 0600);

    cr_assert(ge(int, fd, 0));
    close(fd);
}

/* Have descriptor @as lead to the file @name. */
static void
lead(int as, const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);

    cr_assert(ge(int, fd, 0));
    cr_assert(eq(int, dup2(fd, as), as));
    close(fd);
}

static struct destination
found(const char *path)
{
    struct destination d;

    cr_assert(zero(int, destination_find(&d, path)), "%s", path);
    return d;
}

static bool
is_same(const char *one, const char *other)
{
    struct destination a = found(one), b = found(other);

    return destination_is_same(&a, &b);
}

Test(destination, a_name_is_a_name_whether_or_not_anything_has_it)
{
    struct destination d = found("a");

    cr_assert(eq(int, d.fd, -1));
    cr_assert(eq(str, d.name, "a"));
    cr_assert(not(d.is_there));
    make("a");
    d = found("a");
    cr_assert(eq(int, d.fd, -1));
    cr_assert(d.is_there);
}

Test(destination, links_lead_on_even_to_what_is_not_there)
{
    cr_assert(zero(int, mkdir("folder", 0700)));
    cr_assert(zero(int, symlink("folder/a", "link")));
    cr_assert(eq(str, found("link").name, "folder/a"));
}

Test(destination, a_folder_that_is_not_there_is_told)
{
    struct destination d;

    cr_assert(eq(int, destination_find(&d, "folder/a"), ENOENT));
}

Test(destination, all_names_of_standard_output_are_standard_output)
{
    lead(STDOUT_FILENO, "a");
    cr_assert(zero(int, symlink("/dev/stdout", "link")));
    cr_assert(eq(int, found("-").fd, STDOUT_FILENO));
    cr_assert(eq(int, found("/dev/stdout").fd, STDOUT_FILENO));
    cr_assert(eq(int, found("/dev/fd/1").fd, STDOUT_FILENO));
    cr_assert(eq(int, found("/proc/self/fd/1").fd, STDOUT_FILENO));
    cr_assert(eq(int, found("link").fd, STDOUT_FILENO));
    cr_assert(eq(int, found("a").fd, STDOUT_FILENO));
    cr_assert(eq(int, found("b").fd, -1));
}

Test(destination, and_so_are_those_of_standard_error)
{
    lead(STDERR_FILENO, "a");
    cr_assert(eq(int, found("/dev/stderr").fd, STDERR_FILENO));
    cr_assert(eq(int, found("a").fd, STDERR_FILENO));
}

/* What a shell has in the place of >(jq .rates). */
Test(destination, a_pipe_of_the_shell_is_found_by_its_number)
{
    int fds[2];
    char name[32];

    cr_assert(zero(int, pipe(fds)));
    snprintf(name, sizeof(name), "/dev/fd/%d", fds[1]);
    cr_assert(eq(int, found(name).fd, fds[1]));
}

Test(destination, a_descriptor_that_is_closed_or_only_read_is_told)
{
    struct destination d;
    int fds[2];
    char name[32];

    cr_assert(zero(int, pipe(fds)));
    snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
    cr_assert(eq(int, destination_find(&d, name), EBADF));
    close(fds[0]);
    cr_assert(eq(int, destination_find(&d, name), EBADF));
}

Test(destination, a_file_is_the_same_by_all_its_names_before_and_after_it_is_there)
{
    cr_assert(zero(int, symlink("a", "link")));
    cr_assert(is_same("a", "./a"));
    cr_assert(is_same("a", "link"));
    cr_assert(not(is_same("a", "b")));
    make("a");
    cr_assert(is_same("a", "./a"));
    cr_assert(is_same("a", "link"));
    cr_assert(not(is_same("a", "b")));
    make("b");
    cr_assert(not(is_same("a", "b")));
}

Test(destination, one_name_in_two_folders_is_two_files)
{
    cr_assert(zero(int, mkdir("folder", 0700)));
    cr_assert(not(is_same("a", "folder/a")));
}

Test(destination, a_fifo_is_the_same_as_itself_and_what_keeps_nothing_is_not)
{
    cr_assert(zero(int, mkfifo("fifo", 0600)));
    cr_assert(is_same("fifo", "./fifo"));
    cr_assert(not(is_same("/dev/null", "/dev/null")));
    lead(STDOUT_FILENO, "/dev/null");
    cr_assert(eq(int, found("/dev/null").fd, -1));
}
