/* SPDX-License-Identifier: BSD-3-Clause */
/* Segment scripts for one TCP connection: a test plays its user, its peer and the clock. Sequence
 * numbers are relative: what one side sends counts from its own initial number, what it
 * acknowledges from the other's, so that after the handshake both are at 1. What the connection
 * sends must be expected before the next thing happens. After each event the invariants of conn.h
 * are checked, and the timer is armed as the engines do it: when the state has changed or the timer
 * had run out.
 *
 * The initial numbers are RIG_ISS and RIG_IRS of the environment: the same scripts run across their
 * wrap-around. The microsecond clock of the handshake wraps in every test. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "tcp/conn.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, PSH = SEG_PSH, ACK = SEG_ACK, URG = SEG_URG };
enum { SACK_OK = SEG_OPT_SACK_OK, TS = SEG_OPT_TS, WSCALE = SEG_OPT_WSCALE, MSS = SEG_OPT_MSS };

/* What our SYN offers; the MSS option is the emitter's. */
#define ALL_OPTIONS (SACK_OK | TS | WSCALE)

/* The rig's time begins 1.5 s before the low 32 bits of the microseconds wrap, inside a
 * microsecond. */
#define RIG_START_NS    ((UINT64_C(1) << 32) * NS_PER_US - 1500 * NS_PER_MS + 789)
#define at_ms(ms)       (RIG_START_NS + (ms)*NS_PER_MS)
#define RIG_CONNECT_MS  10000
#define RIG_CLOSE_MS    5000
#define RIG_PENDING_MAX 64

/* A segment of a script; absent fields are 0. */
struct rig_seg {
    uint8_t flags;
    uint32_t seq, ack; /* relative */
    uint8_t options;
    uint32_t ts_val, ts_ecr;
    uint16_t mss;
    uint8_t wscale;
    uint16_t payload_len;
};

struct tcp_rig {
    struct tcp_conn conn;
    struct tcp_ctx ctx;
    struct tcp_params params;
    uint32_t iss, irs;
    uint64_t now_ns, deadline_ns;
    unsigned events;                     /* what the last call led to */
    struct seg pending[RIG_PENDING_MAX]; /* sent and not yet expected, oldest first */
    unsigned n_pending;
    struct seg last; /* what rig_expects() saw last, for a closer look */
};

/* -- worlds: everything sent so far was as it must be
 * ---------------------------------------------- */

/** A connection that does not exist yet; parameters may still be changed. */
struct tcp_rig rig_closed(void);

/** Open it; the SYN is expected and taken away. */
struct tcp_rig rig_syn_sent(void);

/** The same passively, for a SYN with @options, value 100 in TS and a shift of 9 in WSCALE. */
struct tcp_rig rig_syn_received(uint8_t options);

/** An active open that the peer's SYN-ACK with @options completed; values as in rig_syn_received().
 */
struct tcp_rig rig_established_with(uint8_t options);
struct tcp_rig rig_established(void);

/** Any state, without options, reached in the shortest way (SYN-RECEIVED passively). */
struct tcp_rig rig_in(enum tcp_state state);

/* -- what happens ------------------------------------------------------------------------------ */

#define rig_app_opens(r)       rig_do_open((r), __LINE__)
#define rig_app_closes(r)      rig_do_close((r), __LINE__)
#define rig_app_aborts(r)      rig_do_abort((r), __LINE__)
#define rig_runs_until(r, ns)  rig_do_run((r), (ns), __LINE__)
#define rig_peer_sends(r, ...) rig_do_input((r), (struct rig_seg){__VA_ARGS__}, __LINE__)
/** A SYN that the caller's table lets open the connection. */
#define rig_peer_opens(r, ...) rig_do_accept((r), (struct rig_seg){__VA_ARGS__}, __LINE__)

/* -- what must follow ---------------------------------------------------------------------------
 */

/** The oldest segment sent and not yet expected has these flags, numbers and options. */
#define rig_expects(r, ...) rig_do_expect((r), (struct rig_seg){__VA_ARGS__}, __LINE__)

/** Nothing is sent that was not expected, now or (in time-outs) before @ns. */
#define rig_expects_silence(r)           rig_do_silence((r), __LINE__)
#define rig_expects_silence_until(r, ns) rig_do_silence_until((r), (ns), __LINE__)

/** Silence up to @ns, and at @ns this segment. */
#define rig_expects_at(r, ns, ...)                                                                 \
    do {                                                                                           \
        rig_expects_silence_until((r), (ns));                                                      \
        rig_runs_until((r), (ns));                                                                 \
        rig_expects((r), __VA_ARGS__);                                                             \
    } while (0)

/** The last call led to @events, all that was sent is expected, and the state is now @state. */
#define rig_ends(r, events, state) rig_do_end((r), (events), (state), __LINE__)

/** The counter @name. */
#define rig_count(r, name) ((r)->ctx.stat->now->counters[CTR_##name])

void rig_do_open(struct tcp_rig *r, int line);
void rig_do_close(struct tcp_rig *r, int line);
void rig_do_abort(struct tcp_rig *r, int line);
void rig_do_run(struct tcp_rig *r, uint64_t until_ns, int line);
void rig_do_input(struct tcp_rig *r, struct rig_seg seg, int line);
void rig_do_accept(struct tcp_rig *r, struct rig_seg syn, int line);
void rig_do_expect(struct tcp_rig *r, struct rig_seg seg, int line);
void rig_do_silence(struct tcp_rig *r, int line);
void rig_do_silence_until(struct tcp_rig *r, uint64_t until_ns, int line);
void rig_do_end(struct tcp_rig *r, unsigned events, enum tcp_state state, int line);

/* -- for other worlds -------------------------------------------------------------------------- */

/** The sentence that says which invariant @c breaks with its output drained; NULL: none. */
const char *rig_broken(const struct tcp_conn *c, uint64_t deadline_ns);

/** @s in words, with numbers relative to @iss (seq) and @irs (ack). @return @text. */
const char *rig_format(char *text, size_t size, const struct seg *s, uint32_t iss, uint32_t irs);
