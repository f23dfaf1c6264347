/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 9293 3.10.7.1: what a segment that belongs to no connection is answered with. */
#include "rig.h"

static struct seg
refused(struct seg in)
{
    struct seg out;

    in.src_port = 40000;
    in.dst_port = 80;
    cr_assert(tcp_refuse(&in, &out));
    cr_assert(eq(u16, out.src_port, 80));
    cr_assert(eq(u16, out.dst_port, 40000));
    cr_assert(eq(u8, out.options, 0));
    cr_assert(eq(u16, out.payload_len, 0));
    return out;
}

Test(tcp_refuse, a_segment_with_ack_names_the_number_of_the_reset)
{
    struct seg out = refused((struct seg){.seq = 5, .ack = 7777, .flags = ACK, .options = TS});

    cr_assert(eq(u8, out.flags, RST));
    cr_assert(eq(u32, out.seq, 7777));
    cr_assert(eq(u32, out.ack, 0));
}

Test(tcp_refuse, a_segment_without_ack_is_acknowledged_by_the_reset)
{
    static const struct {
        uint8_t flags;
        uint16_t payload_len;
        uint32_t seq, ack;
    } rows[] = {
        {SYN, 0, 100, 101},      {SYN, 10, 100, 111}, {SYN | FIN, 10, 100, 112}, {FIN, 0, 100, 101},
        {SYN, 0, 0xffffffff, 0}, {0, 5, 100, 105},    {0, 0, 100, 100},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct seg out = refused((struct seg){
            .seq = rows[i].seq, .flags = rows[i].flags, .payload_len = rows[i].payload_len});

        cr_assert(eq(u8, out.flags, RST | ACK));
        cr_assert(eq(u32, out.seq, 0));
        cr_assert(eq(u32, out.ack, rows[i].ack));
    }
}

Test(tcp_refuse, a_reset_is_never_answered)
{
    static const uint8_t flags[] = {RST, RST | ACK, RST | SYN, RST | SYN | ACK, RST | FIN};

    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        struct seg in = {.seq = 1, .ack = 1, .flags = flags[i]}, out;

        cr_assert(not(tcp_refuse(&in, &out)));
    }
}

/* What the answer is for: the peer's attempt ends at once. */
Test(tcp_refuse, the_sender_of_the_syn_takes_the_answer_for_a_refusal)
{
    struct tcp_rig r = rig_syn_sent();
    struct seg out = refused(r.last);

    cr_assert(eq(uint, tcp_input(&r.conn, &r.ctx, &out), TCP_EV_REFUSED));
}
