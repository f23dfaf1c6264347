/* SPDX-License-Identifier: BSD-3-Clause */
/* How much a worker may take on, by what its port takes off it. A port that is full is asked again:
 * frames wait, and what would make more of them waits too, so that on a device that cannot lose
 * frames none is lost. No wait is without end, since two ends of a wire could be full and wait for
 * each other.
 *
 * Pure: instants and counts come in by parameter. "Pending" are the frames that the port has not
 * taken yet. One worker owns it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct backpressure {
    uint64_t clear_ns;   /* the last iteration that began with nothing pending */
    uint64_t moved_ns;   /* the last iteration before which the port had taken something */
    uint64_t rx_ns;      /* the last iteration with buffers for the answers to a burst */
    uint64_t started_ns; /* the last iteration in which starts were allowed */
    bool has_moved;      /* the port has taken something since moved_ns */
    /* -- of a port that is stuck -- */
    uint64_t offered_ns;     /* the last time that frames were offered */
    uint64_t given_up_ns;    /* the last time that a frame was given up; 0: never */
    uint64_t stuck_since_ns; /* moved_ns, when it was offered n_offers times */
    unsigned n_offers;
};

/**
 * Begin an iteration.
 *
 * @return whether something new may begin in it (timers, starts, payload, TLS): only when the port
 * has taken all that came before. What buffers there are otherwise are for answers.
 */
bool backpressure_begin(struct backpressure *b, unsigned n_pending, uint64_t now_ns);

/** Note that the port was offered frames and took @n_taken of them. */
void backpressure_sent(struct backpressure *b, unsigned n_taken);

/** Whether connections that have more to send than an answer are to wait: many frames are pending,
 * or some have been for long. */
bool backpressure_is_blocked(const struct backpressure *b, unsigned n_pending, uint64_t now_ns);

/** Whether a burst may be taken in. @has_buffers: for the answers to each of its packets. */
bool backpressure_may_receive(struct backpressure *b, bool has_buffers, uint64_t now_ns);

/** Whether connections may begin that are due. @burst_is_full: more has come in than an iteration
 * takes, and starts are to stand back for it. */
bool backpressure_may_start(struct backpressure *b, bool burst_is_full, uint64_t now_ns);

/** Whether the port has taken nothing for long although it was offered something: perhaps its link
 * is down. What connections want to send then finds no buffer, and counts as dropped. For some
 * seconds after backpressure_gives_up() it does not take long. */
bool backpressure_is_stuck(const struct backpressure *b, unsigned n_pending, uint64_t now_ns);

/** Whether a port that is stuck is to be offered its frames now: once a millisecond, since a driver
 * may say something about each refusal. */
bool backpressure_may_offer(struct backpressure *b, uint64_t now_ns);

/**
 * Before it is offered them: whether the oldest frame is to be given up. A driver may never take
 * some frame (longer than the interface's MTU, or such as it cannot segment), and everything else
 * would wait behind it without end. It is so after a second in which the port was offered it again
 * and again; and after a millisecond, where a frame was given up not long ago, for then there are
 * more of its kind.
 */
bool backpressure_gives_up(struct backpressure *b, uint64_t now_ns);
