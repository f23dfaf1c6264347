/* SPDX-License-Identifier: BSD-3-Clause */
/* See batch.h. Jobs are described in ASYNC_start_job(3). */
#include "tls/batch.h"

#include <assert.h>
#include <poll.h>
#include <string.h>

#include <openssl/async.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "base/units.h"

/* How often a provider that tells nothing is asked, and one's descriptors are looked at. */
static const uint64_t LOOK_NS = 20 * NS_PER_US;

/* Descriptors of one job. OpenSSL bounds them nowhere; who has more is asked as if it had none. */
enum { JOB_FDS_MAX = 8 };

/* Whose step it is; OpenSSL passes providers nothing by which they could be told. */
static _Thread_local struct tls_conn *stepping;

/* The thread's; they share its jobs, of which OpenSSL keeps one pool for each thread. */
static _Thread_local unsigned n_batches;

bool
tls_batch_can_be(void)
{
    return ASYNC_is_capable() == 1;
}

int
tls_batch_init(struct tls_batch *b, const struct lanes *lanes)
{
    memset(b, 0, sizeof(*b));
    b->lanes = lanes;
    if (n_batches == 0 &&
        (!tls_batch_can_be() || ASYNC_init_thread(TLS_JOBS_MAX, TLS_JOBS_MAX) != 1))
        return -1;
    n_batches++;
    return 0;
}

void
tls_batch_enter(struct tls_conn *c)
{
    stepping = c;
}

void
tls_batch_leave(void)
{
    stepping = NULL;
}

/* -- operations ------------------------------------------------------------------------------- */

static struct tls_batch *
current_batch(void)
{
    return stepping != NULL ? stepping->ctx->opts.batch : NULL;
}

const struct tls_lean *
tls_step_lean(void)
{
    return stepping != NULL ? &stepping->ctx->lean : NULL;
}

const struct tls_lean *
tls_batch_lean(void)
{
    return current_batch() != NULL ? &stepping->ctx->lean : NULL;
}

/* Take @op out of its queue. */
static void
take_out(struct tls_batch_queue *q, const struct lane_op *op)
{
    for (unsigned i = 0; i < q->n; i++) {
        if (q->ops[i] == op) {
            q->ops[i] = q->ops[--q->n];
            return;
        }
    }
}

/* Have @op wait for its turn, and its handshake with it. @return false: that cannot be. */
static bool
await(struct tls_batch *b, struct lane_op *op)
{
    struct tls_batch_queue *q = &b->queues[op->kind];

    assert(q->n < LANES);

    op->owner = stepping;
    op->status = LANE_WAITS;
    if (q->n == 0)
        q->since_ns = b->now_ns;
    q->ops[q->n++] = op;
    if (ASYNC_pause_job() == 1 && op->status != LANE_WAITS)
        return true;
    take_out(q, op); /* OpenSSL may not be paused just here (ASYNC_block_pause()) */
    return false;
}

bool
tls_batch_do(struct lane_op *op, bool (*alone)(void *arg), void *arg)
{
    struct tls_batch *b = current_batch();

    if (b == NULL || ASYNC_get_current_job() == NULL)
        return alone(arg);
    if (b->is_ending)
        return false;
    if (!await(b, op) || op->status == LANE_ALONE)
        return alone(arg);
    return op->status == LANE_DONE;
}

static void
make_ready(struct tls_batch *b, struct tls_conn *c)
{
    assert(b->n_ready < TLS_JOBS_MAX);

    c->waits = TLS_WAITS_TURN;
    b->ready[b->n_ready++] = c;
}

static void
compute(struct tls_batch *b, enum lane_kind kind)
{
    struct tls_batch_queue *q = &b->queues[kind];
    unsigned n = q->n;

    if (n == 0)
        return;
    tls_spread_count(&b->sizes[kind], n);
    if (n >= b->lanes->least[kind])
        b->lanes->compute(kind, q->ops, n);
    else
        lanes_serial.compute(kind, q->ops, n);
    q->n = 0;
    for (unsigned i = 0; i < n; i++)
        make_ready(b, q->ops[i]->owner);
}

