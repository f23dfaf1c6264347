/* SPDX-License-Identifier: BSD-3-Clause */
/* Payload: so many bytes each way in an exchange, nobody cares which. */
#include "base/units.h"
#include "proto/proto.h"

struct bytes_state {
    uint64_t unsent;  /* bytes still to be handed out */
    uint64_t awaited; /* bytes still to come before the answer is sent, or the end */
    uint64_t surplus; /* came beyond what the exchange awaits: the next one's */
};

/* What has to come before the answer is sent, or the end. */
static uint64_t
awaited_bytes(const struct proto_opts *o)
{
    return u64_max(o->expect_bytes, o->after_bytes);
}

static bool
is_planned(const struct proto_opts *o)
{
    return o->send_bytes > 0 || o->expect_bytes > 0;
}

static void
begin(void *state, const struct proto_opts *o, uint32_t target)
{
    (void)state;
    (void)o;
    (void)target;
}

static void
take(struct bytes_state *s, const struct proto_opts *o, uint64_t n)
{
    uint64_t taken = u64_min(s->awaited, n);

    s->surplus += n - taken;
    if (taken == 0)
        return;
    s->awaited -= taken;
    if (s->awaited == 0 && o->after_bytes > 0)
        s->unsent = o->send_bytes;
}

static void
start(void *state, const struct proto_opts *o, bool is_last)
{
    struct bytes_state *s = state;
    uint64_t surplus = s->surplus;

    (void)is_last;
    *s = (struct bytes_state){.awaited = awaited_bytes(o),
                              .unsent = o->after_bytes == 0 ? o->send_bytes : 0};
    take(s, o, surplus);
}

static void
resume(void *state, const struct proto_opts *o, bool has_sent, bool has_heard)
{
    struct bytes_state *s = state;
    bool may_send = !has_sent && (o->after_bytes == 0 || has_heard);

    *s = (struct bytes_state){.awaited = has_heard ? 0 : awaited_bytes(o),
                              .unsent = may_send ? o->send_bytes : 0};
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    take(state, o, in->len);
    return in->len;
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct bytes_state *s = state;

    (void)o;
    out->len = (uint32_t)u64_min(s->unsent, max);
    s->unsent -= out->len;
    return out->len;
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    const struct bytes_state *s = state;

    if (s->awaited > 0 && has_ended)
        return o->expect_bytes > 0 ? PROTO_TRUNCATED : PROTO_IDLE;
    if (s->awaited > 0)
        return PROTO_AWAITS;
    return s->unsent > 0 ? PROTO_SENDS : PROTO_DONE;
}

static bool
single(const struct proto_opts *o, struct proto_single *plan)
{
    if (o->send_bytes > UINT16_MAX)
        return false;
    *plan = (struct proto_single){.send_bytes = (uint32_t)o->send_bytes,
                                  .await_bytes = awaited_bytes(o),
                                  .answers = o->after_bytes > 0,
                                  .expects = o->expect_bytes > 0};
    return true;
}

extern const struct proto_ops proto_bytes;
const struct proto_ops proto_bytes = {
    .name = "bytes",
    .help = "connect, and exchange --send and --receive bytes of constant payload",
    .scheme = "tcp",
    .secure_scheme = "tls",
    .secure_port = 443,
    .traits = PROTO_COUNTS_INPUT | PROTO_SENDS_PATTERN,
    .state_bytes = sizeof(struct bytes_state),
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
    .single = single,
    .resume = resume,
};
