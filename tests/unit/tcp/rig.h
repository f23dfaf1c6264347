/* SPDX-License-Identifier: BSD-3-Clause */
/* Segment scripts for one TCP connection: a test plays its user, its peer and the clock. Sequence
 * numbers are relative: what one side sends counts from its own initial number, what it
 * acknowledges from the other's, so that after the handshake both are at 1. What the connection
 * sends must be expected before the next thing happens. After each event the invariants of tcp.h
 * are checked, and the timer is armed as the engines do it: when the state has changed, the timer
 * had run out or there is a stream.
 *
 * With payload (rig_streams(), rig_with_stream()) byte k of a side's payload has the number 1 + k
 * and is rig_byte(1 + k). A full segment is RIG_MSS bytes, with and without timestamps. Unless the
 * connection keeps what it receives, the user reads it at once.
 *
 * The initial numbers are RIG_ISS and RIG_IRS of the environment: the same scripts run across their
 * wrap-around. The microsecond clock of the handshake wraps in every test. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "tcp/tcp.h"

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, PSH = SEG_PSH, ACK = SEG_ACK, URG = SEG_URG };
enum { SACK_OK = SEG_OPT_SACK_OK, TS = SEG_OPT_TS, WSCALE = SEG_OPT_WSCALE, MSS = SEG_OPT_MSS };
enum { SACK = SEG_OPT_SACK };

/* What our SYN offers; the MSS option is the emitter's. */
#define ALL_OPTIONS (SACK_OK | TS | WSCALE)

/* The rig's time begins 1.5 s before the low 32 bits of the microseconds wrap, inside a
 * microsecond. */
#define RIG_START_NS    ((UINT64_C(1) << 32) * NS_PER_US - 1500 * NS_PER_MS + 789)
#define at_ms(ms)       (RIG_START_NS + (ms)*NS_PER_MS)
#define RIG_CONNECT_MS  10000
#define RIG_CLOSE_MS    5000
#define RIG_DATA_MS     30000
#define RIG_DELAYED_MS  40
#define RIG_MSS         1000
#define RIG_PENDING_MAX 300

