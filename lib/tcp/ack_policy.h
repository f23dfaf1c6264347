/* SPDX-License-Identifier: BSD-3-Clause */
/* When what has come is acknowledged without anything to send along (RFC 9293 3.8.6.3, RFC 5681
 * 4.2). Every policy acknowledges a second full segment, a gap and what fills it at once; they
 * differ in what may wait, for tcp_params.delayed_ack_us. */
#pragma once

enum tcp_ack_policy {
    TCP_ACK_DELAYED, /* all else */
    TCP_ACK_LINUX,   /* what belongs to a dialogue: see recv.c */
    TCP_ACK_QUICK,   /* nothing */
    TCP_ACK_POLICIES
};
