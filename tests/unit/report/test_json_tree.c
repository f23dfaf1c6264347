/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_tree.h"

#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* How @value is written; takes the reference. */
static char *
dumped(json_t *value)
{
    static char text[256];
    char *heap = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));

    snprintf(text, sizeof(text), "%s", heap == NULL ? "(nothing)" : heap);
    free(heap);
    json_decref(value);
    return text;
}

Test(json_tree, a_dotted_key_makes_the_objects_on_its_way)
{
    struct json_tree t = {0};
    json_t *o = json_object();

    tree_put_path(&t, o, "a", json_integer(1));
    tree_put_path(&t, o, "b.c", json_integer(2));
    tree_put_path(&t, o, "b.d.e", json_integer(3));
    cr_assert(not(t.has_failed));
    cr_assert(eq(str, dumped(o), "{\"a\":1,\"b\":{\"c\":2,\"d\":{\"e\":3}}}"));
}

Test(json_tree, a_value_that_could_not_be_made_marks_the_tree)
{
    struct json_tree t = {0};
    json_t *o = json_object();

    tree_put(&t, o, "a", NULL);
    cr_assert(t.has_failed);
    t.has_failed = false;
    tree_put(&t, NULL, "a", json_integer(1));
    cr_assert(t.has_failed);
    t.has_failed = false;
    tree_append(&t, NULL, json_integer(1));
    cr_assert(t.has_failed);
    t.has_failed = false;
    tree_put_path(&t, NULL, "a.b", json_integer(1));
    cr_assert(t.has_failed);
    json_decref(o);
}

Test(json_tree, counts_of_one_name_add_up)
{
    struct json_tree t = {0};
    json_t *o = json_object();

    tree_add_count(&t, o, "a", 1);
    tree_add_count(&t, o, "b\xff", 2);
    tree_add_count(&t, o, "b?", 3);
    tree_add_count(&t, o, "a", 4);
    cr_assert(not(t.has_failed));
    cr_assert(eq(str, dumped(o), "{\"a\":5,\"b?\":5}"));
    tree_add_count(&t, NULL, "a", 1);
    cr_assert(t.has_failed);
}

Test(json_tree, text_that_is_no_utf8_is_still_text)
{
    cr_assert(eq(str, dumped(tree_text("plain")), "\"plain\""));
    cr_assert(eq(str, dumped(tree_text("caf\xc3\xa9")), "\"caf\xc3\xa9\""));
    cr_assert(eq(str, dumped(tree_text("caf\xe9")), "\"caf?\""));
    cr_assert(eq(str, dumped(tree_text(NULL)), "null"));
}

Test(json_tree, counts_are_integers_as_far_as_json_has_them)
{
    cr_assert(eq(str, dumped(tree_count(0)), "0"));
    cr_assert(eq(str, dumped(tree_count(INT64_MAX)), "9223372036854775807"));
    cr_assert(eq(str, dumped(tree_count(UINT64_MAX)), "\"18446744073709551615\""));
}

Test(json_tree, numbers_are_rounded_to_their_decimals)
{
    cr_assert(eq(str, dumped(tree_number(0.1 + 0.2, 3)), "0.3"));
    cr_assert(eq(str, dumped(tree_number(812.3455, 3)), "812.346"));
    cr_assert(eq(str, dumped(tree_number(-1.26, 1)), "-1.3"));
    cr_assert(eq(str, dumped(tree_number(12345678901.2, 1)), "12345678901.2"));
    cr_assert(eq(str, dumped(tree_number(1e20, 3)), "1e20"));
    cr_assert(eq(str, dumped(tree_number(NAN, 1)), "null"));
    cr_assert(eq(str, dumped(tree_number(INFINITY, 1)), "null"));
}
