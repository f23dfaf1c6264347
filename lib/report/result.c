/* SPDX-License-Identifier: BSD-3-Clause */
/* See result.h. */
#include "report/result.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/rows.h"

static const size_t INTERVALS_FIRST = 64;

/* Blocks end within a few iterations of their instant. */
static const double ROW_SLACK_S = 0.005;

int
report_result_init(struct result *r, unsigned n_cores, struct fail *f)
{
    memset(r, 0, sizeof(*r));
    stat_block_init(&r->totals, TIME_NEVER);
    r->cores = calloc(n_cores, sizeof(r->cores[0]));
    if (r->cores == NULL && n_cores > 0)
        return fail_set(f, EXIT_HOST, "not enough memory for the statistics of %u cores", n_cores);
    r->n_cores = n_cores;
    for (unsigned i = 0; i < n_cores; i++)
        stat_block_init(&r->cores[i].total, TIME_NEVER);
    return 0;
}

int
report_result_init_classes(struct result *r, const struct conf *c, struct fail *f)
{
    if (c->n_classes <= 1)
        return 0;
    r->classes = calloc(c->n_classes, sizeof(r->classes[0]));
    if (r->classes == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for the statistics of %u classes",
                        c->n_classes);
    r->n_classes = c->n_classes;
    for (unsigned i = 0; i < c->n_classes; i++) {
        r->classes[i].name = c->classes[i].name;
        stat_block_init(&r->classes[i].total, TIME_NEVER);
    }
    return 0;
}

static void
fini_part(struct result *m)
{
    if (m == NULL)
        return;
    m->intervals = NULL; /* the run's */
    report_result_fini(m);
    free(m);
}

void
report_result_fini(struct result *r)
{
    fini_part(r->measured);
    for (unsigned i = 0; i < PHASE_COUNT; i++)
        fini_part(r->phases[i]);
    free(r->classes);
    free(r->cores);
    free(r->intervals);
    free(r->middle);
    memset(r, 0, sizeof(*r));
}

double
report_busy(const struct stat_block *b)
{
    double busy_ns = (double)b->counters[CTR_busy_ns];
    double all_ns = busy_ns + (double)b->counters[CTR_idle_ns];

    return all_ns > 0 ? busy_ns / all_ns : 0;
}

static double
per_second(uint64_t n, uint64_t span_ns)
{
    return span_ns == 0 ? 0 : (double)n * (double)NS_PER_SEC / (double)span_ns;
}

/* What @rate is the rate of. */
static uint64_t
counted(const struct report_rate *rate, const struct stat_block *b)
{
    return b->counters[rate->own != NULL ? counter_row(rate->own) : rate->counter];
}

static struct result_latency
latency_of(const struct hist *h)
{
    struct result_latency l = {.count = h->count, .max_ns = h->max_ns};

    for (size_t i = 0; h->count > 0 && i < QUANTILE_COUNT; i++)
        l.quantile_ns[i] = hist_quantile_ns(h, report_quantiles[i].quantile);
    return l;
}

static void
set_latencies(struct result_interval *i, const struct stat_block *b)
{
    struct hist scratch;

    for (unsigned row = 0; row < latency_rows(); row++) {
        if (!latency_has_interval(row))
            continue;
        i->latency[row] = latency_of(latency_interval(b, row, &scratch));
    }
}

struct result_interval
report_result_interval(const struct stat_block *client, const struct stat_block *server, double t_s)
{
    const struct stat_block *b = client != NULL ? client : server;
    struct result_interval i;
    uint64_t span_ns;

    assert(b != NULL);

    span_ns = b->end_ns > b->begin_ns ? b->end_ns - b->begin_ns : 0;
    i = (struct result_interval){
        .t_s = t_s,
#define X(name) .name = b->counters[CTR_##name],
        RESULT_INTERVAL_COUNTERS(X)
#undef X
            .open = b->open,
        .longest_poll_ns = b->longest_poll_ns,
        .has_role = {[ROLE_CLIENT] = client != NULL, [ROLE_SERVER] = server != NULL},
        .busy = {[ROLE_CLIENT] = client != NULL ? report_busy(client) : 0,
                 [ROLE_SERVER] = server != NULL ? report_busy(server) : 0},
    };
    for (size_t k = 0; k < n_report_rates; k++)
        *(double *)((char *)&i + report_rates[k].offset) =
            report_rates[k].factor * per_second(counted(&report_rates[k], b), span_ns);
    set_latencies(&i, b);
    return i;
}

