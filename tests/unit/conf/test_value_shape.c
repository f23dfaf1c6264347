/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/value_shape.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"
#include "value_rig.h"

Test(value_shape, a_name_its_rates_and_a_time)
{
    struct value_shape s = {0};
    struct value_why why;

    cr_assert(zero(int, value_shape("ramp:10k..100k/30s", &s, &why)));
    cr_expect(eq(str, (char *)s.shape->name, "ramp"));
    cr_expect(eq(uint, s.args.n_rates, 2));
    cr_expect(eq(u64, s.args.rates_milli[0], 10000000));
    cr_expect(eq(u64, s.args.rates_milli[1], 100000000));
    cr_expect(eq(u64, s.args.ns, 30 * NS_PER_SEC));
    cr_expect(eq(str, s.text, "ramp:10k..100k/30s"));

    cr_assert(zero(int, value_shape("steps:1,0.5k,2k/1m30s", &s, &why)));
    cr_expect(eq(str, (char *)s.shape->name, "steps"));
    cr_expect(eq(uint, s.args.n_rates, 3));
    cr_expect(eq(u64, s.args.rates_milli[1], 500000));
    cr_expect(eq(u64, s.args.ns, 90 * NS_PER_SEC));

    cr_assert(zero(int, value_shape("poisson", &s, &why)));
    cr_expect(eq(str, (char *)s.shape->name, "poisson"));
    cr_expect(zero(uint, s.args.n_rates));
}

Test(value_shape, anything_else_is_refused_and_changes_nothing)
{
    static const struct bad_text rows[] = {
        {"", {"not a load shape", "ramp:R..R/T"}},
        {"flat", {"'flat' is not a load shape", "constant, closed, ramp:R..R/T"}},
        {"ramp", {"'ramp' is not a load shape", "e.g. ramp:10k..100k/30s"}},
        {"poisson:5", {"not a load shape", "poisson"}},
        {"ramp:10k..100k", {"not a load shape", "/T"}},
        {"ramp:10k/30s", {"not a load shape", "R..R"}},
        {"ramp:1..2..3/30s", {"not a load shape", "R..R"}},
        {"ramp:10k..100k/s/30s", {"not a load shape", "R..R"}},
        {"ramp:10k..x/30s", {"'x'", "not a rate"}},
        {"ramp:10k..20k/soon", {"'soon'", "not a duration"}},
        {"ramp:10k..20k/0s", {"takes no time", "above 0"}},
        {"steps:1,,2/1s", {"''", "not a rate"}},
        {"steps:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,"
         "31,32,33/1s",
         {"more than 32", "too many"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_shape s = {.text = "as it was"};
        struct value_why why = {0};

        cr_assert(eq(int, value_shape(rows[i].text, &s, &why), -1), "%s", rows[i].text);
        cr_expect(eq(str, s.text, "as it was"));
        expect_mentions(&rows[i], why.text);
    }
}
