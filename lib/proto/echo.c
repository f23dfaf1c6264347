/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes is sent back, until the peer has closed (RFC 862). */
#include "base/units.h"
#include "proto/proto.h"

struct echo_state {
    uint64_t owed; /* bytes that came and were not handed out yet */
};

static bool
is_planned(const struct proto_opts *o)
{
    return o->is_server;
}

static void
begin(void *state, const struct proto_opts *o, uint32_t target)
{
    (void)state;
    (void)o;
    (void)target;
}

static void
start(void *state, const struct proto_opts *o, bool is_last)
{
    (void)state;
    (void)o;
    (void)is_last;
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    struct echo_state *s = state;

    (void)o;
    s->owed += in->len;
    return in->len;
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct echo_state *s = state;

    (void)o;
    out->len = (uint32_t)u64_min(s->owed, max);
    s->owed -= out->len;
    return out->len;
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    const struct echo_state *s = state;

    (void)o;
    if (s->owed > 0)
        return PROTO_SENDS;
    return has_ended ? PROTO_IDLE : PROTO_AWAITS;
}

extern const struct proto_ops proto_echo;
const struct proto_ops proto_echo = {
    .name = "echo",
    .help = "send back what comes (RFC 862)",
    .traits = PROTO_COUNTS_INPUT | PROTO_SENDS_INPUT,
    .state_bytes = sizeof(struct echo_state),
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
};
