/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_compare.h: for people. */
#include "report/text_compare.h"

#include <math.h>
#include <string.h>

#include "base/wrap.h"
#include "report/format.h"

static const struct wrap paragraph = {.indent = 2, .hang = 2, .width = WRAP_TERMINAL};

/* Runs of the same often have the same against them. */
enum { NOTES_MAX = 3 };

enum { SENTENCE_MAX = COMPARE_FIGURES_MAX * METRIC_NAME_MAX };

static void
format_value(const struct compare_figure *f, double value, char buf[static METRIC_TEXT_MAX])
{
    if (f->is_share)
        snprintf(buf, METRIC_TEXT_MAX, "%.4g %%", 100 * value);
    else
        metric_format(&f->metric, value, buf);
}

static const char *const finding_words[COMPARE_FINDINGS] = {
    [COMPARE_SAME] = "the same",
    [COMPARE_LESS] = "less",
    [COMPARE_MORE] = "more",
    [COMPARE_CANNOT_TELL] = "cannot tell",
};

/* "A", "B", ...; behind Z by number. */
static const char *
group_name(unsigned i, char buf[static 16])
{
    if (i < 26)
        snprintf(buf, 16, "%c", 'A' + (char)i);
    else
        snprintf(buf, 16, "#%u", i + 1);
    return buf;
}

static void
write_group(FILE *out, const struct comparisons *all, unsigned i)
{
    const struct compare_group *g = &all->groups[i];
    char name[16];

    fprintf(out, "  %-3s %u run%s of shakedown %s: %s%s%s\n", group_name(i, name), g->n,
            g->n == 1 ? "" : "s", g->list[0]->result.version, g->list[0]->path,
            g->n > 1 ? " to " : "", g->n > 1 ? g->list[g->n - 1]->path : "");
}

/* What lies so far apart says nothing. */
static const double FAR = 1000;

static void
format_interval(const struct ratio *r, char *buf, size_t size)
{
    if (!r->has_ratio || !r->has_interval)
        snprintf(buf, size, "-");
    else if (r->high > FAR)
        snprintf(buf, size, "%.4f to any", r->low);
    else
        snprintf(buf, size, "%.4f to %.4f", r->low, r->high);
}

static void
write_figure(FILE *out, const struct compare_figure *f)
{
    const struct ratio *r = &f->ratio;
    char base[METRIC_TEXT_MAX], other[METRIC_TEXT_MAX], ratio[32] = "-", between[48];

    format_value(f, f->base, base);
    format_value(f, f->other, other);
    if (r->has_ratio)
        snprintf(ratio, sizeof(ratio), "%.4f", r->ratio);
    format_interval(r, between, sizeof(between));
    fprintf(out, "  %-18s %13s %13s %8s  %-18s %s\n", f->name, base, other, ratio, between,
            finding_words[f->finding]);
}

/* The names of those with that finding, and an interval or none, in a sentence; nothing where there
 * is none. */
static void
write_names(FILE *out, const struct comparison *c, enum compare_finding finding, bool has_interval,
            const char *sentence)
{
    char text[SENTENCE_MAX];
    size_t length = (size_t)snprintf(text, sizeof(text), "%s", sentence), begin = length;

    for (unsigned i = 0; i < c->n && length < sizeof(text); i++)
        if (c->figures[i].finding == finding && c->figures[i].ratio.has_interval == has_interval)
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
                                       length > begin ? ", " : " ", c->figures[i].name);
    if (length > begin)
        wrap_write(out, &paragraph, text, 0);
}

static void
write_differences(FILE *out, const struct comparison *c)
{
    char words[COMPARE_WHY_MAX], text[2 * COMPARE_WHY_MAX], other[16], base[16];

    for (unsigned i = 0; i < c->n; i++) {
        const struct compare_figure *f = &c->figures[i];
        size_t length;

        if (f->finding != COMPARE_LESS && f->finding != COMPARE_MORE)
            continue;
        length = (size_t)snprintf(text, sizeof(text), "%s of %s is %s than of %s", f->name,
                                  group_name(c->other, other), compare_words(f, words),
                                  group_name(c->base, base));
        if (!f->ratio.has_ratio || f->ratio.ratio > 2)
            length = (size_t)snprintf(text, sizeof(text), "%s of %s: %s", f->name, other, words);
        if (f->ratio.has_ratio)
            length += (size_t)snprintf(text + length, sizeof(text) - length,
                                       " (ratio %.4f to %.4f)", f->ratio.low, f->ratio.high);
        snprintf(text + length, sizeof(text) - length, "%s",
                 c->basis == COMPARE_BY_RUNS ? ": beyond noise."
                                             : ": more than the intervals of either run vary.");
        wrap_write(out, &paragraph, text, 0);
    }
}

