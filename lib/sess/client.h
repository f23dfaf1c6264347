/* SPDX-License-Identifier: BSD-3-Clause */
/* The client engine of one worker: it begins connections when the load says so, carries them
 * through TCP, and counts. Pure: time comes with client_turn(), packets come in parsed, frames go
 * out through the outbox. In a turn the worker calls, in this order:
 *
 *     client_turn    client_lookup + client_input (a burst)    client_timers    client_start
 *     client_output
 */
#pragma once

#include "flow/tuples.h"
#include "load/load.h"
#include "sess/core.h"
#include "sess/turns.h"

struct recorder_tuple;

#define CLIENT_TARGETS_MAX TUPLES_TARGETS_MAX

struct client_target {
    struct ip_addr addr;
    uint16_t port;
    uint8_t mac[6];    /* of the next hop; the worker keeps it up to date */
    uint8_t class_idx; /* of core.classes */
    uint8_t turn;      /* of client_opts.turn_weights */
    uint8_t network;   /* of ours from which it is reached; from several it is as many targets */
    uint32_t in_group; /* its place among the targets of its family and network */
};

struct client_opts {
    struct core_opts core;
    struct tuples_opts tuples;           /* first_link and targets are filled in here */
    const struct client_target *targets; /* copied; in_group is filled in */
    unsigned n_targets;
    /* What share of the starts a turn gets, compared with the others: by client_target.turn, whose
     * targets stand side by side, have the same share of it each, and are TURNS_MAX at most. NULL:
     * all targets have the same. */
    const uint64_t *turn_weights;
    /* When connections begin, of all workers, has to last; NULL: closed loop. With requests that
     * are paced (core.requests) they begin as those need them, and this is not used. */
    const struct load_plan *load;
    uint64_t open_max; /* bound on connections open at once, of this worker */
    unsigned worker, n_workers;
    struct load_turn turn; /* which starts of @load are its own, where other processes have some,
                              too; not said: those of the worker */
};

struct client {
    struct core core; /* the first member */
    struct tuples tuples;
    struct load load;
    struct client_target targets[CLIENT_TARGETS_MAX];
    unsigned n_targets, next_target;
    struct turns turns; /* of none: targets take turns */
    struct client_turns {
        unsigned first, end; /* of turns, those of the class */
    } turns_of[SESS_CLASSES_MAX];
    const struct load_plan *plan;
    uint64_t open_max;
    unsigned worker, n_workers;
    struct load_turn turn;
    unsigned first_class;    /* whose requests are looked at first, with core.requests.is_paced */
    bool leaves_half_open;   /* connections of a class (sess/half_open.h) */
    uint32_t close_held_idx; /* the next record to look at for what is held open after the stop */
};

/** @return 0, or -1 when there is no memory or the table cannot be laid out (the plan prevents it).
 */
int client_init(struct client *c, const struct client_opts *opts, uint64_t now_ns);
void client_fini(struct client *c);

/** Let connections begin from @start_ns on. */
void client_run_from(struct client *c, uint64_t start_ns);

/** Let none begin at or after @stop_ns. */
void client_stop_at(struct client *c, uint64_t stop_ns);

/** Have the rate change: of requests where they are paced, else of connections (load_follow()). */
void client_follow(struct client *c, const struct load_change *change);

/** Leave out what is due before @ns, of the same, and has not begun; it counts as dropped. */
void client_skip_to(struct client *c, uint64_t ns);

/* Of @total that are shared in rotation, what worker @worker has. */
static inline uint64_t
client_share(uint64_t total, unsigned worker, unsigned n_workers)
{
    return (total + n_workers - 1 - worker) / n_workers;
}

/** Have another bound on connections open at once, of all workers. Who is beyond it begins none
 * until enough have closed. */
static inline void
client_bound_open(struct client *c, uint64_t total)
{
    c->open_max = client_share(total, c->worker, c->n_workers);
}

static inline void
client_turn(struct client *c, uint64_t now_ns)
{
    core_turn(&c->core, now_ns);
}

/** First pass over a burst: find each TCP packet's record and have it on its way into the cache. */
void client_lookup(const struct client *c, struct packet *packets, unsigned n);

/**
 * The worker of the port to whom a TCP packet belongs for which client_lookup() found no record:
 * this one, too, when it is nobody's.
 */
