/* SPDX-License-Identifier: BSD-3-Clause */
/* See conn.h. */
#include "tls/conn.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/units.h"
#include "tls/agreed.h"
#include "tls/batch.h"
#include "tls/conn_failure.h"
#include "tls/mem.h"

/* -- begin and end ------------------------------------------------------------------------ */

/* The name that is sent, and with it whose sessions can be resumed. */
static const char *
choose_name(struct tls_ctx *t, unsigned target, uint32_t *session_peer)
{
    unsigned name = 0;

    if (t->opts.n_names == 0) {
        *session_peer = target;
        return t->opts.targets[target].sni;
    }
    name = t->next_name;
    t->next_name = name + 1 == t->opts.n_names ? 0 : name + 1;
    *session_peer = target * t->opts.n_names + name;
    return t->opts.names[name];
}

/* Attempts are spread evenly, as starts are. */
static bool
resumes_now(struct tls_ctx *t)
{
    t->resume_due += t->opts.resume_ppm;
    if (t->resume_due < TLS_RESUME_ALWAYS)
        return false;
    t->resume_due -= TLS_RESUME_ALWAYS;
    return true;
}

static bool
expect_host(SSL *ssl, const struct tls_target *target, const char *name)
{
    if (name == NULL && target->host_is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), target->host) == 1;
    return SSL_set1_host(ssl, name != NULL ? name : target->host) == 1;
}

static bool
begin_client(struct tls_conn *c, unsigned target)
{
    struct tls_ctx *t = c->ctx;
    const char *name = choose_name(t, target, &c->session_peer);
    SSL_SESSION *session = NULL;
    bool is_set = true;

    SSL_set_connect_state(c->ssl);
    if (name != NULL && SSL_set_tlsext_host_name(c->ssl, name) != 1)
        return false;
    if (t->opts.verifies && !expect_host(c->ssl, &t->opts.targets[target], name))
        return false;
    c->is_due = resumes_now(t);
    if (c->is_due)
        session = tls_sessions_take(&t->sessions, c->session_peer);
    if (session != NULL) {
        is_set = SSL_set_session(c->ssl, session) == 1;
        c->has_offered = is_set;
        SSL_SESSION_free(session);
    }
    return is_set;
}

static bool
begin_ssl(struct tls_conn *c, unsigned target)
{
    BIO *bio;

    c->ssl = SSL_new(c->ctx->ssl);
    if (c->ssl == NULL)
        return false;
    bio = BIO_new(c->ctx->segments);
    if (bio == NULL)
        return false;
    BIO_set_data(bio, c);
    BIO_set_init(bio, 1);
    SSL_set_bio(c->ssl, bio, bio);
    SSL_set_app_data(c->ssl, c);
    if (c->ctx->opts.batch != NULL)
        SSL_set_mode(c->ssl, SSL_MODE_ASYNC);
    if (!c->ctx->opts.is_server)
        return begin_client(c, target);
    SSL_set_accept_state(c->ssl);
    return true;
}

int
tls_begin(struct tls_conn *c, struct tls_ctx *t, unsigned target)
{
    uint64_t before = tls_mem_in_use();

    *c = (struct tls_conn){.ctx = t, .is_first = t->n_begun++ == 0};
    if (!begin_ssl(c, target)) {
        ERR_clear_error();
        tls_end(c);
        return -1;
    }
    c->bytes = (int64_t)(tls_mem_in_use() - before);
    return 0;
}

/* A job that is paused would be lost with its stack, so it comes to an end first: what it waits for
 * fails. One that waits for somebody else goes on without the connection. */
static void
end_job(struct tls_conn *c)
{
    struct tls_batch *b = c->ctx->opts.batch;
    struct tls_wire nothing = {0};

    b->is_ending = true;
    tls_batch_forget(b, c);
    if (SSL_waiting_for_async(c->ssl)) {
        c->wire = &nothing;
        tls_batch_enter(c);
        (void)SSL_do_handshake(c->ssl);
        tls_batch_leave();
        c->wire = NULL;
        ERR_clear_error();
    }
    b->is_ending = false;
    if (SSL_waiting_for_async(c->ssl))
        tls_batch_leave_behind(b, c);
}

