/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/result_head.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

#define SCHEMA "\"schema\": \"shakedown.result/1\""

/* What is read of @text; "": all of it is needed. */
static char *
head(const char *text)
{
    static char buf[256];

    snprintf(buf, sizeof(buf), "%.*s", (int)result_head_end(text, strlen(text)), text);
    return buf;
}

Test(result_head, ends_with_the_scenario_where_the_schema_is_known)
{
    cr_expect(eq(str, head(" {" SCHEMA ",\n \"scenario\": {\"a\": [1, {}]}, \"x\": 1}"),
                 " {" SCHEMA ",\n \"scenario\": {\"a\": [1, {}]}"));
    cr_expect(eq(str, head("{\"x\": -1.5e3, \"y\": null,\"scenario\":{}, " SCHEMA "}"),
                 "{\"x\": -1.5e3, \"y\": null,\"scenario\":{}, " SCHEMA));
}

Test(result_head, brackets_and_quotes_in_text_are_text)
{
    cr_expect(eq(str, head("{" SCHEMA ", \"scenario\": {\"a\": \"}\\\"}\\\\\"}, \"x\": 1}"),
                 "{" SCHEMA ", \"scenario\": {\"a\": \"}\\\"}\\\\\"}"));
}

Test(result_head, keys_further_inside_are_not_meant)
{
    cr_expect(eq(str, head("{" SCHEMA ", \"x\": {\"scenario\": {}}, \"scenarios\": {}}"), ""));
    cr_expect(eq(str, head("{\"x\": {" SCHEMA "}, \"scenario\": {}}"), ""));
}

Test(result_head, what_is_no_result_or_only_a_part_is_needed_whole)
{
    static const char *const texts[] = {
        "",
        "{",
        "urls: [a]\n",
        "{" SCHEMA "}",
        "{\"scenario\": {}}",
        "{\"schema\": \"other/1\", \"scenario\": {}}",
        "{" SCHEMA ", \"scenario\": {",
        "{" SCHEMA ", \"scenario\": {\"a\": \"b",
        "{" SCHEMA ", \"scenario\": ",
        "{" SCHEMA ", \"scenario\"",
        "{" SCHEMA " \"scenario\": {}}",
        "{\"\\",
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        cr_expect(eq(str, head(texts[i]), ""), "%s", texts[i]);
}
