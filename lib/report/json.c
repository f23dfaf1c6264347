/* SPDX-License-Identifier: BSD-3-Clause */
/* See json.h. */
#include "report/json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/units.h"
#include "conf/phases.h"
#include "report/criteria.h"
#include "report/hints.h"
#include "report/interval.h"
#include "report/json_course.h"
#include "report/json_head.h"
#include "report/json_hist.h"
#include "report/json_http.h"
#include "report/json_icmp.h"
#include "report/json_middle.h"
#include "report/json_ranks.h"
#include "report/json_stream.h"
#include "report/json_tls.h"
#include "report/json_tree.h"
#include "report/outcome.h"
#include "report/outfile.h"
#include "report/rows.h"
#include "report/search.h"
#include "report/sink.h"
#include "report/verdict.h"

/* ISO 8601 in UTC. */
static json_t *
instant_json(time_t at)
{
    struct tm tm;
    char text[40];

    if (gmtime_r(&at, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return json_null();
    return json_string(text);
}

static json_t *
criterion_value_json(const struct criterion *c, double value)
{
    char text[CRITERION_VALUE_MAX];

    if (metric_unit(&c->metric) == METRIC_UNIT_WORD)
        return json_string(criterion_format(c, value, text));
    return tree_number(value, 9);
}

static json_t *
criterion_json(struct json_tree *t, const struct criterion *c)
{
    json_t *o = json_object();

    tree_put(t, o, "text", tree_text(c->text));
    tree_put(t, o, "value", c->has_value ? criterion_value_json(c, c->value) : json_null());
    tree_put(t, o, "limit", criterion_value_json(c, c->limit));
    tree_put(t, o, "unit", json_string(criterion_unit(c)));
    tree_put(t, o, "pass", json_boolean(c->holds));
    return o;
}

static json_t *
criteria_json(struct json_tree *t, const struct criteria *c)
{
    json_t *a = json_array();

    for (unsigned i = 0; c != NULL && i < c->n; i++)
        tree_append(t, a, criterion_json(t, &c->list[i]));
    return a;
}

static json_t *
evidence_json(struct json_tree *t, const struct verdict *v)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < v->n_evidence; i++)
        tree_append(t, a, tree_text(v->evidence[i]));
    return a;
}

static json_t *
verdict_json(struct json_tree *t, const struct result *r)
{
    json_t *o = json_object(), *why = json_array();
    struct fail reasons[OUTCOME_REASONS_MAX], wrong;
    unsigned n = outcome_reasons(r, reasons);
    struct verdict v;

    for (unsigned i = 0; i < n; i++)
        tree_append(t, why, tree_text(reasons[i].text));
    tree_put(t, o, "pass", json_boolean(n == 0));
    verdict_decide(&v, report_result_measured(r));
    tree_put(t, o, "limited_by",
             v.is_decided ? json_string(verdict_limit_names[v.limited_by]) : json_null());
    tree_put(t, o, "part", v.is_decided ? tree_text(v.part) : json_null());
    tree_put(t, o, "evidence", evidence_json(t, &v));
    tree_put(t, o, "why", why);
    tree_put(t, o, "criteria", criteria_json(t, r->criteria));
    tree_put(t, o, "identity_holds", json_boolean(report_result_check_identity(r, &wrong) == 0));
    return o;
}

/* The @n @counts, each under its name. */
static json_t *
named_json(struct json_tree *t, const struct stat_name *names, const uint64_t *counts, size_t n)
{
    json_t *o = json_object();

    for (size_t i = 0; i < n; i++)
        tree_put(t, o, names[i].name, tree_count(counts[i]));
    return o;
}

/* The counts of @b, set in @o: in totals, and in each core beside what makes it a core. */
static void
put_counts(struct json_tree *t, json_t *o, const struct stat_block *b)
{
    for (unsigned i = 0; i < counter_rows(); i++)
        tree_put(t, o, counter_name(i).name, tree_count(b->counters[i]));
    tree_put(t, o, "open", tree_count(b->open));
    tree_put(t, o, "open_by", named_json(t, stat_open_names, b->open_by, OPEN_COUNT));
    tree_put(t, o, "longest_poll_ns", tree_count(b->longest_poll_ns));
    tree_put(t, o, "failures", named_json(t, stat_failure_names, b->failures, FAILURE_COUNT));
}

static json_t *
totals_json(struct json_tree *t, const struct stat_block *b)
{
    json_t *o = json_object();

    put_counts(t, o, b);
    return o;
}

static json_t *
rates_json(struct json_tree *t, const struct result *r, const struct stat_block *b)
{
    json_t *o = json_object();

    for (size_t i = 0; i < n_report_rates; i++)
        tree_put(t, o, report_rates[i].name,
                 tree_number(report_result_rate_of(r, &report_rates[i], b), 1));
    return o;
}

