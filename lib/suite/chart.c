/* SPDX-License-Identifier: BSD-3-Clause */
/* See chart.h. */
#include "suite/chart.h"

#include <math.h>

#include "base/units.h"

/* In the units of the view box. */
static const double WIDTH = 340, HEIGHT = 150, LEFT = 52, RIGHT = 10, TOP = 24, BOTTOM = 22;
static const int GRID = 4;

static const char *const colours[CHART_LINES_MAX] = {"#2f6db5", "#c2571a"};

const char *
chart_number(double v, char buf[static CHART_TEXT_MAX])
{
    static const char *const prefixes[] = {"", " k", " M", " G", " T"};
    unsigned i = 0;
    int digits;

    for (; fabs(v) >= 999.5 && i + 1 < ARRAY_LEN(prefixes); i++)
        v /= 1000;
    digits = fabs(v) >= 99.95 ? 0 : fabs(v) >= 9.995 ? 1 : 2;
    if (i == 0 && v == floor(v))
        digits = 0;
    snprintf(buf, CHART_TEXT_MAX, "%.*f%s", digits, v, prefixes[i]);
    return buf;
}

/* A round number at or above @v: 1, 2, 2.5 or 5 times a power of ten, so often a part of GRID. */
static double
ceiling(double v)
{
    static const double steps[] = {1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10};
    double power = pow(10, floor(log10(v)));

    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (v <= steps[i] * power * (1 + 1e-9))
            return steps[i] * power;
    return 10 * power;
}

static double
highest(const struct chart *c)
{
    double top = 0;

    for (unsigned l = 0; l < c->n_lines; l++)
        for (size_t i = 0; i < c->n; i++)
            top = fmax(top, c->lines[l].values[i]);
    return top > 0 ? ceiling(top) : 1;
}

static void
write_grid(FILE *out, const struct chart *c, double top)
{
    char text[CHART_TEXT_MAX];

    for (int i = 0; i <= GRID; i++) {
        double y = HEIGHT - BOTTOM - i * (HEIGHT - TOP - BOTTOM) / GRID;

        fprintf(out, "<line class=\"grid\" x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT,
                WIDTH - RIGHT, y, y);
        fprintf(out, "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 4, y + 3,
                chart_number(top * i / GRID, text));
    }
    fprintf(out, "<text x=\"%g\" y=\"%g\">0 s</text>", LEFT, HEIGHT - 8);
    fprintf(out, "<text x=\"%g\" y=\"%g\" text-anchor=\"end\">%s s</text>", WIDTH - RIGHT,
            HEIGHT - 8, chart_number(c->t[c->n - 1] - c->t[0], text));
}

/* Not more points than can be told apart. */
static void
write_line(FILE *out, const struct chart *c, unsigned l, double top)
{
    double span = c->t[c->n - 1] - c->t[0];
    size_t step = c->n / 400 + 1;

    fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.4\" points=\"",
            colours[l]);
    for (size_t i = 0; i < c->n; i += step)
        fprintf(out, "%.1f,%.1f ", LEFT + (WIDTH - LEFT - RIGHT) * (c->t[i] - c->t[0]) / span,
                HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * c->lines[l].values[i] / top);
    fputs("\"/>", out);
}

void
chart_write(FILE *out, const struct chart *c)
{
    double top;

    if (c->n < 2 || c->t[c->n - 1] <= c->t[0])
        return;
    top = highest(c);
    fprintf(out, "<svg class=\"chart\" viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"%s\">",
            WIDTH, HEIGHT, c->title);
    fprintf(out, "<text class=\"name\" x=\"4\" y=\"13\">%s%s%s</text>", c->title,
            c->unit[0] != '\0' ? ", " : "", c->unit);
    write_grid(out, c, top);
    for (unsigned l = 0; l < c->n_lines; l++) {
        write_line(out, c, l, top);
        if (c->lines[l].name != NULL)
            fprintf(out, "<text x=\"%g\" y=\"13\" text-anchor=\"end\" style=\"fill:%s\">%s</text>",
                    WIDTH - RIGHT - 52.0 * (c->n_lines - 1 - l), colours[l], c->lines[l].name);
    }
    fputs("</svg>\n", out);
}
