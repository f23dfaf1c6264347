/* SPDX-License-Identifier: BSD-3-Clause */
/* See trial.h. */
#include "tls/trial.h"

#include <stdlib.h>
#include <string.h>

#include "tls/conn.h"

/* The first handshake of a context also takes what stays there. */
enum { HANDSHAKES = 3 };

/* A handshake of TLS 1.2 has four flights; a long certificate takes several steps. */
enum { STEPS_MAX = 1000 };

/* What one end has sent and the other has not taken. */
struct pipe {
    uint8_t bytes[16384];
    uint32_t len;
    uint64_t total;
};

struct end {
    struct tls_ctx ctx;
    struct tls_conn conn;
    struct pipe sent;
};

struct trial {
    struct end ends[ROLE_COUNT];
    uint32_t flights[TLS_TRIAL_FLIGHTS];
    unsigned flight; /* the one under way; even ones are the client's */
};

/* @return enum tls_event bits */
static unsigned
step(struct end *e, struct pipe *from)
{
    struct tls_wire w = {.in = {from->bytes},
                         .in_len = {from->len},
                         .out = {e->sent.bytes + e->sent.len},
                         .out_room = {(uint32_t)sizeof(e->sent.bytes) - e->sent.len}};
    unsigned events = tls_handshake(&e->conn, &w);

    from->len -= w.taken;
    memmove(from->bytes, from->bytes + w.taken, from->len);
    e->sent.len += w.written;
    e->sent.total += w.written;
    return events;
}

/* @role wrote @n bytes. What it writes in several steps, the other having nothing to say, is one
 * flight; so are those beyond the last that there is room for. */
static void
count_flight(struct trial *t, enum role role, uint64_t n)
{
    if (n == 0)
        return;
    if (t->flight % 2 != role && t->flight + 1 < TLS_TRIAL_FLIGHTS)
        t->flight++;
    t->flights[t->flight] += (uint32_t)n;
}

static bool
talk(struct trial *t)
{
    struct end *client = &t->ends[ROLE_CLIENT], *server = &t->ends[ROLE_SERVER];

    for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
        struct end *e = steps % 2 == 0 ? client : server, *other = e == client ? server : client;
        uint64_t before = e->sent.total;

        if (!e->conn.is_done && (step(e, &other->sent) & TLS_EV_FAILED) != 0)
            return false;
        count_flight(t, e == client ? ROLE_CLIENT : ROLE_SERVER, e->sent.total - before);
        if (client->conn.is_done && server->conn.is_done)
            return true;
    }
    return false;
}

static bool
shake_hands(struct trial *t)
{
    bool is_done;

    memset(t->flights, 0, sizeof(t->flights));
    t->flight = 0;
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        t->ends[role].sent = (struct pipe){0};
        if (tls_begin(&t->ends[role].conn, &t->ends[role].ctx, 0) < 0) {
            while (role-- > 0)
                tls_end(&t->ends[role].conn);
            return false;
        }
    }
    is_done = talk(t);
    for (enum role role = 0; role < ROLE_COUNT; role++)
        tls_end(&t->ends[role].conn);
    return is_done;
}

static int
try_out(struct trial *t, struct tls_trial *result, struct fail *f)
{
    for (unsigned n = 0; n < HANDSHAKES; n++)
        if (!shake_hands(t))
            return fail_set(f, EXIT_HOST, "a TLS handshake with itself came to nothing");
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        result->openssl_bytes[role] = t->ends[role].ctx.tally.handshake_bytes;
        result->sent_bytes[role] = t->ends[role].sent.total;
    }
    memcpy(result->flights, t->flights, sizeof(result->flights));
    return 0;
}

int
tls_trial(struct tls_trial *result, const struct tls_opts *client, const struct tls_opts *server,
          struct fail *f)
{
    struct trial *t = calloc(1, sizeof(*t));
    int err = -1;

    *result = (struct tls_trial){0};
    if (t == NULL)
        return fail_set(f, EXIT_HOST, "not enough memory for TLS");
    if (tls_ctx_init(&t->ends[ROLE_CLIENT].ctx, client, f) < 0)
        goto free_trial;
    if (tls_ctx_init(&t->ends[ROLE_SERVER].ctx, server, f) == 0) {
        err = try_out(t, result, f);
        tls_ctx_fini(&t->ends[ROLE_SERVER].ctx);
    }
    tls_ctx_fini(&t->ends[ROLE_CLIENT].ctx);
free_trial:
    free(t);
    return err;
}
