/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/variables.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static char out[32];
static size_t at;
static struct value_why why;

static char *
env(const char *name)
{
    static char value[] = "home";

    return strcmp(name, "HOME") == 0 ? value : NULL;
}

static char *
expanded(const char *text)
{
    if (variables_expand(text, "A=1\nB=two words\nA=2\n", env, out, sizeof(out), &at, &why) < 0)
        return why.text;
    return out;
}

Test(variables, each_stands_for_its_value)
{
    cr_expect(eq(str, expanded("no variable, $HOME, $$ and $"), "no variable, $HOME, $$ and $"));
    cr_expect(eq(str, expanded("${A}/${B}"), "2/two words"));
    cr_expect(eq(str, expanded("<${HOME}>"), "<home>"));
    cr_expect(eq(str, expanded("$${A}"), "${A}"));
    cr_expect(eq(str, expanded("$${${A}}"), "${2}"));
}

Test(variables, a_wrong_one_is_told_with_its_place)
{
    cr_expect(strstr(expanded("ab${C}"), "the variable C is not set; give --var C=VALUE") != NULL);
    cr_expect(eq(sz, at, 2));
    cr_expect(strstr(expanded("${}"), "'${}' is no variable") != NULL);
    cr_expect(strstr(expanded("${A"), "'${A' is no variable") != NULL);
    cr_expect(strstr(expanded("${a-b}"), "is no variable") != NULL);
    cr_expect(strstr(expanded("${B}${B}${B}${B}"), "is too long; at most 31 characters") != NULL);
}

Test(variables, a_name_is_of_letters_and_digits)
{
    cr_expect(zero(int, variable_check("A_1=", &why)));
    cr_expect(zero(int, variable_check("a=b=c", &why)));
    cr_expect(lt(int, variable_check("1=a", &why), 0));
    cr_expect(lt(int, variable_check("A", &why), 0));
    cr_expect(lt(int, variable_check("=a", &why), 0));
    cr_expect(lt(int, variable_check("A=1\nB=2", &why), 0));
}

Test(variables, use_is_seen)
{
    cr_expect(variables_use("a ${B} c", "B=1", 1));
    cr_expect(not(variables_use("a ${BC} c", "B=1", 1)));
    cr_expect(not(variables_use("a $${B} c", "B=1", 1)));
}
