/* SPDX-License-Identifier: BSD-3-Clause */
#include "stat/student.h"

#include <math.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

struct row {
    double p, df, t;
};

/* Of printed tables of the distribution, and by closed forms for one and two degrees of freedom. */
ParameterizedTestParameters(student, quantiles_are_those_of_the_tables)
{
    static struct row rows[] = {
        {0.975, 1, 12.7062047}, {0.975, 2, 4.30265273},  {0.975, 4, 2.77644511},
        {0.975, 8, 2.30600414}, {0.9995, 8, 5.04130543}, {0.9995, 4, 8.61030158},
        {0.75, 1, 1.0},         {0.995, 30, 2.74999565}, {0.975, 1e6, 1.95996637},
    };

    return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct row *r, student, quantiles_are_those_of_the_tables)
{
    cr_assert(epsilon_eq(dbl, student_quantile(r->p, r->df), r->t, 1e-6 * r->t));
    cr_assert(epsilon_eq(dbl, student_quantile(1 - r->p, r->df), -r->t, 1e-6 * r->t));
}

Test(student, the_median_is_nothing)
{
    cr_assert(epsilon_eq(dbl, student_quantile(0.5, 3), 0, 1e-9));
}

Test(student, a_far_tail_of_few_measurements_has_its_bound)
{
    cr_assert(epsilon_eq(dbl, student_quantile(1 - 1e-12, 1), 1e6, 1));
}