static unsigned
compute_due(struct tls_batch *b, bool is_idle, bool goes_on)
{
    uint64_t patience_ns = goes_on ? TLS_BATCH_CROWDED_NS : TLS_BATCH_ALONE_NS;
    unsigned n = 0;

    for (enum lane_kind kind = 0; kind < LANE_KINDS; kind++) {
        struct tls_batch_queue *q = &b->queues[kind];

        if (q->n > 0 && (is_idle || b->lacks_jobs || b->now_ns - q->since_ns >= patience_ns)) {
            n += q->n;
            compute(b, kind);
        }
    }
    b->lacks_jobs = false;
    return n;
}

bool
tls_batch_hasten(struct tls_batch *b, struct tls_conn *c)
{
    for (enum lane_kind kind = 0; c->waits == TLS_WAITS_BATCH && kind < LANE_KINDS; kind++) {
        for (unsigned i = 0; i < b->queues[kind].n; i++) {
            if (b->queues[kind].ops[i]->owner == c) {
                compute(b, kind);
                break;
            }
        }
    }
    return c->waits == TLS_WAITS_TURN;
}

/* -- keys made ahead -------------------------------------------------------------------------- */

static bool
make_keys(struct tls_batch *b, OSSL_LIB_CTX *ctx)
{
    struct tls_batch_keys *k = &b->keys;

    if (RAND_priv_bytes_ex(ctx, k->privates[0], sizeof(k->privates), 0) != 1 ||
        !b->lanes->x25519_publics(k->publics, k->privates))
        return false;
    k->n = LANES;
    return true;
}

bool
tls_batch_take_key(uint8_t private[static X25519_BYTES], uint8_t public[static X25519_BYTES])
{
    struct tls_batch *b = current_batch();
    struct tls_batch_keys *k;

    if (b == NULL || b->lanes->x25519_publics == NULL)
        return false;
    k = &b->keys;
    if (k->n == 0 && !make_keys(b, stepping->ctx->lean.ctx))
        return false;
    k->n--;
    memcpy(private, k->privates[k->n], X25519_BYTES);
    memcpy(public, k->publics[k->n], X25519_BYTES);
    OPENSSL_cleanse(k->privates[k->n], X25519_BYTES);
    return true;
}

/* -- waiting ---------------------------------------------------------------------------------- */

static bool
is_queued(const struct tls_batch *b, const struct tls_conn *c)
{
    for (enum lane_kind kind = 0; kind < LANE_KINDS; kind++) {
        for (unsigned i = 0; i < b->queues[kind].n; i++) {
            if (b->queues[kind].ops[i]->owner == c)
                return true;
        }
    }
    return false;
}

void
tls_batch_pause(struct tls_batch *b, struct tls_conn *c)
{
    if (!is_queued(b, c)) {
        assert(b->n_away < TLS_JOBS_MAX);

        c->waits = TLS_WAITS_AWAY;
        b->away[b->n_away++] = c;
        return;
    }
    c->waits = TLS_WAITS_BATCH;
    for (enum lane_kind kind = 0; kind < LANE_KINDS; kind++) {
        if (b->queues[kind].n == LANES)
            compute(b, kind);
    }
}

/* Take @c out of @list. @return whether it was there. */
static bool
remove_from(struct tls_conn **list, unsigned *n, const struct tls_conn *c)
{
    for (unsigned i = 0; i < *n; i++) {
        if (list[i] == c) {
            list[i] = list[--*n];
            return true;
        }
    }
    return false;
}

void
tls_batch_forget(struct tls_batch *b, struct tls_conn *c)
{
    for (enum lane_kind kind = 0; c->waits == TLS_WAITS_BATCH && kind < LANE_KINDS; kind++) {
        struct tls_batch_queue *q = &b->queues[kind];

        for (unsigned i = 0; i < q->n; i++) {
            if (q->ops[i]->owner == c) {
                q->ops[i]->status = LANE_FAILED;
                take_out(q, q->ops[i]);
                break;
            }
        }
    }
    (void)remove_from(b->ready, &b->n_ready, c);
    (void)remove_from(b->away, &b->n_away, c);
    c->waits = TLS_WAITS_NOTHING;
}

