/* SPDX-License-Identifier: BSD-3-Clause */
/* Right checksums for frames that a fuzzer has changed, so that what lies behind them is reached.
 */
#pragma once

#include <string.h>

#include "wire/csum.h"

/* @at: the IP header; @message_len bytes of @proto follow @ip_len bytes of it. */
static inline void
repair_message(uint8_t *ip, size_t ip_len, size_t message_len, uint8_t proto)
{
    bool is_v6 = ip[0] >> 4 == 6;
    size_t at = proto == 6 ? 16 : 2, addresses = is_v6 ? 32 : 8;
    uint8_t *message = ip + ip_len;
    uint8_t pseudo[40] = {0};
    uint16_t sum;

    if ((proto != 1 && proto != 6 && proto != 58) || message_len < at + 2)
        return;
    memset(message + at, 0, 2);
    memcpy(pseudo, ip + (is_v6 ? 8 : 12), addresses);
    pseudo[addresses] = (uint8_t)(message_len >> 8);
    pseudo[addresses + 1] = (uint8_t)message_len;
    pseudo[addresses + 3] = proto;
    sum = csum_finish(csum_partial(message, message_len,
                                   proto == 1 ? 0 : csum_partial(pseudo, addresses + 4, 0)));
    memcpy(message + at, &sum, 2);
}

/* A frame of one piece, IPv4 or IPv6 without extension headers, tagged or not; others stay. */
static inline void
repair_frame(uint8_t *frame, size_t len)
{
    size_t l2_len = len >= 18 && frame[12] == 0x81 && frame[13] == 0 ? 18 : 14, ip_len, total;
    uint8_t *ip = frame + l2_len;
    uint16_t sum;

    if (len < l2_len + 40)
        return;
    len -= l2_len;
    if (ip[0] >> 4 == 6) {
        total = 40 + (size_t)(ip[4] << 8 | ip[5]);
        if (total <= len)
            repair_message(ip, 40, total - 40, ip[6]);
        return;
    }
    ip_len = (size_t)(ip[0] & 15) * 4;
    total = (size_t)(ip[2] << 8 | ip[3]);
    if (ip[0] >> 4 != 4 || ip_len < 20 || total < ip_len || total > len)
        return;
    memset(ip + 10, 0, 2);
    sum = csum_finish(csum_partial(ip, ip_len, 0));
    memcpy(ip + 10, &sum, 2);
    repair_message(ip, ip_len, total - ip_len, ip[9]);
}
