/* SPDX-License-Identifier: BSD-3-Clause */
/* Cycles per operation of wire/: emit_tcp() and packet_parse() by form, over frames that lie in the
 * first-level cache. The best of several rounds, because the machine is shared. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <x86intrin.h>

#include "wire/csum.h"
#include "wire/emit.h"
#include "wire/packet.h"

enum { BURST = 32, LOOPS = 2000, ROUNDS = 50, STRIDE = 256 };

struct form {
    const char *name;
    uint8_t flags, options;
    bool is_v6, is_offloaded;
};

static const struct form FORMS[] = {
    {"v4 ack, ts", SEG_ACK, SEG_OPT_TS, false, false},
    {"v4 ack, plain", SEG_ACK, 0, false, false},
    {"v4 syn, all options", SEG_SYN, 7, false, false},
    {"v4 syn, mss only", SEG_SYN, 0, false, false},
    {"v4 ack, ts, offload", SEG_ACK, SEG_OPT_TS, false, true},
    {"v6 ack, ts", SEG_ACK, SEG_OPT_TS, true, false},
    {"v6 syn, all options", SEG_SYN, 7, true, false},
};

static uint8_t frames[BURST][STRIDE] __attribute__((aligned(64)));
static uint16_t lens[BURST];

static uint64_t
emit_burst(const struct emit *e, const struct emit_path *path, struct seg *segs)
{
    uint64_t began = __rdtsc();

    for (int loop = 0; loop < LOOPS; loop++) {
        for (int i = 0; i < BURST; i++) {
            segs[i].seq++;
            lens[i] = emit_tcp(e, path, &segs[i], 0, frames[i]);
        }
    }
    return __rdtsc() - began;
}

static uint64_t
parse_burst(const struct packet_rx *rx, unsigned *n_bad)
{
    struct packet packets[BURST];
    uint64_t began = __rdtsc();

    for (int loop = 0; loop < LOOPS; loop++) {
        for (int i = 0; i < BURST; i++) {
            packet_parse(&packets[i], frames[i], lens[i], rx);
            *n_bad += packets[i].kind != PACKET_TCP;
        }
    }
    return __rdtsc() - began;
}

static void
measure(const struct form *f)
{
    struct emit_opts opts = {.vlan = -1, .mtu = 1500, .wscale = 7};
    struct packet_rx rx = {.vlan = -1, .stripped_vlan = -1};
    struct emit_path path = {.peer_mac = {2, 0, 0, 0, 0, 1}};
    uint64_t best_emit = UINT64_MAX, best_parse = UINT64_MAX, took;
    struct seg segs[BURST];
    struct emit e;
    unsigned n_bad = 0;

    opts.offload_ipv4_csum = opts.offload_tcp_csum = f->is_offloaded;
    rx.l3_checksum_verified = rx.l4_checksum_verified = f->is_offloaded;
    emit_init(&e, &opts);
    ip_parse(f->is_v6 ? "2001:2::10" : "198.18.0.10", &path.local);
    ip_parse(f->is_v6 ? "2001:2::20" : "198.18.0.20", &path.remote);
    for (unsigned i = 0; i < BURST; i++)
        segs[i] = (struct seg){.seq = i * 77777,
                               .ack = 99,
                               .window = 65535,
                               .ts_val = i,
                               .ts_ecr = 3,
                               .src_port = (uint16_t)(1024 + i),
                               .dst_port = 80,
                               .flags = f->flags,
                               .options = f->options};
    for (int round = 0; round < ROUNDS; round++) {
        took = emit_burst(&e, &path, segs);
        best_emit = took < best_emit ? took : best_emit;
        took = parse_burst(&rx, &n_bad);
        best_parse = took < best_parse ? took : best_parse;
    }
    printf("%-22s %10.1f %10.1f%s\n", f->name, (double)best_emit / (LOOPS * BURST),
           (double)best_parse / (LOOPS * BURST), n_bad > 0 ? "  (frames refused!)" : "");
}

int
main(void)
{
    printf("%-22s %10s %10s   TSC cycles per call\n", "", "emit_tcp", "parse");
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
        measure(&FORMS[i]);
    return 0;
}
