/* SPDX-License-Identifier: BSD-3-Clause */
/* Signs of the generator: what this machine lost, and what it began late. */
#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "report/format.h"
#include "report/verdict_signs.h"

/* Of polls that found something to do: more often than that is how a busy core waits. */
static const uint64_t NOTABLE_POLLS = 100;
/* A worker that has no time to spare. */
static const double BUSY = 0.95;
/* One with so much to spare lets nothing wait but in its pauses. */
static const double SPARE = 0.75;
/* Pauses that are too rare to be felt. */
static const double OFF_CPU = 0.005;
/* Those that make a closed loop the slower. */
static const double FELT = 0.1;

static uint64_t
sum(const struct result *r, enum stat_counter counter)
{
    return report_result_role_sum(r, ROLE_CLIENT, counter);
}

static double
off_cpu_share(const struct stat_block *b)
{
    uint64_t off_ns = b->counters[CTR_off_cpu_ns];

    return sign_share(off_ns, b->counters[CTR_busy_ns] + b->counters[CTR_idle_ns] + off_ns);
}

/* Time that a core had nothing left of, whoever had it. */
static double
taken_share(const struct result_core *c)
{
    return c->total.counters[CTR_late_starts] > 0 ? 1 + off_cpu_share(&c->total)
                                                  : report_busy(&c->total);
}

/* The core of the role that had least time for what was due. */
static const struct result_core *
tightest(const struct result *r, enum role role)
{
    const struct result_core *most = NULL;

    for (unsigned i = 0; i < r->n_cores; i++)
        if (r->cores[i].role == role &&
            (most == NULL || taken_share(&r->cores[i]) > taken_share(most)))
            most = &r->cores[i];
    return most;
}

static void
name_cpu(struct sign *sign, const struct result *r)
{
    char name[RESULT_CORE_TEXT_MAX];

    snprintf(sign->part, sizeof(sign->part), "CPU of %s",
             report_result_core_name(r, tightest(r, ROLE_CLIENT), name));
}

static bool
is_often(const struct result *r, enum stat_counter counter)
{
    return sum(r, counter) > sum(r, CTR_busy_polls) / NOTABLE_POLLS;
}

/* -- lost here ------------------------------------------------------------------------------ */

static void
read_lost(struct signs *s, const struct result *r, uint64_t n, const char *part, const char *what)
{
    uint64_t frames = sum(r, CTR_rx_packets) + sum(r, CTR_tx_packets) + n;
    struct sign sign = {LIMIT_GENERATOR, SIGN_LOSS, sign_share(n, frames), "", ""};

    if (n == 0)
        return;
    s->n_lost_here += n;
    snprintf(sign.part, sizeof(sign.part), "%s", part);
    if (part[0] == '\0')
        name_cpu(&sign, r);
    signs_add(s, &sign, "%" PRIu64 " %s", n, what);
}

/* A link that is down takes nothing, and that is not the generator's. */
static void
read_losses(struct signs *s, const struct result *r)
{
    bool has_link = report_result_all_sum(r, CTR_link_downs) == 0;

    read_lost(s, r, sum(r, CTR_rx_missed), "",
              "frames were dropped by the port, since a worker did not fetch them in time");
    if (has_link)
        read_lost(s, r, sum(r, CTR_tx_dropped) + sum(r, CTR_tx_given_up), "port",
                  "frames were not sent: the port did not take them");
    read_lost(s, r, r->totals.failures[FAILURE_no_memory], "memory",
              "connections failed for want of memory");
    s->n_lost_here += sum(r, CTR_mbufs_exhausted);
    if (sum(r, CTR_mbufs_exhausted) > 0)
        signs_add(s,
                  &(struct sign){LIMIT_GENERATOR, SIGN_LOSS,
                                 sign_share(sum(r, CTR_mbufs_exhausted), sum(r, CTR_busy_polls)),
                                 "memory", ""},
                  "packet buffers ran out %" PRIu64 " times", sum(r, CTR_mbufs_exhausted));
}

/* -- late ----------------------------------------------------------------------------------- */

/* Requests on a schedule are late although a connection is free; those that wait for one are late
 * when they are dropped. */
static bool
is_bounded(const struct result *r)
{
    if (r->conf->request_rate_milli > 0)
        return sum(r, CTR_connections_busy) > 0 &&
               sum(r, CTR_starts_dropped) > sum(r, CTR_late_starts);
    return is_often(r, CTR_conn_limit_reached) || sum(r, CTR_records_exhausted) > 0;
}

/* Twice as many tuples as connections would have let --connections be raised. */
static const char *
bound_part(const struct result *r)
{
    return r->plan.tuples > 0 && r->plan.tuples < 2 * r->conf->connections ? "local tuples"
                                                                           : "connections allowed";
}

/* Why starts were late. Where connections are still open because the target is slow, or fails, it
 * is the target that holds them up. */
static void
name_cause(struct sign *sign, const struct signs *s, const struct result *r)
{
    if (is_bounded(r) && (signs_find(s, LIMIT_TARGET, SIGN_BIT(SIGN_SLOW), 0.5) != NULL ||
                          signs_find(s, LIMIT_TARGET, SIGN_BIT(SIGN_FAILURE), 0.01) != NULL)) {
        sign->side = LIMIT_TARGET;
        sign->kind = SIGN_SLOW;
        snprintf(sign->part, sizeof(sign->part), "capacity");
    } else if (is_bounded(r)) {
        snprintf(sign->part, sizeof(sign->part), "%s", bound_part(r));
    } else if (is_often(r, CTR_tx_backpressure) && !r->conf->is_loopback &&
               off_cpu_share(&tightest(r, ROLE_CLIENT)->total) < OFF_CPU) {
        snprintf(sign->part, sizeof(sign->part), "port");
    } else {
        name_cpu(sign, r);
    }
}