static json_t *
latency_json(struct json_tree *t, const struct stat_block *b)
{
    json_t *o = json_object();

    for (unsigned row = 0; row < latency_rows(); row++)
        tree_put(t, o, latency_name(row).name, json_hist(t, &b->latency[row]));
    return o;
}

static json_t *
classes_json(struct json_tree *t, const struct result *r)
{
    const struct result *m = report_result_measured(r);
    json_t *a = json_array();

    for (unsigned i = 0; i < r->n_classes; i++) {
        const struct stat_block *b = &m->classes[i].total;
        json_t *o = json_object();

        tree_put(t, o, "name", tree_text(r->classes[i].name));
        tree_put(t, o, "totals", totals_json(t, &r->classes[i].total));
        if (m != r)
            tree_put(t, o, "measured", totals_json(t, b));
        tree_put(t, o, "rates", rates_json(t, m, b));
        tree_put(t, o, "latency", latency_json(t, b));
        tree_append(t, a, o);
    }
    return a;
}

static json_t *
memory_json(struct json_tree *t, const struct result *r)
{
    json_t *o = json_object();

    tree_put(t, o, "records", tree_count(r->records));
    tree_put(t, o, "tuples", tree_count(r->plan.tuples));
    tree_put(t, o, "client_bytes_per_connection",
             tree_number(r->bytes_per_connection[ROLE_CLIENT], 1));
    tree_put(t, o, "server_bytes_per_connection",
             tree_number(r->bytes_per_connection[ROLE_SERVER], 1));
    tree_put(t, o, "payload_bytes_per_connection", tree_count(r->bytes_per_stream));
    return o;
}

static json_t *
cores_json(struct json_tree *t, const struct result *r)
{
    json_t *a = json_array();

    for (unsigned i = 0; i < r->n_cores; i++) {
        const struct result_core *core = &r->cores[i];
        json_t *o = json_object();

        tree_put(t, o, "lcore", json_integer(core->lcore));
        tree_put(t, o, "role", json_string(result_role_names[core->role]));
        if (core->rank > 0)
            json_ranks_put_core(t, o, r, core);
        tree_put(t, o, "busy", tree_number(report_busy(&core->total), 4));
        put_counts(t, o, &core->total);
        if (r->measured != NULL)
            tree_put(t, o, "measured", totals_json(t, &r->measured->cores[i].total));
        tree_append(t, a, o);
    }
    return a;
}

static json_t *
field_json(const struct interval_field *f)
{
    return f->is_count ? tree_count(f->count) : tree_number(f->number, f->decimals);
}

json_t *
json_interval(struct json_tree *t, const struct result_interval *i)
{
    json_t *o = json_object();
    char name[INTERVAL_NAME_MAX];

    for (unsigned n = 0; n < interval_fields(); n++) {
        struct interval_field f = interval_field(i, n);

        if (!f.is_absent)
            tree_put_path(t, o, interval_name(n, name), field_json(&f));
    }
    return o;
}

/* What rates, latencies, criteria and verdict are of, and what was counted in it. */
static json_t *
measured_json(struct json_tree *t, const struct result *r)
{
    json_t *o;

    if (r->measured == NULL)
        return json_null();
    o = json_object();
    tree_put(t, o, "phase", tree_text(conf_phase_names[PHASE_SUSTAIN]));
    tree_put(t, o, "begin_s", tree_number(r->measured_begin_s, 6));
    tree_put(t, o, "end_s", tree_number(r->measured_end_s, 6));
    tree_put(t, o, "totals", totals_json(t, &r->measured->totals));
    return o;
}

static json_t *
steering_json(struct json_tree *t, const struct result *r)
{
    char text[STEERING_TEXT_MAX];
    json_t *o = json_object();

    tree_put(t, o, "mode", tree_text(steering_mode_names[steering_mode_of(&r->steering)]));
    tree_put(t, o, "verified", json_boolean(steering_is_verified(&r->steering)));
    tree_put(t, o, "why", tree_text(steering_text(&r->steering, text)));
    return o;
}

static json_t *
hints_json(struct json_tree *t, const struct result *r)
{
    json_t *a = json_array();
    unsigned cursor = 0;
    struct advice advice;

    while (hints_next(r, &cursor, &advice)) {
        json_t *o = json_object();

        tree_put(t, o, "name", tree_text(advice.name));
        tree_put(t, o, "text", tree_text(advice.text));
        tree_put(t, o, "command",
                 advice.command[0] != '\0' ? tree_text(advice.command) : json_null());
        tree_append(t, a, o);
    }
    return a;
}

static json_t *
adherence_json(struct json_tree *t, const struct result_adherence *a)
{
    json_t *o = json_object();

    tree_put(t, o, "due", tree_count(a->due));
    tree_put(t, o, "on_time", tree_count(a->on_time));
    tree_put(t, o, "share", tree_number(report_adherence_share(a), 9));
    return o;
}

