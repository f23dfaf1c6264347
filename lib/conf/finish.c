/* SPDX-License-Identifier: BSD-3-Clause */
/* See conf.h: what depends on other values, and whether all of them fit together. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/device_name.h"
#include "conf/addresses.h"
#include "conf/classes.h"
#include "conf/exchanges.h"
#include "conf/half_open.h"
#include "conf/hosts.h"
#include "conf/http.h"
#include "conf/options.h"
#include "conf/phases.h"
#include "conf/plan.h"
#include "conf/resolve.h"
#include "conf/routes.h"
#include "conf/safety.h"
#include "conf/scenario.h"
#include "conf/search.h"
#include "conf/server_port.h"
#include "conf/tls.h"
#include "conf/url.h"
#include "load/registry.h"
#include "proto/registry.h"

/* A TLS handshake is a few KiB each way. A larger ring would only be spread over more of the cache,
 * since bytes have their place by their number, which begins anywhere. */
static const uint64_t TLS_WINDOW_BYTES = 64 << 10;

/* What --help says, too. Without --congestion fixed there is none. */
static const uint64_t DEFAULT_FIXED_WINDOW_BYTES = 256 << 10;

/* What the command needs and does not need, before any name is looked up. */
static int
check_command(const struct conf *c, struct fail *f)
{
    bool is_serve = c->command == CONF_SERVE;

    if (is_serve && c->is_loopback)
        return fail_set(
            f, EXIT_USAGE,
            "--device: shakedown serve on 'loopback' would have no client; give memif:PATH, a PCI "
            "address or a vdev, or use shakedown run, which is both client and server on loopback");
    if (is_serve && c->n_targets > 0)
        return fail_set(f, EXIT_USAGE,
                        "'%.100s': shakedown serve is itself the target and takes no URL; set the "
                        "addresses and "
                        "ports it listens on with --local and --listen",
                        c->targets[0].url);
    if (is_serve && c->local.n == 0)
        return fail_set(f, EXIT_USAGE,
                        "--local: shakedown serve needs at least one address to listen on, e.g. "
                        "--local 198.19.0.1/15");
    if (!is_serve && c->n_targets == 0 && !c->is_loopback)
        return fail_set(f, EXIT_USAGE,
                        "shakedown %s: the target is missing; give at least one URL, e.g. %s",
                        conf_command_names[c->command], ADDRESSES_URL_V4);
    if (c->is_loopback && c->mac.is_set)
        return fail_set(f, EXIT_USAGE,
                        "--mac: device 'loopback' is both sides of a link, with MAC addresses of "
                        "its own; leave the option out");
    return 0;
}

/* Options that exclude or need each other. What counts is the values, so that the scenario of an
 * earlier result, where every key is given, can be used again. */
static int
check_congestion(const struct conf *c, struct fail *f)
{
    char text[VALUE_TEXT_MAX];

    if (c->fixed_window_bytes > 0 && c->congestion != CC_FIXED)
        return fail_set(f, EXIT_USAGE,
                        "--fixed-window: %s would be ignored with --congestion %s; allowed is "
                        "--congestion fixed",
                        value_format_size(c->fixed_window_bytes, text),
                        conf_congestion_names[c->congestion]);
    return 0;
}

static int
check_pcap(const struct conf *c, struct fail *f)
{
    static const int rows[] = {OPTION_PCAP_SAMPLE, OPTION_PCAP_SIZE};

    for (size_t i = 0; c->pcap[0] == '\0' && i < ARRAY_LEN(rows); i++)
        if (option_is_given(c, 0, rows[i]) && !option_is_default(c, 0, rows[i]))
            return fail_set(f, EXIT_USAGE,
                            "%s: it would be ignored, for there is no --pcap; leave it out",
                            conf_options[rows[i]].name);
    return 0;
}

static int
check_reports(const struct conf *c, struct fail *f)
{
    if (check_pcap(c, f) < 0)
        return -1;
    if (c->hdr_latency[0] == '\0' || c->hdr[0] != '\0')
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--hdr-latency: '%.60s' would be ignored, for there is no --hdr; leave it out",
                    c->hdr_latency);
}

static int
check_limit(const struct conf *c, struct fail *f)
{
    if (c->limit_mode != LIMIT_RST && c->limit_cps == 0)
        return fail_set(f, EXIT_USAGE,
                        "--limit-mode: %s would be ignored without a limit; give --limit-cps N too",
                        conf_limit_names[c->limit_mode]);
    if (c->limit_cps > 0 && !conf_has_role(c, ROLE_SERVER))
        return fail_set(f, EXIT_USAGE,
                        "--limit-cps: shakedown %s on device %.100s has no server side to limit; "
                        "allowed is shakedown serve, or device 'loopback'; --rate is the client's",
                        conf_command_names[c->command], c->device);
    return 0;
}

/* What the connections of a class speak: what its targets' URLs say, which have to be of one mind;
 * without any, what the server's options say. */
