/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct source source;
static struct yaml yaml;
static struct fail fail;

static int
parse(const char *text)
{
    cr_assert(zero(int, source_from(&source, "x", text, strlen(text), &fail)));
    return yaml_parse(&yaml, &source, NULL, &fail);
}

static void
done(void)
{
    yaml_fini(&yaml);
    source_fini(&source);
}

Test(yaml, nodes_know_where_they_stand, .fini = done)
{
    const struct yaml_node *a, *list, *item;

    cr_assert(zero(int, parse("a: 1\nlist:\n  - x\n  - 'y z'\n")));
    a = yaml_value(&yaml, &yaml.nodes[0], "a");
    cr_expect(eq(str, (char *)a->text, "1"));
    cr_expect(eq(u32, a->at.line, 1));
    cr_expect(eq(u32, a->at.column, 4));
    list = yaml_value(&yaml, &yaml.nodes[0], "list");
    cr_assert(eq(int, list->kind, YAML_SEQUENCE));
    item = yaml_next(&yaml, yaml_child(&yaml, list));
    cr_expect(eq(str, (char *)item->text, "y z"));
    cr_expect(not(item->is_plain));
    cr_expect(eq(u32, item->at.line, 4));
    cr_expect(eq(u32, item->at.column, 5));
    cr_expect(yaml_next(&yaml, item) == NULL);
}

Test(yaml, columns_count_characters, .fini = done)
{
    cr_assert(zero(int, parse("\"\xc3\xa9\xe2\x82\xac\": b\n")));
    cr_expect(eq(u32, yaml_next(&yaml, yaml_child(&yaml, &yaml.nodes[0]))->at.column, 7));
}

Test(yaml, json_is_yaml, .fini = done)
{
    cr_assert(zero(int, parse("{\"a\": null, \"b\": [true, 1.5, \"null\"], \"c\": {}}")));
    cr_expect(yaml_is_null(yaml_value(&yaml, &yaml.nodes[0], "a")));
    cr_expect(not(yaml_is_null(yaml_value(&yaml, &yaml.nodes[0], "b"))));
    cr_expect(yaml_child(&yaml, yaml_value(&yaml, &yaml.nodes[0], "c")) == NULL);
}

Test(yaml, only_values_that_are_asked_for_are_kept, .fini = done)
{
    static const char *const keys[] = {"b", NULL};
    static const char text[] = "{\"a\": [1, {\"b\": 2}], \"b\": {\"a\": 7}, \"c\": 3}";

    cr_assert(zero(int, source_from(&source, "x", text, strlen(text), &fail)));
    cr_assert(zero(int, yaml_parse(&yaml, &source, keys, &fail)));
    cr_expect(yaml_is_empty(yaml_value(&yaml, &yaml.nodes[0], "a")));
    cr_expect(yaml_is_empty(yaml_value(&yaml, &yaml.nodes[0], "c")));
    cr_expect(
        eq(str, (char *)yaml_value(&yaml, yaml_value(&yaml, &yaml.nodes[0], "b"), "a")->text, "7"));
}

Test(yaml, an_alias_is_a_copy, .fini = done)
{
    const struct yaml_node *b;

    cr_assert(zero(int, parse("a: &x [1, {k: v}]\nb: *x\nc: &x 5\nd: *x\n")));
    b = yaml_value(&yaml, &yaml.nodes[0], "b");
    cr_assert(eq(int, b->kind, YAML_SEQUENCE));
    b = yaml_next(&yaml, yaml_child(&yaml, b));
    cr_expect(eq(str, (char *)yaml_value(&yaml, b, "k")->text, "v"));
    cr_expect(eq(str, (char *)yaml_value(&yaml, &yaml.nodes[0], "d")->text, "5"));
}

static void
refuses(const char *text, const char *says)
{
    cr_expect(lt(int, parse(text), 0), "%.60s", text);
    cr_expect(strstr(fail.text, says) != NULL, "'%s' is missing from: %s", says, fail.text);
    done();
}

Test(yaml, aliases_cannot_grow_without_bound)
{
    char text[2048];
    size_t n = (size_t)sprintf(text, "a: &a [x, x, x, x, x, x, x, x, x, x]\n");

    for (char c = 'b'; c <= 'i'; c++)
        n += (size_t)sprintf(text + n, "%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c,
                             c, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1);
    refuses(text, "there is too much in it; at most 32768 values");
    refuses("a: &a [*a]\n", "x:1:8: '*a' would contain itself");
    refuses("a: *b\n", "there is no anchor '&b' before it");
}

Test(yaml, depth_is_bounded)
{
    char text[256];

    memset(text, '[', 17);
    memset(text + 17, ']', 17);
    text[34] = '\0';
    refuses(text, "x:1:17: it is nested too deeply; at most 16 levels");
    memset(text, '[', 200);
    text[200] = '\0';
    refuses(text, "it is nested too deeply");
    refuses("a: &a [[[[[[[[[1]]]]]]]]]\nb: [[[[[[[[*a]]]]]]]]\n", "it is nested too deeply");
}

Test(yaml, what_is_not_yaml_is_shown_at_its_place)
{
    refuses("a: \"x\n", "x:1:5: it is not YAML: double-quoted scalar without closing quote");
    refuses("a:\n\tb: 1\n", "x:2:1: it is not YAML: tab character");
    refuses("a: [1\n", "it is not YAML: ");
    refuses("a: }\n", "it is not YAML");
    refuses("? [a]\n: 1\n", "a key is one word");
    refuses("a: \"\\0\"\n", "there is a NUL in it");
    refuses("a: 1\nb: 2\na: 3\n", "x:3:1: 'a' is there already, in line 1");
}

Test(yaml, directives_are_refused, .fini = done)
{
    cr_assert(lt(int, parse("# a\n%YAML 1.2\n---\na: 1\n"), 0));
    cr_assert(strstr(fail.text, "x:2:1: a scenario has no directives") == fail.text, "%s",
              fail.text);
}
