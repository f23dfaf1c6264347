/* SPDX-License-Identifier: BSD-3-Clause */
/* A toy: the daytime protocol (RFC 867), with a clock that stands still. The server says a line as
 * soon as the connection is there; the client reads it. What a new protocol costs is this file, as
 * lib/proto/daytime.c, and one line in lib/proto/registry.c: tests/toy/add_protocol.py does it. */
#include <string.h>

#include "base/units.h"
#include "proto/proto.h"

static const char LINE[] = "Sunday, November 29, 2026 12:00:00-UTC\r\n";

#define LINE_BYTES ((uint32_t)sizeof(LINE) - 1)

struct daytime_state {
    uint32_t n_sent;
    uint32_t n_read;
    bool has_line;
    bool is_garbage;
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
    struct daytime_state *s = state;

    (void)o;
    (void)is_last;
    s->n_sent = 0;
    s->has_line = false;
}

static uint32_t
input(void *state, const struct proto_opts *o, const struct proto_span *in)
{
    struct daytime_state *s = state;

    (void)o;
    s->n_read += in->len;
    for (uint32_t i = 0; i < in->len; i++) {
        uint8_t byte = in->bytes[i];

        if (byte == '\n')
            s->has_line = true;
        else if (byte != '\r' && (byte < ' ' || byte > '~'))
            s->is_garbage = true;
    }
    return in->len;
}

static uint32_t
output(void *state, const struct proto_opts *o, uint32_t max, struct proto_span *out)
{
    struct daytime_state *s = state;
    uint32_t left = o->is_server ? LINE_BYTES - s->n_sent : 0;

    *out = (struct proto_span){(const uint8_t *)LINE + s->n_sent, (uint32_t)u64_min(left, max)};
    s->n_sent += out->len;
    return out->len;
}

static enum proto_status
status(const void *state, const struct proto_opts *o, bool has_ended)
{
    const struct daytime_state *s = state;

    if (s->is_garbage)
        return PROTO_FAILED;
    if (o->is_server)
        return s->n_sent < LINE_BYTES ? PROTO_SENDS : PROTO_DONE;
    if (s->has_line)
        return PROTO_DONE;
    return has_ended ? PROTO_TRUNCATED : PROTO_AWAITS;
}

static void
count(void *state, const struct proto_opts *o, uint64_t *counters)
{
    struct daytime_state *s = state;

    (void)o;
    counters[0] += s->n_read;
    s->n_read = 0;
}

static const struct proto_latency latencies[] = {
    {"daytime_first", "established", "first byte of the line", PROTO_MARK_FIRST_BYTE},
};

static const struct proto_counter counters[] = {
    {"daytime_bytes", "bytes of lines that were read"},
};

extern const struct proto_ops proto_daytime;
const struct proto_ops proto_daytime = {
    .name = "daytime",
    .help = "connect, and read a line that tells the time (RFC 867)",
    .scheme = "daytime",
    .secure_scheme = "daytimes",
    .port = 13,
    .secure_port = 1013,
    .alpn = "daytime",
    .state_bytes = sizeof(struct daytime_state),
    .latencies = latencies,
    .n_latencies = 1,
    .counters = counters,
    .n_counters = 1,
    .is_planned = is_planned,
    .begin = begin,
    .start = start,
    .input = input,
    .output = output,
    .status = status,
    .count = count,
};
