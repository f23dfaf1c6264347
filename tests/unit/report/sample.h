/* SPDX-License-Identifier: BSD-3-Clause */
/* A small run with literal numbers that add up, for tests of the report formats: ten seconds of
 * loopback at 100 connections per second, one client core and one server core, with two failures.
 */
#pragma once

#include <string.h>

#include "base/units.h"
#include "conf/conf.h"
#include "report/result.h"

struct sample {
    struct conf conf;
    struct result r;
};

static inline void
sample_core(struct result_core *core, unsigned lcore, enum role role)
{
    uint64_t *c = core->total.counters;

    core->lcore = lcore;
    core->role = role;
    core->total.begin_ns = 0;
    core->total.end_ns = 10 * NS_PER_SEC;
    core->total.open = role == ROLE_CLIENT ? 4 : 5;
    core->total.open_by[OPEN_connecting] = role == ROLE_CLIENT ? 1 : 0;
    core->total.open_by[OPEN_closing] = role == ROLE_CLIENT ? 3 : 5;
    c[CTR_attempted] = role == ROLE_CLIENT ? 1000 : 999;
    c[CTR_established] = role == ROLE_CLIENT ? 998 : 999;
    c[CTR_closed] = role == ROLE_CLIENT ? 993 : 994;
    c[CTR_failed] = role == ROLE_CLIENT ? 3 : 0;
    c[CTR_rx_packets] = 3000;
    c[CTR_tx_packets] = 30000000;
    c[CTR_rx_bytes] = 180000;
    c[CTR_tx_bytes] = 1800000000;
    c[CTR_busy_ns] = (role == ROLE_CLIENT ? 9 : 5) * NS_PER_SEC;
    c[CTR_idle_ns] = (role == ROLE_CLIENT ? 1 : 5) * NS_PER_SEC;
    if (role == ROLE_SERVER)
        return;
    core->total.failures[FAILURE_timeout] = 2;
    core->total.failures[FAILURE_reset] = 1;
    for (int i = 0; i < 998; i++)
        hist_record(&core->total.latency[LAT_connect], i < 990 ? 200 : 50 * NS_PER_US);
    for (int i = 0; i < 1000; i++)
        hist_record(&core->total.latency[LAT_lateness], 100);
}

static inline void
sample_conf(struct conf *c)
{
    conf_init(c);
    c->command = CONF_RUN;
    c->n_targets = 1;
    strcpy(c->targets[0].url, "tcp://198.19.0.1:80");
    c->local.range[0] = (struct ip_range){{.lo = 0xc6120001}, 4096, 15};
    c->local.n = 1;
    c->rate_milli = 100000;
    c->load = load_plan_constant(100);
    c->connections = 1024;
}

/* @s is static: zeroed, or an earlier sample, whose memory is given back. */
static inline void
sample_init(struct sample *s)
{
    struct fail f;
    struct result_interval second;

    report_result_fini(&s->r);
    memset(&s->conf, 0, sizeof(s->conf));
    sample_conf(&s->conf);
    report_result_init(&s->r, 2, &f);
    s->r.version = "0.1.0";
    s->r.dpdk_version = "DPDK 22.11.11";
    s->r.openssl_version = "3.0.17";
    s->r.conf = &s->conf;
    strcpy(s->r.host.cpu, "A CPU");
    strcpy(s->r.host.kernel, "6.1.0");
    strcpy(s->r.host.driver, "net_ring");
    s->r.host.cores = 2;
    s->r.started_at = 1700000000; /* 2023-11-14T22:13:20Z */
    s->r.duration_s = 10;
    s->r.records = 4096;
    s->r.bytes_per_connection[ROLE_CLIENT] = 64;
    s->r.bytes_per_connection[ROLE_SERVER] = 104;
    sample_core(&s->r.cores[0], 1, ROLE_CLIENT);
    sample_core(&s->r.cores[1], 2, ROLE_SERVER);
    report_result_sum(&s->r);
    second = report_result_interval(&s->r.cores[0].total, &s->r.cores[1].total, 10);
    report_result_add_interval(&s->r, &second);
}