uint64_t
report_result_intervals_bytes(const struct conf *c)
{
    uint64_t ns = c->duration_ns == TIME_NEVER ? 3600 * NS_PER_SEC : c->duration_ns;

    return u64_min(ns / c->sample_ns + 1, RESULT_INTERVALS_MAX) * sizeof(struct result_interval);
}

/* Doubling: amortised O(1), and short runs stay small. */
static bool
grow_intervals(struct result *r)
{
    size_t room = r->intervals_max == 0 ? INTERVALS_FIRST : 2 * r->intervals_max;
    struct result_interval *bigger;

    if (room > RESULT_INTERVALS_MAX)
        room = RESULT_INTERVALS_MAX;
    if (room == r->intervals_max)
        return false;
    bigger = realloc(r->intervals, room * sizeof(*bigger));
    if (bigger == NULL)
        return false;
    r->intervals = bigger;
    r->intervals_max = room;
    return true;
}

void
report_result_add_interval(struct result *r, const struct result_interval *i)
{
    if (r->n_intervals == r->intervals_max && !grow_intervals(r)) {
        r->intervals_omitted++;
        return;
    }
    r->intervals[r->n_intervals++] = *i;
}

struct result_interval *
report_result_rows(const struct result *run, double begin_s, double end_s, size_t *n)
{
    size_t first = 0, last;

    while (first < run->n_intervals &&
           (first == 0 ? 0 : run->intervals[first - 1].t_s) < begin_s - ROW_SLACK_S)
        first++;
    for (last = first; last < run->n_intervals; last++)
        if (run->intervals[last].t_s > end_s + ROW_SLACK_S)
            break;
    *n = last - first;
    return last > first ? &run->intervals[first] : NULL;
}

double
report_adherence_share(const struct result_adherence *a)
{
    return a->due == 0 ? 1 : (double)a->on_time / (double)a->due;
}

void
report_result_note_second(struct result *r, const struct result_interval *second)
{
    uint64_t begun = second->latency[LAT_lateness].count;
    struct result_adherence a = {.due = begun + second->connections_busy,
                                 .on_time = begun - second->late_starts};

    if (a.due == 0 || (r->worst_second.due > 0 &&
                       report_adherence_share(&a) >= report_adherence_share(&r->worst_second)))
        return;
    r->worst_second = a;
    r->worst_second_s = second->t_s;
}

struct result_adherence
report_result_adherence(const struct result *r)
{
    const uint64_t *c = r->totals.counters;
    uint64_t begun = r->totals.latency[LAT_lateness].count;

    return (struct result_adherence){.due = begun + c[CTR_connections_busy] + c[CTR_starts_dropped],
                                     .on_time = begun - c[CTR_late_starts]};
}

bool
report_result_has_role(const struct result *r, enum role role)
{
    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].role == role)
            return true;
    return false;
}

enum role
report_result_totals_role(const struct result *r)
{
    return report_result_has_role(r, ROLE_CLIENT) ? ROLE_CLIENT : ROLE_SERVER;
}

bool
report_result_has_failed(const struct result *r)
{
    const uint64_t *c = r->totals.counters;

    return report_result_totals_role(r) == ROLE_CLIENT && c[CTR_attempted] > 0 &&
           c[CTR_failed] == c[CTR_attempted];
}

/* NULL: there is no memory, and it stays @part's. */
static struct result *
take_part(struct result *part)
{
    struct result *taken = malloc(sizeof(*taken));

    if (taken == NULL)
        return NULL;
    *taken = *part;
    memset(part, 0, sizeof(*part));
    return taken;
}

void
report_result_take_phase(struct result *r, enum conf_phase_id phase, struct result *part)
{
    r->phases[phase] = take_part(part);
}