void
tls_end(struct tls_conn *c)
{
    if (c->ssl == NULL)
        return;
    if (tls_is_paused(c) || SSL_waiting_for_async(c->ssl))
        end_job(c);
    if (c->ssl == NULL)
        return;
    /* Otherwise OpenSSL forgets the session of a connection that was not shut down. */
    SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(c->ssl);
    c->ssl = NULL;
}

/* -- what OpenSSL tells ------------------------------------------------------------------- */

void
tls_on_info(const SSL *ssl, int where, int value)
{
    struct tls_conn *c;

    if ((where & SSL_CB_ALERT) == 0 || value >> 8 != SSL3_AL_FATAL)
        return;
    c = SSL_get_app_data(ssl);
    if ((where & SSL_CB_READ) != 0)
        c->alert_in = (uint8_t)value;
    else
        c->alert_out = (uint8_t)value;
}

/* The clock; 0 where nobody asks for it. */
static uint64_t
now_of(const struct tls_ctx *t)
{
    return t->opts.now == NULL ? 0 : t->opts.now(t->opts.now_arg);
}

void
tls_on_message(int is_written, int version, int type, const void *bytes, size_t len, SSL *ssl,
               void *arg)
{
    struct tls_conn *c = SSL_get_app_data(ssl);

    (void)is_written;
    (void)version;
    (void)arg;
    if (type == SSL3_RT_HANDSHAKE)
        tls_legs_message(&c->legs, bytes, len, now_of(c->ctx));
}

int
tls_on_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls_conn *c = SSL_get_app_data(ssl);

    c->n_tickets++;
    if (c->ctx->opts.resume_ppm == TLS_RESUME_NEVER)
        return 0;
    tls_sessions_keep(&c->ctx->sessions, c->session_peer, session);
    return 1;
}

/* @return 1: go on with the certificate there is, or with none; 0: fail. */
int
tls_on_cert_request(SSL *ssl, void *arg)
{
    struct tls_conn *c = SSL_get_app_data(ssl);

    (void)arg;
    c->is_asked = true;
    if (c->ctx->certs.certs == NULL)
        return 1;
    c->has_shown = tls_certs_turns_use(&c->ctx->certs, &c->ctx->lean, ssl);
    return c->has_shown;
}

/* On the thread of somebody else's. */
int
tls_on_come_back(SSL *ssl, void *arg)
{
    struct tls_conn *c = SSL_get_app_data(ssl);

    (void)arg;
    atomic_store(&c->is_called, true);
    return 1;
}

/* -- judging ------------------------------------------------------------------------------ */