struct tls_conn *
tls_batch_next_ready(struct tls_batch *b)
{
    struct tls_conn *c = b->n_ready > 0 ? b->ready[0] : NULL;

    if (c == NULL)
        return NULL;
    memmove(b->ready, b->ready + 1, --b->n_ready * sizeof(b->ready[0]));
    c->waits = TLS_WAITS_NOTHING;
    return c;
}

/* -- other people's providers ----------------------------------------------------------------- */

/* Whether its job says that it may go on; one that has no way to say so may at any time. */
static bool
has_come_back(struct tls_batch *b, struct tls_conn *c)
{
    OSSL_ASYNC_FD fds[JOB_FDS_MAX];
    struct pollfd polled[JOB_FDS_MAX];
    size_t n = 0;

    if (atomic_exchange(&c->is_called, false)) {
        b->calls_back = true;
        return true;
    }
    if (SSL_get_all_async_fds(c->ssl, NULL, &n) != 1 || n == 0 || n > JOB_FDS_MAX ||
        SSL_get_all_async_fds(c->ssl, fds, &n) != 1)
        return !b->calls_back;
    for (size_t i = 0; i < n; i++)
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    return poll(polled, n, 0) > 0;
}

/* A connection that is over has nobody to read or write for. */
static bool
end_left(struct tls_conn *c)
{
    struct tls_wire nothing = {0};

    c->wire = &nothing;
    tls_batch_enter(c);
    (void)SSL_do_handshake(c->ssl);
    tls_batch_leave();
    c->wire = NULL;
    ERR_clear_error();
    if (SSL_waiting_for_async(c->ssl))
        return false;
    SSL_free(c->ssl);
    return true;
}

static void
set_owner(struct tls_conn *c)
{
    SSL_set_app_data(c->ssl, c);
    BIO_set_data(SSL_get_rbio(c->ssl), c);
}

void
tls_batch_leave_behind(struct tls_batch *b, struct tls_conn *c)
{
    struct tls_conn *left = &b->left[b->n_left];

    assert(b->n_left < TLS_JOBS_MAX);

    *left = *c;
    set_owner(left);
    b->n_left++;
    c->ssl = NULL;
}

static void
look_after_left(struct tls_batch *b)
{
    b->is_ending = true;
    for (unsigned i = 0; i < b->n_left;) {
        struct tls_conn *c = &b->left[i];

        if (!has_come_back(b, c) || !end_left(c)) {
            i++;
            continue;
        }
        *c = b->left[--b->n_left];
        if (i < b->n_left)
            set_owner(c);
    }
    b->is_ending = false;
}

static void
look_after_away(struct tls_batch *b)
{
    b->next_look_ns = b->now_ns + LOOK_NS;
    for (unsigned i = 0; i < b->n_away;) {
        struct tls_conn *c = b->away[i];

        if (!has_come_back(b, c)) {
            i++;
            continue;
        }
        b->away[i] = b->away[--b->n_away];
        make_ready(b, c);
    }
    look_after_left(b);
}

unsigned
tls_batch_turn(struct tls_batch *b, uint64_t now_ns, bool is_idle, bool goes_on)
{
    unsigned n;

    b->now_ns = now_ns;
    n = compute_due(b, is_idle, goes_on);
    if (unlikely(b->n_away + b->n_left > 0) && now_ns >= b->next_look_ns)
        look_after_away(b);
    return n;
}

void
tls_batch_fini(struct tls_batch *b)
{
    look_after_left(b);
    OPENSSL_cleanse(&b->keys, sizeof(b->keys));
    if (--n_batches == 0)
        ASYNC_cleanup_thread();
}