void
report_result_take_measured(struct result *r, struct result *part, double begin_s)
{
    r->measured = take_part(part);
    if (r->measured == NULL)
        return;
    r->measured_begin_s = begin_s;
    r->measured_end_s = begin_s + r->measured->duration_s;
}

void
report_result_add_rate_change(struct result *r, const struct result_rate_change *change)
{
    if (r->n_rate_changes < RESULT_RATE_CHANGES_MAX)
        r->rate_changes[r->n_rate_changes++] = *change;
    else
        r->rate_changes_omitted++;
}

void
report_result_add_class(struct result *r, unsigned core_idx, unsigned class_idx,
                        const struct stat_block *b)
{
    assert(class_idx < r->n_classes);

    if (r->cores[core_idx].role == report_result_totals_role(r))
        stat_block_merge(&r->classes[class_idx].total, b, true);
}

void
report_result_copy_facts(struct result *part, const struct result *run)
{
    part->version = run->version;
    part->dpdk_version = run->dpdk_version;
    part->openssl_version = run->openssl_version;
    part->tls_provider = run->tls_provider;
    part->conf = run->conf;
    part->host = run->host;
    memcpy(part->ranks, run->ranks, sizeof(part->ranks));
    part->n_ranks = run->n_ranks;
    part->lost = run->lost;
    part->started_at = run->started_at;
    part->interrupted = run->interrupted;
    part->dead_man = run->dead_man;
    part->steering = run->steering;
    memcpy(part->icmp, run->icmp, sizeof(part->icmp));
    part->records = run->records;
    memcpy(part->bytes_per_connection, run->bytes_per_connection,
           sizeof(part->bytes_per_connection));
    part->bytes_per_stream = run->bytes_per_stream;
    part->has_tls = run->has_tls;
    part->tls = run->tls;
    part->has_http = run->has_http;
    part->http = run->http;
    part->plan = run->plan;
}

void
report_result_sum(struct result *r)
{
    enum role role = report_result_totals_role(r);

    stat_block_clear(&r->totals, TIME_NEVER);
    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].role == role)
            stat_block_merge(&r->totals, &r->cores[i].total, true);
    for (unsigned i = 0; i < r->n_classes; i++)
        r->classes[i].total.open = report_result_open_of(&r->classes[i].total);
}

static int
check_block(const struct stat_block *b, const char *where, struct fail *f)
{
    uint64_t attempted = b->counters[CTR_attempted], closed = b->counters[CTR_closed];
    uint64_t failed = b->counters[CTR_failed], causes = 0, open = 0;
    int64_t missing = (int64_t)(attempted - (closed + failed + b->open));

    if (missing != 0)
        return fail_set(f, EXIT_CRITERION,
                        "ACCOUNTING ERROR %s: attempted %" PRIu64 " is not closed %" PRIu64
                        " + failed %" PRIu64 " + open %" PRIu64 " (difference %" PRId64
                        "); this is a bug in shakedown, do not trust the figures of this run",
                        where, attempted, closed, failed, b->open, missing);
    for (size_t i = 0; i < FAILURE_COUNT; i++)
        causes += b->failures[i];
    if (causes != failed)
        return fail_set(f, EXIT_CRITERION,
                        "ACCOUNTING ERROR %s: failed %" PRIu64 " but the causes add up to %" PRIu64
                        "; this is a bug in shakedown, do not trust the figures of this run",
                        where, failed, causes);
    for (size_t i = 0; i < OPEN_COUNT; i++)
        open += b->open_by[i];
    if (open != b->open)
        return fail_set(f, EXIT_CRITERION,
                        "ACCOUNTING ERROR %s: open %" PRIu64 " but what they wait for adds up to "
                        "%" PRIu64 "; this is a bug in shakedown, do not trust the figures of "
                        "this run",
                        where, b->open, open);
    return 0;
}

/* Totals that are fine in themselves may still have lost a core. */
static int
check_sum(const struct result *r, struct fail *f)
{
    enum role role = report_result_totals_role(r);
    uint64_t sum = report_result_role_sum(r, role, CTR_attempted);

    if (sum != r->totals.counters[CTR_attempted])
        return fail_set(f, EXIT_CRITERION,
                        "ACCOUNTING ERROR in the sum: attempted %" PRIu64
                        " but the %s cores' add up to %" PRIu64
                        "; this is a bug in shakedown, do not trust the figures of this run",
                        r->totals.counters[CTR_attempted], result_role_names[role], sum);
    return 0;
}

