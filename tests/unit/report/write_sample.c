/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes a result for validate.py: write_sample FILE full|tls|classes|serve|empty|broken. */
#include <stdio.h>
#include <string.h>

#include "report/json.h"
#include "sample.h"

static void
give_every_count_a_value(struct result *r)
{
    for (unsigned i = 0; i < r->n_cores; i++)
        for (int ctr = CTR_failed + 1; ctr < CTR_COUNT; ctr++)
            r->cores[i].total.counters[ctr] += (uint64_t)ctr << 32;
    hist_record(&r->cores[0].total.latency[LAT_transfer], 123456);
    report_result_sum(r);
    r->intervals[0] = report_result_interval(&r->cores[0].total, &r->cores[1].total, 10);
    r->interrupted = true;
}

static void
make_serve(struct sample *s)
{
    s->conf.command = CONF_SERVE;
    s->conf.duration_ns = TIME_NEVER;
    s->r.cores[0] = s->r.cores[1];
    s->r.n_cores = 1;
    s->r.intervals[0] = report_result_interval(NULL, &s->r.cores[0].total, 1);
    report_result_sum(&s->r);
}

int
main(int argc, char *argv[])
{
    static struct sample s;
    struct fail f;
    FILE *out;

    if (argc != 3)
        return EXIT_USAGE;
    sample_init(&s);
    if (strcmp(argv[2], "tls") == 0)
        sample_init_tls(&s);
    if (strcmp(argv[2], "classes") == 0)
        sample_init_classes(&s);
    if (strcmp(argv[2], "full") == 0)
        give_every_count_a_value(&s.r);
    if (strcmp(argv[2], "serve") == 0)
        make_serve(&s);
    if (strcmp(argv[2], "broken") == 0)
        s.r.totals.open++;
    if (strcmp(argv[2], "empty") == 0) {
        report_result_fini(&s.r);
        report_result_init(&s.r, 0, &f);
        s.r.conf = &s.conf;
        s.r.version = s.r.dpdk_version = "";
    }
    out = fopen(argv[1], "w");
    if (out == NULL || json_write(out, &s.r, &f) < 0 || fclose(out) != 0)
        return 1;
    report_result_fini(&s.r);
    return 0;
}
