/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes a result for validate.py: write_sample FILE full|tls|classes|serve|empty|broken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/doctor.h"
#include "report/criteria.h"
#include "report/json.h"
#include "report/json_doctor.h"
#include "sample.h"

static void
give_every_count_a_value(struct result *r)
{
    for (unsigned i = 0; i < r->n_cores; i++)
        for (int ctr = CTR_failed + 1; ctr < CTR_COUNT; ctr++)
            r->cores[i].total.counters[ctr] += (uint64_t)ctr << 32;
    r->cores[0].total.counters[CTR_late_starts] = 400; /* of a thousand */
    hist_record(&r->cores[0].total.latency[LAT_transfer], 123456);
    report_result_sum(r);
    r->intervals[0] = report_result_interval(&r->cores[0].total, &r->cores[1].total, 10);
    report_result_note_second(r, &r->intervals[0]);
    r->interrupted = true;
}

/* One that holds, one that does not, and one without a value. */
static void
give_criteria(struct result *r)
{
    static struct criteria c;
    struct fail f;

    if (criteria_parse(&c, "failed < 100%, cps > 1G, tls.p99 < 1s", &f) < 0)
        abort();
    criteria_judge(&c, r);
    r->criteria = &c;
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

/* Every row, in every state. */
static void
make_doctor(struct doctor *d)
{
    static const char *const names[] = {
#define DOCTOR_NAME(name, title, looks) #name,
        DOCTOR_ROWS(DOCTOR_NAME)
#undef DOCTOR_NAME
    };

    strcpy(d->device, "0000:3b:00.0");
    for (unsigned i = 0; i < DOCTOR_COUNT; i++) {
        struct doctor_row *r = &d->rows[i];

        r->name = names[i];
        r->state = (enum doctor_state)(i % 3);
        r->is_looked_at = true;
        strcpy(r->text, "what was seen");
        if (i % 2 == 0)
            strcpy(r->command, "echo \"mended\"");
    }
}

static int
write_doctor(FILE *out, struct result *r, struct fail *f)
{
    static struct doctor d;

    make_doctor(&d);
    r->doctor = &d;
    return json_doctor_write(out, r, f);
}

int
main(int argc, char *argv[])
{
    static struct sample s;
    struct fail f;
    FILE *out;
    int err;

    if (argc != 3)
        return EXIT_USAGE;
    sample_init(&s);
    if (strcmp(argv[2], "tls") == 0)
        sample_init_tls(&s);
    if (strcmp(argv[2], "classes") == 0)
        sample_init_classes(&s);
    if (strcmp(argv[2], "full") == 0)
        give_every_count_a_value(&s.r);
    if (strcmp(argv[2], "full") == 0)
        give_criteria(&s.r);
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
    if (out == NULL)
        return 1;
    err = strcmp(argv[2], "doctor") == 0 ? write_doctor(out, &s.r, &f) : json_write(out, &s.r, &f);
    if (err < 0 || fclose(out) != 0)
        return 1;
    report_result_fini(&s.r);
    return 0;
}
