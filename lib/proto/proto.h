/* SPDX-License-Identifier: BSD-3-Clause */
/* Application protocols: what one side of a connection has to say, and what it expects, exchange by
 * exchange. A protocol is one file with a table of functions and one line in registry.c; URL
 * schemes, default ports, help, result keys and report rows follow from its table.
 *
 * It knows neither TCP nor TLS, reads no clock, allocates nothing but from the worker's blocks:
 * bytes that have come are handed to input(), bytes to be sent are asked for with output(), both in
 * order, and its state is state_bytes in memory of the caller's. How many exchanges a connection
 * has, the time between them and who closes are the session's business (sess/session.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a state are at most so many, a multiple of 8. */
#define PROTO_STATE_MAX 256

/* Bytes of the scratch memory that output() may hand out (struct proto_opts). */
#define PROTO_SCRATCH_BYTES 1024

struct blocks;
struct http_opts;
struct http_run;
struct ip_addr;

/* What the user asked for, as one role of a traffic class sees it. Constant during a run. */
struct proto_opts {
    bool is_server;
    bool wants_ends;      /* connections have to know their own address */
    uint64_t send_bytes;  /* of payload in each exchange, once after_bytes have come */
    uint64_t after_bytes; /* 0: at once */
    uint64_t
        expect_bytes; /* a peer that ends before so many have come has cut the exchange short */
    const struct http_opts *http; /* for HTTP (proto/http_opts.h), otherwise NULL */
    struct http_run *http_run;    /* the same: what it keeps on this worker (proto/http_run.h) */
    struct blocks *blocks;        /* the worker's memory for a library that allocates
                                     (base/blocks.h) */
    const uint64_t *now_ns;       /* the worker's: the instant of a call */
    uint8_t *scratch;             /* PROTO_SCRATCH_BYTES of the worker's; what is in it is gone with
                                     the next call for any connection */
};

/* A stretch of bytes. */
struct proto_span {
    const uint8_t *bytes; /* NULL: with PROTO_COUNTS_INPUT only their number is known; in an answer
                             of output(), see there and PROTO_SENDS_FILLER */
    uint32_t len;
};

/* How far the exchange under way is. */
enum proto_status {
    PROTO_SENDS,     /* there is more to send; nothing has to come first */
    PROTO_AWAITS,    /* bytes of the peer's have to come */
    PROTO_PAUSES,    /* there is more to send when some time has passed (pause_ns) */
    PROTO_DONE,      /* all was handed out by output(), and all that is expected has come */
    PROTO_DONE_LAST, /* the same, and the connection carries no further exchange */
    PROTO_IDLE,      /* the peer ended before an exchange was under way: there will be none */
    PROTO_TRUNCATED, /* the peer ended before all that is expected had come */
    PROTO_FAILED,    /* what came is not of this protocol, or its answer is an error */
};

/* What a protocol does with bytes, so that a channel can spare itself copies. */
enum proto_trait {
    PROTO_COUNTS_INPUT = 0x1,  /* input() needs no bytes, only their number */
    PROTO_SENDS_PATTERN = 0x2, /* output() hands out the constant payload, from byte 0 of the
                                  connection on, and nothing else */
    PROTO_SENDS_INPUT = 0x4,   /* output() hands out what came in, in order, and nothing else */
    PROTO_SENDS_FILLER = 0x20, /* output() may hand out bytes that are all PROTO_FILLER_BYTE
                                  (proto/filler.h): then bytes is NULL */
    PROTO_STOPS_INPUT = 0x8,   /* on a server input() may leave bytes for the next exchange */
    PROTO_RUNS_AHEAD = 0x10,   /* an exchange is over when all was handed out, whether or not the
                                  peer has acknowledged it */
};

/* An exchange of at most one segment in each direction, as numbers: one that can be told so needs
 * no state of the protocol's. */
struct proto_single {
    uint32_t send_bytes;  /* 0: nothing is sent */
    uint64_t await_bytes; /* have to come; 0: none */
    bool answers;         /* what is sent is sent when they have come */
    bool expects;         /* a peer that ends before has cut the exchange short */
};

/* What was seen of a message that came whole in one segment, for its protocol to count. */
struct proto_seen {
    uint32_t n_head, n_body; /* bytes */
    uint16_t status;
    uint16_t answer; /* on a server: what is answered, for brief->text() */
    bool closes;     /* the connection ends with it; on a server, with the answer */
};

/* What this side sends: a client its request to target @which, a server answer @which. */
struct proto_said {
    uint32_t which;
    bool is_last; /* a client's: no other request will follow */
};

/* That as bytes. They stay. */
struct proto_text {
    const uint8_t *bytes;
    uint32_t len;
    uint64_t sum; /* csum_partial() of them */
};

