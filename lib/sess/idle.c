/* SPDX-License-Identifier: BSD-3-Clause */
/* See idle.h. */
#include "sess/idle.h"

#include "sess/conn.h"

/* The sample, and records that are on their way from memory at a time. */
static const unsigned SAMPLE = 24;
#define AHEAD 8

uint64_t
idle_since_ns(const struct core *c, const struct record *r)
{
    const struct session *s = session_of(c, r);

    if (s == NULL)
        return r->began_ns;
    if (core_class(c, r)->tls != NULL && runq_has(&c->crypto, tcp_stream_idx(&r->tcp)))
        return c->tcp.now_ns; /* it is we who are waited for */
    return s->active_ns;
}

/* Whether TCP waits for an acknowledgement, or for the peer's close, and gives up by itself. A
 * closed window it bears for ever (RFC 9293 3.8.6.1). */
static bool
is_in_tcps_hands(const struct core *c, const struct record *r)
{
    if (tcp_has_stream(&r->tcp))
        return !tcp_may_write(&r->tcp) && tcp_unacked(&r->tcp, &c->tcp) == 0;
    return !tcp_is_established(&r->tcp) || tcp_unacked(&r->tcp, &c->tcp) > 0;
}

bool
idle_has_expired(const struct core *c, const struct record *r)
{
    const struct sess_class *k = core_class(c, r);

    if (k->idle_ns == 0 || tcp_is_over(&r->tcp) || tcp_is_opening(&r->tcp))
        return false;
    if (c->tcp.now_ns - idle_since_ns(c, r) < k->idle_ns || is_in_tcps_hands(c, r))
        return false;
    return k->hold_ns == 0 || !session_is_held(c, r);
}

static bool
holds(const struct core *c, const struct record *r, enum idle_holder which)
{
    const struct session *s;

    if (tcp_is_over(&r->tcp) || tcp_is_opening(&r->tcp) != (which == IDLE_HALF_OPEN))
        return false;
    if (which == IDLE_HALF_OPEN || which == IDLE_OPEN)
        return true;
    s = session_of(c, r);
    if (s == NULL)
        return false;
    if (which == IDLE_BUFFER)
        return tcp_has_buffer(&r->tcp, &c->tcp);
    return which == IDLE_STREAM || s->ring != SLAB_NONE;
}

uint32_t
idle_longest(const struct core *c, struct rng *rng, uint32_t n, enum idle_holder which,
             unsigned *looks)
{
    uint64_t since_ns = UINT64_MAX;
    uint32_t longest = RECORD_NONE;
    unsigned found = 0;

    while (n > 0 && *looks > 0 && found < SAMPLE) {
        uint32_t drawn[AHEAD];
        unsigned n_drawn = (unsigned)u64_min(AHEAD, *looks);

        for (unsigned i = 0; i < n_drawn; i++) {
            drawn[i] = (uint32_t)rng_below(rng, n);
            __builtin_prefetch(&c->records[drawn[i]]);
        }
        *looks -= n_drawn;
        for (unsigned i = 0; i < n_drawn; i++) {
            const struct record *r = &c->records[drawn[i]];

            if (!holds(c, r, which))
                continue;
            found++;
            if (idle_since_ns(c, r) < since_ns) {
                since_ns = idle_since_ns(c, r);
                longest = drawn[i];
            }
        }
    }
    return longest;
}
