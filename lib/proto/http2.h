/* SPDX-License-Identifier: BSD-3-Clause */
/* What the roles of HTTP/2 share: the state of a connection, and how it is counted. nghttp2 speaks
 * the protocol; it takes its memory from the worker's blocks. */
#pragma once

#include <assert.h>
#include <nghttp2/nghttp2.h>

#include "base/blocks.h"
#include "proto/http2_kit.h"
#include "proto/http_answer.h"
#include "proto/http_counters.h"
#include "proto/http_fill.h"
#include "proto/http_run.h"
#include "proto/proto.h"

/* A stream of a client's, by its exchange's slot. */
struct http2_slot {
    const struct http2_request *request;
    uint64_t body_len, sent; /* of its body */
    uint64_t n_body;         /* bytes of the answer's */
    void *digest;            /* of them; NULL: none is under way */
    int32_t id;              /* 0: none */
    uint16_t status;
    bool has_begun : 1;   /* something of the answer came */
    bool is_complete : 1; /* all of it */
    bool is_wrong : 1;    /* and it is another than was asked for */
    bool was_reset : 1;   /* by the server */
    bool has_head : 1;    /* that of the answer is over */
    bool is_filled : 1;   /* it has placeholders, or cookies */
    bool has_text : 1;    /* the same, with a body that has pieces */
    uint8_t pad;          /* of http_run: what came of an answer that fails */
};

/* What a client needs where requests are filled in, behind its slots and events. */
struct http2_more {
    struct http_fill open; /* what all requests of the connection have: its row, its ends */
    struct http_jar jar;
    struct http_fill fill[]; /* by slot */
};

/* Characters of a method that are told apart, and of the authority that are echoed. */
#define HTTP2_METHOD_MAX    8
#define HTTP2_AUTHORITY_MAX 64

/* A stream of a server's, in the worker's blocks. */
struct http2_stream {
    struct http2_stream *next, **link; /* of the connection's list; what points here */
    uint64_t body_left;                /* of the answer */
    uint64_t pause_ns;                 /* before the answer, or between its pieces */
    uint64_t due_ns;                   /* when it goes on, while it pauses */
    uint32_t piece; /* bytes of the body between two pauses; 0: it has no pieces */
    uint32_t piece_left;
    int32_t id;
    uint16_t status; /* of the answer */
    uint8_t pad;     /* of http_run: the request's head, for an answer that echoes it */
    uint8_t path_len, method_len, authority_len;
    bool is_head : 1;
    bool brings_body : 1;
    bool expects_continue : 1;
    bool is_path_too_long : 1; /* it names nothing */
    bool is_answered : 1;      /* the answer was handed to nghttp2 */
    bool is_pausing : 1;       /* it is in that list */
    bool has_request_line : 1; /* the pad has */
    char method[HTTP2_METHOD_MAX];
    char path[HTTP_PATH_MAX];
    char authority[HTTP2_AUTHORITY_MAX]; /* its first characters */
};

/* Codes of RST_STREAM (RFC 9113 7), and any other. */
#define HTTP2_RESETS 15

/* A frame's (RFC 9113 4.1). */
#define HTTP2_HEAD_BYTES 9

struct http2_state {
    nghttp2_session *session; /* NULL: there was no memory, or it is over */
    const struct proto_opts *opts;
    const uint8_t *pending; /* what nghttp2 wrote and was not handed out yet; NULL: filler */
    uint32_t n_pending;
    uint32_t n_payload;     /* of a DATA frame whose head is pending: these follow, and are */
    const uint8_t *payload; /* here; NULL: filler */
    uint8_t data_head[HTTP2_HEAD_BYTES];
    uint32_t n_text;     /* bytes of bodies that nghttp2 has copied, and not handed out yet */
    uint32_t n_open;     /* streams */
    uint32_t n_requests; /* begun, or on a server come; answered on a client */
    uint16_t n_events, first_event;
    bool is_bad : 1;         /* what came is not HTTP/2, or there is no memory */
    bool has_left : 1;       /* a GOAWAY of ours says that there will be no more */
    bool is_leaving : 1;     /* a first one said that there soon will be no more */
    bool goes_away : 1;      /* the peer's said so */
    bool is_payload : 1;     /* what is pending is */
    bool has_broken_off : 1; /* a server's: the last it says is what the client did wrong */
    uint32_t n_answered;     /* a server's, since they were told */
    union {
        struct {
            struct http2_slot *slots;
            struct proto_event *events; /* two a slot at most */
            struct http2_more *more;    /* NULL: none is filled in */
            uint32_t target;
            uint32_t n_cookies_dropped; /* since they were counted */
        };
        struct {
            struct http2_stream *streams;
            struct http2_stream *pausing; /* of them, apart */
        };
    };
    /* -- since they were counted -------------------------------------------------------- */
    uint64_t n_received, n_body;
    uint32_t n_status[5]; /* by the first digit */
    uint32_t n_failed[HTTP_FAILURE_COUNT];
    uint32_t n_resets[HTTP2_RESETS], n_goaways, n_pings, n_floods;
};

