/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/json_stream.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* {"a": {"b": [1, "x\ny"]}, "c": null}, and @n items, of which @missing is NULL; 0: none is. */
static char *
written(bool is_line, unsigned n, unsigned missing)
{
    static char text[512];
    FILE *out = fmemopen(text, sizeof(text), "w");
    struct json_stream s;

    json_stream_begin(&s, out, is_line);
    json_stream_members(&s, json_pack("{s:{s:[i,s]},s:n}", "a", "b", 1, "x\ny", "c"));
    json_stream_list(&s, "rows");
    for (unsigned i = 1; i <= n; i++)
        json_stream_item(&s, i == missing ? NULL : json_pack("{s:i}", "t", (int)i));
    cr_assert(eq(int, json_stream_end(&s), missing == 0));
    fclose(out);
    return text;
}

Test(json_stream, members_are_indented_and_items_have_a_line_each)
{
    cr_assert(eq(str, written(false, 2, 0),
                 "{\n  \"a\": {\n    \"b\": [\n      1,\n      \"x\\ny\"\n    ]\n  },\n"
                 "  \"c\": null,\n  \"rows\": [\n    {\"t\": 1},\n    {\"t\": 2}\n  ]\n}\n"));
    cr_assert(ne(ptr, strstr(written(false, 0, 0), "\"rows\": []\n}\n"), NULL));
}

Test(json_stream, or_all_of_it_is_one_line)
{
    cr_assert(eq(str, written(true, 2, 0),
                 "{\"a\":{\"b\":[1,\"x\\ny\"]},\"c\":null,\"rows\":[{\"t\":1},{\"t\":2}]}\n"));
}

Test(json_stream, what_could_not_be_made_is_told_at_the_end)
{
    (void)written(false, 3, 2);
}

Test(json_stream, a_full_disk_is_told_at_the_end)
{
    FILE *out = fopen("/dev/full", "w");
    struct json_stream s;

    setvbuf(out, NULL, _IONBF, 0);
    json_stream_begin(&s, out, false);
    json_stream_members(&s, json_object());
    cr_assert(not(json_stream_end(&s)));
    fclose(out);
}
