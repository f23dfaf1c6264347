/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes into TLS, in each role: as they are, or as what happens to the bytes of a real peer on
 * their way: changed, lost, doubled, cut, ended. After each step what holds whatever comes must
 * hold. OpenSSL's randomness is another one each time, so nothing here depends on it. */
#include <string.h>

#include <openssl/err.h>

#include "../tls_steps.h"
#include "base/units.h"
#include "bytes.h"
#include "tls/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { QUEUE = 65536, ROOM = 16384, STEPS_MAX = 4096, COMMANDS_MAX = 64 };

/* Of the first byte. */
enum how {
    HOW_SERVER = 0x01,  /* the bytes are for a server */
    HOW_OLD = 0x02,     /* TLS 1.2 at most */
    HOW_NEW = 0x04,     /* TLS 1.3 at least */
    HOW_PEER = 0x08,    /* commands about a real peer, else raw bytes */
    HOW_RESUMES = 0x10, /* a session from an earlier connection */
    HOW_ASKS = 0x20,    /* the server asks for a certificate */
    HOW_BARE = 0x40,    /* no tickets; PSK without key exchange is taken */
};

struct end {
    struct tls_conn conn;
    uint8_t queue[QUEUE];
    uint32_t queued;
    bool is_closed; /* nothing will come any more */
    bool has_failed;
    uint64_t plain;
};

/* The first byte's combinations, made when they are first needed. */
static struct tls_ctx *contexts[2][256];
static struct tls_identity identity;
static struct end victim, peer;

/* -- contexts --------------------------------------------------------------------------------- */

static struct tls_ctx *
context(bool is_server, unsigned how)
{
    static const struct tls_target TARGET = {.sni = "shakedown.test", .host = "shakedown.test"};
    struct tls_ctx **at = &contexts[is_server][how & ~(unsigned)(HOW_SERVER | HOW_PEER)];
    struct tls_opts o = {.is_server = is_server,
                         .version_min = how & HOW_NEW ? TLS_1_3 : TLS_1_2,
                         .version_max = how & HOW_OLD ? TLS_1_2 : TLS_1_3,
                         .alpn = "h2,http/1.1",
                         .says_goodbye = true,
                         .psk_without_dhe = (how & HOW_BARE) != 0};
    struct fail f;

    if (*at != NULL)
        return *at;
    if (is_server) {
        o.identity = &identity;
        o.gives_tickets = (how & HOW_BARE) == 0;
        o.asks_for_cert = (how & HOW_ASKS) != 0;
    } else {
        o.targets = &TARGET;
        o.n_targets = 1;
        o.resume_ppm = how & HOW_RESUMES ? TLS_RESUME_ALWAYS : TLS_RESUME_NEVER;
    }
    *at = calloc(1, sizeof(**at));
    must(*at != NULL && tls_ctx_init(*at, &o, &f) == 0, "no context");
    return *at;
}

static void
begin(struct end *e, struct tls_ctx *t)
{
    e->queued = 0;
    e->is_closed = e->has_failed = false;
    must(tls_begin(&e->conn, t, 0) == 0, "no memory");
}

/* -- steps ------------------------------------------------------------------------------------ */

static void
hand_over(struct end *to, const uint8_t *bytes, size_t n)
{
    if (n > QUEUE - to->queued)
        n = QUEUE - to->queued;
    memcpy(to->queue + to->queued, bytes, n);
    to->queued += (uint32_t)n;
}

static void
check_step(const struct end *e, const struct tls_wire *w, unsigned events)
{
    const unsigned over = TLS_EV_FAILED | TLS_EV_GOODBYE | TLS_EV_ENDED;
    bool took_all = w->taken == w->in_len[0] + w->in_len[1];

    must(w->taken <= w->in_len[0] + w->in_len[1], "took more than there is");
    must(w->written <= w->out_room[0] + w->out_room[1], "wrote more than there is room");
    must(e->conn.wire == NULL, "keeps what it was lent");
    must(ERR_peek_error() == 0, "left an error behind");
    must((events & TLS_EV_FAILED) == 0 || e->conn.cause != TLS_CAUSE_NONE, "failed for no reason");
    must((events & TLS_EV_FAILED) != 0 || e->conn.cause == TLS_CAUSE_NONE, "a reason, no failure");
    must((events & TLS_EV_RESUMED) == 0 || (events & TLS_EV_DONE) != 0, "resumed, but not done");
    must(took_all || (events & (over | TLS_EV_MORE | TLS_EV_NO_ROOM)) != 0, "stopped too early");
    must(!w->in_ends || (events & (over | TLS_EV_MORE | TLS_EV_NO_ROOM)) != 0, "missed the end");
}

