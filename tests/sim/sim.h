/* SPDX-License-Identifier: BSD-3-Clause */
/* Two TCP engines and the path between them, in virtual time: the instrument that shows that data
 * arrives, over any network.
 *
 *   sim_host ── sim_rule ── sim_link ──▶ sim_host      one direction; the other one the same
 *      │  sim_check: a shadow that believes nothing       sim_log: what to print when it breaks
 *
 * The loop jumps to the earliest event; nothing waits and no clock is read. One seed drives all
 * chance, so a failure comes again with it: what is printed begins with
 *
 *     SHAKEDOWN_SEED=<seed> <suite>::<test>: <what does not hold>
 *
 * and setting that variable replays it. Then follow the last segments in words. Frames are bytes:
 * what an engine hands out goes through wire/emit.h, is carried (and bent) as bytes, and comes back
 * through wire/packet.h. */
#pragma once

#include "base/rng.h"
#include "base/units.h"
#include "sim_host.h"
#include "sim_link.h"
#include "sim_log.h"
#include "sim_rule.h"

#define SIM_RULES_MAX   8
#define SIM_TOO_BIG_MAX 64 /* ICMP errors on their way at once */

enum { A, B };

struct sim_opts {
    const char *name; /* suite::test */
    uint64_t seed;
    uint64_t start_ns; /* on the clocks of hosts without skew */
    bool is_v6;
    struct sim_link_opts links[2]; /* [A]: from A to B */
    struct sim_host_opts hosts[2];
    struct sim_rule rules[SIM_RULES_MAX]; /* up to the first SIM_RULE_NONE */
    /* Another pair of scripts for each connection, drawn when it is opened; NULL: the hosts'. */
    void (*draw_apps)(struct rng *rng, struct sim_app_opts apps[2]);
    /* Of segments sent: for so many, someone forges another one, empty, that looks like it but
     * for its flags and numbers (RFC 5961): an RST or a SYN in the window, an ACK of what was
     * never sent. One that nothing could tell from a true one does not arrive. */
    uint32_t forge_ppm;
    bool is_clean;     /* no loss, no overtaking: nothing may be sent twice */
    uint64_t limit_ns; /* stop there, in peace; 0: when nothing is left to happen */
};

struct sim_too_big {
    uint64_t arrives_ns; /* TIME_NEVER: the place is free */
    unsigned to;
    uint32_t seq, mtu;
};

struct sim {
    struct sim_opts opts;
    struct rng rng;
    uint64_t now_ns;
    struct sim_host hosts[2];
    struct sim_link links[2]; /* [A]: from A to B */
    struct sim_rule rules[SIM_RULES_MAX];
    struct sim_app_opts apps[2]; /* of connections that begin now */
    struct sim_too_big too_big[SIM_TOO_BIG_MAX];
    struct sim_log log;
    uint64_t n_events;
    const char *failure; /* the promise that was broken; NULL: none */
};

/** A path of 10 ms each way, v4, MTU 1500. A opens, writes @bytes at once and closes; B keeps what
 * it reads, and closes after A. Everything that is 0 in the application's script is good as it is.
 */
struct sim_opts sim_plain(uint64_t bytes);

/** Run until nothing is left to happen. @return false: something did not hold, and it is said on
 * stderr. The world stays to be looked at; memory is given back. */
bool sim_run(struct sim *sim, const struct sim_opts *opts);

/** Unless @holds, end the simulation with @what. */
void sim_check(struct sim *sim, bool holds, const char *what);

/** Take @s, as the engine of host @from has it or its refusal, to the link; @is_again: its first
 * number was sent before. */
void sim_sends(struct sim *sim, unsigned from, const struct seg *s, bool is_again);

/** Note in the log what @host does, with @number of it. @return the line, to add to. */
struct sim_line *sim_notes(struct sim *sim, unsigned host, const char *verb, uint64_t number);
void sim_notes_seg(struct sim *sim, unsigned host, const char *verb, const struct seg *s,
                   unsigned from, unsigned fate);

/** Whether the two hosts' present connections are each other's. */
bool sim_is_linked(const struct sim *sim);

/** Since the simulation's beginning. */
static inline uint64_t
sim_elapsed_ns(const struct sim *sim)
{
    return sim->now_ns - sim->opts.start_ns;
}
