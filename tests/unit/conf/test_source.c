/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct source source;
static struct fail fail;

static const char *
pointed(const char *text, uint32_t line, uint32_t column)
{
    cr_assert(zero(int, source_from(&source, "x", text, strlen(text), &fail)));
    source_refuse(&source, (struct place){line, column}, &fail, "wrong");
    source_fini(&source);
    return fail.text;
}

Test(source, a_complaint_shows_the_line_and_a_caret)
{
    cr_expect(eq(str, (char *)pointed("a: 1\nb: 2\n", 2, 4), "x:2:4: wrong\n  b: 2\n     ^"));
    cr_expect(eq(str, (char *)pointed("a: 1\r\n", 1, 1), "x:1:1: wrong\n  a: 1\n  ^"));
    cr_expect(eq(str, (char *)pointed("\ta: 1", 1, 2), "x:1:2: wrong\n  \ta: 1\n  \t^"));
    cr_expect(eq(str, (char *)pointed("\xc3\xa9: 1", 1, 4), "x:1:4: wrong\n  \xc3\xa9: 1\n     ^"));
    cr_expect(eq(str, (char *)pointed("a: \x1b[1m", 1, 4), "x:1:4: wrong\n  a: ?[1m\n     ^"));
}

Test(source, a_place_that_is_not_there_has_no_line)
{
    cr_expect(eq(str, (char *)pointed("a: 1\n", 0, 0), "x: wrong"));
    cr_expect(eq(str, (char *)pointed("a: 1\n", 2, 1), "x:2:1: wrong"));
    cr_expect(eq(str, (char *)pointed("", 1, 1), "x:1:1: wrong"));
}

Test(source, of_a_long_line_the_part_around_the_place_is_shown)
{
    static char text[5000];
    const char *line, *caret;

    memset(text, '-', sizeof(text) - 1);
    text[3000] = '#';
    line = strchr(pointed(text, 1, 3001), '\n') + 3;
    caret = strchr(line, '\n') + 3;
    cr_expect(lt(sz, strlen(line), 260));
    cr_expect(eq(chr, line[strcspn(caret, "^")], '#'));
}

static void
put_rows(FILE *out, size_t n)
{
    fputs("\"intervals\": [", out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s{\"t_s\": %zu}", i > 0 ? ",\n" : "", i);
    fputs("]", out);
}

/* Of an hour at ten milliseconds there are hundreds of megabytes. */
Test(source, a_result_is_read_no_further_than_its_scenario)
{
    static const char begin[] = "{\"schema\": \"shakedown.result/1\", \"scenario\": {\"a\": 1}";
    char path[] = "/tmp/test_source.XXXXXX";
    FILE *out = fdopen(mkstemp(path), "w");

    fprintf(out, "%s, ", begin);
    put_rows(out, 5 << 20);
    fputs("}\n", out);
    fclose(out);
    cr_expect(zero(int, source_read(&source, path, &fail)), "%s", fail.text);
    cr_expect(eq(sz, source.length, strlen(begin) + 1));
    cr_expect(zero(int, strncmp(source.text, begin, strlen(begin))));
    cr_expect(eq(str, source.text + strlen(begin), "}"));
    source_fini(&source);
    truncate(path, (off_t)strlen(begin));
    cr_expect(zero(int, source_read(&source, path, &fail)));
    cr_expect(eq(str, source.text, (char *)begin), "the end of a file that was cut is not made up");
    source_fini(&source);
    unlink(path);
}

Test(source, a_file_that_cannot_be_read_is_refused)
{
    cr_expect(lt(int, source_read(&source, "/nowhere/a.yaml", &fail), 0));
    cr_expect(strstr(fail.text, "'/nowhere/a.yaml' cannot be read: No such file") != NULL);
    cr_expect(lt(int, source_read(&source, "/tmp", &fail), 0));
    cr_expect(strstr(fail.text, "it is a folder") != NULL);
    cr_expect(lt(int, source_read(&source, "/dev/zero", &fail), 0));
    cr_expect(strstr(fail.text, "more than 64 MiB") != NULL, "%s", fail.text);
    cr_expect(lt(int, source_from(&source, "x", "a\0b", 3, &fail), 0));
    cr_expect(strstr(fail.text, "it is no text") != NULL);
}

Test(source, what_is_no_utf8_is_shown)
{
    static const char *const bad[] = {"\xff",         "\xc0\x80",         "\xe0\x80\x80",
                                      "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc3"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[32];

        snprintf(text, sizeof(text), "a: 1\n\xc3\xa9: %s", bad[i]);
        cr_expect(lt(int, source_from(&source, "x", text, strlen(text), &fail), 0), "row %zu", i);
        cr_expect(strstr(fail.text, "x:2:4: this is no UTF-8") == fail.text, "%s", fail.text);
    }
}

Test(source, what_is_nested_without_end_is_not_given_to_the_library)
{
    static const char *const nests[] = {"[", "{", "- ", "-", "? "};
    static char text[16384];

    for (size_t i = 0; i < sizeof(nests) / sizeof(nests[0]); i++) {
        text[0] = '\0';
        for (unsigned k = 0; k < 5000; k++)
            strcat(text, nests[i]);
        cr_expect(lt(int, source_from(&source, "x", text, strlen(text), &fail), 0), "%s", nests[i]);
        cr_expect(strstr(fail.text, "x:1:") == fail.text, "%s", fail.text);
        cr_expect(strstr(fail.text, "nested too deeply") != NULL, "%s", fail.text);
    }
}

Test(source, brackets_that_are_closed_are_not_nested)
{
    static char text[32768];

    for (unsigned k = 0; k < 5000; k++)
        strcat(text, k % 50 == 49 ? "- []\n" : "[]{} ");
    cr_assert(zero(int, source_from(&source, "x", text, strlen(text), &fail)), "%s", fail.text);
    source_fini(&source);
}

Test(source, characters_of_every_length_are_text)
{
    static const char good[] = "$ \xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e\n";

    cr_assert(zero(int, source_from(&source, "x", good, strlen(good), &fail)), "%s", fail.text);
    source_fini(&source);
}
