/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/hdr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "report/sink.h"
#include "sample.h"

extern const struct report_sink sink_hdr;

static struct hist h;
static struct fail f;

static char *
written(void)
{
    static char buf[1 << 16];
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    hdr_write_hist(out, &h);
    fclose(out);
    strcpy(buf, text);
    free(text);
    return buf;
}

/* As its Java class prints it: outputPercentileDistribution(stream, 5, 1000.0), columns "%12.3f
 * %2.12f %10d %14.2f", and the last line without the fourth. */
Test(hdr, ten_values_have_the_steps_that_halve_what_is_beyond)
{
    hist_init(&h);
    for (uint64_t us = 1; us <= 10; us++)
        hist_record(&h, us == 10 ? 100000 : 10 * us); /* buckets of a nanosecond */
    cr_assert(eq(str, written(),
                 "       Value     Percentile TotalCount 1/(1-Percentile)\n"
                 "\n"
                 "       0.010 0.000000000000          1           1.00\n"
                 "       0.010 0.100000000000          1           1.11\n"
                 "       0.020 0.200000000000          2           1.25\n"
                 "       0.030 0.300000000000          3           1.43\n"
                 "       0.040 0.400000000000          4           1.67\n"
                 "       0.050 0.500000000000          5           2.00\n"
                 "       0.060 0.550000000000          6           2.22\n"
                 "       0.060 0.600000000000          6           2.50\n"
                 "       0.070 0.650000000000          7           2.86\n"
                 "       0.070 0.700000000000          7           3.33\n"
                 "       0.080 0.750000000000          8           4.00\n"
                 "       0.080 0.775000000000          8           4.44\n"
                 "       0.080 0.800000000000          8           5.00\n"
                 "       0.090 0.825000000000          9           5.71\n"
                 "       0.090 0.850000000000          9           6.67\n"
                 "       0.090 0.875000000000          9           8.00\n"
                 "       0.090 0.887500000000          9           8.89\n"
                 "       0.090 0.900000000000          9          10.00\n"
                 "     100.000 1.000000000000         10\n"
                 "#[Mean    =       10.045, StdDeviation   =       30.014]\n"
                 "#[Max     =      100.000, Total count    =           10]\n"
                 "#[Buckets =           35, SubBuckets     =          256]\n"));
}

Test(hdr, columns_only_go_up_and_end_with_the_greatest_sample_and_all_of_them)
{
    double us, share, beyond, last_us = -1, last_share = -1;
    unsigned long n, last_n = 0;
    char *line;

    hist_init(&h);
    for (uint64_t i = 1; i <= 123456; i++)
        hist_record(&h, i * i);
    line = strstr(written(), "\n\n") + 2;
    for (; *line != '#'; line = strchr(line, '\n') + 1) {
        int fields = sscanf(line, "%lf %lf %lu %lf", &us, &share, &n, &beyond);

        cr_assert(ge(int, fields, 3), "%.60s", line);
        cr_assert(us >= last_us && share > last_share && n >= last_n, "%.60s", line);
        cr_assert(le(dbl, share * 123456 - 1e-6, (double)n), "%.60s", line);
        cr_assert(share >= 1 || fabs(beyond * (1 - share) - 1) < 0.01, "%.60s", line);
        last_us = us;
        last_share = share;
        last_n = n;
    }
    cr_assert(eq(dbl, last_share, 1.0));
    cr_assert(eq(ulong, last_n, 123456));
    cr_assert(eq(dbl, last_us, 123456.0 * 123456 / 1000));
}

Test(hdr, without_samples_there_is_the_frame)
{
    hist_init(&h);
    cr_assert(eq(str, written(),
                 "       Value     Percentile TotalCount 1/(1-Percentile)\n"
                 "\n"
                 "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
                 "#[Max     =        0.000, Total count    =            0]\n"
                 "#[Buckets =           35, SubBuckets     =          256]\n"));
}

Test(hdr, a_latency_that_is_not_there_is_told_with_the_nearest)
{
    static struct sample s;

    sample_init(&s);
    strcpy(s.conf.hdr_latency, "conect");
    cr_assert(eq(int, sink_hdr.check(&s.conf, &f), -1));
    cr_assert(ne(ptr,
                 strstr(f.text, "--hdr-latency: 'conect' is not a latency, did you mean "
                                "connect?"),
                 NULL));
    strcpy(s.conf.hdr_latency, "lateness");
    cr_assert(zero(int, sink_hdr.check(&s.conf, &f)));
}

/* Line 3 has the least: of the latency that was asked for, or of what the run is about. Resumed
 * handshakes are apart, as in the result. */
Test(hdr, the_file_has_the_latency_that_was_asked_for)
{
    static const struct {
        const char *name;
        const char *least;
    } rows[] = {{"", "0.200"}, {"lateness", "0.100"}, {"tls", "0.120"}, {"tls_resumed", "0.050"}};
    char path[] = "/tmp/test_hdr.XXXXXX", line[80], least[80];
    static struct sample s;
    FILE *in;

    cr_assert(ge(int, mkstemp(path), 0));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sink_opts o = {.place = path, .conf = &s.conf};
        void *state;

        sample_init(&s);
        hist_record(&s.r.totals.latency[LAT_tls], 120);
        hist_record(&s.r.totals.latency[LAT_tls_resumed], 50);
        strcpy(s.conf.hdr_latency, rows[i].name);
        cr_assert(zero(int, sink_hdr.open(&state, &o, &f)));
        cr_assert(zero(int, sink_hdr.end(state, &s.r, &f)));
        in = fopen(path, "r");
        for (int n = 0; n < 3; n++)
            cr_assert(ne(ptr, fgets(line, sizeof(line), in), NULL));
        fclose(in);
        cr_assert(eq(int, sscanf(line, "%79s", least), 1));
        cr_assert(eq(str, least, (char *)rows[i].least));
    }
    remove(path);
}
