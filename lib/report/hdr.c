/* SPDX-License-Identifier: BSD-3-Clause */
/* One latency in HdrHistogram's percentile text form, which its plotters read: a line for each step
 * of its percentiles, five of them from each to half of what is beyond it, with the highest value
 * of the bucket that is reached, in microseconds, how many samples are at most that, and 1/(1-p).
 */
#include "report/hdr.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "report/outfile.h"
#include "report/rows.h"
#include "report/sink.h"

static const char OPTION[] = "--hdr", LATENCY_OPTION[] = "--hdr-latency";
static const double TICKS_PER_HALF = 5;

/* Where the percentiles have come to. */
struct steps {
    const struct hist *h;
    size_t idx;
    uint64_t seen; /* samples of all buckets up to idx */
    double percent;
};

static bool
is_last(const struct steps *s)
{
    return s->seen == s->h->count;
}

/* The first bucket that reaches the percentile. */
static void
go_to_bucket(struct steps *s)
{
    while (!is_last(s) &&
           (s->h->buckets[s->idx] == 0 || 100 * (double)s->seen / (double)s->h->count < s->percent))
        s->seen += s->h->buckets[++s->idx];
}

static void
raise_percentile(struct steps *s)
{
    double halves = floor(log2(100 / (100 - s->percent))) + 1;

    s->percent += 100 / (TICKS_PER_HALF * exp2(halves));
}

static double
value_us(const struct steps *s)
{
    uint64_t ns = is_last(s) ? s->h->max_ns : u64_min(hist_high_ns(s->idx), s->h->max_ns);

    return (double)ns / 1000;
}

static void
write_steps(FILE *out, const struct hist *h)
{
    struct steps s = {.h = h, .seen = h->buckets[0]};

    if (h->count == 0)
        return;
    for (go_to_bucket(&s); !is_last(&s); go_to_bucket(&s)) {
        fprintf(out, "%12.3f %2.12f %10" PRIu64 " %14.2f\n", value_us(&s), s.percent / 100, s.seen,
                100 / (100 - s.percent));
        raise_percentile(&s);
    }
    fprintf(out, "%12.3f %2.12f %10" PRIu64 "\n", value_us(&s), 1.0, h->count);
}

void
hdr_write_hist(FILE *out, const struct hist *h)
{
    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    write_steps(out, h);
    fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", hist_mean_ns(h) / 1000,
            hist_deviation_ns(h) / 1000);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n", (double)h->max_ns / 1000,
            h->count);
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", HIST_MAX_BITS - HIST_SUB_BITS,
            2 << HIST_SUB_BITS);
}

/* What the run is about, as far as it goes. */
static unsigned
default_latency(const struct conf *c)
{
    if (need_is_met(NEED_requests, c))
        return LAT_ttlb;
    if (need_is_met(NEED_payload, c))
        return LAT_transfer;
    return need_is_met(NEED_tls, c) ? LAT_tls : LAT_connect;
}

static int
find_latency(const struct conf *c, unsigned *row)
{
    for (*row = 0; *row < latency_rows(); ++*row)
        if (strcmp(latency_name(*row).name, c->hdr_latency) == 0)
            return 0;
    *row = default_latency(c);
    return c->hdr_latency[0] == '\0' ? 0 : -1;
}

static int
write_hdr(FILE *out, const struct result *r, struct fail *f)
{
    unsigned row;

    (void)f;
    (void)find_latency(r->conf, &row);
    hdr_write_hist(out, &r->totals.latency[row]);
    return 0;
}

static const char *
nearest(const char *name)
{
    const char *names[STAT_LATENCIES_MAX];

    for (unsigned row = 0; row < latency_rows(); row++)
        names[row] = latency_name(row).name;
    return suggest_nearest(name, names, latency_rows());
}

static int
hdr_check(const struct conf *c, struct fail *f)
{
    const char *near = nearest(c->hdr_latency);
    unsigned row;

    if (find_latency(c, &row) < 0)
        return fail_set(f, EXIT_USAGE,
                        "%s: '%.60s' is not a latency%s%s%s; allowed are the names "
                        "under latency in the result, e.g. connect, tls or ttfb",
                        LATENCY_OPTION, c->hdr_latency, near != NULL ? ", did you mean " : "",
                        near != NULL ? near : "", near != NULL ? "?" : "");
    return 0;
}

static int
hdr_open(void **state, const struct sink_opts *o, struct fail *f)
{
    (void)f;
    *state = (void *)(uintptr_t)o->place;
    return 0;
}

static int
hdr_end(void *state, const struct result *r, struct fail *f)
{
    return outfile_write(OPTION, state, write_hdr, r, f);
}

extern const struct report_sink sink_hdr;
const struct report_sink sink_hdr = {
    .name = "hdr",
    .help = "a latency's percentiles as HdrHistogram writes them",
    .option = OPTION,
    .check = hdr_check,
    .open = hdr_open,
    .end = hdr_end,
};
