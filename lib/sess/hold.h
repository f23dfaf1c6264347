/* SPDX-License-Identifier: BSD-3-Clause */
/* What a session does while no exchange is under way: the hold after the last one, its close, and
 * what comes meanwhile. Each returns whether the connection is over, unless it says otherwise; what
 * TCP reported just now is @tcp_events, 0 in a turn of a run queue. */
#pragma once

#include "sess/channel.h"

/** After the last exchange: hold the connection, close it, or wait for the peer to close. */
bool hold_begin(struct conn *n);

/** The ticket, or the sign of the peer's, that a reset waited for is there, or will not come. */
bool hold_stop_waiting(struct conn *n);

/** In the hold: nothing is expected of the peer but its close. */
bool hold_listen(struct conn *n, unsigned tcp_events);

/** After our close: a peer that is listened to may still say why, and its close is to come. */
bool hold_see_off(struct conn *n, unsigned tcp_events);

/** Take in what the channel says in @events (enum channel_event). @return whether it has failed,
 * and all is done about it. */
bool hold_has_failed(struct conn *n, unsigned events);

/** Take in what comes, and discard it. @return whether the channel has failed, and all is done
 * about it. */
bool hold_discards(struct conn *n, unsigned tcp_events);

/** Close from our side, in the way the class closes. */
bool hold_close(struct conn *n);