/* What a call that returned @rc (<= 0) has come to. */
static unsigned
judge(struct tls_conn *c, int rc)
{
    switch (SSL_get_error(c->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        if (!c->wire->in_ends)
            return 0;
        return c->is_done ? TLS_EV_ENDED : tls_conn_fail(c);
    case SSL_ERROR_WANT_WRITE:
        return TLS_EV_NO_ROOM;
    case SSL_ERROR_ZERO_RETURN:
        return c->is_done ? TLS_EV_GOODBYE : tls_conn_fail(c);
    case SSL_ERROR_WANT_ASYNC:
        tls_batch_pause(c->ctx->opts.batch, c);
        return 0;
    case SSL_ERROR_WANT_ASYNC_JOB:
        c->ctx->opts.batch->lacks_jobs = true;
        c->waits = TLS_WAITS_JOB;
        return TLS_EV_LATER;
    default:
        return tls_conn_fail(c);
    }
}

/* -- steps -------------------------------------------------------------------------------- */

/* What a connection costs, from what this thread had taken before and after each step. The first
 * one tells only as long as there is no other. */
static void
count_memory(struct tls_conn *c, uint64_t before, bool was_done)
{
    struct tls_tally *y = &c->ctx->tally;
    uint64_t peak = (uint64_t)c->bytes + (tls_mem_peak() - before);

    c->bytes += (int64_t)(tls_mem_in_use() - before);
    if (c->is_first && c->ctx->n_begun > 1)
        return;
    if (!c->is_first && !c->ctx->has_measured) {
        c->ctx->has_measured = true;
        y->handshake_bytes = y->idle_bytes = 0;
    }
    if (!was_done)
        y->handshake_bytes = u64_max(y->handshake_bytes, peak);
    if (c->is_done)
        y->idle_bytes = u64_max(y->idle_bytes, (uint64_t)c->bytes);
}

/* A step begins: what it takes of memory is the connection's. @return what was in use before. */
static uint64_t
step_begin(struct tls_conn *c, struct tls_wire *w)
{
    tls_mem_mark();
    c->wire = w;
    tls_batch_enter(c);
    ERR_clear_error(); /* or SSL_get_error() would speak of another connection */
    return tls_mem_in_use();
}

static void
step_end(struct tls_conn *c, uint64_t before, bool was_done)
{
    c->wire = NULL;
    tls_batch_leave();
    count_memory(c, before, was_done);
}

static uint16_t
record_max(const struct tls_conn *c)
{
    const SSL_SESSION *session = SSL_get0_session(c->ssl);
    unsigned code = session == NULL ? 0 : SSL_SESSION_get_max_fragment_length(session);

    return (uint16_t)(code == TLSEXT_max_fragment_length_DISABLED ? TLS_RECORD_MAX : 256u << code);
}

/* The handshake is complete. @return enum tls_event bits */
static unsigned
finish(struct tls_conn *c)
{
    c->is_done = true;
    SSL_clear_mode(c->ssl, SSL_MODE_ASYNC); /* what follows is done sooner than paused for */
    SSL_set_msg_callback(c->ssl, NULL);
    c->record_max = record_max(c);
    tls_agreed_count(c);
    return TLS_EV_DONE | (SSL_session_reused(c->ssl) ? TLS_EV_RESUMED : 0);
}

unsigned
tls_handshake(struct tls_conn *c, struct tls_wire *w)
{
    uint32_t taken = w->taken, written = w->written;
    uint64_t before, began_ns;
    unsigned events;
    int rc;

    if (tls_is_paused(c))
        return 0;
    c->waits = TLS_WAITS_NOTHING;
    began_ns = now_of(c->ctx);
    before = step_begin(c, w);
    rc = SSL_do_handshake(c->ssl);
    c->legs.in_bytes += w->taken - taken;
    c->legs.out_bytes += w->written - written;
    events = rc == 1 ? finish(c) : judge(c, rc);
    step_end(c, before, false);
    c->done_ns = now_of(c->ctx);
    c->legs.computing_ns += c->done_ns - began_ns;
    return events;
}

bool
tls_hasten(struct tls_conn *c)
{
    struct tls_batch *b = c->ctx->opts.batch;

    if (!tls_is_paused(c) || !tls_batch_hasten(b, c))
        return false;
    tls_batch_forget(b, c);
    return true;
}

/* A record's header (RFC 8446 5.1): type, version, length. */
enum { RECORD_HEADER = 5, RECORD_LENGTH_AT = 3 };

static uint8_t
byte_at(const struct tls_wire *w, uint32_t at)
{
    return at < w->in_len[0] ? w->in[0][at] : w->in[1][at - w->in_len[0]];
}

bool
tls_has_input(const struct tls_conn *c, const struct tls_wire *w, uint32_t record_limit)
{
    uint32_t unread = w->in_len[0] + w->in_len[1] - w->taken, length_at, record;

    if (c->ssl == NULL || tls_is_paused(c))
        return false;
    if (w->in_ends || SSL_pending(c->ssl) > 0)
        return true;
    if (unread > 0 && SSL_has_pending(c->ssl)) /* it has the beginning of a record */
        return true;
    if (unread < RECORD_HEADER)
        return unread > record_limit;
    length_at = w->taken + RECORD_LENGTH_AT;
    record = RECORD_HEADER + ((uint32_t)byte_at(w, length_at) << 8 | byte_at(w, length_at + 1));
    return unread >= record || record > record_limit;
}

static unsigned
take_plain(struct tls_conn *c, struct tls_wire *w, int (*take)(SSL *ssl, void *into, int max),
           uint8_t *into, uint32_t max, uint32_t *got)
{
    uint64_t before = step_begin(c, w);
    unsigned events = 0;
    int rc = take(c->ssl, into, (int)max);

    if (rc > 0)
        *got = (uint32_t)rc;
    else
        events = judge(c, rc);
    step_end(c, before, true);
    return events;
}

unsigned
tls_read(struct tls_conn *c, struct tls_wire *w, uint8_t *into, uint32_t max, uint32_t *got)
{
    return take_plain(c, w, SSL_read, into, max, got);
}

unsigned
tls_peek(struct tls_conn *c, struct tls_wire *w, uint8_t *into, uint32_t max, uint32_t *got)
{
    return take_plain(c, w, SSL_peek, into, max, got);
}

/* New keys for what follows, on both sides, where that much was written with the old ones. */
static void
update_keys(struct tls_conn *c)
{
    uint64_t most = c->ctx->opts.key_update_bytes;

    c->has_updated = most > 0 && c->plain_bytes >= most && SSL_version(c->ssl) == TLS1_3_VERSION &&
                     SSL_get_key_update_type(c->ssl) == SSL_KEY_UPDATE_NONE &&
                     SSL_key_update(c->ssl, SSL_KEY_UPDATE_REQUESTED) == 1;
    if (c->has_updated)
        c->plain_bytes = 0;
}

unsigned
tls_write(struct tls_conn *c, struct tls_wire *w, const uint8_t *from, uint32_t len)
{
    uint64_t before = step_begin(c, w);
    unsigned events = 0;
    int rc;

    update_keys(c);
    rc = SSL_write(c->ssl, from, (int)len);
    if (rc > 0)
        c->plain_bytes += (unsigned)rc;
    else
        events = judge(c, rc);
    step_end(c, before, true);
    return events;
}

bool
tls_alpn_is(const struct tls_conn *c, const char *name)
{
    const uint8_t *selected;
    unsigned len;

    SSL_get0_alpn_selected(c->ssl, &selected, &len);
    return len == strlen(name) && memcmp(selected, name, len) == 0;
}

static struct tls_peer_sessions *
sessions_of(const struct tls_conn *c)
{
    const struct tls_ctx *t = c->ctx;

    return t->opts.resume_ppm == TLS_RESUME_NEVER ? NULL : &t->sessions.peers[c->session_peer];
}

bool
tls_is_done_first(const struct tls_conn *c)
{
    return c->is_done && !c->ctx->opts.is_server &&
           (SSL_version(c->ssl) == TLS1_3_VERSION || SSL_session_reused(c->ssl));
}

bool
tls_takes_tickets(const struct tls_conn *c)
{
    return sessions_of(c) != NULL && c->is_done && SSL_version(c->ssl) == TLS1_3_VERSION;
}

bool
tls_awaits_ticket(const struct tls_conn *c)
{
    const struct tls_peer_sessions *p = sessions_of(c);

    return tls_takes_tickets(c) && p->n == 0 && !p->gives_none;
}

void
tls_expect_no_ticket(struct tls_conn *c)
{
    sessions_of(c)->gives_none = true;
}

void
tls_say_goodbye(struct tls_conn *c, struct tls_wire *w)
{
    if (!c->is_done || !c->ctx->opts.says_goodbye)
        return;
    c->wire = w;
    SSL_shutdown(c->ssl);
    c->wire = NULL;
    ERR_clear_error();
}
