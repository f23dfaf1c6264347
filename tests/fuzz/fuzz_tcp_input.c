/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes as what happens to one connection: calls, time, and segments with numbers near its own. */
#include <stdlib.h>

#include "base/units.h"
#include "tcp/conn.h"

static struct stats stats;

static struct seg
near(const struct tcp_conn *c, const uint8_t b[8])
{
    return (struct seg){
        .seq = c->rcv_nxt + (uint32_t)(int8_t)b[2] * (b[0] & 0x10 ? 0x10ff : 1),
        .ack = c->snd_nxt + (uint32_t)(int8_t)b[3] * (b[0] & 0x20 ? 0x10000ff : 1),
        .ts_val = c->ts_recent + (uint32_t)(int8_t)b[6] * (b[0] & 0x40 ? 0x10000ff : 1),
        .payload_len = (uint16_t)(b[7] * (b[0] & 0x80 ? 257 : 1)),
        .flags = b[4],
        .options = b[5],
    };
}

int
LLVMFuzzerTestOneInput(const uint8_t *b, size_t len)
{
    struct tcp_params params = {3000000, 5000000, len % 2};
    struct tcp_ctx ctx = {.params = &params, .stat = &stats};
    struct tcp_conn c = {0};

    stats.now = &stats.blocks[0];
    for (uint64_t now_ns = UINT32_MAX * NS_PER_US; len >= 8; b += 8, len -= 8) {
        struct seg s = near(&c, b);
        int n = 0;

        tcp_ctx_turn(&ctx, now_ns += (uint64_t)b[1] * b[1] << 18); /* up to 17 s */
        if (b[0] % 16 == 0)
            tcp_open(&c, &ctx, s.ack);
        else if (b[0] % 16 == 1)
            tcp_close(&c, &ctx);
        else if (b[0] % 16 == 2)
            tcp_abort(&c);
        else if (b[0] % 16 == 3)
            tcp_timeout(&c, &ctx);
        else if (c.state != TCPS_CLOSED && !tcp_may_reopen(&c, &s))
            tcp_input(&c, &ctx, &s);
        else if ((s.flags & (SEG_SYN | SEG_RST | SEG_ACK)) == SEG_SYN)
            tcp_accept(&c, &ctx, &s, tcp_reopen_iss(&c, s.ack));
        while (tcp_output(&c, &ctx, &s))
            n++;
        if (n > 2 || c.owes != 0 || c.snd_nxt - c.snd_una > 1 || tcp_deadline_ns(&c, &ctx) < now_ns)
            abort();
    }
    return 0;
}
