/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/value.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"

Test(value, bools_are_words)
{
    static const struct {
        const char *text;
        bool b;
    } rows[] = {{"yes", true}, {"true", true},   {"on", true},
                {"no", false}, {"false", false}, {"off", false}};
    static const char *const bad[] = {"", "1", "0", "Yes", "yess", "nope"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why;
        bool b = !rows[i].b;

        cr_expect(eq(int, value_bool(rows[i].text, &b, &why), 0), "%s", rows[i].text);
        cr_expect(eq(int, b, rows[i].b), "%s", rows[i].text);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct value_why why;
        bool b = true;

        cr_expect(eq(int, value_bool(bad[i], &b, &why), -1), "%s", bad[i]);
        cr_expect(eq(int, b, true));
        cr_expect(strstr(why.text, "write yes or no") != NULL, "%s", why.text);
    }
}
