/* SPDX-License-Identifier: BSD-3-Clause */
/* See merge.h. */
#include "report/merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "conf/value.h"
#include "report/likeness.h"
#include "report/merge_rows.h"

/* Their starts are known to the second. Processes that somebody starts one after the other by hand
 * or over a network begin within two, or a twentieth of a long run. */
static const double APART_S = 2, APART_SHARE = 0.05;

/* -- whether they belong together ---------------------------------------------------------- */

static int
check_pair(const struct earlier *a, const struct earlier *b, struct fail *f)
{
    double longest_s = fmax(a->result.duration_s, b->result.duration_s);
    double apart_s = fabs(difftime(a->result.started_at, b->result.started_at));
    char why[LIKENESS_TEXT_MAX];

    if (likeness_differs(&a->conf, &b->conf, LIKENESS_ADDED, why))
        return fail_set(f, EXIT_USAGE, "merge: %.200s and %.200s cannot be one result: %s", a->path,
                        b->path, why);
    if ((a->result.measured != NULL) != (b->result.measured != NULL))
        return fail_set(f, EXIT_USAGE,
                        "merge: %.200s and %.200s cannot be one result: of one of them only a part "
                        "is measured",
                        a->path, b->path);
    if (apart_s > fmax(APART_S, APART_SHARE * longest_s))
        return fail_set(f, EXIT_USAGE,
                        "merge: %.200s and %.200s cannot be one result: they began %.0f s apart, "
                        "and what is merged ran side by side; shakedown compare takes runs one "
                        "after the other",
                        a->path, b->path, apart_s);
    return 0;
}

static int
check(struct earlier *const list[], unsigned n, struct fail *f)
{
    for (unsigned i = 0; i < n; i++) {
        if (list[i]->has_search)
            return fail_set(f, EXIT_USAGE,
                            "merge: %.200s is a search for the maximum, whose trials are its own",
                            list[i]->path);
        if (i > 0 && check_pair(list[0], list[i], f) < 0)
            return -1;
    }
    return 0;
}

/* -- what was asked of all of them ---------------------------------------------------------- */

/* Of the same shape, since that is the same in all of them. */
static void
add_plan(struct load_plan *into, const struct load_plan *from)
{
    if (into->n != from->n || into->per_ns != from->per_ns)
        return;
    for (unsigned i = 0; i < into->n; i++) {
        into->seg[i].rate_from += from->seg[i].rate_from;
        into->seg[i].rate_to += from->seg[i].rate_to;
    }
}

/* A duration that has no end, or a rate that is not given, stays what it is. Ranks have their part
 * of the rate each, and follow one shape that has rates of its own. */
static void
add_load(struct conf *into, const struct conf *from, bool are_ranks)
{
    bool is_one_shape = are_ranks && from->rate_milli == 0;

    into->rate_milli += from->rate_milli;
    into->request_rate_milli += from->request_rate_milli;
    if (!is_one_shape)
        add_plan(&into->load, &from->load);
    add_plan(&into->request_load, &from->request_load);
    into->requests_total += from->requests_total;
    into->connections += from->connections;
    into->lcores += from->lcores;
    into->limit_cps += from->limit_cps;
    for (unsigned i = 0; i < into->n_classes; i++) {
        into->classes[i].rate_milli += from->classes[i].rate_milli;
        into->classes[i].request_rate_milli += from->classes[i].request_rate_milli;
    }
}

static bool
has_range(const struct conf *c, const struct ip_range *range)
{
    char text[VALUE_RANGE_TEXT_MAX], other[VALUE_RANGE_TEXT_MAX];

    value_format_range(range, text);
    for (unsigned i = 0; i < c->local.n; i++)
        if (strcmp(value_format_range(&c->local.range[i], other), text) == 0)
            return true;
    return false;
}

