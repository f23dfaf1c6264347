/* SPDX-License-Identifier: BSD-3-Clause */
/* Two ends of our own TLS that talk to each other, each over stretches of memory of exactly the
 * bytes that it is given: a sanitizer sees the first one too many. After each step what holds
 * always is checked. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "../../tls_steps.h"
#include "../leaks.h"
#include "base/units.h"
#include "tls/batch.h"
#include "tls/identity.h"

#define TALK_QUEUE 262144

/* How the bytes at hand are dealt out in a step; 0: all of them, all the room there is. */
struct talk_cut {
    uint32_t in, in_first;   /* bytes, of these in the first stretch */
    uint32_t out, out_first; /* room, the same */
};

struct talk_end {
    struct tls_ctx ctx;
    struct tls_conn conn;
    uint8_t queue[TALK_QUEUE]; /* sent to it and not taken yet */
    uint32_t queued;
    bool is_closed; /* the other side sends no more */
    unsigned events;
    uint64_t plain;
};

struct talk {
    struct talk_end client, server;
};

static struct tls_identity talk_identity;
static struct tls_target talk_target = {.host = "198.18.1.1", .host_is_address = true};
static struct tls_opts talk_client, talk_server;
static struct tls_batch talk_batch; /* of both, in talk_with_batch() */
static bool talk_waits;             /* with TALK_BATCH in the environment all do */

/* Both ends compute with others. */
static inline void
talk_with_batch(const struct lanes *lanes)
{
    cr_assert(zero(int, tls_batch_init(&talk_batch, lanes)));
    talk_client.batch = talk_server.batch = &talk_batch;
}

/* What waits is computed. @return whether somebody goes on. */
static inline bool
talk_compute(void)
{
    bool goes_on = false;

    if (talk_client.batch == NULL)
        return false;
    (void)tls_batch_turn(&talk_batch, talk_batch.now_ns + NS_PER_MS, true, false);
    while (tls_batch_next_ready(&talk_batch) != NULL)
        goes_on = true;
    return goes_on;
}

/* Options that work, with a certificate for 198.18.1.1 and shakedown.test. */
static inline void
talk_set_up(void)
{
    static const char *const NAMES[] = {"198.18.1.1", "shakedown.test"};
    char why[256];

    cr_assert(zero(int, tls_identity_make(&talk_identity, "p256", NAMES, 2, why, sizeof(why))),
              "%s", why);
    talk_client = (struct tls_opts){.version_min = TLS_1_2,
                                    .version_max = TLS_1_3,
                                    .says_goodbye = true,
                                    .targets = &talk_target,
                                    .n_targets = 1};
    talk_server = (struct tls_opts){.is_server = true,
                                    .version_min = TLS_1_2,
                                    .version_max = TLS_1_3,
                                    .says_goodbye = true,
                                    .identity = &talk_identity,
                                    .gives_tickets = true};
    talk_waits = getenv("TALK_BATCH") != NULL;
    if (talk_waits)
        talk_with_batch(lanes_best());
}

static inline void
talk_tear_down(void)
{
    tls_identity_free(&talk_identity);
    if (talk_waits)
        tls_batch_fini(&talk_batch);
    expect_no_leaks();
}

static inline void
talk_make(struct tls_ctx *t, const struct tls_opts *opts)
{
    struct fail f;

    cr_assert(zero(int, tls_ctx_init(t, opts, &f)), "%s", f.text);
}

static inline void
talk_init(struct talk *t)
{
    talk_make(&t->client.ctx, &talk_client);
    talk_make(&t->server.ctx, &talk_server);
}

static inline void
talk_fini(struct talk *t)
{
    tls_ctx_fini(&t->client.ctx);
    tls_ctx_fini(&t->server.ctx);
}

static inline void
talk_begin_end(struct talk_end *e, struct tls_ctx *ctx, unsigned target)
{
    e->queued = 0;
    e->is_closed = false;
    e->events = 0;
    e->plain = 0;
    cr_assert(zero(int, tls_begin(&e->conn, ctx, target)));
}

static inline void
talk_begin(struct talk *t)
{
    talk_begin_end(&t->client, &t->client.ctx, 0);
    talk_begin_end(&t->server, &t->server.ctx, 0);
}

static inline void
talk_end(struct talk *t)
{
    tls_end(&t->client.conn);
    tls_end(&t->server.conn);
}

static inline uint32_t
talk_least(uint32_t wanted, uint32_t there)
{
    return wanted != 0 && wanted < there ? wanted : there;
}

static inline void
talk_hand_over(struct talk_end *to, const uint8_t *bytes, uint32_t n)
{
    cr_assert(le(uint, to->queued + n, TALK_QUEUE));
    memcpy(to->queue + to->queued, bytes, n);
    to->queued += n;
}

