/* SPDX-License-Identifier: BSD-3-Clause */
/* See monitor.h. */
#include "app/monitor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "app/telemetry.h"
#include "base/console.h"
#include "base/timespec.h"
#include "io/telemetry.h"

static uint64_t
unix_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return timespec_ns(&t);
}

void
monitor_init(struct monitor *m)
{
    *m = (struct monitor){.conf = NULL};
    metrics_board_init(&m->board);
    metrics_server_init(&m->server);
}

int
monitor_open(struct monitor *m, const struct conf *conf, struct fail *f)
{
    struct conf_listen at;
    struct value_why why;

    m->conf = conf;
    m->has_telemetry = telemetry_is_wanted(conf->eal);
    m->is_on = m->has_telemetry || conf->metrics[0] != '\0' || conf->otlp[0] != '\0';
    m->began_unix_ns = unix_ns();
    if (conf->metrics[0] == '\0')
        return 0;
    if (conf_listen_parse(conf->metrics, &at, &why) < 0) /* it has been read before */
        return fail_set(f, EXIT_USAGE, "--metrics: %s", why.text);
    return metrics_server_listen(&m->server, &at, f);
}

static int
begin_to_serve(struct monitor *m, struct fail *f)
{
    char place[SERVER_PLACE_MAX];

    metrics_server_place(&m->server, place);
    if (metrics_server_begin(&m->server, &m->board, f) < 0)
        return -1;
    fprintf(console_stream(), "shakedown: note: figures are at http://%s/metrics\n", place);
    return 0;
}

int
monitor_begin(struct monitor *m, const char *version, struct fail *f)
{
    struct push_opts opts = {.url = m->conf->otlp,
                             .headers = getenv("OTEL_EXPORTER_OTLP_HEADERS"),
                             .ca_file = getenv("OTEL_EXPORTER_OTLP_CERTIFICATE"),
                             .version = version,
                             .period_ns = m->conf->otlp_period_ns,
                             .board = &m->board};

    if (m->has_telemetry && run_telemetry_begin(&m->board, f) < 0)
        return -1;
    if (m->conf->metrics[0] != '\0' && begin_to_serve(m, f) < 0)
        return -1;
    if (m->conf->otlp[0] == '\0')
        return 0;
    m->push = push_new(&opts, f);
    return m->push == NULL ? -1 : 0;
}

void
monitor_show(struct monitor *m, const struct result *r, struct metrics_facts *facts)
{
    if (!m->is_on)
        return;
    facts->began_unix_ns = m->began_unix_ns;
    facts->taken_unix_ns = unix_ns();
    metrics_board_put(&m->board, metrics_snapshot_make(r, facts));
}

void
monitor_close(struct monitor *m)
{
    struct push_counts counts;

    push_free(m->push, &counts);
    m->push = NULL;
    if (counts.failed > 0)
        fprintf(console_stream(),
                "shakedown: note: --otlp: %" PRIu64 " of %" PRIu64 " pushes failed\n",
                counts.failed, counts.made);
    run_telemetry_end();
    metrics_server_fini(&m->server);
    metrics_board_fini(&m->board);
    monitor_init(m);
}