/* The same with payload: 1 GB received and 10 MB sent by 990 connections, most in 2 ms. */
static inline void
sample_init_payload(struct sample *s)
{
    struct stat_block *b;

    sample_init(s);
    s->conf.classes[0].send_bytes = 10000;
    s->conf.classes[0].receive_bytes = UINT64_C(1) << 20;
    b = &s->r.cores[0].total;
    b->counters[CTR_rx_payload_bytes] = 1000000000;
    b->counters[CTR_tx_payload_bytes] = 10000000;
    b->counters[CTR_retransmits] = 45000;
    for (int i = 0; i < 990; i++)
        hist_record(&b->latency[LAT_transfer], i < 980 ? 2 * NS_PER_MS : 300 * NS_PER_MS);
    report_result_sum(&s->r);
    s->r.intervals[0] = report_result_interval(b, &s->r.cores[1].total, 10);
}

/* The same with TLS: 1000 handshakes of which 300 resumed a session, five that failed. They are of
 * the client; the server's counts stay those of the plain run. */
static inline void
sample_init_tls(struct sample *s)
{
    struct stat_block *b;

    sample_init(s);
    strcpy(s->conf.targets[0].url, "tls://198.19.0.1:443");
    b = &s->r.cores[0].total;
    b->counters[CTR_attempted] = 1009;
    b->counters[CTR_established] = 1007;
    b->counters[CTR_closed] = 997;
    b->counters[CTR_failed] = 8;
    b->counters[CTR_tls_handshakes] = 1000;
    b->counters[CTR_tls_resumed] = 300;
    b->failures[FAILURE_tls_alert] = 4;
    b->failures[FAILURE_tls_untrusted] = 1;
    for (int i = 0; i < 1000; i++)
        hist_record(i < 700 ? &b->latency[LAT_tls] : &b->latency[LAT_tls_resumed],
                    i < 700 ? 2 * NS_PER_MS : 500 * NS_PER_US);
    report_result_sum(&s->r);
    s->r.intervals[0] = report_result_interval(b, &s->r.cores[1].total, 10);
    s->r.has_tls = true;
    s->r.tls = (struct tls_tally){
        .versions = {.n = 2, .rows = {{"TLSv1.3", 900}, {"TLSv1.2", 100}}},
        .ciphers = {.n = 2,
                    .rows = {{"TLS_AES_256_GCM_SHA384", 900},
                             {"ECDHE-RSA-AES128-GCM-SHA256", 100}}},
        .groups = {.n = 2, .rows = {{"X25519", 700}, {"none", 300}}},
        .alerts_received = {.n = 2, .rows = {{"unknown_ca", 1}, {"handshake_failure", 3}}},
        .untrusted = {.n = 1, .rows = {{"certificate has expired", 1}}},
        .examples = {[TLS_CAUSE_ALERT_RECEIVED] = "sslv3 alert handshake failure",
                     [TLS_CAUSE_UNTRUSTED] = "certificate verify failed"},
        .handshake_bytes = 46 * 1024,
        .idle_bytes = 12 * 1024,
    };
}

/* The same with two classes: 600 connections of "web", all of the failures, and 400 of "bulk". */
static inline void
sample_init_classes(struct sample *s)
{
    static const struct {
        const char *name;
        uint64_t attempted, established, closed, failed;
    } rows[] = {{"web", 600, 598, 594, 3}, {"bulk", 400, 400, 399, 0}};
    struct fail f;

    sample_init(s);
    s->conf.n_classes = 2;
    for (unsigned i = 0; i < 2; i++)
        strcpy(s->conf.classes[i].name, rows[i].name);
    report_result_init_classes(&s->r, &s->conf, &f);
    for (unsigned i = 0; i < 2; i++) {
        struct stat_block *b = &s->r.classes[i].total;

        b->counters[CTR_attempted] = rows[i].attempted;
        b->counters[CTR_established] = rows[i].established;
        b->counters[CTR_closed] = rows[i].closed;
        b->counters[CTR_failed] = rows[i].failed;
        for (uint64_t n = 0; n < rows[i].established; n++)
            hist_record(&b->latency[LAT_connect], i == 0 ? 200 : 400);
    }
    s->r.classes[0].total.failures[FAILURE_timeout] = 2;
    s->r.classes[0].total.failures[FAILURE_reset] = 1;
    hist_record(&s->r.classes[1].total.latency[LAT_transfer], 3 * NS_PER_MS);
    report_result_sum(&s->r);
}

/* The same as a run against something else through a device: no server core. */
static inline void
sample_init_device(struct sample *s, const char *device)
{
    sample_init(s);
    s->r.n_cores = 1;
    strcpy(s->conf.device, device);
    strcpy(s->r.host.driver, "net_af_packet");
}