/* Of those that were late; none where all were dropped. */
static uint64_t
half_late_ns(const struct result *r)
{
    uint64_t begun = r->totals.latency[LAT_lateness].count;
    double late = sign_share(r->totals.counters[CTR_late_starts], begun);

    return late > 0 ? hist_quantile_ns(&r->totals.latency[LAT_lateness], 1 - late / 2) : 0;
}

static void
read_lateness(struct signs *s, const struct result *r)
{
    uint64_t dropped = r->totals.counters[CTR_starts_dropped];
    uint64_t n_due = r->totals.latency[LAT_lateness].count + dropped;
    uint64_t n_late = r->totals.counters[CTR_late_starts] + dropped;
    struct sign sign = {LIMIT_GENERATOR, SIGN_SHORT, sign_share(n_late, n_due), "", ""};
    char late[FORMAT_TEXT_MAX], due[FORMAT_TEXT_MAX], half[FORMAT_TEXT_MAX];
    uint64_t half_ns = half_late_ns(r);

    if (n_late == 0)
        return;
    name_cause(&sign, s, r);
    format_grouped(n_late, late);
    format_grouped(n_due, due);
    if (half_ns == 0)
        signs_add(s, &sign, "%s of %s starts were dropped: they were 100 ms late at the stop", late,
                  due);
    else
        signs_add(s, &sign, "%s of %s starts were late%s, half of these by more than %s", late, due,
                  dropped > 0 ? " or dropped" : "", format_duration(half_ns, half));
}

static void
read_waits(struct signs *s, const struct result *r)
{
    char n[FORMAT_TEXT_MAX];
    struct sign sign = {LIMIT_GENERATOR, SIGN_SHORT, 0, "connections allowed", ""};

    if (sum(r, CTR_conn_limit_reached) > 0)
        signs_add(s, &sign, "--connections were open while another was due, in %s polls",
                  format_grouped(sum(r, CTR_conn_limit_reached), n));
    if (sum(r, CTR_records_exhausted) > 0)
        signs_add(s, &sign, "no connection record or tuple was free %s times",
                  format_grouped(sum(r, CTR_records_exhausted), n));
    if (is_often(r, CTR_tx_backpressure) && !r->conf->is_loopback)
        signs_add(s, &sign, "the port took fewer frames than offered in %s polls",
                  format_grouped(sum(r, CTR_tx_backpressure), n));
}

/* -- its time ------------------------------------------------------------------------------- */

/* With a schedule what it led to is known, and tells more than how long it was. Without one it has
 * cost its own share at most. */
static void
read_off_cpu(struct signs *s, const struct result *r)
{
    const struct result_core *core = tightest(r, ROLE_CLIENT);
    double share = off_cpu_share(&core->total);
    bool has_schedule = report_result_adherence(r).due > 0;
    struct sign sign = {LIMIT_GENERATOR, SIGN_SHORT, has_schedule || share < FELT ? 0 : share, "",
                        ""};
    char longest[FORMAT_TEXT_MAX], name[RESULT_CORE_TEXT_MAX];

    if (share < OFF_CPU)
        return;
    name_cpu(&sign, r);
    signs_add(s, &sign, "%s was kept from its CPU for %.1f %% of the time, %s at most",
              report_result_core_name(r, core, name), 100 * share,
              format_duration(core->total.longest_poll_ns, longest));
}

/* Without a schedule a core goes as fast as it can: the one that has no time left is the limit. On
 * loopback the target's cores are here, too. */
static void
read_busy(struct signs *s, const struct result *r)
{
    const struct result_core *client = tightest(r, ROLE_CLIENT), *server = tightest(r, ROLE_SERVER);
    double busy = report_busy(&client->total);
    bool is_server = server != NULL && report_busy(&server->total) > busy;
    const struct result_core *core = is_server ? server : client;
    struct sign sign = {is_server ? LIMIT_TARGET : LIMIT_GENERATOR, SIGN_SHORT, 0, "", ""};
    char name[RESULT_CORE_TEXT_MAX];

    busy = report_busy(&core->total);
    if (busy < BUSY)
        return;
    sign.share = report_result_adherence(r).due > 0 ? 0 : busy;
    report_result_core_name(r, core, name);
    snprintf(sign.part, sizeof(sign.part), "CPU of %s", name);
    signs_add(s, &sign, "%s (%s) was busy for %.0f %% of the time", name,
              result_role_names[core->role], 100 * busy);
}

bool
signs_has_time(const struct result *r)
{
    return report_busy(&tightest(r, ROLE_CLIENT)->total) <= SPARE &&
           (r->conf->is_loopback || !is_often(r, CTR_tx_backpressure));
}

void
signs_of_generator(struct signs *s, const struct result *r)
{
    read_losses(s, r);
    read_lateness(s, r);
    read_off_cpu(s, r);
    read_busy(s, r);
    read_waits(s, r);
}