static json_t *
schedule_json(struct json_tree *t, const struct result *r)
{
    struct result_adherence a = report_result_adherence(r);
    json_t *o, *worst = json_null();

    if (a.due == 0)
        return json_null();
    o = adherence_json(t, &a);
    if (r->worst_second.due > 0) {
        worst = adherence_json(t, &r->worst_second);
        tree_put(t, worst, "t_s", tree_number(r->worst_second_s, 6));
    }
    tree_put(t, o, "worst_second", worst);
    return o;
}

static json_t *
confirmed_json(struct json_tree *t, const struct result *r)
{
    json_t *o;

    if (!report_result_has_confirm(r))
        return json_null();
    o = json_object();
    tree_put(t, o, "established", tree_count(report_result_to_confirm(r)));
    tree_put(t, o, "established_confirmed", tree_count(report_result_confirmed(r)));
    tree_put(t, o, "cps", tree_number(report_result_rate(r, report_result_confirmed(r)), 1));
    return o;
}

static json_t *
dead_man_json(struct json_tree *t, const struct result *r)
{
    json_t *o;

    if (!r->dead_man.has_fired)
        return json_null();
    o = json_object();
    tree_put(t, o, "silent_s", tree_number(r->dead_man.silent_s, 6));
    tree_put(t, o, "stopped_s", tree_number(r->dead_man.stopped_s, 6));
    return o;
}

json_t *
json_result_tree(struct json_tree *t, const struct result *r)
{
    const struct result *m = report_result_measured(r);
    json_t *o = json_object();

    json_head_put(t, o, JSON_SCHEMA_NAME, r);
    tree_put(t, o, "processes", tree_count(r->n_processes > 0 ? r->n_processes : 1));
    tree_put(t, o, "ranks", json_ranks(t, r));
    tree_put(t, o, "lost", json_ranks_lost(t, r));
    tree_put(t, o, "started_at", instant_json(r->started_at));
    tree_put(t, o, "duration_s", tree_number(r->duration_s, 6));
    tree_put(t, o, "running", json_boolean(r->is_running));
    tree_put(t, o, "interrupted", json_boolean(r->interrupted));
    tree_put(t, o, "verdict", verdict_json(t, r));
    tree_put(t, o, "phases", json_phases(t, r));
    tree_put(t, o, "measured", measured_json(t, r));
    tree_put(t, o, "rate_changes", json_rate_changes(t, r));
    tree_put(t, o, "rate_changes_omitted", tree_count(r->rate_changes_omitted));
    tree_put(t, o, "schedule_adherence", schedule_json(t, m));
    tree_put(t, o, "confirmed", confirmed_json(t, m));
    tree_put(t, o, "dead_man", dead_man_json(t, r));
    tree_put(t, o, "aborted", json_aborted(t, r));
    tree_put(t, o, "search", search_json(t, r));
    tree_put(t, o, "hints", hints_json(t, r));
    tree_put(t, o, "totals", totals_json(t, &r->totals));
    tree_put(t, o, "rates", rates_json(t, m, &m->totals));
    tree_put(t, o, "latency", latency_json(t, &m->totals));
    if (r->n_classes > 0)
        tree_put(t, o, "classes", classes_json(t, r));
    tree_put(t, o, "tls", json_tls(t, r));
    tree_put(t, o, "http", json_http(t, r));
    tree_put(t, o, "steering", steering_json(t, r));
    tree_put(t, o, "memory", memory_json(t, r));
    tree_put(t, o, "icmp_errors", json_icmp(t, r));
    tree_put(t, o, "middle", json_middle(t, r));
    tree_put(t, o, "cores", cores_json(t, r));
    tree_put(t, o, "intervals_omitted", tree_count(r->intervals_omitted));
    return o;
}

bool
json_result_write(FILE *out, const struct result *r, bool is_line)
{
    struct json_tree t = {0};
    struct json_stream s;

    json_stream_begin(&s, out, is_line);
    json_stream_members(&s, json_result_tree(&t, r));
    json_stream_list(&s, "intervals");
    for (size_t i = 0; i < r->n_intervals && !t.has_failed && ferror(out) == 0; i++)
        json_stream_item(&s, json_interval(&t, &r->intervals[i]));
    return json_stream_end(&s) && !t.has_failed;
}

int
json_write(FILE *out, const struct result *r, struct fail *f)
{
    return json_head_end(json_result_write(out, r, false), out, f);
}

/* The state of this sink is the path. */
static int
sink_open(void **state, const struct sink_opts *o, struct fail *f)
{
    (void)f;
    *state = (void *)(uintptr_t)o->place;
    return 0;
}

static int
sink_end(void *state, const struct result *r, struct fail *f)
{
    return outfile_write(JSON_OPTION, state, json_write, r, f);
}

extern const struct report_sink sink_json;
const struct report_sink sink_json = {
    .name = "json",
    .help = "one JSON object, docs/result.schema.json",
    .option = JSON_OPTION,
    .open = sink_open,
    .end = sink_end,
};