static inline void
talk_check_step(const struct talk_end *e, const struct tls_wire *w, unsigned events)
{
    cr_assert(le(uint, w->taken, w->in_len[0] + w->in_len[1]));
    cr_assert(le(uint, w->written, w->out_room[0] + w->out_room[1]));
    cr_assert(zero(ulong, ERR_peek_error()));
    cr_assert(zero(ptr, e->conn.wire));
    if ((events & TLS_EV_FAILED) != 0)
        cr_assert(ne(int, e->conn.cause, TLS_CAUSE_NONE));
}

/* One step of @e; what it writes is queued at @other. @return what it led to. */
static inline unsigned
talk_step(struct talk_end *e, struct talk_end *other, const struct talk_cut *cut)
{
    uint32_t in = talk_least(cut->in, e->queued), in_first = talk_least(cut->in_first, in);
    uint32_t out = cut->out != 0 ? cut->out : 16384, out_first = talk_least(cut->out_first, out);
    uint8_t *stretch[4] = {malloc(in_first + 1), malloc(in - in_first + 1), malloc(out_first + 1),
                           malloc(out - out_first + 1)};
    struct tls_wire w = {.in = {stretch[0] + 1, stretch[1] + 1},
                         .in_len = {in_first, in - in_first},
                         .out = {stretch[2] + 1, stretch[3] + 1},
                         .out_room = {out_first, out - out_first},
                         .in_ends = e->is_closed && in == e->queued};
    uint32_t first;
    unsigned events;

    if (talk_waits)
        (void)talk_compute();
    memcpy(stretch[0] + 1, e->queue, in_first);
    memcpy(stretch[1] + 1, e->queue + in_first, in - in_first);
    events = tls_step(&e->conn, &w, &e->plain);
    talk_check_step(e, &w, events);
    e->queued -= w.taken;
    memmove(e->queue, e->queue + w.taken, e->queued);
    first = talk_least(w.written, out_first);
    talk_hand_over(other, stretch[2] + 1, w.written > 0 ? first : 0);
    if (w.written > out_first && out > out_first) /* the latter for the compiler to see */
        talk_hand_over(other, stretch[3] + 1, w.written - out_first);
    e->events |= events;
    for (int i = 0; i < 4; i++)
        free(stretch[i]);
    return events;
}

static inline bool
talk_is_over(const struct talk_end *e)
{
    return (e->events & (TLS_EV_FAILED | TLS_EV_GOODBYE | TLS_EV_ENDED)) != 0;
}

/* Let both go on until neither has anything to do. */
static inline void
talk_run_cut(struct talk *t, const struct talk_cut *to_client, const struct talk_cut *to_server)
{
    bool goes_on = true;

    for (unsigned turn = 0; goes_on; turn++) {
        struct talk_end *ends[2] = {&t->client, &t->server};

        cr_assert(lt(uint, turn, 100000), "it does not end");
        goes_on = false;
        for (int i = 0; i < 2; i++) {
            uint32_t before = ends[i]->queued;
            unsigned events = 0;
            uint32_t sent = ends[!i]->queued;

            if (ends[i]->conn.ssl == NULL || talk_is_over(ends[i]))
                continue;
            events = talk_step(ends[i], ends[!i], i == 0 ? to_client : to_server);
            goes_on = goes_on || ends[i]->queued != before || ends[!i]->queued != sent ||
                      (events & (TLS_EV_NO_ROOM | TLS_EV_MORE)) != 0;
        }
        goes_on = talk_compute() || goes_on;
    }
}

static inline void
talk_run(struct talk *t)
{
    talk_run_cut(t, &(struct talk_cut){0}, &(struct talk_cut){0});
}

/* @e closes: the other side hears of it, with a goodbye if that is asked for. */
static inline void
talk_close(struct talk_end *e, struct talk_end *other)
{
    uint8_t room[256];
    struct tls_wire w = {.out = {room, room}, .out_room = {sizeof(room), 0}};

    tls_say_goodbye(&e->conn, &w);
    cr_assert(zero(ulong, ERR_peek_error()));
    talk_hand_over(other, room, w.written);
    other->is_closed = true;
}

/* A whole connection, closed by the client. */
static inline void
talk_whole(struct talk *t)
{
    talk_begin(t);
    talk_run(t);
    if ((t->client.events & TLS_EV_DONE) != 0 && !talk_is_over(&t->client))
        talk_close(&t->client, &t->server);
    talk_run(t);
    talk_end(t);
}

static inline uint64_t
talk_count(const struct tls_rows *r, const char *name)
{
    for (unsigned i = 0; i < r->n; i++) {
        if (strcmp(r->rows[i].name, name) == 0)
            return r->rows[i].count;
    }
    return 0;
}

#define talk_expects_done(t)                                                                       \
    do {                                                                                           \
        cr_assert(ne(uint, (t)->client.events &TLS_EV_DONE, 0));                                   \
        cr_assert(ne(uint, (t)->server.events &TLS_EV_DONE, 0));                                   \
        cr_assert(zero(uint, ((t)->client.events | (t)->server.events) & TLS_EV_FAILED));          \
    } while (0)