/* Why a request has no response. */
enum proto_loss {
    PROTO_LOSS_TIMEOUT, /* none came in time */
    PROTO_LOSS_CLOSE,   /* the connection is over */
    PROTO_LOSS_RACE,    /* the same, and it goes out again on another one */
};

/* Exchanges whose messages may each come whole in one segment, and then take no state: the text of
 * what is sent is kept for all connections, and what comes is judged by its bytes alone. Anything
 * else goes through a state, from its beginning or by resume(). */
struct proto_brief {
    /** Whether exchanges of @o can be such: the first of a connection. */
    bool (*may)(const struct proto_opts *o);

    /** Whether those that follow it can. */
    bool (*may_follow)(const struct proto_opts *o);

    /** The text of @said. */
    void (*text)(const struct proto_opts *o, struct proto_said said, struct proto_text *text);

    /** Look at a segment, the first that came of a message. Nothing is counted. @return whether it
     * is all of the message, and as hoped, and its answer, on a server, has at most @room bytes. */
    bool (*look)(const struct proto_opts *o, const struct proto_span *in, uint32_t room,
                 struct proto_seen *seen);

    /** It was taken, as the response to @said or, on a server, answered by it: count that, as
     * count() below. */
    void (*count)(const struct proto_opts *o, struct proto_said said, const struct proto_seen *seen,
                  uint64_t *counters);

    /** The request @said had no response: count that, as lost() and count() below. */
    void (*lost)(const struct proto_opts *o, struct proto_said said, enum proto_loss loss,
                 uint64_t *counters);

    /** Let @state, begun, go on where a client has handed its request out, which is the last one of
     * the connection or not, or a server its answer, which is counted. @is_first: it was the
     * connection's first. */
    void (*resume)(void *state, const struct proto_opts *o, bool is_first, bool is_last);
};

/* An instant of an exchange, which begins when the connection is established, TLS included, or when
 * it is due. */
enum proto_mark {
    PROTO_MARK_FIRST_BYTE, /* the first byte of the peer's has come */
    PROTO_MARK_DONE,       /* PROTO_DONE, and all that was sent is acknowledged */
};

/* What has become of one exchange of several that are under way on a connection. */
enum proto_fate {
    PROTO_FIRST_BYTE,  /* the first byte of the peer's has come; it goes on */
    PROTO_ANSWERED,    /* done; on a server, a request was answered */
    PROTO_MISANSWERED, /* done, by another answer than was asked for, which is a failure */
    PROTO_LOST,        /* it has failed, and it alone */
    PROTO_RACED,       /* it met the peer's close, and nothing came: it may be tried again */
    PROTO_UNPROCESSED, /* the peer says that it did nothing about it: it may be tried again */
};

struct proto_event {
    uint16_t slot; /* not set on a server */
    uint8_t fate;  /* enum proto_fate */
};

/* Exchanges that are under way at once on a connection: each has a number, its slot, from its
 * beginning until its fate is known, all but PROTO_FIRST_BYTE. status() then is the connection's:
 * PROTO_DONE when none is under way, and PROTO_DONE_LAST when there can be no further one. */
struct proto_multi {
    /** The slots that a connection needs, from 0 on, at most PROTO_SLOTS_MAX. 0: its exchanges
     * follow one another, as without this table. PROTO_PEER_BEGINS: it is the peer that begins
     * them, on a server. */
    uint32_t (*slots)(const struct proto_opts *o);

    /** How many may be under way now, those that are included. */
    uint32_t (*limit)(const void *state, const struct proto_opts *o);

    /** Begin the exchange of @slot, which is free, in place of start(). @return false: it cannot
     * begin, and the slot stays free; status() tells why. */
    bool (*start)(void *state, const struct proto_opts *o, uint32_t slot, bool is_last);

    /** What has happened to them since, one event after the other. @return false: nothing more. */
    bool (*next_event)(void *state, const struct proto_opts *o, struct proto_event *e);

    /** One that was PROTO_RACED or PROTO_UNPROCESSED is not tried again: it is lost after all. */
    void (*give_up)(void *state, const struct proto_opts *o);
};

#define PROTO_SLOTS_MAX   1024
#define PROTO_PEER_BEGINS UINT32_MAX

/* A latency of the protocol's own, measured of each exchange from its beginning on, and a row of
 * the reports. */
struct proto_latency {
    const char *name;      /* JSON key, in lower case with underscores */
    const char *from, *to; /* for people */
    enum proto_mark end;
};

/* A counter of the protocol's own, and a row of the reports. */
struct proto_counter {
    const char *name; /* JSON key */
    const char *help;
};

