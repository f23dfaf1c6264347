/* SPDX-License-Identifier: BSD-3-Clause */
/* See single.h. */
#include "sess/single.h"

/* @return false: it takes a stream. */
static bool
send_due(struct tcp_conn *c, struct tcp_ctx *ctx, const struct proto_single *plan, uint8_t *flags)
{
    bool is_due = !plan->answers || (*flags & SINGLE_HEARD) != 0;

    if ((*flags & SINGLE_SENT) != 0 || !is_due || !tcp_may_write(c))
        return true;
    if (plan->send_bytes > 0 && !tcp_send_single(c, ctx, plan->send_bytes))
        return false;
    *flags |= SINGLE_SENT;
    return true;
}

static enum single_result
result_of(const struct tcp_conn *c, const struct tcp_ctx *ctx, const struct proto_single *plan,
          uint8_t *flags)
{
    if ((*flags & SINGLE_HEARD) == 0 && tcp_peer_has_closed(c))
        return plan->expects ? SINGLE_TRUNCATED : SINGLE_MAY_CLOSE;
    if ((*flags & (SINGLE_HEARD | SINGLE_SENT)) != (SINGLE_HEARD | SINGLE_SENT))
        return SINGLE_GOES_ON;
    if (tcp_unacked(c, ctx) > 0 || (*flags & SINGLE_DONE) != 0)
        return SINGLE_MAY_CLOSE;
    *flags |= SINGLE_DONE;
    return SINGLE_COMPLETE;
}

enum single_result
single_event(struct tcp_conn *c, struct tcp_ctx *ctx, const struct proto_single *plan,
             unsigned events)
{
    uint8_t was = tcp_app_flags(c, ctx), flags = was;
    enum single_result result = SINGLE_NEEDS_SESSION;

    if ((events & TCP_EV_ESTABLISHED) != 0)
        flags = plan->await_bytes == 0 ? SINGLE_BEGUN | SINGLE_HEARD : SINGLE_BEGUN;
    if ((flags & SINGLE_BEGUN) == 0) /* all was done already, and the peer goes on sending */
        return SINGLE_IDLE;
    /* Less than is awaited: it comes in several segments. */
    if ((events & TCP_EV_DATA) == 0 || (flags & SINGLE_HEARD) != 0 ||
        ctx->delivered >= plan->await_bytes) {
        if ((events & TCP_EV_DATA) != 0)
            flags |= SINGLE_HEARD;
        if (send_due(c, ctx, plan, &flags))
            result = result_of(c, ctx, plan, &flags);
    }
    if (flags != was)
        tcp_set_app_flags(c, ctx, flags);
    return result;
}
