/* SPDX-License-Identifier: BSD-3-Clause */
/* See telemetry.h. */
#include "app/telemetry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "io/telemetry.h"
#include "report/rows.h"

enum { KEY_MAX = 128 };

/* Of each latency, in an answer about all of them. */
enum { LATENCY_FIGURES = 4 };

/* Of counts: role, open and longest poll beside the lists. Of a latency: count, min, max and sum.
 */
static_assert(STAT_COUNTERS_MAX + FAILURE_COUNT + 3 <= TELEMETRY_KEYS_MAX, "an answer has room");
static_assert(STAT_LATENCIES_MAX * LATENCY_FIGURES <= TELEMETRY_KEYS_MAX, "and so has it");

static void
add_counts(struct telemetry_answer *a, const struct metrics_counts *c)
{
    char key[KEY_MAX];

    for (unsigned i = 0; i < counter_rows(); i++)
        telemetry_add(a, counter_name(i).name, c->counters[i]);
    telemetry_add(a, "open", c->open);
    telemetry_add(a, "longest_poll_ns", c->longest_poll_ns);
    for (unsigned i = 0; i < FAILURE_COUNT; i++) {
        snprintf(key, sizeof(key), "failures/%s", stat_failure_names[i].name);
        telemetry_add(a, key, c->failures[i]);
    }
}

static void
sum(struct metrics_counts *to, const struct metrics_counts *from)
{
    for (unsigned i = 0; i < counter_rows(); i++)
        to->counters[i] += from->counters[i];
    for (unsigned i = 0; i < FAILURE_COUNT; i++)
        to->failures[i] += from->failures[i];
    to->open += from->open;
    to->longest_poll_ns = u64_max(to->longest_poll_ns, from->longest_poll_ns);
}

/* Of the side that totals are of. */
static int
answer_stats(const struct metrics_snapshot *s, const char *param, struct telemetry_answer *a)
{
    struct metrics_counts totals = {0};

    (void)param;
    for (unsigned i = 0; i < s->n_cores; i++)
        if (s->cores[i].role == s->role)
            sum(&totals, &s->cores[i].counts);
    telemetry_begin_keys(a);
    add_counts(a, &totals);
    return 0;
}

static void
add_figure(struct telemetry_answer *a, const char *name, const char *figure, uint64_t value)
{
    char key[KEY_MAX];

    snprintf(key, sizeof(key), "%s/%s", name, figure);
    telemetry_add(a, key, value);
}

static void
add_quantile(struct telemetry_answer *a, const char *name, const struct metrics_latency *l,
             unsigned i)
{
    char figure[32];

    snprintf(figure, sizeof(figure), "%.*s_ns", (int)strcspn(report_quantiles[i].name, "_"),
             report_quantiles[i].name);
    add_figure(a, name, figure, l->quantile_ns[i]);
}

/* What an answer about all of them has room for. */
static void
add_latency(struct telemetry_answer *a, const char *name, const struct metrics_latency *l)
{
    add_figure(a, name, "count", l->count);
    if (l->count == 0)
        return;
    add_quantile(a, name, l, QUANTILE_p50);
    add_quantile(a, name, l, QUANTILE_p99);
    add_figure(a, name, "max_ns", l->max_ns);
}

static void
add_whole_latency(struct telemetry_answer *a, const char *name, const struct metrics_latency *l)
{
    add_figure(a, name, "count", l->count);
    if (l->count == 0)
        return;
    add_figure(a, name, "min_ns", l->min_ns);
    for (unsigned i = 0; i < QUANTILE_COUNT; i++)
        add_quantile(a, name, l, i);
    add_figure(a, name, "max_ns", l->max_ns);
    add_figure(a, name, "sum_ns", l->sum_ns);
}

/* All of them, or the one that @param names. */
static int
answer_latency(const struct metrics_snapshot *s, const char *param, struct telemetry_answer *a)
{
    telemetry_begin_keys(a);
    for (unsigned row = 0; row < latency_rows(); row++) {
        const char *name = latency_name(row).name;

        if (param[0] == '\0')
            add_latency(a, name, &s->latencies[0].rows[row]);
        if (strcmp(param, name) != 0)
            continue;
        add_whole_latency(a, name, &s->latencies[0].rows[row]);
        return 0;
    }
    return param[0] == '\0' ? 0 : -1;
}

/* Their numbers, or the counts of the one that @param is. */
static int
answer_lcores(const struct metrics_snapshot *s, const char *param, struct telemetry_answer *a)
{
    char *end;
    unsigned long lcore = strtoul(param, &end, 10);

    if (param[0] == '\0') {
        telemetry_begin_list(a);
        for (unsigned i = 0; i < s->n_cores; i++)
            telemetry_append(a, s->cores[i].lcore);
        return 0;
    }
    for (unsigned i = 0; *end == '\0' && i < s->n_cores; i++) {
        if (s->cores[i].lcore != lcore)
            continue;
        telemetry_begin_keys(a);
        telemetry_add_text(a, "role", result_role_names[s->cores[i].role]);
        add_counts(a, &s->cores[i].counts);
        return 0;
    }
    return -1;
}

/* -- commands ----------------------------------------------------------------------------- */

static int
answer_with(int (*answer)(const struct metrics_snapshot *s, const char *param,
                          struct telemetry_answer *a),
            void *board, const char *param, struct telemetry_answer *a)
{
    struct metrics_snapshot *s = metrics_board_take(board);
    int err = s == NULL ? -1 : answer(s, param, a);

    metrics_snapshot_release(s);
    return err;
}

static int
stats(void *board, const char *param, struct telemetry_answer *a)
{
    return answer_with(answer_stats, board, param, a);
}

static int
latency(void *board, const char *param, struct telemetry_answer *a)
{
    return answer_with(answer_latency, board, param, a);
}

static int
lcores(void *board, const char *param, struct telemetry_answer *a)
{
    return answer_with(answer_lcores, board, param, a);
}

static const struct telemetry_command commands[] = {
    {"/shakedown/stats", "Counters of the run, summed over its cores. Takes no parameters", stats},
    {"/shakedown/latency",
     "Latencies of the run in ns. Parameters: none, or the name of one for all of it, e.g. connect",
     latency},
    {"/shakedown/lcores",
     "Worker lcores, or the counters of one. Parameters: none, or the number of an lcore", lcores},
};

int
run_telemetry_begin(struct metrics_board *board, struct fail *f)
{
    if (telemetry_begin(commands, ARRAY_LEN(commands), board) < 0)
        return fail_set(f, EXIT_HOST, "--eal --telemetry: DPDK does not take our commands");
    return 0;
}

void
run_telemetry_end(void)
{
    telemetry_end();
}