static void
add_addresses(struct conf *into, const struct conf *from)
{
    for (unsigned i = 0; i < from->local.n; i++) {
        if (into->local.n == CONF_RANGES_MAX || has_range(into, &from->local.range[i]))
            continue;
        into->network_of[into->local.n] = from->network_of[i];
        into->local.range[into->local.n++] = from->local.range[i];
    }
}

static void
add_targets(struct conf *into, const struct conf *from)
{
    for (unsigned i = 0; i < from->n_targets; i++) {
        unsigned k = 0;

        while (k < into->n_targets && (into->targets[k].class_idx != from->targets[i].class_idx ||
                                       strcmp(into->targets[k].url, from->targets[i].url) != 0))
            k++;
        if (k == into->n_targets && k < CONF_TARGETS_MAX)
            into->targets[into->n_targets++] = from->targets[i];
    }
}

static void
merge_conf(struct conf *into, struct earlier *const list[], unsigned n)
{
    *into = list[0]->conf;
    into->source = (struct source){0};
    for (unsigned i = 1; i < n; i++) {
        add_load(into, &list[i]->conf, list[i]->result.n_ranks > 0);
        add_addresses(into, &list[i]->conf);
        add_targets(into, &list[i]->conf);
    }
}

/* -- what came of it ------------------------------------------------------------------------ */

static unsigned
cores_of(struct earlier *const list[], unsigned n)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum += list[i]->result.n_cores;
    return sum;
}

/* Totals, classes and cores; what the cores of @into are from @core on. */
static void
add_figures(struct result *into, const struct result *from, unsigned core)
{
    stat_block_merge(&into->totals, &from->totals, true);
    for (unsigned i = 0; i < into->n_classes; i++)
        stat_block_merge(&into->classes[i].total, &from->classes[i].total, true);
    memcpy(&into->cores[core], from->cores, from->n_cores * sizeof(from->cores[0]));
    into->duration_s = fmax(into->duration_s, from->duration_s);
    if (from->worst_second.due > 0 &&
        (into->worst_second.due == 0 || report_adherence_share(&from->worst_second) <
                                            report_adherence_share(&into->worst_second))) {
        into->worst_second = from->worst_second;
        into->worst_second_s = from->worst_second_s;
    }
}

static void
add_course(struct result *into, const struct result *from)
{
    into->is_running |= from->is_running;
    into->interrupted |= from->interrupted;
    if (!into->dead_man.has_fired)
        into->dead_man = from->dead_man;
    if (!into->abort.has_fired)
        into->abort = from->abort;
    into->intervals_omitted += from->intervals_omitted;
    if (from->n_ranks > 0 && into->n_rate_changes > 0)
        return; /* a change is one for all of them */
    for (unsigned i = 0; i < from->n_rate_changes; i++)
        report_result_add_rate_change(into, &from->rate_changes[i]);
    into->rate_changes_omitted += from->rate_changes_omitted;
}

/* What is said of a host is said of the first; its lines of errors are those of all. */
static void
add_host(struct result *into, const struct result *from)
{
    if (into->host.driver_lines == 0)
        memcpy(into->host.driver_said, from->host.driver_said, sizeof(into->host.driver_said));
    into->host.driver_lines += from->host.driver_lines;
    into->host.has_hugepages &= from->host.has_hugepages;
    into->started_at = from->started_at < into->started_at ? from->started_at : into->started_at;
    into->n_processes += from->n_processes > 0 ? from->n_processes : 1;
    into->records += from->records;
    into->plan.tuples += from->plan.tuples;
    for (enum role role = 0; role < ROLE_COUNT; role++)
        into->bytes_per_connection[role] =
            fmax(into->bytes_per_connection[role], from->bytes_per_connection[role]);
    into->bytes_per_stream = u64_max(into->bytes_per_stream, from->bytes_per_stream);
}