/* Every connection is of one class. */
static int
check_classes(const struct result *r, struct fail *f)
{
    static const enum stat_counter counters[] = {CTR_attempted, CTR_closed, CTR_failed};

    for (size_t i = 0; r->n_classes > 0 && i < ARRAY_LEN(counters); i++) {
        uint64_t sum = 0, total = r->totals.counters[counters[i]];

        for (unsigned k = 0; k < r->n_classes; k++)
            sum += r->classes[k].total.counters[counters[i]];
        if (sum != total)
            return fail_set(f, EXIT_CRITERION,
                            "ACCOUNTING ERROR in the classes: %s %" PRIu64
                            " but those of the classes add up to %" PRIu64
                            "; this is a bug in shakedown, do not trust the figures of this run",
                            stat_counter_names[counters[i]].name, total, sum);
    }
    return 0;
}

int
report_result_check_identity(const struct result *r, struct fail *f)
{
    char where[64];

    for (unsigned i = 0; i < r->n_cores; i++) {
        snprintf(where, sizeof(where), "on lcore %u (%s)", r->cores[i].lcore,
                 result_role_names[r->cores[i].role]);
        if (check_block(&r->cores[i].total, where, f) < 0)
            return -1;
    }
    if (check_block(&r->totals, "in the sum", f) < 0 || check_sum(r, f) < 0)
        return -1;
    return check_classes(r, f);
}

int
report_result_check_begun(const struct result *r, struct fail *f)
{
    if (report_result_totals_role(r) == ROLE_SERVER || r->totals.counters[CTR_attempted] > 0)
        return 0;
    if (r->totals.counters[CTR_starts_dropped] > 0)
        return fail_set(f, EXIT_CRITERION,
                        "not one connection began: this machine kept the generator from its CPU "
                        "until --duration was over, and %" PRIu64
                        " starts were dropped; give it a longer --duration, or cores of its own",
                        r->totals.counters[CTR_starts_dropped]);
    return fail_set(f, EXIT_CRITERION,
                    "not one connection began: none was due; raise --rate or --duration");
}

/* The block of class @i: the run's, where there is one class. */
static const struct stat_block *
block_of_class(const struct result *r, unsigned i)
{
    return r->n_classes == 0 ? &r->totals : &r->classes[i].total;
}

/* A close as planned, unless by RST, has the peer's FIN; a first byte of a response, or all of what
 * was to be received, is its program's. One of each a connection. */
static uint64_t
confirmed_of(const struct stat_block *b, const struct conf_class *k)
{
    switch (k->confirm) {
    case CONFIRM_NONE:
        break;
    case CONFIRM_CLOSE:
        return b->counters[CTR_closed];
    case CONFIRM_PAYLOAD:
        return k->proto != NULL && k->proto->has_requests ? b->latency[LAT_ttfb_syn].count
                                                          : b->latency[LAT_transfer].count;
    }
    return 0;
}

bool
report_result_has_confirm(const struct result *r)
{
    for (unsigned i = 0; i < r->conf->n_classes; i++)
        if (r->conf->classes[i].confirm != CONFIRM_NONE)
            return report_result_totals_role(r) == ROLE_CLIENT;
    return false;
}

uint64_t
report_result_confirmed(const struct result *r)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < r->conf->n_classes; i++)
        n += confirmed_of(block_of_class(r, i), &r->conf->classes[i]);
    return n;
}

uint64_t
report_result_to_confirm(const struct result *r)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < r->conf->n_classes; i++)
        if (r->conf->classes[i].confirm != CONFIRM_NONE)
            n += block_of_class(r, i)->counters[CTR_established];
    return n;
}

