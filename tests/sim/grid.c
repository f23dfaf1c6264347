/* SPDX-License-Identifier: BSD-3-Clause */
/* See grid.h. */
#include "grid.h"

#include <inttypes.h>

#include "sim.h"

static const uint64_t RATE_BPS = 100000000;
/* What is sent: enough for the slowest to leave slow start behind, cut off after a while. */
static const uint64_t BYTES = 12 * 1000 * 1000, LIMIT_NS = 20 * NS_PER_SEC;

static const uint32_t losses_ppm[] = {0, 1000, 10000, 50000, 100000};
static const uint64_t rtts_us[] = {100, 1000, 10000, 100000};
static const uint32_t quarters_bdp[] = {1, 4, 16};

static struct sim sim;

static struct sim_opts
cell(enum cc_algorithm cc, uint32_t loss_ppm, uint64_t rtt_us, uint32_t quarters)
{
    struct sim_opts o = sim_plain(BYTES);
    uint64_t bdp_bytes = RATE_BPS / 8 * rtt_us / 1000000;

    o.name = "sim_grid";
    o.limit_ns = LIMIT_NS;
    for (unsigned i = 0; i < 2; i++) {
        o.links[i].delay_ns = rtt_us * NS_PER_US / 2;
        o.hosts[i].rooms = 64;
        o.hosts[i].tcp.buffers_rx = false;
        o.hosts[i].tcp.rcv_wnd = TCP_RCV_WND_MAX;
        o.hosts[i].tcp.cc = cc_algorithms[cc];
    }
    o.links[A].rate_bps = RATE_BPS;
    o.links[A].loss_ppm = loss_ppm;
    /* Not less than a few frames, or a short path could not be filled at all. */
    o.links[A].queue_bytes = (uint32_t)u64_max(bdp_bytes * quarters / 4, 4 * 1514);
    return o;
}

/* When the last byte that came had come. */
static uint64_t
took_ns(void)
{
    uint64_t ns = sim.hosts[A].shadow.fin_ns;

    return ns > 0 && sim.hosts[B].received == BYTES ? sim.hosts[B].last_data_ns - sim.opts.start_ns
                                                    : LIMIT_NS;
}

/* Two digits that count: what a rounding somewhere changes does not show. */
static void
prints_mbps(FILE *out, uint64_t bps)
{
    uint64_t step = 1;

    while (bps / step >= 100)
        step *= 10;
    bps = (bps + step / 2) / step * step;
    if (bps >= 10000000)
        fprintf(out, " %7" PRIu64, bps / 1000000);
    else if (bps >= 1000000)
        fprintf(out, " %5" PRIu64 ".%" PRIu64, bps / 1000000, bps / 100000 % 10);
    else
        fprintf(out, " %4" PRIu64 ".%02" PRIu64, bps / 1000000, bps / 10000 % 100);
}

static void
prints_head(FILE *out, const char *name)
{
    fprintf(out, "\n%s\n%-8s", name, "loss");
    for (size_t r = 0; r < ARRAY_LEN(rtts_us); r++) {
        for (size_t q = 0; q < ARRAY_LEN(quarters_bdp); q++)
            fprintf(out, " %3" PRIu64 ".%" PRIu64 "/%s", rtts_us[r] / 1000, rtts_us[r] / 100 % 10,
                    (const char *const[]){"q", "1", "4"}[q]);
    }
    fputc('\n', out);
}

static bool
prints_row(FILE *out, enum cc_algorithm cc, uint32_t loss_ppm)
{
    fprintf(out, "%2" PRIu32 ".%" PRIu32 " %%  ", loss_ppm / 10000, loss_ppm / 1000 % 10);
    for (size_t r = 0; r < ARRAY_LEN(rtts_us); r++) {
        for (size_t q = 0; q < ARRAY_LEN(quarters_bdp); q++) {
            struct sim_opts o = cell(cc, loss_ppm, rtts_us[r], quarters_bdp[q]);

            if (!sim_run(&sim, &o))
                return false;
            prints_mbps(out, sim.hosts[B].received * 8 * NS_PER_SEC / took_ns());
        }
    }
    fputc('\n', out);
    return true;
}

bool
grid_write(FILE *out)
{
    fputs(
        "Goodput in Mbit/s of a transfer of 12 MB (or of what comes in 20 s) through a bottleneck "
        "of\n100 Mbit/s. Columns: round trip in ms / buffer in BDP (q: a quarter). Written by "
        "sim_grid.\n",
        out);
    for (unsigned cc = CC_CUBIC; cc <= CC_NEWRENO; cc++) {
        prints_head(out, cc_algorithms[cc]->name);
        for (size_t l = 0; l < ARRAY_LEN(losses_ppm); l++) {
            if (!prints_row(out, (enum cc_algorithm)cc, losses_ppm[l]))
                return false;
        }
    }
    return true;
}