struct proto_ops {
    const char *name;
    const char *help;           /* one line for people */
    const char *scheme;         /* of URLs, over TCP; NULL: none leads to it */
    const char *secure_scheme;  /* the same over TLS */
    uint16_t port, secure_port; /* default of such URLs; 0: they have to name one */
    const char *alpn;           /* RFC 7301 protocol name; NULL: none */
    bool needs_alpn;            /* over TLS it is spoken only where the server has chosen it */
    unsigned traits;            /* enum proto_trait */
    bool has_requests; /* its exchanges are requests and responses: counted as such, and measured to
                          the first and to the last byte of the response (STAT_LATENCIES: ttfb,
                          ttlb); else as a transfer */
    bool has_path;     /* its URLs may have one, with a query */
    uint16_t state_bytes; /* <= PROTO_STATE_MAX */
    const struct proto_latency *latencies;
    unsigned n_latencies;
    const struct proto_counter *counters;
    unsigned n_counters;

    /** Whether connections exchange anything of their own accord; else what comes is discarded. */
    bool (*is_planned)(const struct proto_opts *o);

    /** Begin @state, zeroed memory, on a new connection to the @target of the class, counted from
     * 0; 0 on a server. */
    void (*begin)(void *state, const struct proto_opts *o, uint32_t target);

    /** Begin the next exchange: after begin(), and after each PROTO_DONE that is followed by
     * another. @is_last: no other will follow, as far as is known now. */
    void (*start)(void *state, const struct proto_opts *o, bool is_last);

    /** Bytes have come. @return how many are taken: all, or where PROTO_STOPS_INPUT fewer; the rest
     * is offered again when the next exchange has begun, and each time something happens. */
    uint32_t (*input)(void *state, const struct proto_opts *o, const struct proto_span *in);

    /**
     * The next bytes to be sent, at most @max (> 0) of them; what is handed out counts as sent.
     * They stay where they are until the next call. With PROTO_SENDS_PATTERN and PROTO_SENDS_INPUT
     * the caller knows them, and @out->bytes is not set.
     *
     * @return out->len; 0: there is nothing to send now.
     */
    uint32_t (*output)(void *state, const struct proto_opts *o, uint32_t max,
                       struct proto_span *out);

    /** @has_ended: nothing will come any more. */
    enum proto_status (*status)(const void *state, const struct proto_opts *o, bool has_ended);

    /* -- optional, NULL: not ------------------------------------------------------------------ */

    /** After PROTO_DONE, on a client: whether the answer is a failure, since it is another than was
     * asked for. */
    bool (*is_wrong)(const void *state);

    /** Whether output() might hand anything out now; who is asked can spare itself a look for room.
     */
    bool (*has_output)(const void *state, const struct proto_opts *o);

    /** Describe the exchange as numbers. @return false: it takes a state. */
    bool (*single)(const struct proto_opts *o, struct proto_single *single);

    /** Begin @state where such an exchange has got to: what is to be sent was sent (@has_sent),
     * what has to come has come (@has_heard). */
    void (*resume)(void *state, const struct proto_opts *o, bool has_sent, bool has_heard);

    /** Exchanges that take no state, as a rule; their protocol's are requests and responses. */
    const struct proto_brief *brief;

    /** Bytes that states are longer by than state_bytes, as a class's options ask for it; zeroed
     * before begin(). */
    uint32_t (*more_bytes)(const struct proto_opts *o);

    /** After begin(), where o->wants_ends: the connection's own address and port. */
    void (*set_ends)(void *state, const struct proto_opts *o, const struct ip_addr *local,
                     uint16_t local_port);

    /** How long it pauses, counted from when it began to; asked for once. */
    uint64_t (*pause_ns)(const void *state, const struct proto_opts *o);

    /** So much time has passed: it goes on. */
    void (*wake)(void *state, const struct proto_opts *o);

    /** The exchange under way has failed with its connection; @has_timed_out: nothing came in time.
     * What is counted of it is asked for afterwards. */
    void (*lost)(void *state, const struct proto_opts *o, bool has_timed_out);

    /** So many exchanges were to be tried again, and cannot be: add that to @counters, as count().
     */
    void (*forgotten)(uint64_t n, uint64_t *counters);

    /** Exchanges that are under way at once. */
    const struct proto_multi *multi;

    /** The session is about to close from this side: what there is to say about that is handed out
     * by output(), if it still can be. Said once, while no exchange is under way. */
    void (*leave)(void *state, const struct proto_opts *o);

    /** The exchanges are over: give back what the state holds of the worker's, if anything. May be
     * said more than once, as the last that is. */
    void (*end)(void *state, const struct proto_opts *o);

    /** Nothing will come any more, and all that came was taken: said once. */
    void (*ended)(void *state, const struct proto_opts *o);

    /** Whether a connection that begins with the @n (<= 32) bytes at @first speaks this protocol: a
     * responder with several asks. @return 1: it does, 0: it does not, -1: more bytes are needed.
     */
    int (*recognise)(const uint8_t *first, uint32_t n);

    /** Add what the protocol's own counters have come to since the last call to @counters
     * (n_counters of them): after an exchange, and at the connection's end. */
    void (*count)(void *state, const struct proto_opts *o, uint64_t *counters);
};
