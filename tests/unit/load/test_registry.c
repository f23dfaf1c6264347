/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/registry.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "load/load.h"

Test(load_registry, every_shape_is_found_and_makes_a_plan_that_can_be_followed)
{
    for (unsigned i = 0; i < load_shapes_count; i++) {
        const struct load_shape *s = load_shapes[i];
        unsigned n_compiled = 0;

        cr_expect(load_shape_by_name(s->name) == s, "%s", s->name);
        cr_expect(s->help != NULL && s->help[strlen(s->help) - 1] != '.', "%s", s->name);
        for (uint64_t rate = 0; rate <= 1000; rate += 1000) {
            struct load_plan plan = {.n = LOAD_SEGMENTS_MAX + 1};
            struct fail f = {0};

            struct load_args args = {.rate_milli = rate, .ns = NS_PER_SEC};

            if (s->form != LOAD_FORM_NONE) {
                args.n_rates = 2;
                args.rates_milli[0] = 1000;
                args.rates_milli[1] = 5000;
            }
            if (s->compile(&args, &plan, &f) == 0) {
                cr_expect(load_plan_is_valid(&plan), "%s", s->name);
                n_compiled++;
            } else {
                cr_expect(eq(int, f.status, EXIT_USAGE));
                cr_expect(strstr(f.text, "--") != NULL, "%s: '%s'", s->name, f.text);
            }
        }
        cr_expect(lt(uint, 0, n_compiled), "%s", s->name);
    }
    cr_expect(load_shape_by_name("no such") == NULL);
}

Test(load_registry, constant_needs_a_rate_and_closed_has_none)
{
    const struct load_shape *constant = load_shape_by_name("constant"),
                            *closed = load_shape_by_name("closed");
    struct load_plan plan;
    struct fail f;

    cr_assert(
        zero(int, constant->compile(&(struct load_args){.rate_milli = 200000000}, &plan, &f)));
    cr_expect(eq(uint, plan.n, 1));
    cr_expect(eq(u64, plan.seg[0].until_ns, TIME_NEVER));
    cr_expect(eq(u64, load_plan_peak(&plan), 200000));
    cr_expect(eq(int, constant->compile(&(struct load_args){0}, &plan, &f), -1));
    cr_expect(eq(str, f.text,
                 "--rate: 0 is no rate for a constant load; allowed is 0.001 to 4294967296"));

    cr_assert(zero(int, closed->compile(&(struct load_args){0}, &plan, &f)));
    cr_expect(zero(uint, plan.n));
    cr_expect(eq(int, closed->compile(&(struct load_args){.rate_milli = 5}, &plan, &f), -1));
    cr_expect(eq(str, f.text, "--rate: a closed loop has none; leave it out"));
}

Test(load_registry, a_rate_below_one_a_second_is_one_too)
{
    const struct load_shape *constant = load_shape_by_name("constant");
    struct load_plan plan;
    struct load l;
    struct fail f;

    cr_assert(zero(int, constant->compile(&(struct load_args){.rate_milli = 500}, &plan, &f)));
    cr_expect(load_plan_is_valid(&plan));
    cr_expect(eq(u64, load_plan_peak(&plan), 1));
    load_init(&l, &plan, 0, 1, NS_PER_SEC);
    load_stop_at(&l, 8 * NS_PER_SEC);
    for (uint64_t i = 0; i < 4; i++) {
        cr_expect(eq(u64, load_intended_ns(&l), (1 + 2 * i) * NS_PER_SEC));
        cr_expect(eq(u64, load_left(&l), 4 - i));
        load_advance(&l);
    }
    cr_expect(load_is_finished(&l, 9 * NS_PER_SEC));
}

Test(load_registry, two_workers_share_two_and_a_half_starts_a_second)
{
    const struct load_shape *constant = load_shape_by_name("constant");
    struct load_plan plan;
    struct fail f;

    cr_assert(zero(int, constant->compile(&(struct load_args){.rate_milli = 2500}, &plan, &f)));
    for (unsigned w = 0; w < 2; w++) {
        struct load l;

        load_init(&l, &plan, w, 2, 0);
        for (uint64_t n = w; n < 100; n += 2) {
            cr_assert(eq(u64, load_intended_ns(&l), n * 400 * NS_PER_MS));
            load_advance(&l);
        }
    }
}
