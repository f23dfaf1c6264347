/* SPDX-License-Identifier: BSD-3-Clause */
/* See window.h. */
#include "app/window.h"

#include <assert.h>
#include <string.h>

int
window_init(struct window *w, const struct result *run, struct fail *f)
{
    assert(run->n_cores <= WINDOW_CORES_MAX);

    memset(w->seen_until_ns, 0, sizeof(w->seen_until_ns));
    w->begin_ns = w->end_ns = TIME_NEVER;
    if (report_result_init(&w->part, run->n_cores, f) < 0)
        return -1;
    for (unsigned i = 0; i < run->n_cores; i++) {
        w->part.cores[i].lcore = run->cores[i].lcore;
        w->part.cores[i].rank = run->cores[i].rank;
        w->part.cores[i].role = run->cores[i].role;
    }
    if (report_result_init_classes(&w->part, run->conf, f) < 0) {
        report_result_fini(&w->part);
        return -1;
    }
    return 0;
}

void
window_fini(struct window *w)
{
    w->part.intervals = NULL; /* the run's */
    report_result_fini(&w->part);
}

void
window_begin(struct window *w, uint64_t begin_ns)
{
    for (unsigned i = 0; i < w->part.n_cores; i++)
        stat_block_clear(&w->part.cores[i].total, TIME_NEVER);
    for (unsigned i = 0; i < w->part.n_classes; i++)
        stat_block_clear(&w->part.classes[i].total, TIME_NEVER);
    memset(w->seen_until_ns, 0, sizeof(w->seen_until_ns));
    w->part.worst_second = (struct result_adherence){0};
    w->part.worst_second_s = 0;
    w->begin_ns = begin_ns;
    w->end_ns = TIME_NEVER;
}

void
window_end_at(struct window *w, uint64_t end_ns)
{
    w->end_ns = end_ns;
}

void
window_add(struct window *w, unsigned core, const struct stat_block *block,
           struct stat_block *const classes[], unsigned n_classes)
{
    w->seen_until_ns[core] = block->end_ns;
    if (block->begin_ns < w->begin_ns || block->begin_ns >= w->end_ns)
        return;
    for (unsigned i = 0; i < n_classes; i++)
        report_result_add_class(&w->part, core, i, classes[i]);
    stat_block_merge(&w->part.cores[core].total, block, false);
}

bool
window_is_complete(const struct window *w, const bool *is_done)
{
    for (unsigned i = 0; i < w->part.n_cores; i++)
        if (!is_done[i] && w->seen_until_ns[i] < w->end_ns)
            return false;
    return w->end_ns != TIME_NEVER;
}

void
window_note_second(struct window *w, uint64_t start_ns, const struct result_interval *second)
{
    uint64_t end_ns = start_ns + (uint64_t)(second->t_s * (double)NS_PER_SEC);

    if (end_ns >= w->begin_ns + NS_PER_SEC && end_ns - w->begin_ns <= w->end_ns - w->begin_ns)
        report_result_note_second(&w->part, second);
}

/* How long the cores of the side that is reported measured, on average: each ends its block when it
 * gets to it. */
static double
mean_s(const struct result *part)
{
    enum role role = report_result_totals_role(part);
    double sum_ns = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < part->n_cores; i++) {
        const struct stat_block *b = &part->cores[i].total;

        if (part->cores[i].role != role || b->end_ns <= b->begin_ns)
            continue;
        sum_ns += (double)(b->end_ns - b->begin_ns);
        n++;
    }
    return n == 0 ? 0 : sum_ns / n / (double)NS_PER_SEC;
}

static double
run_s(uint64_t start_ns, uint64_t at_ns)
{
    return (double)(at_ns - start_ns) / (double)NS_PER_SEC;
}

void
window_sum(struct window *w, const struct result *run, uint64_t start_ns, uint64_t load_ns)
{
    report_result_copy_facts(&w->part, run);
    report_result_sum(&w->part);
    for (unsigned i = 0; i < run->n_classes; i++)
        w->part.classes[i].total.open = report_result_open_of(&run->classes[i].total);
    w->part.duration_s = load_ns > 0 ? (double)load_ns / (double)NS_PER_SEC : mean_s(&w->part);
    w->part.intervals = report_result_rows(run, run_s(start_ns, w->begin_ns),
                                           run_s(start_ns, w->end_ns), &w->part.n_intervals);
}