static uint64_t
unconfirmed_of(const struct stat_block *b, const struct conf_class *k)
{
    uint64_t connecting = b->open_by[OPEN_connecting];
    uint64_t never = b->counters[CTR_attempted] - b->counters[CTR_established] - connecting;
    uint64_t known = confirmed_of(b, k) + b->counters[CTR_failed] - never + b->open - connecting;

    return b->counters[CTR_established] > known ? b->counters[CTR_established] - known : 0;
}

uint64_t
report_result_unconfirmed(const struct result *r)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < r->conf->n_classes; i++)
        if (r->conf->classes[i].confirm != CONFIRM_NONE)
            n += unconfirmed_of(block_of_class(r, i), &r->conf->classes[i]);
    return n;
}

int
report_result_check_alive(const struct result *r, struct fail *f)
{
    uint64_t n = r->totals.counters[CTR_established];
    bool had_no_link = report_result_all_sum(r, CTR_link_downs) > 0;
    char after[64] = "not one connection was established";

    if (!r->dead_man.has_fired)
        return 0;
    if (n > 0)
        snprintf(after, sizeof(after), "%" PRIu64 " connection%s had been established by then", n,
                 n == 1 ? "" : "s");
    return fail_set(f, EXIT_CRITERION,
                    "%s: nothing has come from it after %.2f s, though it was asked for answers; "
                    "%s, and --dead-man stopped the load at %.2f s",
                    had_no_link ? "the device's link was down, and the target could not be heard"
                                : "the target fell silent",
                    r->dead_man.silent_s, after, r->dead_man.stopped_s);
}

uint64_t
report_result_role_sum(const struct result *r, enum role role, enum stat_counter counter)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].role == role)
            sum += r->cores[i].total.counters[counter];
    return sum;
}

uint64_t
report_result_all_sum(const struct result *r, enum stat_counter counter)
{
    return report_result_role_sum(r, ROLE_CLIENT, counter) +
           report_result_role_sum(r, ROLE_SERVER, counter);
}

uint64_t
report_result_role_failures(const struct result *r, enum role role, enum stat_failure cause)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].role == role)
            sum += r->cores[i].total.failures[cause];
    return sum;
}

/* Exchanges of payload have no count of their own but a latency each, and one that is lost fails
 * its connection. */
uint64_t
report_result_left(const struct result *r)
{
    const struct stat_block *t = &r->totals;
    uint64_t total = r->conf->requests_total;
    uint64_t known = t->counters[CTR_requests] + t->latency[LAT_transfer].count +
                     (r->has_http ? 0 : t->counters[CTR_failed]);

    return known < total ? total - known : 0;
}

double
report_result_rate_of(const struct result *r, const struct report_rate *rate,
                      const struct stat_block *b)
{
    return rate->factor * report_result_rate(r, counted(rate, b));
}

double
report_result_rate(const struct result *r, uint64_t n)
{
    return r->duration_s > 0 ? (double)n / r->duration_s : 0;
}

const char *const result_role_names[ROLE_COUNT] = {
    [ROLE_CLIENT] = "client",
    [ROLE_SERVER] = "server",
};

const struct report_rate report_rates[] = {
#define RATE(rate, title, need_id, times, text)                                                    \
    .name = #rate, .live = title, .need = NEED_##need_id, .factor = times, .meaning = text,        \
    .offset = offsetof(struct result_interval, rate)
#define X(rate, title, need_id, counter_id, times, text)                                           \
    {RATE(rate, title, need_id, times, text), .counter = CTR_##counter_id},
#define O(rate, title, need_id, counter_id, times, text)                                           \
    {RATE(rate, title, need_id, times, text), .own = #counter_id},
    RESULT_RATES(X, O)
#undef O
#undef X
#undef RATE
};

const size_t n_report_rates = ARRAY_LEN(report_rates);

const struct report_interval_counter report_interval_counters[] = {
#define X(name) {CTR_##name, offsetof(struct result_interval, name)},
    RESULT_INTERVAL_COUNTERS(X)
#undef X
};

const size_t n_report_interval_counters = ARRAY_LEN(report_interval_counters);

const struct report_quantile report_quantiles[] = {
#define X(id, share) {#id "_us", share},
    RESULT_QUANTILES(X)
#undef X
};

const size_t n_report_quantiles = ARRAY_LEN(report_quantiles);
