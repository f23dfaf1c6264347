/* SPDX-License-Identifier: BSD-3-Clause */
/* See ratio.h. */
#include "stat/ratio.h"

#include <assert.h>
#include <math.h>

#include "base/rng.h"
#include "stat/student.h"

/* The spread is known to 3 %, which is less than what few measurements leave open. */
enum { DRAWS = 1000 };

struct group {
    size_t n; /* blocks */
    double means[RATIO_BLOCKS_MAX];
};

/* A sum of squares about the mean, as values come. */
struct moments {
    double n, mean, squares;
};

static void
moments_add(struct moments *m, double x)
{
    double off = x - m->mean;

    m->n++;
    m->mean += off / m->n;
    m->squares += off * (x - m->mean);
}

static double
mean(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return n > 0 ? sum / (double)n : 0;
}

static bool
has_zero(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] <= 0)
            return true;
    return false;
}

static void
make_blocks(struct group *g, const double *values, size_t n, size_t block)
{
    g->n = n / block < RATIO_BLOCKS_MAX ? n / block : RATIO_BLOCKS_MAX;
    for (size_t i = 0; i < g->n; i++)
        g->means[i] = mean(&values[i * block], block);
}

/* A mean of as many blocks as there are, drawn with replacement; of @pair, if there is one, the
 * same blocks. */
static double
draw_mean(struct rng *rng, const struct group *g, const struct group *pair, double *of_pair)
{
    double sum = 0, other = 0;

    for (size_t k = 0; k < g->n; k++) {
        size_t i = rng_below(rng, g->n);

        sum += g->means[i];
        other += pair != NULL ? pair->means[i] : 0;
    }
    *of_pair = other / (double)g->n;
    return sum / (double)g->n;
}

static double
on_scale(double x, bool is_log)
{
    return is_log ? log(x) : x;
}

/* The variance of the mean of @g, or of what @pair's is above it. */
static double
variance(struct rng *rng, const struct group *g, const struct group *pair, bool is_log)
{
    double n = (double)g->n, other;
    struct moments m = {0};

    for (int i = 0; i < DRAWS; i++) {
        double of_g = on_scale(draw_mean(rng, g, pair, &other), is_log);

        moments_add(&m, pair != NULL ? on_scale(other, is_log) - of_g : of_g);
    }
    return m.squares / m.n * n / (n - 1);
}

/* What of the logarithm, or of the difference, chance may explain. */
static double
half_width(const struct group *a, const struct group *b, const struct ratio_opts *o, bool is_log)
{
    struct rng rng = {.state = o->seed};
    double var_a, var_b, var, df;

    if (o->is_paired) {
        var = variance(&rng, a, b, is_log);
        df = (double)a->n - 1;
    } else {
        var_a = variance(&rng, a, NULL, is_log);
        var_b = variance(&rng, b, NULL, is_log);
        var = var_a + var_b;
        df = var > 0 ? var * var /
                           (var_a * var_a / ((double)a->n - 1) + var_b * var_b / ((double)b->n - 1))
                     : 1;
    }
    return student_quantile(1 - o->alpha / 2, df) * sqrt(var);
}

static void
set_interval(struct ratio *r, double half, bool is_log, const struct ratio_opts *o)
{
    double diff = r->mean_b - r->mean_a, least = o->resolution * r->mean_a;

    r->has_interval = true;
    if (!r->has_ratio) {
        r->differs = diff > half ? 1 : 0;
        return;
    }
    if (is_log) {
        r->low = r->ratio * exp(-half) / (1 + o->resolution);
        r->high = r->ratio * exp(half) * (1 + o->resolution);
    } else {
        r->low = fmax(0, r->ratio - (half + least) / r->mean_a);
        r->high = r->ratio + (half + least) / r->mean_a;
    }
    r->differs = r->low > 1 ? 1 : r->high < 1 ? -1 : 0;
}

void
ratio_estimate(struct ratio *r, const double *a, size_t n_a, const double *b, size_t n_b,
               const struct ratio_opts *o)
{
    bool is_log = !has_zero(a, n_a) && !has_zero(b, n_b);
    struct group of_a, of_b;

    assert(o->block > 0);
    assert(!o->is_paired || n_a == n_b);

    make_blocks(&of_a, a, n_a, o->block);
    make_blocks(&of_b, b, n_b, o->block);
    *r = (struct ratio){.mean_a = mean(a, n_a), .mean_b = mean(b, n_b)};
    r->has_ratio = r->mean_a > 0;
    r->ratio = r->has_ratio ? r->mean_b / r->mean_a : 0;
    if (of_a.n >= 2 && of_b.n >= 2)
        set_interval(r, half_width(&of_a, &of_b, o, is_log), is_log, o);
}
