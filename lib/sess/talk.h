/* SPDX-License-Identifier: BSD-3-Clause */
/* What a session does once its channel is open: exchanges, and the time between them. The hold that
 * follows is hold.h's. Each returns whether the connection is over, unless it says otherwise; what
 * TCP reported just now is @tcp_events, 0 in a turn of a run queue. */
#pragma once

#include "sess/channel.h"

/** The channel is open: begin the first exchange, or the hold. */
bool talk_begin(struct conn *n, unsigned tcp_events);

/** In an exchange: move bytes both ways, and go where that leads. */
bool talk_on(struct conn *n, unsigned tcp_events);

/** In an exchange whose protocol paused: it has done so for long enough. */
bool talk_end_pause(struct conn *n);

/** What the protocol has come to; @is_progress: bytes came, or were acknowledged. *goes_on: the
 * next exchange has begun. */
bool talk_judge(struct conn *n, bool is_progress, bool *goes_on);

/** Begin the next exchange: nothing is sent yet. Or, with REQUESTS_LATER, wait until one is due, in
 * the hold. */
enum requests_turn talk_next_exchange(struct conn *n);

/** The connection has waited long enough, or a request is due: begin the next exchange, if there is
 * one. */
bool talk_go_on(struct conn *n);
