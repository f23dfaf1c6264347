/* SPDX-License-Identifier: BSD-3-Clause */
/* Server names from a file: what it may hold, and what is said of one that holds something else. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/sni_file.h"

static struct sni_file names;
static struct fail f;
static char path[64];

static int
read_these(const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");

    cr_assert(ne(ptr, file, NULL));
    cr_assert(eq(sz, fwrite(bytes, 1, len, file), len));
    fclose(file);
    return sni_file_read(&names, path, &f);
}

static void
set_up(void)
{
    snprintf(path, sizeof(path), "/tmp/test_sni_file.%d", (int)getpid());
}

static void
tear_down(void)
{
    (void)unlink(path);
    sni_file_fini(&names);
}

TestSuite(sni_file, .init = set_up, .fini = tear_down, .timeout = 60);

Test(sni_file, names_are_in_the_order_of_the_file_without_comments_and_empty_lines)
{
    static const char TEXT[] = "# of the lab\nb.example\r\n\na.example\nxn--nxasmq6b";

    cr_assert(eq(int, read_these(TEXT, strlen(TEXT)), 0), "%s", f.text);
    cr_assert(eq(uint, names.n, 3));
    cr_expect(eq(str, (char *)names.names[0], "b.example"));
    cr_expect(eq(str, (char *)names.names[1], "a.example"));
    cr_expect(eq(str, (char *)names.names[2], "xn--nxasmq6b"));
}

static void
expect_refused(const char *bytes, size_t len, const char *word)
{
    cr_expect(eq(int, read_these(bytes, len), -1));
    cr_expect(eq(int, f.status, EXIT_USAGE));
    cr_expect(ne(ptr, strstr(f.text, word), NULL), "%s", f.text);
    cr_expect(eq(ptr, names.text, NULL));
}

Test(sni_file, what_is_no_host_name_is_told_with_its_line)
{
    expect_refused("a.example\n\n198.18.0.1\n", 22, "line 3: '198.18.0.1' is not a host name");
    expect_refused("a.example.\n", 11, "line 1: 'a.example.' is not a host name");
    expect_refused("a.example b.example\n", 20, "line 1");
}

Test(sni_file, a_file_without_a_name_is_refused)
{
    expect_refused("", 0, "it is empty");
    expect_refused("# none\n\n", 8, "there is no name in it");
    expect_refused("a.example\n\0b", 12, "zero byte");
    expect_refused("a.example\n\0", 11, "zero byte");
}

Test(sni_file, what_is_no_file_is_refused)
{
    cr_expect(eq(int, sni_file_read(&names, "/tmp", &f), -1));
    cr_expect(ne(ptr, strstr(f.text, "not a regular file"), NULL), "%s", f.text);
    cr_expect(eq(int, sni_file_read(&names, "/nowhere/at/all", &f), -1));
    cr_expect(ne(ptr, strstr(f.text, "No such file"), NULL), "%s", f.text);
}

Test(sni_file, more_names_than_are_allowed_are_refused)
{
    FILE *file = fopen(path, "w");

    for (unsigned i = 0; i <= SNI_FILE_NAMES_MAX; i++)
        fputs("a\n", file);
    fclose(file);
    cr_expect(eq(int, sni_file_read(&names, path, &f), -1));
    cr_expect(ne(ptr, strstr(f.text, "line 1000001: at most 1000000"), NULL), "%s", f.text);
}
