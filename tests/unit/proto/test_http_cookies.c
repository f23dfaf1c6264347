/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/http_cookies.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct http_jar jar;

static bool
takes(const char *value)
{
    return http_jar_take(&jar, value, strlen(value));
}

static char *
text(void)
{
    static char copy[HTTP_JAR_BYTES + 1];

    memcpy(copy, jar.text, jar.len);
    copy[jar.len] = '\0';
    return copy;
}

Test(http_cookies, each_name_has_its_last_value)
{
    cr_assert(takes("a=1"));
    cr_assert(eq(str, text(), "Cookie: a=1\r\n"));
    cr_assert(takes("bb=2; Path=/; HttpOnly"));
    cr_assert(takes(" c = 3"));
    cr_assert(eq(str, text(), "Cookie: a=1; bb=2; c = 3\r\n"));
    cr_assert(takes("a=9; Secure"));
    cr_assert(eq(str, text(), "Cookie: bb=2; c = 3; a=9\r\n"));
    cr_assert(takes("c=4"));
    cr_assert(eq(str, text(), "Cookie: bb=2; a=9; c=4\r\n"));
}

Test(http_cookies, one_that_is_over_is_forgotten)
{
    cr_assert(takes("a=1"));
    cr_assert(takes("b=2"));
    cr_assert(takes("c=3"));
    cr_assert(takes("b=; Max-Age=0"));
    cr_assert(eq(str, text(), "Cookie: a=1; c=3\r\n"));
    cr_assert(takes("c=; expires=Thu, 01 Jan 1970 00:00:00 GMT"));
    cr_assert(takes("x=; Max-Age=-1"));
    cr_assert(eq(str, text(), "Cookie: a=1\r\n"));
    cr_assert(takes("a=; max-age=0"));
    cr_assert(eq(str, text(), ""));
    cr_assert(takes("a=5; Max-Age=10"));
    cr_assert(eq(str, text(), "Cookie: a=5\r\n"));
}

Test(http_cookies, what_is_none_or_does_not_fit_changes_nothing)
{
    char large[HTTP_JAR_BYTES + 10];

    cr_assert(takes("a=1"));
    cr_assert(not(takes("")));
    cr_assert(not(takes("word")));
    cr_assert(not(takes("=x")));
    cr_assert(not(takes("; Path=/")));
    memset(large, 'v', sizeof(large));
    memcpy(large, "b=", 2);
    cr_assert(not(http_jar_take(&jar, large, sizeof(large))));
    cr_assert(not(http_jar_take(&jar, large, HTTP_JAR_BYTES - 20)));
    cr_assert(eq(str, text(), "Cookie: a=1\r\n"));
    cr_assert(http_jar_take(&jar, large, 500));
    cr_assert(eq(int, jar.len, 8 + 3 + 2 + 500 + 2));
    cr_assert(http_jar_take(&jar, large, 900)); /* another value, and more of it */
    cr_assert(eq(int, jar.len, 8 + 3 + 2 + 900 + 2));
    cr_assert(http_jar_take(&jar, large, 900));
}
