/* SPDX-License-Identifier: BSD-3-Clause */
/* See earlier.h. */
#include "report/earlier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/options.h"
#include "conf/scenario.h"
#include "report/earlier_json.h"
#include "report/json.h"

/* -- the file ------------------------------------------------------------------------------ */

json_t *
earlier_load(const char *path, struct fail *f)
{
    json_error_t error;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    const char *schema;

    if (root == NULL && json_error_code(&error) == json_error_cannot_open_file)
        (void)fail_set(f, EXIT_USAGE, "%.300s: %s", path, error.text);
    else if (root == NULL)
        (void)fail_set(f, EXIT_USAGE, "%.300s:%d:%d: this is no result: %s", path, error.line,
                       error.column, error.text);
    if (root == NULL)
        return NULL;
    schema = earlier_text(root, "schema");
    if (strcmp(schema, JSON_SCHEMA_NAME) == 0)
        return root;
    (void)fail_set(f, EXIT_USAGE, "%.300s: its schema is '%.60s', and %s is the one that is read",
                   path, schema, JSON_SCHEMA_NAME);
    json_decref(root);
    return NULL;
}

/* -- its scenario -------------------------------------------------------------------------- */

static bool
is_served(const json_t *root)
{
    const json_t *core;
    size_t i;

    json_array_foreach(json_object_get(root, "cores"), i, core)
    {
        if (strcmp(earlier_text(core, "role"), result_role_names[ROLE_CLIENT]) == 0)
            return false;
    }
    return true;
}

/* The scenario has its place in a result, and is read as one that is to run again. */
static int
read_conf(struct conf *c, const json_t *root, const char *path, struct fail *f)
{
    json_t *head = json_pack("{s:O, s:O}", "schema", json_object_get(root, "schema"), "scenario",
                             json_object_get(root, "scenario"));
    char *text = head != NULL ? json_dumps(head, JSON_INDENT(2)) : NULL;
    int err;

    json_decref(head);
    conf_init(c);
    if (text == NULL)
        return fail_set(f, EXIT_USAGE, "%.300s: there is no scenario in it", path);
    for (int row = 0; row < OPTION_ROWS; row++)
        if (conf_options[row].type == TYPE_SECRET)
            option_set_given(c, 0, row); /* a result does not tell it */
    c->command = is_served(root) ? CONF_SERVE : CONF_RUN;
    err = source_from(&c->source, path, text, strlen(text), f);
    free(text);
    if (err < 0 || scenario_read(c, f) < 0)
        return -1;
    option_fill_defaults(c, c->command);
    return conf_finish_earlier(c, f);
}

struct conf *
earlier_conf(const json_t *root)
{
    struct conf *c = malloc(sizeof(*c));
    struct fail f;

    if (c == NULL || read_conf(c, root, "the result", &f) == 0)
        return c;
    earlier_conf_free(c);
    return NULL;
}

void
earlier_conf_free(struct conf *c)
{
    if (c != NULL)
        conf_fini(c);
    free(c);
}

/* -- its parts ----------------------------------------------------------------------------- */

static void
copy_text(char to[RESULT_TEXT_MAX], const json_t *o, const char *key)
{
    snprintf(to, RESULT_TEXT_MAX, "%s", earlier_text(o, key));
}