uint32_t client_owner(const struct client *c, const struct packet *p);

/** Second pass: what client_lookup() saw. At most two frames a packet go out. */
void client_input(struct client *c, const struct packet *packets, unsigned n);

/* A bare ACK from a port of ours to a target. It creates nothing there, and is answered with RST
 * (RFC 9293 3.10.7.1), which counts as no_connection here. */
struct client_probe {
    struct ip_addr local;
    uint16_t local_port;
    uint16_t target;
};

/** Choose the next of our ports, and one of the targets, by turns. @return false when no record is
 * free. */
bool client_probe_choose(struct client *c, struct client_probe *probe);

/** Send it, as often as wanted. @return whether it went out: not without a buffer. */
bool client_probe_send(struct client *c, const struct client_probe *probe);

/** Fire at most @budget timers. At most two frames each go out. @return how many had run out. */
unsigned client_timers(struct client *c, unsigned budget);

/**
 * Begin at most @budget connections that are due at @now_ns, which may be fresher than the turn's
 * instant: it is what lateness is measured to. With requests that are paced, hand those that are
 * due to connections that wait for one, and begin connections for what has none. @return how many
 * of either; a connection that begins writes a frame, one that goes on two at most.
 */
unsigned client_start(struct client *c, uint64_t now_ns, unsigned budget);

/**
 * Begin a connection to target @target although none is due. There has to be a buffer.
 *
 * @return its record; RECORD_NONE when none is free
 */
uint32_t client_begin(struct client *c, unsigned target, uint64_t now_ns);

/** Reset the connection of record @idx, if it is open, and count it as failed. */
void client_give_up(struct client *c, uint32_t idx);

/** Let connections with more payload than a turn had room for go on, by turns: at most @budget
 * frames, and as many connections looked at. @return how many went out. */
unsigned client_output(struct client *c, unsigned budget);

/** Do the TLS work of the connection that waits longest for it: one step, which may take hundreds
 * of microseconds. @return how many had something to do, 0 or 1. */
unsigned client_crypto(struct client *c);

/** After the stop: exchanges without end are over with the one under way. */
void client_end_exchanges(struct client *c);

/**
 * After the stop, where holds do not last beyond it: close what is held open, at most @budget
 * records looked at. @return false when every record had been looked at before the call: it wrote
 * no frame.
 */
bool client_close_held(struct client *c, unsigned budget);

/**
 * After the end: send an RST for what is still open, at most @budget records looked at, two frames
 * each. Nothing is counted but the frames. @return false when there was nothing left to do.
 */
bool client_abort_open(struct client *c, unsigned budget);

/** After the end: requests that wait to be sent again have had no connection that could, and are
 * lost. */
void client_forget_requests(struct client *c);

/** Whether the stop has passed, every start that was due has been made, nothing is open, and no
 * request waits to be sent again. */
bool client_is_done(const struct client *c);

/** Whether requests are counted, and the fate of all is known: then the load may stop. */
static inline bool
client_is_spent(const struct client *c)
{
    return requests_are_spent(&c->core.requests);
}

/** Starts that were due, of connections or of requests, and will not be made any more. */
static inline uint64_t
client_starts_dropped(const struct client *c)
{
    const struct requests *q = &c->core.requests;

    if (q->is_paced)
        return requests_dropped(q);
    return q->is_counted && q->n_left == 0 ? 0 : load_left(&c->load);
}

/**
 * An ICMP error says that our SYN with sequence number @seq did not get through (RFC 5927 4.1: only
 * then is it believed). Ends the attempt as unreachable.
 */
void client_unreachable(struct client *c, const struct ip_addr *local, uint16_t local_port,
                        const struct ip_addr *remote, uint16_t remote_port, uint32_t seq);

/**
 * An ICMP error says that the path takes IP packets of @mtu bytes only (tcp_path_mtu() decides
 * whether that is believed). At most two frames go out.
 */
void client_too_big(struct client *c, const struct ip_addr *local, uint16_t local_port,
                    const struct ip_addr *remote, uint16_t remote_port, uint32_t seq, uint32_t mtu);

/** Connections open now. */
static inline uint64_t
client_open(const struct client *c)
{
    return c->core.n_open;
}

/** Whether there is a connection between these that is not over. */
bool client_is_open(const struct client *c, const struct recorder_tuple *t);
