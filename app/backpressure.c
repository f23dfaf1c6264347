/* SPDX-License-Identifier: BSD-3-Clause */
/* See backpressure.h. */
#include "app/backpressure.h"

#include "base/units.h"

/* Answers with payload go out at once until this many frames are pending, or some have been for
 * this long: to come back to a connection later costs its cache lines twice. The first is far below
 * the buffers that a burst has to find; the second lets a port that is the limit become clear again
 * and again, or timers, starts and queued connections would never get their share. */
static const unsigned BLOCKED_FRAMES = 256;
static const uint64_t BLOCKED_NS = NS_PER_MS;

/* Where answers go first, starts get their share this often all the same: a port that always has
 * more is not to keep a client from beginning. */
static const uint64_t STARTS_NS = NS_PER_MS;

/* Without buffers for the answers, packets are left where they are; but only for a while, because
 * on loopback the other side may be doing the same. */
static const uint64_t STUCK_NS = 200 * NS_PER_MS;

/* Between two offers to a port that is stuck. */
static const uint64_t OFFER_NS = NS_PER_MS;

/* A frame that no port has taken after this is taken for one that it never takes. It has to be
 * offered, too: the worker may have slept. */
static const uint64_t GIVE_UP_NS = NS_PER_SEC;
static const unsigned GIVE_UP_OFFERS = 100;

/* So long other frames of that kind are looked out for. */
static const uint64_t WARY_NS = 10 * NS_PER_SEC;

bool
backpressure_begin(struct backpressure *b, unsigned n_pending, uint64_t now_ns)
{
    bool is_clear = n_pending == 0;

    if (likely(is_clear))
        b->clear_ns = now_ns;
    if (is_clear || b->has_moved) {
        b->moved_ns = now_ns;
        b->has_moved = false;
    }
    return is_clear;
}

void
backpressure_sent(struct backpressure *b, unsigned n_taken)
{
    b->has_moved = b->has_moved || n_taken > 0;
}

bool
backpressure_is_blocked(const struct backpressure *b, unsigned n_pending, uint64_t now_ns)
{
    return n_pending >= BLOCKED_FRAMES || (n_pending > 0 && now_ns - b->clear_ns > BLOCKED_NS);
}

bool
backpressure_may_receive(struct backpressure *b, bool has_buffers, uint64_t now_ns)
{
    if (likely(has_buffers)) {
        b->rx_ns = now_ns;
        return true;
    }
    return now_ns - b->rx_ns > STUCK_NS;
}

/* While bursts are full, frames wait to be answered. More starts would fill both directions until
 * neither end can answer, and so take nothing in. */
bool
backpressure_may_start(struct backpressure *b, bool burst_is_full, uint64_t now_ns)
{
    if (burst_is_full && now_ns - b->started_ns < STARTS_NS)
        return false;
    b->started_ns = now_ns;
    return true;
}

static bool
is_wary(const struct backpressure *b, uint64_t now_ns)
{
    return b->given_up_ns > 0 && now_ns - b->given_up_ns < WARY_NS;
}

bool
backpressure_is_stuck(const struct backpressure *b, unsigned n_pending, uint64_t now_ns)
{
    uint64_t patience_ns = is_wary(b, now_ns) ? OFFER_NS : STUCK_NS;

    return n_pending > 0 && now_ns - b->moved_ns > patience_ns;
}

bool
backpressure_may_offer(struct backpressure *b, uint64_t now_ns)
{
    if (now_ns - b->offered_ns < OFFER_NS)
        return false;
    if (b->stuck_since_ns != b->moved_ns) {
        b->stuck_since_ns = b->moved_ns;
        b->n_offers = 0;
    }
    b->offered_ns = now_ns;
    b->n_offers++;
    return true;
}

bool
backpressure_gives_up(struct backpressure *b, uint64_t now_ns)
{
    if (!is_wary(b, now_ns) &&
        (now_ns - b->moved_ns <= GIVE_UP_NS || b->n_offers <= GIVE_UP_OFFERS))
        return false;
    b->given_up_ns = now_ns;
    return true;
}