static int
finish_protocol(struct conf *c, unsigned class_idx, struct fail *f)
{
    struct conf_class *k = &c->classes[class_idx];
    const struct conf_target *first = NULL;

    k->proto = proto_by_name(k->http.serves ? "http1" : k->echo ? "echo" : "bytes");
    for (unsigned i = 0; i < c->n_targets; i++) {
        const struct conf_target *t = &c->targets[i];

        if (t->class_idx != class_idx)
            continue;
        if (first == NULL)
            first = t;
        if (t->proto != first->proto || t->is_tls != first->is_tls)
            return fail_set(f, EXIT_USAGE,
                            "'%.100s' and '%.100s' have different schemes; the targets of one %s "
                            "all have the same",
                            first->url, t->url, c->has_classes ? "class" : "run");
        k->proto = t->proto;
        k->is_tls = t->is_tls;
    }
    return 0;
}

/* What is to be proof has to be able to come. */
static int
check_confirm(const struct conf_class *k, struct fail *f)
{
    if (classes_may_confirm(k, k->proto, k->requests, k->confirm))
        return 0;
    if (k->confirm == CONFIRM_PAYLOAD)
        return fail_set(f, EXIT_USAGE,
                        "--confirm: the target is to send no payload that could confirm its "
                        "connections; give --receive without --requests, a URL of HTTP, or "
                        "--confirm close");
    return fail_set(f, EXIT_USAGE,
                    "--confirm: with --close rst nothing of the target's is waited for; leave one "
                    "of the two out");
}

static int
finish_class(struct conf *c, unsigned class_idx, struct fail *f)
{
    struct conf_class *k = &c->classes[class_idx];

    if (c->request_rate_milli > 0 && !k->given[OPTION_REQUESTS])
        k->requests = 0;
    if (finish_protocol(c, class_idx, f) < 0 || conf_finish_http(c, class_idx, f) < 0 ||
        conf_check_exchanges(c, k, f) < 0 || check_confirm(k, f) < 0 ||
        half_open_check(c, k, f) < 0)
        return -1;
    return conf_finish_tls(c, class_idx, f);
}

/* Whether nothing but handshakes of TLS is to be received. */
static bool
is_tls_without_payload(const struct conf *c)
{
    for (unsigned i = 0; i < c->n_classes; i++)
        for (enum role role = 0; role < ROLE_COUNT; role++)
            if (conf_has_role(c, role) && conf_class_has_payload(c, &c->classes[i], role))
                return false;
    return conf_is_tls(c);
}

/* What one connection may take from its SYN on: with every time-out in its way, all but the last of
 * which it escapes just in time. Only one that is still making progress takes longer. */
static uint64_t
longest_connection_ns(const struct conf *c, const struct conf_class *k)
{
    uint64_t ns = k->connect_timeout_ns + k->close_timeout_ns;
    uint64_t thinks = k->requests == 0 ? 1 : k->requests - 1;

    if (k->is_tls)
        ns += k->tls.timeout_ns;
    if (conf_class_has_payload(c, k, ROLE_CLIENT))
        ns += k->data_timeout_ns;
    if (c->stop == STOP_HOLD && k->close != CLOSE_PEER)
        ns += k->hold_ns;
    ns += k->half_open_ns;
    if (c->stop == STOP_HOLD && k->think_ns > 0)
        ns += thinks > OPTION_DAY / k->think_ns ? OPTION_DAY : thinks * k->think_ns;
    return u64_min(ns, OPTION_DAY);
}

static int
finish_drain(struct conf *c, struct fail *f)
{
    char text[VALUE_TEXT_MAX];

    if (c->stop == STOP_NOW && c->given[OPTION_DRAIN] && c->drain_ns > 0)
        return fail_set(f, EXIT_USAGE,
                        "--drain: with --stop now nothing is waited for, so %s would be ignored; "
                        "leave one of the two out",
                        value_format_duration(c->drain_ns, text));
    if (c->given[OPTION_DRAIN] || c->command == CONF_SERVE)
        return 0;
    c->drain_ns = 0;
    for (unsigned i = 0; c->stop != STOP_NOW && i < c->n_classes; i++)
        c->drain_ns = u64_max(c->drain_ns, longest_connection_ns(c, &c->classes[i]));
    return 0;
}

static int
check_sample(const struct conf *c, struct fail *f)
{
    char text[VALUE_TEXT_MAX];

    if (NS_PER_SEC % c->sample_ns == 0)
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--sample: a second is no multiple of %s; allowed are 1s, 500ms, 250ms, 200ms, "
                    "100ms, 50ms, 20ms, 10ms, and whatever else divides a second",
                    value_format_duration(c->sample_ns, text));
}

/* So many requests take as long as they take. */
static const uint64_t COUNTED_DURATION_NS = 3600 * NS_PER_SEC;