/* One step with at most @in bytes and @out of room, @cut of each in the first stretch; all in
 * blocks of exactly their size. */
static unsigned
step(struct end *e, struct end *other, uint32_t in, uint32_t out, uint32_t cut)
{
    uint32_t n = in < e->queued ? in : e->queued, in0 = cut < n ? cut : n;
    uint32_t out0 = cut < out ? cut : out;
    uint8_t *blocks[4] = {malloc(in0), malloc(n - in0), malloc(out0), malloc(out - out0)};
    struct tls_wire w = {.in = {blocks[0], blocks[1]},
                         .in_len = {in0, n - in0},
                         .out = {blocks[2], blocks[3]},
                         .out_room = {out0, out - out0},
                         .in_ends = e->is_closed && n == e->queued};
    unsigned events;

    if (in0 > 0)
        memcpy(blocks[0], e->queue, in0);
    if (n > in0)
        memcpy(blocks[1], e->queue + in0, n - in0);
    events = tls_step(&e->conn, &w, &e->plain);
    check_step(e, &w, events);
    e->has_failed = (events & TLS_EV_FAILED) != 0;
    e->queued -= w.taken;
    memmove(e->queue, e->queue + w.taken, e->queued);
    hand_over(other, blocks[2], w.written < out0 ? w.written : out0);
    if (w.written > out0)
        hand_over(other, blocks[3], w.written - out0);
    for (int i = 0; i < 4; i++)
        free(blocks[i]);
    return events;
}

/* Steps until @e waits for something. Each must take, write or count something; so they end. */
static void
drain(struct end *e, struct end *other)
{
    unsigned n = 0;

    while (!e->has_failed &&
           (step(e, other, QUEUE, ROOM, ROOM) & (TLS_EV_MORE | TLS_EV_NO_ROOM)) != 0)
        must(++n < STEPS_MAX, "does not end");
}

static void
say_goodbye(struct end *e, struct end *other, uint32_t room)
{
    uint8_t *block = malloc(room);
    struct tls_wire w = {.out = {block, block}, .out_room = {room, 0}};

    tls_say_goodbye(&e->conn, &w);
    must(w.written <= room && w.taken == 0, "wrote more than there is room");
    must(ERR_peek_error() == 0, "left an error behind");
    hand_over(other, block, w.written);
    free(block);
}

/* -- what happens on the way ------------------------------------------------------------------ */

/* @n bytes come between those at @at. */
static void
insert(struct end *e, uint32_t at, const uint8_t *bytes, uint32_t n)
{
    if (n > QUEUE - e->queued)
        return;
    memmove(e->queue + at + n, e->queue + at, e->queued - at);
    memcpy(e->queue + at, bytes, n);
    e->queued += n;
}

static void
lose(struct end *e, uint32_t at, uint32_t n)
{
    n = n < e->queued - at ? n : e->queued - at;
    memmove(e->queue + at, e->queue + at + n, e->queued - at - n);
    e->queued -= n;
}

static void
insert_next(struct end *e, struct bytes *b, uint32_t at)
{
    uint32_t n = take8(b);

    if (n > (size_t)(b->end - b->at))
        n = (uint32_t)(b->end - b->at);
    insert(e, at, b->at, n);
    b->at += n;
}

static void
double_some(struct end *e, uint32_t at, uint32_t n)
{
    uint8_t copy[256];

    n = n < e->queued - at ? n : e->queued - at;
    memcpy(copy, e->queue + at, n);
    insert(e, at, copy, n);
}

/* What a peer does besides the handshake. */
static void
have_peer_act(unsigned what)
{
    static const uint8_t TEXT[300];
    static uint8_t room[ROOM];
    struct tls_wire w = {.out = {room, room}, .out_room = {ROOM, 0}};

    if (peer.has_failed || !peer.conn.is_done)
        return;
    peer.conn.wire = &w;
    if (what % 4 == 0)
        (void)SSL_write(peer.conn.ssl, TEXT, sizeof(TEXT));
    else if (what % 4 == 1 &&
             SSL_key_update(peer.conn.ssl, what & 8 ? SSL_KEY_UPDATE_REQUESTED
                                                    : SSL_KEY_UPDATE_NOT_REQUESTED) == 1)
        (void)SSL_do_handshake(peer.conn.ssl);
    else if (what % 4 == 2)
        (void)SSL_shutdown(peer.conn.ssl);
    else if (what % 4 == 3)
        (void)SSL_new_session_ticket(peer.conn.ssl);
    peer.conn.wire = NULL;
    ERR_clear_error();
    hand_over(&victim, room, w.written);
}