static void
read_head(struct result *r, const json_t *root)
{
    const json_t *tool = json_object_get(root, "tool"), *host = json_object_get(root, "host");
    const char *openssl = earlier_text(tool, "openssl");
    struct tm tm = {0};

    r->version = earlier_text(tool, "version");
    r->dpdk_version = earlier_text(tool, "dpdk");
    r->openssl_version = openssl[0] != '\0' ? openssl : NULL;
    copy_text(r->host.cpu, host, "cpu");
    copy_text(r->host.kernel, host, "kernel");
    copy_text(r->host.driver, host, "driver");
    copy_text(r->host.driver_said, host, "driver_said");
    r->host.cores = (unsigned)earlier_count(host, "cores");
    r->host.has_hugepages = earlier_flag(host, "hugepages");
    r->host.driver_lines = earlier_count(host, "driver_lines");
    if (strptime(earlier_text(root, "started_at"), "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL)
        r->started_at = timegm(&tm);
    r->n_processes = (unsigned)earlier_count(root, "processes");
    r->duration_s = earlier_number(root, "duration_s");
    r->is_running = earlier_flag(root, "running");
    r->interrupted = earlier_flag(root, "interrupted");
}

static uint64_t
milli_of(const json_t *o, const char *key)
{
    return earlier_whole(earlier_number(o, key) * 1000);
}

static void
read_course(struct result *r, const json_t *root)
{
    const json_t *dead = json_object_get(root, "dead_man"), *change;
    const json_t *aborted = json_object_get(root, "aborted");
    size_t i;

    r->dead_man.has_fired = json_is_object(dead);
    r->dead_man.silent_s = earlier_number(dead, "silent_s");
    r->dead_man.stopped_s = earlier_number(dead, "stopped_s");
    r->abort.has_fired = json_is_object(aborted);
    r->abort.t_s = earlier_number(aborted, "t_s");
    snprintf(r->abort.criterion, sizeof(r->abort.criterion), "%s",
             earlier_text(aborted, "criterion"));
    json_array_foreach(json_object_get(root, "rate_changes"), i, change)
    {
        struct result_rate_change c = {.t_s = earlier_number(change, "t_s"),
                                       .from_milli = milli_of(change, "rate_before"),
                                       .to_milli = milli_of(change, "rate")};

        report_result_add_rate_change(r, &c);
    }
    r->rate_changes_omitted += earlier_count(root, "rate_changes_omitted");
}

/* Of what is measured. */
static void
read_worst_second(struct result *r, const json_t *root)
{
    const json_t *worst =
        json_object_get(json_object_get(root, "schedule_adherence"), "worst_second");

    r->worst_second.due = earlier_count(worst, "due");
    r->worst_second.on_time = earlier_count(worst, "on_time");
    r->worst_second_s = earlier_number(worst, "t_s");
}

static void
read_memory(struct result *r, const json_t *o)
{
    r->records = earlier_count(o, "records");
    r->plan.tuples = earlier_count(o, "tuples");
    r->bytes_per_connection[ROLE_CLIENT] = earlier_number(o, "client_bytes_per_connection");
    r->bytes_per_connection[ROLE_SERVER] = earlier_number(o, "server_bytes_per_connection");
    r->bytes_per_stream = earlier_count(o, "payload_bytes_per_connection");
}

static void
read_cores(struct result *r, const json_t *list, bool is_measured)
{
    for (unsigned i = 0; i < r->n_cores; i++) {
        const json_t *core = json_array_get(list, i);
        struct result_core *to = &r->cores[i];

        to->lcore = (unsigned)earlier_count(core, "lcore");
        to->role = strcmp(earlier_text(core, "role"), result_role_names[ROLE_SERVER]) == 0
                       ? ROLE_SERVER
                       : ROLE_CLIENT;
        to->rank = earlier_rank_of(r, core);
        earlier_counts(&to->total, is_measured ? json_object_get(core, "measured") : core);
    }
}

static bool
read_classes(struct result *r, const json_t *list, bool is_measured)
{
    bool is_good = json_array_size(list) == r->n_classes;

    for (unsigned i = 0; is_good && i < r->n_classes; i++) {
        const json_t *o = json_array_get(list, i);

        is_good = strcmp(earlier_text(o, "name"), r->classes[i].name) == 0 &&
                  earlier_latencies(&r->classes[i].total, json_object_get(o, "latency"));
        earlier_counts(&r->classes[i].total,
                       json_object_get(o, is_measured ? "measured" : "totals"));
    }
    return is_good;
}

/* Counts of all or of the part that is measured; latencies are of that always. */
static int
read_figures(struct earlier *e, struct result *r, const json_t *totals, struct fail *f)
{
    const json_t *cores = json_object_get(e->root, "cores");
    bool is_measured = r != &e->result;

    if (report_result_init(r, (unsigned)json_array_size(cores), f) < 0)
        return -1;
    r->conf = &e->conf;
    earlier_ranks(r, e->root);
    if (report_result_init_classes(r, &e->conf, f) < 0)
        return -1;
    earlier_counts(&r->totals, totals);
    read_cores(r, cores, is_measured);
    if (!earlier_latencies(&r->totals, json_object_get(e->root, "latency")) ||
        !read_classes(r, json_object_get(e->root, "classes"), is_measured))
        return fail_set(f, EXIT_USAGE,
                        "%.300s: its latencies do not add up, or its classes are not those of its "
                        "scenario; it was changed after it was written",
                        e->path);
    return 0;
}

/* -- the part that is measured -------------------------------------------------------------- */

static int
read_measured(struct earlier *e, const json_t *o, struct fail *f)
{
    double begin_s = earlier_number(o, "begin_s"), end_s = earlier_number(o, "end_s");
    struct result part;

    if (!json_is_object(o))
        return 0;
    if (read_figures(e, &part, json_object_get(o, "totals"), f) < 0) {
        report_result_fini(&part);
        return -1;
    }
    report_result_copy_facts(&part, &e->result);
    part.duration_s = end_s - begin_s;
    read_worst_second(&part, e->root);
    part.intervals = report_result_rows(&e->result, begin_s, end_s, &part.n_intervals);
    report_result_take_measured(&e->result, &part, begin_s);
    return 0;
}

static int
read_result(struct earlier *e, struct fail *f)
{
    struct result *r = &e->result;
    const json_t *root = e->root;

    if (read_conf(&e->conf, root, e->path, f) < 0 ||
        read_figures(e, r, json_object_get(root, "totals"), f) < 0)
        return -1;
    read_head(r, root);
    read_course(r, root);
    read_worst_second(r, root);
    read_memory(r, json_object_get(root, "memory"));
    earlier_tls(r, json_object_get(root, "tls"));
    earlier_http(r, json_object_get(root, "http"));
    earlier_steering(r, json_object_get(root, "steering"));
    earlier_icmp(r, json_object_get(root, "icmp_errors"));
    earlier_middle(r, json_object_get(root, "middle"));
    earlier_intervals(r, json_object_get(root, "intervals"));
    r->intervals_omitted += earlier_count(root, "intervals_omitted");
    e->has_search = json_is_object(json_object_get(root, "search"));
    return read_measured(e, json_object_get(root, "measured"), f);
}

struct earlier *
earlier_read(const char *path, struct fail *f)
{
    struct earlier *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        (void)fail_set(f, EXIT_HOST, "%.300s: not enough memory to read it", path);
        return NULL;
    }
    e->path = path;
    e->root = earlier_load(path, f);
    if (e->root != NULL && read_result(e, f) == 0)
        return e;
    earlier_free(e);
    return NULL;
}

void
earlier_free(struct earlier *e)
{
    if (e == NULL)
        return;
    report_result_fini(&e->result);
    conf_fini(&e->conf);
    json_decref(e->root);
    free(e);
}

int
earlier_read_all(struct earlier *list[], const char *const paths[], unsigned n, struct fail *f)
{
    for (unsigned i = 0; i < n; i++) {
        list[i] = earlier_read(paths[i], f);
        if (list[i] == NULL) {
            earlier_free_all(list, i);
            return -1;
        }
    }
    return 0;
}

void
earlier_free_all(struct earlier *list[], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        earlier_free(list[i]);
}