static void
add_network(struct result *into, const struct result *from)
{
    for (unsigned i = 0; i < ICMP_ERROR_KINDS; i++)
        if (!into->icmp[i].is_set)
            into->icmp[i] = from->icmp[i];
    if (into->middle != NULL && from->middle != NULL)
        middle_tally_merge(into->middle, from->middle);
    if (steering_mode_of(&from->steering) > steering_mode_of(&into->steering)) {
        into->steering = from->steering;
    } else if (from->steering.reason == into->steering.reason) {
        into->steering.probes += from->steering.probes;
        into->steering.answers += from->steering.answers;
        into->steering.misrouted += from->steering.misrouted;
    }
}

/* @into has the cores of @from from @core on, as @from has them. */
static void
add_ranks(struct result *into, const struct result *from, unsigned core)
{
    unsigned before = into->n_ranks;

    for (unsigned i = 0; i < from->n_ranks && into->n_ranks < CONF_RESULTS_MAX; i++)
        into->ranks[into->n_ranks++] = from->ranks[i];
    for (unsigned i = core; i < core + from->n_cores; i++)
        if (into->cores[i].rank > 0)
            into->cores[i].rank += before;
    if (!into->lost.has_happened)
        into->lost = from->lost;
}

/* All that is not in figures. @into is the first's. */
static void
add_facts(struct result *into, const struct result *from)
{
    add_course(into, from);
    add_host(into, from);
    add_network(into, from);
    tls_tally_merge(&into->tls, &from->tls);
    http_tally_merge(&into->http, &from->http);
}

static int
begin(struct result *r, struct merge *m, struct earlier *const list[], unsigned n, struct fail *f)
{
    if (report_result_init(r, cores_of(list, n), f) < 0)
        return -1;
    report_result_copy_facts(r, &list[0]->result);
    r->n_ranks = 0; /* they come with the cores */
    r->conf = &m->conf;
    return report_result_init_classes(r, &m->conf, f);
}

static void
add_all_figures(struct result *r, struct earlier *const list[], unsigned n, bool is_measured)
{
    unsigned core = 0;

    for (unsigned i = 0; i < n; i++) {
        const struct result *from = is_measured ? list[i]->result.measured : &list[i]->result;

        add_figures(r, from, core);
        add_ranks(r, from, core);
        core += from->n_cores;
    }
}

/* What is measured began and ended with the phases, which are the same for all. */
static int
merge_measured(struct merge *m, struct earlier *const list[], unsigned n, struct fail *f)
{
    const struct result *first = &list[0]->result;
    struct result part, *r = &m->result;

    if (first->measured == NULL)
        return 0;
    if (begin(&part, m, list, n, f) < 0) {
        report_result_fini(&part);
        return -1;
    }
    report_result_copy_facts(&part, r);
    part.n_ranks = 0;
    part.conf = &m->conf;
    add_all_figures(&part, list, n, true);
    part.intervals =
        report_result_rows(r, first->measured_begin_s, first->measured_end_s, &part.n_intervals);
    report_result_take_measured(r, &part, first->measured_begin_s);
    return 0;
}

static int
merge(struct merge *m, struct earlier *const list[], unsigned n, struct fail *f)
{
    struct result *r = &m->result;

    if (check(list, n, f) < 0)
        return -1;
    merge_conf(&m->conf, list, n);
    if (begin(r, m, list, n, f) < 0)
        return -1;
    add_all_figures(r, list, n, false);
    add_course(r, &list[0]->result);
    r->n_processes = list[0]->result.n_processes > 0 ? list[0]->result.n_processes : 1;
    for (unsigned i = 1; i < n; i++)
        add_facts(r, &list[i]->result);
    merge_rows(r, list, n);
    if (merge_measured(m, list, n, f) < 0)
        return -1;
    return report_result_check_identity(r, f);
}

int
merge_results(struct merge *m, struct earlier *const list[], unsigned n, struct fail *f)
{
    int err;

    memset(m, 0, sizeof(*m));
    err = merge(m, list, n, f);
    if (err < 0)
        merge_fini(m);
    return err;
}

void
merge_fini(struct merge *m)
{
    report_result_fini(&m->result);
}
