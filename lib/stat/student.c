/* SPDX-License-Identifier: BSD-3-Clause */
/* See student.h. */
#include "stat/student.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

static const double FARTHEST = 1e6;

/* Lentz's method divides by what may vanish. */
static double
kept_apart(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun, 26.5.8), which
 * converges fast for x < (a + 1) / (a + b + 2). */
static double
beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / kept_apart(1 - (a + b) * x / (a + 1)), sum = d;

    for (int m = 1; m <= 500; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step;

        d = 1 / kept_apart(1 + even * d);
        c = kept_apart(1 + even / c);
        sum *= d * c;
        d = 1 / kept_apart(1 + odd * d);
        c = kept_apart(1 + odd / c);
        step = d * c;
        sum *= step;
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return sum;
}

static double
incomplete_beta(double a, double b, double x)
{
    int sign;
    double front;

    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) +
                b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* The probability of more than @t > 0. */
static double
beyond(double t, double df)
{
    return incomplete_beta(df / 2, 0.5, df / (df + t * t)) / 2;
}

double
student_quantile(double p, double df)
{
    double rest = p < 0.5 ? p : 1 - p, low = 0, high = 1;

    assert(p > 0);
    assert(p < 1);
    assert(df > 0);

    while (high < FARTHEST && beyond(high, df) > rest)
        high *= 2;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;

        if (beyond(middle, df) > rest)
            low = middle;
        else
            high = middle;
    }
    high = high < FARTHEST ? high : FARTHEST;
    return p < 0.5 ? -high : high;
}
