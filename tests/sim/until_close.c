/* SPDX-License-Identifier: BSD-3-Clause */
/* See until_close.h. */
#include "until_close.h"

#include <string.h>

#include "base/units.h"

static const char ANSWER[] = "HTTP/1.0 200 OK\r\n\r\n";
static const char HEAD_END[] = "\r\n\r\n";

struct until_close_state {
    uint64_t body_left;
    uint32_t n_sent; /* of ANSWER */
    uint32_t n_seen; /* of HEAD_END */
    bool has_request;
};

static bool
is_planned(const struct proto_opts *o)
{
    (void)o;
    return true;
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
    struct until_close_state *s = state;

    (void)is_last;
    *s = (struct until_close_state){.body_left = o->send_bytes};
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    struct until_close_state *s = state;

    (void)o;
    for (uint32_t i = 0; i < in->len && !s->has_request; i++) {
        char c = (char)in->bytes[i];

        s->n_seen = c == HEAD_END[s->n_seen] ? s->n_seen + 1 : c == '\r';
        s->has_request = s->n_seen == strlen(HEAD_END);
    }
    return in->len;
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct until_close_state *s = state;
    uint32_t head_left = (uint32_t)strlen(ANSWER) - s->n_sent;

    (void)o;
    out->len = 0;
    if (!s->has_request)
        return 0;
    if (head_left > 0) {
        out->bytes = (const uint8_t *)ANSWER + s->n_sent;
        out->len = (uint32_t)u64_min(max, head_left);
        s->n_sent += out->len;
    } else {
        out->bytes = NULL;
        out->len = (uint32_t)u64_min(max, s->body_left);
        s->body_left -= out->len;
    }
    return out->len;
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    const struct until_close_state *s = state;

    (void)o;
    if (!s->has_request)
        return has_ended ? PROTO_IDLE : PROTO_AWAITS;
    return s->n_sent < strlen(ANSWER) || s->body_left > 0 ? PROTO_SENDS : PROTO_DONE_LAST;
}

const struct proto_ops proto_until_close = {
    .name = "until_close",
    .help = "answer once, and close",
    .traits = PROTO_RUNS_AHEAD | PROTO_SENDS_FILLER,
    .has_requests = true,
    .state_bytes = sizeof(struct until_close_state),
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
};