static void
write_criteria(FILE *out, const struct criteria *criteria)
{
    char value[CRITERION_VALUE_MAX];

    if (criteria->n > 0)
        fputs("\ncriteria\n", out);
    for (unsigned i = 0; i < criteria->n; i++) {
        const struct criterion *one = &criteria->list[i];

        fprintf(out, "  %-8s %s (%s)\n", one->holds ? "holds" : "FAILS", one->text,
                one->has_value ? criterion_format(one, one->value, value) : "no value");
    }
}

static void
write_comparison(FILE *out, const struct comparisons *all, const struct comparison *c)
{
    char base[16], other[16], head[64];

    snprintf(head, sizeof(head), "%.1f %% interval", 100 * COMPARE_CONFIDENCE);
    fprintf(out, "\n  %-18s %13s %13s %8s  %-18s\n", "figure", group_name(c->base, base),
            group_name(c->other, other), "ratio", head);
    for (unsigned i = 0; i < c->n; i++)
        write_figure(out, &c->figures[i]);
    fputs("\n", out);
    write_differences(out, c);
    write_names(out, c, COMPARE_SAME, true, "The same, to within 5 %:");
    write_names(out, c, COMPARE_CANNOT_TELL, true, "Cannot tell, the noise is larger than that:");
    write_names(out, c, COMPARE_CANNOT_TELL, false,
                "Cannot tell, there are too few runs or intervals:");
    if (c->basis == COMPARE_BY_INTERVALS)
        wrap_write(out, &paragraph,
                   "One run of each: what differs from run to run is not known. Make more of them "
                   "alternately, with --repeat and --against.",
                   0);
    write_criteria(out, &c->criteria);
    (void)all;
}

static void
write_objections(FILE *out, const struct comparisons *all)
{
    for (unsigned i = 0; i < all->n_objections && i < NOTES_MAX; i++) {
        char text[COMPARE_WHY_MAX + 32];
        unsigned more = i + 1 == NOTES_MAX ? all->n_objections - NOTES_MAX : 0;
        size_t length = (size_t)snprintf(text, sizeof(text), "Note: %s", all->objections[i]);

        if (more > 0)
            snprintf(text + length, sizeof(text) - length, "; and %u more", more);
        wrap_write(out, &paragraph, text, 0);
    }
}

void
text_compare(FILE *out, const struct comparisons *all)
{
    fputs("compare\n", out);
    for (unsigned i = 0; i < all->n_groups; i++)
        write_group(out, all, i);
    write_objections(out, all);
    for (unsigned i = 0; i < all->n; i++)
        write_comparison(out, all, &all->list[i]);
}

/* -- runs of the same ----------------------------------------------------------------------- */

void
text_spread(FILE *out, const struct comparison *c, const struct compare_group *g)
{
    fprintf(out, "\n%u runs\n  %-18s %13s %13s %13s %10s\n", g->n, "figure", "least", "mean",
            "most", "deviation");
    for (unsigned i = 0; i < c->n; i++) {
        const struct compare_figure *f = &c->figures[i];
        double least = 0, most = 0, sum = 0, squares = 0, value;
        char texts[3][METRIC_TEXT_MAX];

        for (unsigned k = 0; k < g->n; k++) {
            if (!compare_value(f, g->list[k], &value))
                value = 0;
            least = k == 0 || value < least ? value : least;
            most = value > most ? value : most;
            sum += value;
            squares += value * value;
        }
        sum /= g->n;
        squares = squares / g->n - sum * sum;
        format_value(f, least, texts[0]);
        format_value(f, sum, texts[1]);
        format_value(f, most, texts[2]);
        fprintf(out, "  %-18s %13s %13s %13s %8.2f %%\n", f->name, texts[0], texts[1], texts[2],
                sum > 0 && squares > 0 ? 100 * sqrt(squares) / sum : 0);
    }
}
