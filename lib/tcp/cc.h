/* SPDX-License-Identifier: BSD-3-Clause */
/* Congestion control: how many bytes may be in flight. An algorithm is a table of functions over
 * struct cc; a new one is one file cc_<name>.c, one line in enum cc_algorithm and one in cc.c.
 * Pure: instants come in by parameter, microseconds modulo 2^32. What was lost, and when recovery
 * begins and ends, the connection decides. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/* No window grows beyond: what TCP can have in flight (RFC 7323 2.3). */
#define CC_WINDOW_MAX (UINT32_C(1) << 30)

struct cc {
    uint32_t cwnd;     /* bytes, [1 MSS, CC_WINDOW_MAX] */
    uint32_t ssthresh; /* bytes; slow start while cwnd is below it; UINT32_MAX: no loss yet */
    union {            /* the algorithm's own */
        struct {
            uint32_t counted; /* bytes acknowledged towards the next MSS (RFC 3465 2.1) */
        } newreno;
        struct {                    /* RFC 9438 4.1.2; sizes in bytes */
            uint32_t w_max;         /* the window of the last loss; 0: to be found anew */
            uint32_t w_prior;       /* cwnd_prior: the window before the last reduction */
            uint32_t w_est;         /* what Reno would have */
            uint32_t w_est_counted; /* towards its next byte, in 1/cwnd bytes */
            uint32_t k_ms;          /* from the epoch until the window is w_max */
            uint32_t epoch_us;      /* when this stage of avoidance began, pauses taken out */
            uint32_t acked_us;      /* the last acked() in it */
            bool has_epoch;         /* w_est and what follows it hold */
            uint16_t fraction; /* of a byte, in 65536ths: what cwnd grew by and could not say */
        } cubic;
    };
};
static_assert(sizeof(struct cc) <= 40, "one for each connection that carries payload");

struct cc_opts {
    uint32_t fixed_window; /* bytes, for "fixed"; cut to [1 MSS, CC_WINDOW_MAX] */
};

/* What an algorithm is told with each event. */
struct cc_now {
    uint32_t mss;     /* payload bytes of a full segment, <= 65535; may fall, never rises */
    uint32_t now_us;  /* the instant */
    uint32_t srtt_us; /* 0: no sample yet */
    uint32_t flight;  /* RFC 5681's FlightSize: bytes sent and not acknowledged; with acked() before
                         the event */
    /* The last timeout is not overcome: with acked(), what was in flight then is still being
     * acknowledged; with init(), the SYN or SYN-ACK was sent more than once. */
    bool after_timeout;
};

struct cc_ops {
    const char *name;

    /** Begin: cc_initial_window(), or one MSS after a timeout (RFC 5681 3.1). */
    void (*init)(struct cc *c, const struct cc_opts *opts, const struct cc_now *now);

    /** @acked bytes (> 0) were acknowledged, and the window was what limited the sender (RFC 7661
     * asks not to grow otherwise). Not in fast recovery; but in that after a timeout, which is
     * slow start. */
    void (*acked)(struct cc *c, uint32_t acked, const struct cc_now *now);

    /** A loss was found and fast recovery begins: once a window. Sets ssthresh, and cwnd to it. */
    void (*lost)(struct cc *c, const struct cc_now *now);

    /** The retransmission timer ran out: @is_first of a row of timeouts sets ssthresh too; cwnd is
     * one MSS (RFC 5681 3.1). */
    void (*timed_out)(struct cc *c, bool is_first, const struct cc_now *now);

    /** Nothing was sent for longer than the RTO: back to at most the initial window (RFC 5681
     * 4.1). */
    void (*idled)(struct cc *c, const struct cc_now *now);
};

enum cc_algorithm { CC_CUBIC, CC_NEWRENO, CC_FIXED, CC_ALGORITHMS };

extern const struct cc_ops *const cc_algorithms[CC_ALGORITHMS];

/** RFC 6928 2: min(10 MSS, max(2 MSS, 14600)) bytes. */
uint32_t cc_initial_window(uint32_t mss);

/* -- for the algorithms ------------------------------------------------------- */

extern const struct cc_ops cc_cubic, cc_newreno, cc_fixed;

/** Begin in slow start, as init() says. */
void cc_begin(struct cc *c, const struct cc_now *now);

/** Let the window grow while it is below ssthresh. @return how many of the @acked bytes are left
 * for congestion avoidance; 0 in slow start. */
uint32_t cc_slow_start(struct cc *c, uint32_t acked, const struct cc_now *now);

/** Set ssthresh to @tenths / 10 of what is in flight, at least two MSS (RFC 5681 3.1 (4)). */
void cc_reduce_ssthresh(struct cc *c, uint32_t tenths, const struct cc_now *now);

/** RFC 5681 4.1. */
void cc_restart(struct cc *c, const struct cc_now *now);