/* One of several is named; scenario_point() knows how that begins. */
static void
name_class(const struct conf *c, unsigned class_idx, struct fail *f)
{
    char what[sizeof(f->text)];

    if (!c->has_classes)
        return;
    memcpy(what, f->text, sizeof(what));
    snprintf(f->text, sizeof(f->text), "class %s: %.*s", c->classes[class_idx].name,
             (int)sizeof(f->text) - CONF_NAME_MAX - 16, what);
}

static int
compile_rate(uint64_t rate_milli, struct load_plan *plan, struct fail *f)
{
    const struct load_shape *shape = load_shape_by_name(rate_milli > 0 ? "constant" : "closed");

    return shape->compile(&(struct load_args){.rate_milli = rate_milli}, plan, f);
}

/* Of paced requests, each class its part. */
static int
compile_requests(struct conf *c, struct fail *f)
{
    bool is_searched = c->search.n_goals > 0 && c->search_on == SEARCH_ON_REQUESTS;

    if (compile_rate(c->request_rate_milli, &c->request_load, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->n_classes; i++) {
        uint64_t milli = classes_request_rate_milli(c, i);

        if (compile_rate(milli, &c->classes[i].request_load, f) < 0)
            return -1;
        if (c->request_rate_milli > 0 && milli == 0) {
            fail_set(f, EXIT_USAGE,
                     "--request-rate: its share is less than one in a thousand seconds; give it a "
                     "larger weight, or a request_rate of its own");
            name_class(c, i, f);
            return -1;
        }
        if (is_searched)
            c->classes[i].request_load = load_plan_pause();
    }
    if (is_searched)
        c->request_load = load_plan_pause();
    return 0;
}

static int
compile_load(struct conf *c, struct fail *f)
{
    const struct load_shape *shape = c->shape.shape;
    struct load_args args = c->shape.args;

    if (shape == NULL)
        shape = load_shape_by_name(c->rate_milli > 0 ? "constant" : "closed");
    args.rate_milli = c->rate_milli;
    args.seed = c->seed;
    if (shape->compile(&args, &c->load, f) < 0)
        return -1;
    if (compile_requests(c, f) < 0)
        return -1;
    return phases_finish(c, f);
}

/* Of a rank: from here on it is its own part that counts. */
static int
finish_share(struct conf *c, struct fail *f)
{
    if (c->share.of == 0)
        return 0;
    if (hosts_take_share(c, f) < 0 || compile_load(c, f) < 0)
        return -1;
    hosts_scale_plan(c, &c->load);
    return 0;
}

static int
finish_classes(struct conf *c, struct fail *f)
{
    for (unsigned i = 0; i < c->n_classes; i++) {
        if (finish_class(c, i, f) < 0) {
            name_class(c, i, f);
            scenario_point(c, i, f);
            return -1;
        }
    }
    return classes_check_ports(c, f);
}

static int
finish(struct conf *c, struct fail *f)
{
    struct plan p;

    assert(c->command == CONF_RUN || c->command == CONF_SERVE || c->command == CONF_CHECK);
    c->is_loopback = device_name_is_loopback(c->device);
    if (c->requests_total > 0 && !c->given[OPTION_DURATION])
        c->duration_ns = COUNTED_DURATION_NS;
    addresses_fill_networks(c);
    if (check_command(c, f) < 0 || server_port_check(c, f) < 0 || check_congestion(c, f) < 0 ||
        check_reports(c, f) < 0 || check_limit(c, f) < 0 || classes_finish(c, f) < 0 ||
        conf_finish_search(c, f) < 0 || compile_load(c, f) < 0 || finish_share(c, f) < 0)
        return -1;
    half_open_rest(c);
    if (finish_classes(c, f) < 0 || finish_drain(c, f) < 0 || check_sample(c, f) < 0)
        return -1;
    if (!c->given[OPTION_WINDOW] && is_tls_without_payload(c))
        c->window_bytes = TLS_WINDOW_BYTES;
    if (conf_resolve(c, resolve_host, f) < 0)
        return -1;
    if (c->is_loopback)
        addresses_fill_loopback(c);
    if (addresses_check(c, f) < 0 || addresses_check_mtu(c, f) < 0 ||
        server_port_check_addresses(c, f) < 0 || half_open_check_targets(c, f) < 0 ||
        routes_make(c, f) < 0)
        return -1;
    if (c->congestion == CC_FIXED && c->fixed_window_bytes == 0)
        c->fixed_window_bytes = DEFAULT_FIXED_WINDOW_BYTES;
    if (!c->given[OPTION_CONNECTIONS])
        c->connections = plan_default_connections(c);
    return plan_make(&p, c, NULL, 0, f);
}

int
conf_finish_earlier(struct conf *c, struct fail *f)
{
    c->is_loopback = device_name_is_loopback(c->device);
    addresses_fill_networks(c);
    if (classes_finish(c, f) < 0 || compile_load(c, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->n_classes; i++)
        if (finish_protocol(c, i, f) < 0)
            return -1;
    return 0;
}

int
conf_finish(struct conf *c, struct fail *f)
{
    int err = finish(c, f);

    if (err < 0)
        scenario_point(c, conf_first_class(c), f);
    return err;
}