/* A segment of a script; absent fields are 0, but for the window. */
struct rig_seg {
    uint8_t flags;
    uint32_t seq, ack; /* relative */
    uint8_t options;
    uint32_t ts_val, ts_ecr;
    uint16_t mss;
    uint8_t wscale;
    uint16_t payload_len;
    uint16_t window; /* the field as it is on the wire. Absent: the peer sends 65535, and what we
                        send may have any */
    bool is_shut;    /* the window is 0 */
    uint16_t tso_segsz;
    struct seg_range sack[SEG_SACK_MAX]; /* relative; up to the first that is empty. Where there are
                                            some, SACK is among the options */
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
    struct seg last;           /* what rig_expects() saw last, for a closer look */
    uint32_t delivered, acked; /* payload bytes, in all */
    uint32_t consumed;         /* of those delivered */
    uint32_t peer_edge;        /* absolute: the farthest number that the peer's window allowed */
    uint32_t our_edge;         /* the same of ours, with a stream */
    bool shares_pools;         /* the script has taken something from the pools, too */
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

/** A world with payload, still without a connection: parameters may be changed. NewReno, RFC 5681's
 * delayed ACKs, no Nagle. Its time begins with a whole microsecond, as the timers count. */
struct tcp_rig rig_streams(void);

/** Such a world with the connection that rig_established_with() makes. */
void rig_connects(struct tcp_rig *r, uint8_t options);
struct tcp_rig rig_with_stream(uint8_t options);

/** The same where payload that fits one segment needs no stream. */
struct tcp_rig rig_with_single(uint8_t options);

/** Any state, without options, reached in the shortest way (SYN-RECEIVED passively). */
struct tcp_rig rig_in(enum tcp_state state);

/** Worlds come by value, and the context has to know where its parameters lie now. What happens
 * (below) sees to it; who calls lib/tcp by himself does so first. */
static inline void
rig_settle(struct tcp_rig *r)
{
    r->ctx.params = &r->params;
}

/* -- what happens ------------------------------------------------------------------------------ */

#define rig_app_opens(r)       rig_do_open((r), __LINE__)
#define rig_app_closes(r)      rig_do_close((r), __LINE__)
#define rig_app_aborts(r)      rig_do_abort((r), __LINE__)
#define rig_runs_until(r, ns)  rig_do_run((r), (ns), __LINE__)
#define rig_peer_sends(r, ...) rig_do_input((r), (struct rig_seg){__VA_ARGS__}, __LINE__)
/** The user writes, or has done with, @n bytes. */
#define rig_app_writes(r, n) rig_do_write((r), (n), __LINE__)
#define rig_app_reads(r, n)  rig_do_read((r), (n), __LINE__)
/** The user's own timer: tcp_timeout() before the deadline. */
#define rig_app_wakes(r) rig_do_wake((r), __LINE__)
/** An ICMP error about our segment @seq. @return whether it was believed. */
#define rig_router_complains(r, seq, mtu) rig_do_path_mtu((r), (seq), (mtu), 20, __LINE__)
/** A SYN that the caller's table lets open the connection. */
#define rig_peer_opens(r, ...) rig_do_accept((r), (struct rig_seg){__VA_ARGS__}, __LINE__)

/* -- what must follow ---------------------------------------------------------------------------
 */

/** The oldest segment sent and not yet expected has these flags, numbers and options. */
#define rig_expects(r, ...) rig_do_expect((r), (struct rig_seg){__VA_ARGS__}, __LINE__)

/** @n full segments from number @first on, with options and acknowledgement as they must be now. */
#define rig_expects_full(r, first, n) rig_do_expect_full((r), (first), (n), __LINE__)

/** Nothing is sent that was not expected, now or (in timeouts) before @ns. */
#define rig_expects_silence(r)           rig_do_silence((r), __LINE__)
#define rig_expects_silence_until(r, ns) rig_do_silence_until((r), (ns), __LINE__)

/** Silence up to @ns, and at @ns this segment. */
#define rig_expects_at(r, ns, ...)                                                                 \
    do {                                                                                           \
        rig_expects_silence_until((r), (ns));                                                      \
        rig_runs_until((r), (ns));                                                                 \
        rig_expects((r), __VA_ARGS__);                                                             \
    } while (0)

/* The same, counted from now. */
#define rig_passes(r, ms)              rig_runs_until((r), (r)->now_ns + (ms)*NS_PER_MS)
#define rig_expects_silence_for(r, ms) rig_expects_silence_until((r), (r)->now_ns + (ms)*NS_PER_MS)
#define rig_expects_after(r, ms, ...)                                                              \
    do {                                                                                           \
        uint64_t after_ns_ = (r)->now_ns + (ms)*NS_PER_MS;                                         \
        rig_expects_at((r), after_ns_, __VA_ARGS__);                                               \
    } while (0)

/** The last call led to @events, all that was sent is expected, and the state is now @state. */
#define rig_ends(r, events, state) rig_do_end((r), (events), (state), __LINE__)

/** A look inside: the stream. */
#define rig_stream(r)                                                                              \
    ((struct tcp_stream *)slab_at(&(r)->ctx.pools->streams, tcp_stream_idx(&(r)->conn)))

/** The counter @name. */
#define rig_count(r, name) ((r)->ctx.stat->now->counters[CTR_##name])

void rig_do_open(struct tcp_rig *r, int line);
void rig_do_close(struct tcp_rig *r, int line);
void rig_do_abort(struct tcp_rig *r, int line);
void rig_do_write(struct tcp_rig *r, uint32_t n, int line);
void rig_do_read(struct tcp_rig *r, uint32_t n, int line);
void rig_do_wake(struct tcp_rig *r, int line);
bool rig_do_path_mtu(struct tcp_rig *r, uint32_t seq, uint32_t mtu, uint32_t ip_len, int line);
void rig_do_run(struct tcp_rig *r, uint64_t until_ns, int line);
void rig_do_input(struct tcp_rig *r, struct rig_seg seg, int line);
void rig_do_accept(struct tcp_rig *r, struct rig_seg syn, int line);
void rig_do_expect(struct tcp_rig *r, struct rig_seg seg, int line);
void rig_do_expect_full(struct tcp_rig *r, uint32_t first, unsigned n, int line);
void rig_do_silence(struct tcp_rig *r, int line);
void rig_do_silence_until(struct tcp_rig *r, uint64_t until_ns, int line);
void rig_do_end(struct tcp_rig *r, unsigned events, enum tcp_state state, int line);

/* -- for other worlds -------------------------------------------------------------------------- */

/** The byte of number @seq, relative. */
static inline uint8_t
rig_byte(uint32_t seq)
{
    return (uint8_t)(seq * 31 + (seq >> 8) * 7);
}

/** @s in words, with numbers relative to @iss (seq) and @irs (ack). @return @text. */
const char *rig_format(char *text, size_t size, const struct seg *s, uint32_t iss, uint32_t irs);