static void
obey(struct bytes *b)
{
    unsigned what = take8(b);
    uint32_t at = take16(b);

    at = victim.queued > 0 ? at % victim.queued : 0;
    switch (what % 16) {
    case 0:
    case 1:
        if (!peer.has_failed)
            drain(&peer, &victim);
        drain(&victim, &peer);
        break;
    case 2:
        if (!peer.has_failed)
            drain(&peer, &victim);
        break;
    case 3:
        step(&victim, &peer, at, what >> 4, (what >> 4) / 2);
        break;
    case 4:
        step(&victim, &peer, at, ROOM, at / 2);
        break;
    case 5:
        step(&victim, &peer, QUEUE, what >> 4, at);
        break;
    case 6:
    case 7:
        if (victim.queued > 0)
            victim.queue[at] ^= take8(b);
        break;
    case 8:
        insert_next(&victim, b, at);
        break;
    case 9:
        lose(&victim, at, take8(b));
        break;
    case 10:
        double_some(&victim, at, take8(b));
        break;
    case 11:
    case 12:
        have_peer_act(what >> 4);
        break;
    case 13:
        victim.is_closed = true;
        break;
    case 14:
        say_goodbye(&victim, &peer, what >> 4 == 0 ? 0 : 256);
        break;
    case 15:
        victim.queued = at;
        break;
    }
}

/* -- courses ---------------------------------------------------------------------------------- */

static void
run_raw(struct bytes *b)
{
    unsigned piece = take8(b), room = take8(b);

    hand_over(&victim, b->at, (size_t)(b->end - b->at));
    peer.queued = 0;
    for (unsigned n = 0; victim.queued > 0 && !victim.has_failed; n++) {
        must(n < QUEUE, "does not end");
        step(&victim, &peer, piece == 0 ? QUEUE : piece, room == 0 ? ROOM : room, piece / 2);
        peer.queued = 0;
        if (room != 0 && victim.queued > 0) /* it may wait for room */
            drain(&victim, &peer);
    }
    victim.is_closed = true;
    drain(&victim, &peer);
}

static void
run_with_peer(struct bytes *b)
{
    for (unsigned n = 0; n < COMMANDS_MAX && bytes_left(b) && !victim.has_failed; n++)
        obey(b);
    victim.is_closed = true;
    drain(&victim, &peer);
}

/* A connection that leaves a session for the next one. */
static void
leave_session(struct tls_ctx *of_victim, struct tls_ctx *of_peer)
{
    begin(&victim, of_victim);
    begin(&peer, of_peer);
    for (int i = 0; i < 3; i++) {
        drain(&victim, &peer);
        drain(&peer, &victim);
    }
    must(victim.conn.is_done == peer.conn.is_done, "only one has shaken hands");
    tls_end(&victim.conn);
    tls_end(&peer.conn);
}

static void
forget_sessions(struct tls_ctx *t)
{
    unsigned n = t->sessions.n_peers;

    tls_sessions_fini(&t->sessions);
    must(tls_sessions_init(&t->sessions, n) == 0, "no memory");
    t->resume_due = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes b = {data, data + len};
    unsigned how = take8(&b) & 0x7f;
    bool is_server = (how & HOW_SERVER) != 0;
    struct tls_ctx *of_victim, *of_peer;
    char why[256];

    if (identity.key == NULL)
        must(tls_identity_make(&identity, "p256", NULL, 0, why, sizeof(why)) == 0, why);
    if ((how & HOW_OLD) != 0)
        how &= ~(unsigned)HOW_NEW;
    of_victim = context(is_server, how);
    of_peer = context(!is_server, how & (HOW_RESUMES | HOW_ASKS));
    if ((how & HOW_RESUMES) != 0)
        leave_session(of_victim, of_peer);
    begin(&victim, of_victim);
    begin(&peer, of_peer);
    if ((how & HOW_PEER) != 0)
        run_with_peer(&b);
    else
        run_raw(&b);
    tls_end(&victim.conn);
    tls_end(&peer.conn);
    forget_sessions(is_server ? of_peer : of_victim);
    return 0;
}