static_assert(sizeof(struct http2_state) <= PROTO_STATE_MAX, "a state has a bound");

static inline const struct http2_kit *
http2_kit_of(const struct http2_state *s)
{
    return s->opts->http->http2[s->opts->is_server];
}

/* -- http2_session.c ------------------------------------------------------------------------- */

/** Make the session of @s, and have it say its @n settings. */
void http2_open(struct http2_state *s, const nghttp2_settings_entry *settings, size_t n);

/** A frame that both roles count. */
void http2_count_frame(struct http2_state *s, const nghttp2_frame *frame);

/** Of a body @left bytes are left, @max of which may go into a frame: as many as do, for nghttp2's
 * read callback. The bytes themselves do not go through it: http2_send_payload() is told. */
ssize_t http2_read_payload(uint64_t left, size_t max, uint32_t *flags);

/** nghttp2's word that the head of a DATA frame is @head, and @len bytes at @payload (NULL: of
 * filler) are to follow it. @return what its callback has to. */
int http2_send_payload(struct http2_state *s, const uint8_t *head, const uint8_t *payload,
                       size_t len);

/** Whether there is something to be handed out. */
bool http2_has_output(const struct http2_state *s);

/** Say once that no stream above those that came is answered (RFC 9113 6.8). */
void http2_leave(struct http2_state *s);

/** @frame was sent. @return whether it is nghttp2's word on a peer that breaks the rules, which is
 * counted. */
bool http2_breaks_off(struct http2_state *s, const nghttp2_frame *frame);

/* -- http2_stream.c: a server's ---------------------------------------------------------------- */

/** Open stream @id. @return NULL: there is no memory. */
struct http2_stream *http2_stream_begin(struct http2_state *s, int32_t id);

/** Give it back. */
void http2_stream_end(struct http2_state *s, struct http2_stream *t);

/** What it has to say next waits for its pause_ns. */
void http2_stream_pause(struct http2_state *s, struct http2_stream *t);

/** It has waited long enough. */
void http2_stream_go_on(struct http2_state *s, struct http2_stream *t);

/** The request's path is there, which may ask for the head: then that is noted from here on. The
 * method may come later. */
void http2_stream_note_path(struct http2_state *s, struct http2_stream *t, const uint8_t *target,
                            size_t len);

/** All that comes before the request's fields has come, if it is noted. */
void http2_stream_end_line(struct http2_state *s, struct http2_stream *t);

/** A field of it, whose head is noted. */
void http2_stream_note_field(struct http2_state *s, struct http2_stream *t, const uint8_t *name,
                             size_t name_len, const uint8_t *value, size_t value_len);

/* -- http2_fill.c ---------------------------------------------------------------------------- */

/** Submit request @r of @slot, filled in. @return its stream, or an error of nghttp2's. */
int32_t http2_submit_filled(struct http2_state *s, struct http2_slot *slot,
                            const struct http_request *r, const nghttp2_data_provider *body);

/** The next bytes of its body that has pieces, for nghttp2's read callback. */
ssize_t http2_read_filled(struct http2_state *s, struct http2_slot *slot, uint8_t *buf, size_t max,
                          uint32_t *flags);

/** The value of a Set-Cookie field, where cookies are kept. */
void http2_take_cookie(struct http2_state *s, const uint8_t *value, size_t len);

/* -- a role's part of the protocol's table (proto/proto.h) ----------------------------------- */

void http2_client_begin(struct http2_state *s, uint32_t target);
void http2_client_set_ends(struct http2_state *s, const struct ip_addr *local, uint16_t local_port);
bool http2_client_start(struct http2_state *s, uint32_t slot);
uint32_t http2_client_limit(const struct http2_state *s);
void http2_client_ended(struct http2_state *s);
void http2_client_lost(struct http2_state *s, bool has_timed_out);
enum proto_status http2_client_status(const struct http2_state *s, bool has_ended);
void http2_client_end(struct http2_state *s);

void http2_server_begin(struct http2_state *s);
uint64_t http2_server_pause_ns(const struct http2_state *s);
void http2_server_wake(struct http2_state *s);
enum proto_status http2_server_status(const struct http2_state *s, bool has_ended);
void http2_server_end(struct http2_state *s);
